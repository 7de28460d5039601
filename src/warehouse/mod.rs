//! The wire: one small trait that every engine implements, and what goes over it. Knows SQL text
//! and relation names; knows nothing of projects, nodes or plans.

mod access;
mod catalog;
pub mod duckdb;
mod error;
mod finding;
mod holder;
mod limited;
pub mod postgres;
mod reach;
pub mod sqlserver;
pub mod stream;
mod waiting;

use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::words::{Dialect, RelationName};

pub use access::Access;
pub use catalog::{Catalog, Relation, RelationKind};
pub use error::{Error, ErrorKind, SqlPosition};
pub use finding::{Finding, Health};
pub use limited::Limited;
pub use stream::Sink;
pub use waiting::LOCK_TIMEOUT;

/// What a statement did.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Rows that it wrote, where the engine tells.
    pub rows: Option<u64>,
    /// PRINT output, notices and warnings, in order.
    pub messages: Vec<String>,
}

/// The result of a query, as text in the engine's own form; null is `None`.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The cells, row by row.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Rows {
    /// A cell of the first row.
    #[must_use]
    pub fn cell(&self, nth: usize) -> Option<&str> {
        self.rows.first()?.get(nth)?.as_deref()
    }
}

/// A warehouse that is reachable.
pub trait Warehouse: Send + Sync {
    /// A connection of its own, whose current database is `database`.
    fn connect(&self, database: &str) -> Result<Box<dyn Connection>, Error>;

    /// What there is in the named databases; a database that does not exist holds nothing.
    fn catalog(&self, databases: &[String]) -> Result<Catalog, Error>;

    /// Fails, with what is missing, where goldsmith can't build on the engine that a database is to stand on.
    fn fits(&self, database: &str) -> Result<(), Error> {
        let _ = database;
        Ok(())
    }

    /// Lets the engine use so many threads of its own to help the sessions with large queries. An
    /// engine that is not in this process has nothing to do.
    fn lend(&self, helpers: usize) -> Result<(), Error> {
        let _ = helpers;
        Ok(())
    }
}

/// One session.
pub trait Connection: Send {
    /// The dialect that it speaks.
    fn dialect(&self) -> Dialect;

    /// Runs one statement or batch and drains all its results.
    fn execute(&mut self, sql: &str) -> Result<Outcome, Error>;

    /// Runs one query and fetches its rows.
    fn query(&mut self, sql: &str) -> Result<Rows, Error>;

    /// Runs one query and hands its rows to `to` as they come, in bounded memory. What the batches
    /// may hold, [`stream`] says. Fails when a column can't be carried, and with the sink's own error.
    fn read(&mut self, sql: &str, to: &mut dyn Sink) -> Result<(), Error>;

    /// Appends rows to a table with the same columns in the same order, in the transaction that is
    /// open, and tells how many. Fails with the first error among the batches; the caller then rolls back.
    fn append(
        &mut self,
        table: &RelationName,
        batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
    ) -> Result<u64, Error>;

    /// Whether a relation of another database can be read in this session.
    fn sees(&mut self, relation: &RelationName) -> Result<bool, Error> {
        let _ = relation;
        Ok(false)
    }

    /// Fills an empty table with the rows of a query, in the transaction that is open, and tells how many.
    /// `None` where the table's columns are of other types than the query's, so that the engine would decide what
    /// becomes of values.
    fn copy(&mut self, query: &str, into: &RelationName) -> Result<Option<u64>, Error> {
        let _ = (query, into);
        Ok(None)
    }

    /// Begins a transaction that sees one state of everything and writes nothing.
    fn begin_reading(&mut self) -> Result<(), Error>;

    /// Begins a transaction.
    fn begin(&mut self) -> Result<(), Error>;

    /// Commits it.
    fn commit(&mut self) -> Result<(), Error>;

    /// Executes a last text of goldsmith's own and commits, in one go where the engine can.
    fn commit_with(&mut self, sql: &str) -> Result<(), Error> {
        self.execute(sql)?;
        self.commit()
    }

    /// Rolls back; without a transaction it does nothing.
    fn rollback(&mut self) -> Result<(), Error>;

    /// Whether a transaction is open, as the engine sees it.
    fn in_transaction(&mut self) -> Result<bool, Error>;

    /// Makes the business date known to the session (`YYYY-MM-DD`).
    fn set_business_date(&mut self, date: &str) -> Result<(), Error>;

    /// Drops what a script left in the session: temporary tables, variables, settings.
    fn clean_session(&mut self) -> Result<(), Error>;

    /// Opens the session anew when it was lost, with the same business date; handles to cancel the old one
    /// are of no use then. An engine in this process has nothing to lose.
    fn revive(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Stops what runs, from another thread.
    fn cancel_handle(&self) -> Arc<dyn Cancel>;
}

/// Stops what a connection runs.
pub trait Cancel: Send + Sync {
    /// Asks the engine to stop; the running call then fails with [`ErrorKind::Cancelled`].
    fn cancel(&self);
}
