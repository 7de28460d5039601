//! Measures a command. The system counts what *all* children of a process have used, so each
//! measurement has a process of its own: this program called as `bench measure PROGRAM ARGS..`.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a command used.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// CPU, of the program and of the system on its behalf.
    pub cpu: Duration,
    /// Time by the clock.
    pub wall: Duration,
    /// The most memory that it held at once, in bytes.
    pub memory: u64,
}

impl Used {
    /// The better of two measurements in each respect: what disturbs one only ever adds.
    fn least(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.min(other.cpu),
            wall: self.wall.min(other.wall),
            memory: self.memory.min(other.memory),
        }
    }
}

/// The least that a command used in several tries, each of them made ready by `before`.
pub fn least<S: AsRef<OsStr>>(
    tries: usize,
    folder: &Path,
    command: &[S],
    mut before: impl FnMut() -> io::Result<()>,
) -> io::Result<Used> {
    let mut best: Option<Used> = None;
    for _ in 0..tries.max(1) {
        before()?;
        let used = once(folder, command)?;
        best = Some(best.map_or(used, |b| b.least(used)));
    }
    best.ok_or_else(|| io::Error::other("nothing was measured"))
}

fn once<S: AsRef<OsStr>>(folder: &Path, command: &[S]) -> io::Result<Used> {
    let output = Command::new(std::env::current_exe()?)
        .arg("measure")
        .args(command)
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = told.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    if let (true, [cpu, wall, memory]) = (output.status.success(), numbers.as_slice()) {
        return Ok(Used {
            cpu: Duration::from_micros(*cpu),
            wall: Duration::from_micros(*wall),
            memory: *memory,
        });
    }
    let words: Vec<_> = command.iter().map(|w| w.as_ref().to_string_lossy()).collect();
    Err(io::Error::other(format!("`{}` failed", words.join(" "))))
}

/// `bench measure PROGRAM ARGS..`: runs a program, and prints what it used.
pub fn child(words: &[String]) -> io::Result<()> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(io::Error::other("measure what?"));
    };
    let clock = Instant::now();
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    let wall = clock.elapsed();
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return Err(io::Error::other(format!("{program}: {}", output.status)));
    }
    let (cpu, memory) = of_children()?;
    println!("{} {} {memory}", cpu.as_micros(), wall.as_micros());
    Ok(())
}

/// The CPU that this process has used so far.
#[cfg(unix)]
pub fn used_so_far() -> io::Result<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or_default()))
}

#[cfg(not(unix))]
pub fn used_so_far() -> io::Result<Duration> {
    Err(io::Error::other("CPU time is measured on Unix alone"))
}

/// CPU and memory of the children of this process.
#[cfg(unix)]
fn of_children() -> io::Result<(Duration, u64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let held = u64::try_from(usage.max_rss()).unwrap_or_default();
    // Linux counts in units of 1024 bytes, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok((Duration::from_micros(u64::try_from(micros).unwrap_or_default()), held * unit))
}

#[cfg(not(unix))]
fn of_children() -> io::Result<(Duration, u64)> {
    Err(io::Error::other("CPU time of children is measured on Unix alone"))
}
