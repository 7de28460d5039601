//! Stops a run from outside: Ctrl-C, SIGTERM.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::warehouse::{Cancel, Error, ErrorKind};

/// How long to wait before a warehouse that could not be reached is tried again.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// Shared between the run and whoever may stop it.
#[derive(Default)]
pub struct Interrupt {
    stopped: AtomicBool,
    running: Mutex<Vec<Arc<dyn Cancel>>>,
}

impl Interrupt {
    /// Asks the run to stop: what runs is cancelled, nothing more is begun.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.cancel();
    }

    /// Cancels what runs once more, if somebody asked: an engine forgets what reaches it before a
    /// statement begins.
    pub(super) fn insist(&self) {
        if self.stopped() {
            self.cancel();
        }
    }

    fn cancel(&self) {
        for handle in self.running.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            handle.cancel();
        }
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Tries `open` again for a while when the warehouse can't be reached: a server restarts within
    /// seconds. Gives up when somebody asks the run to stop.
    pub(super) fn patiently<T>(&self, mut open: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let mut pauses = PAUSES.iter();
        loop {
            match (open(), pauses.next()) {
                (Err(error), Some(pause)) if error.kind == ErrorKind::Connection && !self.stopped() => {
                    std::thread::sleep(*pause);
                }
                (outcome, _) => return outcome,
            }
        }
    }

    /// Runs `work` so that [`Interrupt::stop`] reaches it.
    pub(super) fn guard<T>(&self, handle: &Arc<dyn Cancel>, work: impl FnOnce() -> T) -> T {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(handle));
        if self.stopped() {
            handle.cancel();
        }
        let done = work();
        self.running.lock().unwrap_or_else(PoisonError::into_inner).retain(|h| !Arc::ptr_eq(h, handle));
        done
    }
}
