//! Decides whether the warehouse may use threads of its own beside the workers. Waking them for
//! each small statement costs more than they do, so they are taken away after a row of short units,
//! and given back when a unit takes long. A query that began without them gains little from them,
//! so a run begins with them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Interrupt;
use crate::warehouse::Warehouse;

/// From when on a unit is a long one, and how often that is looked at.
const LONG: Duration = Duration::from_millis(50);
/// How many short units in a row show that there is nothing to help with.
const ROW: usize = 32;

/// What the workers are at.
pub(super) struct Helpers {
    state: Mutex<State>,
    left: Condvar,
    cores: usize,
}

struct State {
    /// Since when each worker has been busy with a unit.
    busy: Vec<Option<Instant>>,
    /// How many units in a row have been short.
    short: usize,
    /// How many workers have not gone home.
    workers: usize,
}

impl Helpers {
    pub(super) fn new(workers: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let state = State { busy: vec![None; workers], short: 0, workers };
        Self { state: Mutex::new(state), left: Condvar::new(), cores }
    }

    /// Lends helpers out and takes them back until the last worker has gone home. What the
    /// warehouse says to it is of no importance: without helpers everything is slower and right.
    /// While it watches it also sees to it that an interrupt arrives.
    pub(super) fn watch(&self, warehouse: &dyn Warehouse, interrupt: &Interrupt) {
        let mut lent = self.cores.saturating_sub(1);
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
            interrupt.insist();
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
        let mut state = self.lock();
        let since = state.busy[worker].take();
        let is_short = since.is_some_and(|s| s.elapsed() < LONG);
        state.short = if is_short { state.short + 1 } else { 0 };
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wanted(&self, now: Instant, cores: usize) -> usize {
        let long = self.busy.iter().flatten().any(|since| now.duration_since(*since) >= LONG);
        if long || self.short < ROW { cores.saturating_sub(1) } else { 0 }
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::warehouse::{Error, ErrorKind};

    #[test]
    fn short_units_in_a_row_need_no_help() {
        let start = Instant::now();
        let state = |short| State { busy: vec![Some(start), None], short, workers: 2 };
        assert_eq!(state(0).wanted(start, 4), 3);
        assert_eq!(state(ROW).wanted(start, 4), 0);
        assert_eq!(state(ROW).wanted(start + LONG, 4), 3);
    }

    /// A warehouse that has nothing to lend.
    struct Poor;

    impl Warehouse for Poor {
        fn connect(&self, _: &str) -> Result<Box<dyn crate::warehouse::Connection>, Error> {
            Err(Error::new(ErrorKind::Connection, "none"))
        }

        fn catalog(&self, _: &[String]) -> Result<crate::warehouse::Catalog, Error> {
            Ok(crate::warehouse::Catalog::default())
        }
    }

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl crate::warehouse::Cancel for Count {
        fn cancel(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn an_interrupt_that_came_before_the_statement_comes_again() {
        let (interrupt, helpers, count) = (Interrupt::default(), Helpers::new(1), Arc::new(Count::default()));
        interrupt.stop();
        let handle: Arc<dyn crate::warehouse::Cancel> = count.clone();
        std::thread::scope(|scope| {
            scope.spawn(|| helpers.watch(&Poor, &interrupt));
            let _leaves = helpers.worker();
            let until = Instant::now() + Duration::from_secs(20);
            // The statement begins only now, and has forgotten what came before.
            interrupt.guard(&handle, || {
                while count.0.load(Ordering::SeqCst) < 3 && Instant::now() < until {
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
        });
        assert!(count.0.load(Ordering::SeqCst) >= 3);
    }
}
