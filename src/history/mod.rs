//! What runs have recorded in each project's own database, read back: runs, how they began, their
//! steps, and loads. Writing it is the acting floor's affair. A table that an older goldsmith
//! did not make is told as `None`; rows that are no records are left out.

mod attempt;
mod load;
mod past_run;
mod run;
mod standing;
mod step;
#[cfg(test)]
mod tests;

pub use attempt::Attempt;
pub use load::LoadRecord;
pub use past_run::{PastRun, past_runs};
pub use run::Run;
pub use standing::{Found, Known, Standing, age};
pub use step::StepRecord;

use jiff::Timestamp;

use crate::ddl::{self, BOOKKEEPING, BOOKKEEPING_TABLES};
use crate::warehouse::{Connection, Error, Warehouse};
use crate::words::RelationName;

/// A row of text.
type Row = Vec<Option<String>>;

/// The records of one database, opened for reading.
pub struct Books {
    connection: Box<dyn Connection>,
    database: String,
    /// The tables that there are.
    tables: Vec<&'static str>,
}

impl Books {
    /// Opens the records of an attached database.
    ///
    /// # Errors
    /// When the warehouse can't be asked. A database without records opens, and has none.
    pub fn open(warehouse: &dyn Warehouse, database: &str) -> Result<Self, Error> {
        let catalog = warehouse.catalog(&[database.to_owned()])?;
        let there = |table: &&str| catalog.get(&RelationName::new(database, BOOKKEEPING, table)).is_some();
        let tables = BOOKKEEPING_TABLES.into_iter().filter(there).collect();
        Ok(Self { connection: warehouse.connect(database)?, database: database.to_owned(), tables })
    }

    /// The last runs that ended, the newest first.
    ///
    /// # Errors
    /// When the warehouse refuses the query.
    pub fn runs(&mut self, limit: usize) -> Result<Option<Vec<Run>>, Error> {
        let sql = ddl::history::runs(self.connection.dialect(), &self.database, limit);
        self.records("runs", &sql, Run::read)
    }

    /// The last runs that began, the newest first.
    ///
    /// # Errors
    /// When the warehouse refuses the query.
    pub fn attempts(&mut self, limit: usize) -> Result<Option<Vec<Attempt>>, Error> {
        let sql = ddl::history::attempts(self.connection.dialect(), &self.database, limit);
        self.records("attempts", &sql, Attempt::read)
    }

    /// The steps of these runs.
    ///
    /// # Errors
    /// When the warehouse refuses the query.
    pub fn steps(&mut self, runs: &[&str]) -> Result<Option<Vec<StepRecord>>, Error> {
        let sql = ddl::history::steps(self.connection.dialect(), &self.database, runs);
        self.records("steps", &sql, StepRecord::read)
    }

    /// The last full and the last delta load of each load.
    ///
    /// # Errors
    /// When the warehouse refuses the query.
    pub fn last_loads(&mut self) -> Result<Option<Vec<LoadRecord>>, Error> {
        let sql = ddl::history::last_loads(self.connection.dialect(), &self.database);
        self.records("loads", &sql, LoadRecord::read)
    }

    fn records<T>(
        &mut self,
        table: &str,
        sql: &str,
        read: impl Fn(Row) -> Option<T>,
    ) -> Result<Option<Vec<T>>, Error> {
        if !self.tables.contains(&table) {
            return Ok(None);
        }
        Ok(Some(self.connection.query(sql)?.rows.into_iter().filter_map(read).collect()))
    }
}

/// The last full and the last delta load of each load that a database records.
///
/// # Errors
/// When the warehouse refuses the query, as it does where nothing is recorded yet.
pub fn last_loads(connection: &mut dyn Connection, database: &str) -> Result<Vec<LoadRecord>, Error> {
    let rows = connection.query(&ddl::history::last_loads(connection.dialect(), database))?.rows;
    Ok(rows.into_iter().filter_map(LoadRecord::read).collect())
}

/// A point in time, of microseconds since 1970 in text.
fn moment(cell: Option<String>) -> Option<Timestamp> {
    Timestamp::from_microsecond(cell?.parse().ok()?).ok()
}

fn number(cell: Option<String>) -> Option<u64> {
    cell?.parse().ok()
}
