//! Decides how many threads the warehouse may use of its own beside the workers. Waking them for
//! each small statement costs more than they do, so they are lent out only while some unit runs
//! for long: then as many as there are cores on which no worker is busy.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::warehouse::Warehouse;

/// How long a unit runs before it is helped, and how often that is looked at.
const LONG: Duration = Duration::from_millis(20);

/// What the workers are at.
pub(super) struct Helpers {
    state: Mutex<State>,
    left: Condvar,
    cores: usize,
}

struct State {
    /// Since when each worker has been busy with a unit.
    busy: Vec<Option<Instant>>,
    /// How many workers have not gone home.
    workers: usize,
}

impl Helpers {
    pub(super) fn new(workers: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let state = State { busy: vec![None; workers], workers };
        Self { state: Mutex::new(state), left: Condvar::new(), cores }
    }

    /// Lends helpers out and takes them back until the last worker has gone home. What the
    /// warehouse says to it is of no importance: without helpers everything is slower and right.
    pub(super) fn watch(&self, warehouse: &dyn Warehouse) {
        let mut lent = 0;
        let _ = warehouse.lend(lent);
        let mut state = self.lock();
        while state.workers > 0 {
            let wanted = state.wanted(Instant::now(), self.cores);
            if wanted != lent {
                drop(state);
                let _ = warehouse.lend(wanted);
                lent = wanted;
                state = self.lock();
                continue;
            }
            state = self.left.wait_timeout(state, LONG).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A worker is there until what this gives is dropped, whatever becomes of it.
    pub(super) fn worker(&self) -> Worker<'_> {
        Worker(self)
    }

    pub(super) fn begins(&self, worker: usize) {
        self.lock().busy[worker] = Some(Instant::now());
    }

    pub(super) fn ends(&self, worker: usize) {
        self.lock().busy[worker] = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wanted(&self, now: Instant, cores: usize) -> usize {
        let long = self.busy.iter().flatten().any(|since| now.duration_since(*since) >= LONG);
        if long { cores.saturating_sub(self.busy.iter().flatten().count()) } else { 0 }
    }
}

pub(super) struct Worker<'a>(&'a Helpers);

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        self.0.lock().workers -= 1;
        self.0.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helps_long_units_on_idle_cores() {
        let start = Instant::now();
        let state = |busy: Vec<Option<Instant>>| State { workers: busy.len(), busy };
        let (soon, late) = (start + LONG / 2, start + LONG * 2);
        assert_eq!(state(vec![Some(start), None]).wanted(soon, 4), 0);
        assert_eq!(state(vec![Some(start), None]).wanted(late, 4), 3);
        assert_eq!(state(vec![Some(start), Some(late)]).wanted(late, 4), 2);
        assert_eq!(state(vec![None, None]).wanted(late, 4), 0);
        assert_eq!(state(vec![Some(start); 8]).wanted(late, 4), 0);
    }
}
