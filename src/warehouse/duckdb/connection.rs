//! One session of `DuckDB`.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use duckdb::types::Value;
use duckdb::{Connection as Handle, InterruptHandle};

use super::ration::Ration;
use super::{appender, error, literal, quoted, reader};
use crate::warehouse::{Cancel, Connection, Error, ErrorKind, Outcome, Rows, Sink};
use crate::words::{Dialect, RelationName};

/// One session, made by `try_clone` of the root connection.
pub(super) struct DuckConnection {
    handle: Handle,
    /// What stops it from another thread, while it is there.
    stop: Arc<Stop>,
    /// Whether [`Connection::begin`] has opened a transaction; nothing else may, see `control_word`.
    open: bool,
    /// The instance's memory, where it has little.
    ration: Option<Arc<Ration>>,
}

impl DuckConnection {
    pub(super) fn new(handle: Handle, ration: Option<Arc<Ration>>) -> Self {
        let stop = Arc::new(Stop(Mutex::new(Some(handle.interrupt_handle()))));
        Self { handle, stop, open: false, ration }
    }
}

impl Drop for DuckConnection {
    fn drop(&mut self) {
        // The crate's own handle is cleared behind the disconnecting; an interrupt in between reaches a
        // connection that is gone, and the process dies.
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Connection for DuckConnection {
    fn dialect(&self) -> Dialect {
        Dialect::DuckDb
    }

    fn execute(&mut self, sql: &str) -> Result<Outcome, Error> {
        if let Some(word) = control_word(sql).filter(|_| self.open) {
            return Err(Error::new(
                ErrorKind::Statement,
                format!("{word} is not allowed here: goldsmith runs the script in a transaction of its own"),
            ));
        }
        let rows = match first_word(sql).to_ascii_uppercase().as_str() {
            // `CREATE TABLE .. AS` tells its rows as a result, not as rows changed.
            "CREATE" => {
                query(&self.handle, sql)?.rows.first().and_then(|row| row.first()?.as_deref()?.parse().ok())
            }
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY" | "WITH" => {
                let rows = self.handle.execute(sql, []).map_err(|e| error::read_in(e, sql))?;
                u64::try_from(rows).ok()
            }
            _ => {
                self.handle.execute(sql, []).map_err(|e| error::read_in(e, sql))?;
                None
            }
        };
        Ok(Outcome { rows, messages: Vec::new() })
    }

    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        query(&self.handle, sql)
    }

    fn read(&mut self, sql: &str, to: &mut dyn Sink) -> Result<(), Error> {
        reader::read(&self.handle, sql, to, self.ration.as_deref())
    }

    fn append(
        &mut self,
        table: &RelationName,
        batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
    ) -> Result<u64, Error> {
        appender::append(&self.handle, table, batches)
    }

    fn begin_reading(&mut self) -> Result<(), Error> {
        self.handle.execute_batch("BEGIN TRANSACTION READ ONLY").map_err(error::read)?;
        self.open = true;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.handle.execute_batch("BEGIN TRANSACTION").map_err(error::read)?;
        self.open = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.handle.execute_batch("COMMIT").map_err(error::read)?;
        self.open = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.open) {
            return Ok(());
        }
        self.handle.execute_batch("ROLLBACK").map_err(error::read)
    }

    fn in_transaction(&mut self) -> Result<bool, Error> {
        Ok(self.open)
    }

    fn set_business_date(&mut self, date: &str) -> Result<(), Error> {
        let sql = format!("SET VARIABLE business_date = CAST({} AS DATE)", literal(date));
        self.handle.execute_batch(&sql).map_err(error::read)
    }

    fn clean_session(&mut self) -> Result<(), Error> {
        let drops = "SELECT 'VIEW', schema_name, view_name FROM duckdb_views() WHERE temporary AND NOT internal \
                     UNION ALL SELECT 'TABLE', schema_name, table_name FROM duckdb_tables() WHERE temporary AND NOT internal";
        for row in query(&self.handle, drops)?.rows {
            if let [Some(kind), Some(schema), Some(name)] = row.as_slice() {
                let sql = format!("DROP {kind} IF EXISTS temp.{}.{}", quoted(schema), quoted(name));
                self.handle.execute_batch(&sql).map_err(error::read)?;
            }
        }
        let variables = "SELECT name FROM duckdb_variables() WHERE name <> 'business_date'";
        for row in query(&self.handle, variables)?.rows {
            if let [Some(name)] = row.as_slice() {
                self.handle
                    .execute_batch(&format!("RESET VARIABLE {}", quoted(name)))
                    .map_err(error::read)?;
            }
        }
        Ok(())
    }

    fn cancel_handle(&self) -> Arc<dyn Cancel> {
        let stop: Arc<dyn Cancel> = Arc::clone(&self.stop) as _;
        stop
    }
}

/// The word of a statement that would begin or end a transaction. `DuckDB` has no procedures that
/// could hide one.
fn control_word(sql: &str) -> Option<&'static str> {
    let word = first_word(sql);
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"]
        .into_iter()
        .find(|w| word.eq_ignore_ascii_case(w))
}

/// The first word of a statement, comments aside.
fn first_word(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let behind = match rest.get(..2) {
            Some("--") => rest.split_once('\n'),
            Some("/*") => rest.split_once("*/"),
            _ => break,
        };
        rest = behind.map_or("", |(_, behind)| behind).trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    &rest[..end]
}

/// Stops a session from another thread, as long as it is there.
struct Stop(Mutex<Option<Arc<InterruptHandle>>>);

impl Cancel for Stop {
    fn cancel(&self) {
        // Held while it interrupts: the session waits with its end.
        if let Some(handle) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            handle.interrupt();
        }
    }
}

/// Fetches the rows of a query as text.
pub(super) fn query(handle: &Handle, sql: &str) -> Result<Rows, Error> {
    let mut statement = handle.prepare(sql).map_err(|e| error::read_in(e, sql))?;
    let mut rows = statement.query([]).map_err(|e| error::read_in(e, sql))?;
    let columns = rows.as_ref().map(duckdb::Statement::column_names).unwrap_or_default();
    let mut found = Rows { columns, rows: Vec::new() };
    while let Some(row) = rows.next().map_err(|e| error::read_in(e, sql))? {
        let cells = (0..found.columns.len())
            .map(|i| row.get::<_, Value>(i).map(text).map_err(error::read))
            .collect::<Result<_, _>>()?;
        found.rows.push(cells);
    }
    Ok(found)
}

/// A value as text. Queries that need `DuckDB`'s own form of dates and the like cast to VARCHAR.
fn text(value: Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Boolean(v) => v.to_string(),
        Value::TinyInt(v) => v.to_string(),
        Value::SmallInt(v) => v.to_string(),
        Value::Int(v) => v.to_string(),
        Value::BigInt(v) => v.to_string(),
        Value::HugeInt(v) => v.to_string(),
        Value::UHugeInt(v) => v.to_string(),
        Value::UTinyInt(v) => v.to_string(),
        Value::USmallInt(v) => v.to_string(),
        Value::UInt(v) => v.to_string(),
        Value::UBigInt(v) => v.to_string(),
        Value::Float(v) => v.to_string(),
        Value::Double(v) => v.to_string(),
        Value::Text(v) | Value::Enum(v) => v,
        other => format!("{other:?}"),
    })
}
