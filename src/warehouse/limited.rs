//! Statements that may not take as long as they like, on any engine.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;

use super::{Cancel, Catalog, Connection, Error, ErrorKind, Outcome, Rows, Sink, Warehouse};
use crate::words::{Dialect, RelationName};

/// How long to wait before a statement is stopped once more: an engine forgets what reaches it before one begins.
const AGAIN: Duration = Duration::from_millis(100);

/// A warehouse that ends each statement, query or transport of rows after a while. What ends a transaction is
/// never ended.
pub struct Limited {
    inner: Arc<dyn Warehouse>,
    limit: Duration,
}

impl Limited {
    /// Sets a limit.
    #[must_use]
    pub fn new(inner: Arc<dyn Warehouse>, limit: Duration) -> Self {
        Self { inner, limit }
    }
}

impl Warehouse for Limited {
    fn connect(&self, database: &str) -> Result<Box<dyn Connection>, Error> {
        let inner = self.inner.connect(database)?;
        let watch = Arc::<Watch>::default();
        let kept = Arc::clone(&watch);
        std::thread::Builder::new().name("time limit".to_owned()).spawn(move || kept.look()).map_err(
            |error| {
                Error::new(
                    ErrorKind::Statement,
                    format!("no thread can be had that keeps the time limit: {error}"),
                )
            },
        )?;
        Ok(Box::new(LimitedConnection { inner, watch, limit: self.limit }))
    }

    fn catalog(&self, databases: &[String]) -> Result<Catalog, Error> {
        self.inner.catalog(databases)
    }

    fn fits(&self, database: &str) -> Result<(), Error> {
        self.inner.fits(database)
    }

    fn lend(&self, helpers: usize) -> Result<(), Error> {
        self.inner.lend(helpers)
    }
}

/// Looks at the clock for one session.
#[derive(Default)]
struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    is_over: bool,
}

/// What runs in the session.
struct Running {
    until: Instant,
    handle: Arc<dyn Cancel>,
    was_stopped: bool,
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, until: Instant, handle: Arc<dyn Cancel>) {
        self.state().running = Some(Running { until, handle, was_stopped: false });
        self.changed.notify_one();
    }

    /// Tells whether what ran was stopped. Nothing is stopped any more when this is back.
    fn end(&self) -> bool {
        self.state().running.take().is_some_and(|running| running.was_stopped)
    }

    fn look(&self) {
        let mut state = self.state();
        while !state.is_over {
            let pause = match &mut state.running {
                None => None,
                Some(running) => {
                    let left = running.until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        running.was_stopped = true;
                        running.handle.cancel();
                        Some(AGAIN)
                    } else {
                        Some(left)
                    }
                }
            };
            state = match pause {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(pause) => {
                    self.changed.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

struct LimitedConnection {
    inner: Box<dyn Connection>,
    watch: Arc<Watch>,
    limit: Duration,
}

impl LimitedConnection {
    fn during<T>(&mut self, work: impl FnOnce(&mut dyn Connection) -> Result<T, Error>) -> Result<T, Error> {
        // A limit beyond the end of the clock is none.
        let Some(until) = Instant::now().checked_add(self.limit) else { return work(self.inner.as_mut()) };
        self.watch.begin(until, self.inner.cancel_handle());
        let done = work(self.inner.as_mut());
        let was_stopped = self.watch.end();
        done.map_err(|error| {
            if !was_stopped || error.kind != ErrorKind::Cancelled {
                return error;
            }
            let limit = jiff::SignedDuration::try_from(self.limit).unwrap_or_default();
            let message = format!("it was stopped after {limit:#}, the `statement_timeout` of the target");
            Error::new(ErrorKind::Statement, message)
        })
    }
}

impl Drop for LimitedConnection {
    fn drop(&mut self) {
        self.watch.state().is_over = true;
        self.watch.changed.notify_one();
    }
}

impl Connection for LimitedConnection {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn execute(&mut self, sql: &str) -> Result<Outcome, Error> {
        self.during(|inner| inner.execute(sql))
    }

    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        self.during(|inner| inner.query(sql))
    }

    fn read(&mut self, sql: &str, to: &mut dyn Sink) -> Result<(), Error> {
        self.during(|inner| inner.read(sql, to))
    }

    fn append(
        &mut self,
        table: &RelationName,
        batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
    ) -> Result<u64, Error> {
        self.during(|inner| inner.append(table, batches))
    }

    fn sees(&mut self, relation: &RelationName) -> Result<bool, Error> {
        self.inner.sees(relation)
    }

    fn copy(&mut self, query: &str, into: &RelationName) -> Result<Option<u64>, Error> {
        self.during(|inner| inner.copy(query, into))
    }

    fn begin_reading(&mut self) -> Result<(), Error> {
        self.inner.begin_reading()
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.inner.begin()
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.inner.commit()
    }

    fn commit_with(&mut self, sql: &str) -> Result<(), Error> {
        self.inner.commit_with(sql)
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.inner.rollback()
    }

    fn in_transaction(&mut self) -> Result<bool, Error> {
        self.inner.in_transaction()
    }

    fn set_business_date(&mut self, date: &str) -> Result<(), Error> {
        self.inner.set_business_date(date)
    }

    fn clean_session(&mut self) -> Result<(), Error> {
        self.inner.clean_session()
    }

    fn revive(&mut self) -> Result<(), Error> {
        self.inner.revive()
    }

    fn cancel_handle(&self) -> Arc<dyn Cancel> {
        self.inner.cancel_handle()
    }
}
