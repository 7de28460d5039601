//! Stops a run from outside: Ctrl-C, SIGTERM.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::warehouse::Cancel;

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
