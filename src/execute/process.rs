//! A program that is started without a shell, and ended with all that it has started.

use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// How long a program has to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(5);
/// How often one looks whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// A running program; what is left of it ends with this value.
pub struct Process {
    child: Child,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts a program in a group of its own.
    pub fn start(command: &mut Command) -> std::io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self { child: command.spawn()?, ended: None })
    }

    /// What the standard library knows of it.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Asks it to end, and does not wait.
    pub fn ask(&self) {
        self.signal(Signal::Ask);
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        Ok(self.ended)
    }

    /// Asks it and all that it has started to end, and insists after a while.
    pub fn end(&mut self) {
        self.signal(Signal::Ask);
        let asked = Instant::now();
        while asked.elapsed() < GRACE && matches!(self.ended(), Ok(None)) {
            std::thread::sleep(LOOK);
        }
        self.signal(Signal::Insist);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    #[cfg(unix)]
    fn signal(&self, signal: Signal) {
        use nix::sys::signal::{Signal as Unix, killpg};
        use nix::unistd::Pid;
        let Ok(group) = i32::try_from(self.child.id()) else { return };
        let signal = match signal {
            Signal::Ask => Unix::SIGTERM,
            Signal::Insist => Unix::SIGKILL,
        };
        // A group that is gone already is what is wanted.
        let _ = killpg(Pid::from_raw(group), signal);
    }

    #[cfg(not(unix))]
    fn signal(&self, signal: Signal) {
        // Windows has no signals; `end` and the value's end kill the program itself.
        let _ = signal;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // What it left running in its group would be an orphan.
        self.signal(Signal::Insist);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone, Copy)]
enum Signal {
    Ask,
    Insist,
}
