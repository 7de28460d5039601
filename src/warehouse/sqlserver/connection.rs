//! One session of SQL Server.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;

use super::door::Door;
use super::wire::{Item, Wire};
use super::{appender, cell, edition, error, lock, reader};
use crate::sql::{self, quote, quote_name, string_literal};
use crate::warehouse::waiting::Waiting;
use crate::warehouse::{Cancel, Connection, Error, ErrorKind, Outcome, Rows, Sink};
use crate::words::{Dialect, RelationName};

/// How often, and how far apart, a server is asked what became of a commit whose answer was lost.
const ASKED: u32 = 20;
const APART: Duration = Duration::from_millis(500);

/// How deep the transactions of goldsmith's own are nested: a script's stray COMMIT ends the inner one alone, so
/// that nothing stays of it.
const DEPTH: u32 = 2;

/// Begins one, and marks it: the mark is a lock that ends with the transaction and that nobody waits for.
const BEGIN: &str = "SET XACT_ABORT ON; BEGIN TRANSACTION; BEGIN TRANSACTION; \
    EXEC sp_getapplock @Resource = N'goldsmith transaction', @LockMode = N'Shared', @LockOwner = N'Transaction'; \
    SELECT CAST(NEWID() AS nvarchar(36))";

/// Tells what the last batch has left: rows, state and depth of the transaction, and whether it still has
/// the mark. One that a script has begun in the place of an ended one has none.
const STANDING: &str = "SELECT @@ROWCOUNT, XACT_STATE(), @@TRANCOUNT, CASE WHEN @@TRANCOUNT > 0 THEN \
    APPLOCK_MODE(N'public', N'goldsmith transaction', N'Transaction') ELSE N'NoLock' END";

/// What the session of every batch is like, whatever the login's language or the batch before has set. A German
/// login reads `'2025-03-01'` as the 3rd of January.
const PINNED: &str = "SET LANGUAGE us_english; SET DATEFORMAT mdy; SET DATEFIRST 7; SET ANSI_NULLS ON; \
    SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ANSI_NULL_DFLT_ON ON; SET ARITHABORT ON; \
    SET CONCAT_NULL_YIELDS_NULL ON; SET QUOTED_IDENTIFIER ON; SET NUMERIC_ROUNDABORT OFF; SET NOCOUNT OFF; \
    SET ROWCOUNT 0; SET TEXTSIZE 2147483647; SET IMPLICIT_TRANSACTIONS OFF; SET XACT_ABORT ON;";

/// One session, in one database.
pub(super) struct SqlConnection {
    wire: Wire,
    /// How its like is opened.
    door: Door,
    /// The number under which the database is held, where this run holds it.
    fence: Option<i64>,
    /// The transaction that [`Connection::begin`] has opened.
    transaction: Option<Transaction>,
    /// Its id, by which its commit can be found out.
    id: String,
    date: Option<String>,
}

/// A transaction that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transaction {
    /// It only reads.
    Reading,
    /// It may write; whether it was open and whole behind the last batch.
    Writing { is_whole: bool },
}

/// What a batch has left.
struct Standing {
    rows: Option<u64>,
    /// Whether the transaction is goldsmith's own, and can be committed.
    is_whole: bool,
    depth: u32,
}

impl SqlConnection {
    pub(super) fn open(door: Door, fence: Option<i64>) -> Result<Self, Error> {
        let wire = door.open()?;
        let mut opened = Self { wire, door, fence, transaction: None, id: String::new(), date: None };
        opened.pin()?;
        Ok(opened)
    }

    /// Sets the session up.
    fn pin(&mut self) -> Result<(), Error> {
        let date = self.date.as_deref().map(business_date).unwrap_or_default();
        let database = quote(Dialect::TSql, self.door.database());
        plain(
            &mut self.wire,
            &format!("USE {database}; {PINNED} {} {date}", self.door.settings().set_lock_timeout()),
        )?;
        if !matches!(self.transaction, Some(Transaction::Reading)) {
            plain(&mut self.wire, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED")?;
        }
        self.wire.said();
        Ok(())
    }

    fn standing(&mut self) -> Result<Standing, Error> {
        let found = rows(&mut self.wire, STANDING)?;
        let cell = |nth: usize| found.rows.first().and_then(|row| row.get(nth)?.clone()).unwrap_or_default();
        Ok(Standing {
            rows: cell(0).parse().ok(),
            is_whole: cell(1) == "1" && cell(3) != "NoLock",
            depth: cell(2).parse().unwrap_or(0),
        })
    }

    /// Commits, and finds out what became of it when the answer is lost.
    fn commit_writing(&mut self) -> Result<(), Error> {
        // Only a database that is held has a place for the id.
        let leave = self.fence.map_or_else(String::new, |_| lock::leave(&self.id) + "; ");
        let committed = plain(&mut self.wire, &format!("{leave}COMMIT TRANSACTION; COMMIT TRANSACTION"));
        let Err(told) = committed else { return Ok(()) };
        if told.kind != ErrorKind::Connection {
            return Err(told);
        }
        for _ in 0..if self.fence.is_some() { ASKED } else { 0 } {
            let ask = format!("SET LOCK_TIMEOUT 5000; {}", lock::leave(&self.id));
            match self.door.open().and_then(|mut wire| plain(&mut wire, &ask)) {
                // From now on it can't be committed any more.
                Ok(()) => return Err(told),
                Err(error) if error.message.contains(lock::TAKEN) => return Ok(()),
                Err(_) => std::thread::sleep(APART),
            }
        }
        let message = "whether the transaction was committed could not be found out";
        let id = &self.id;
        Err(Error::new(ErrorKind::Uncertain, format!("{}: {message} (its id is {id})", told.message)))
    }

    /// Says of a lock that was not had who may have it.
    fn waited(&mut self, waiting: Waiting, error: Error) -> Error {
        if !error.message.contains(error::NO_LOCK) {
            return error;
        }
        let own = rows(&mut self.wire, "SELECT CAST(@@SPID AS nvarchar(12))");
        let own = own.ok().and_then(|own| own.cell(0)?.parse::<i32>().ok()).unwrap_or_default();
        let open = || {
            rows(
                &mut self.door.open()?,
                &format!("{OPEN} AND session_id <> {own} ORDER BY last_request_start_time"),
            )
        };
        waiting.told(error, self.door.database(), || open().map(|found| found.rows))
    }

    /// Refuses to write into a database that another run has taken in the meantime.
    fn hold(&mut self) -> Result<(), Error> {
        let Some(fence) = self.fence else { return Ok(()) };
        let found = rows(&mut self.wire, lock::FENCE)?;
        if found.rows.first().and_then(|row| row.first()?.as_deref()) == Some(&fence.to_string()) {
            return Ok(());
        }
        let message = format!("another run has taken `{}`: this one has lost its lock", self.door.database());
        Err(Error::new(ErrorKind::Locked, message))
    }
}

impl Connection for SqlConnection {
    fn dialect(&self) -> Dialect {
        Dialect::TSql
    }

    fn execute(&mut self, sql: &str) -> Result<Outcome, Error> {
        if self.transaction.is_none() {
            self.hold()?;
        }
        // An error that is caught would doom the transaction otherwise, and with it what the CATCH logs.
        let catches = catches(sql);
        if catches {
            plain(&mut self.wire, "SET XACT_ABORT OFF")?;
        }
        self.wire.said();
        let waiting = Waiting::now(self.door.settings().lock_timeout);
        let ran = plain(&mut self.wire, sql);
        let ran = ran.map_err(|error| self.waited(waiting, error));
        let messages = self.wire.said();
        let standing = ran.and_then(|()| self.standing());
        if catches && !self.wire.is_lost() {
            plain(&mut self.wire, "SET XACT_ABORT ON")?;
        }
        if let Some(Transaction::Writing { is_whole }) = &mut self.transaction {
            // Behind an error the server has rolled back what was open.
            *is_whole = standing.as_ref().is_ok_and(|s| s.is_whole && s.depth >= DEPTH);
        }
        let standing = standing?;
        Ok(Outcome { rows: standing.rows.filter(|_| is_counted(sql)), messages })
    }

    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        let waiting = Waiting::now(self.door.settings().lock_timeout);
        rows(&mut self.wire, sql).map_err(|error| self.waited(waiting, error))
    }

    fn read(&mut self, sql: &str, to: &mut dyn Sink) -> Result<(), Error> {
        reader::read(&mut self.wire, sql, to)
    }

    fn append(
        &mut self,
        table: &RelationName,
        batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
    ) -> Result<u64, Error> {
        let waiting = Waiting::now(self.door.settings().lock_timeout);
        appender::append(&mut self.wire, table, batches).map_err(|error| self.waited(waiting, error))
    }

    fn sees(&mut self, relation: &RelationName) -> Result<bool, Error> {
        let Some(database) = &relation.database else { return Ok(false) };
        let ask = format!(
            "SELECT CAST(SERVERPROPERTY('EngineEdition') AS nvarchar(128)), CAST(HAS_DBACCESS({}) AS nvarchar(128))",
            string_literal(Dialect::TSql, database)
        );
        let told = rows(&mut self.wire, &ask)?;
        let is_let_in = told.cell(1) == Some("1");
        Ok(is_let_in && told.cell(0).is_some_and(edition::reads_other_databases))
    }

    fn copy(&mut self, query: &str, into: &RelationName) -> Result<Option<u64>, Error> {
        let into = quote_name(Dialect::TSql, &RelationName { database: None, ..into.clone() });
        // Of other types or collations: text without Unicode would lose what the other code page does not have.
        if !reader::are_alike(&mut self.wire, query, &format!("SELECT * FROM {into}"))? {
            return Ok(None);
        }
        self.execute(&format!("INSERT INTO {into} WITH (TABLOCK)\n{query}")).map(|outcome| outcome.rows)
    }

    fn begin_reading(&mut self) -> Result<(), Error> {
        // One state of everything: versions of rows where the database keeps them, locks elsewhere.
        let database = sql::string_literal(Dialect::TSql, self.door.database());
        let found = rows(
            &mut self.wire,
            &format!("SELECT snapshot_isolation_state FROM sys.databases WHERE name = {database}"),
        )?;
        let is_kept = found.rows.first().and_then(|row| row.first()?.as_deref()) == Some("1");
        let level = if is_kept { "SNAPSHOT" } else { "SERIALIZABLE" };
        plain(&mut self.wire, &format!("SET TRANSACTION ISOLATION LEVEL {level}"))?;
        self.transaction = Some(Transaction::Reading);
        plain(&mut self.wire, "BEGIN TRANSACTION")
    }

    fn begin(&mut self) -> Result<(), Error> {
        // Whatever it answers: a transaction may be open then.
        self.transaction = Some(Transaction::Writing { is_whole: true });
        let begun = rows(&mut self.wire, BEGIN).and_then(|told| {
            self.id =
                told.rows.into_iter().next().and_then(|row| row.into_iter().next()?).unwrap_or_default();
            self.hold()
        });
        begun.inspect_err(|_| drop(self.rollback()))
    }

    fn commit(&mut self) -> Result<(), Error> {
        match self.transaction {
            Some(Transaction::Reading) => {
                plain(&mut self.wire, "COMMIT TRANSACTION")?;
                self.transaction = None;
                plain(&mut self.wire, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            }
            Some(Transaction::Writing { is_whole: true }) => {
                let standing = self.standing()?;
                if !standing.is_whole {
                    return Err(ended());
                }
                if standing.depth != DEPTH {
                    let message = "the script leaves a transaction of its own open";
                    return Err(Error::new(ErrorKind::Statement, message));
                }
                self.transaction = None;
                self.commit_writing()
            }
            _ => Err(ended()),
        }
    }

    fn rollback(&mut self) -> Result<(), Error> {
        let Some(transaction) = self.transaction.take() else { return Ok(()) };
        if self.wire.is_lost() {
            // The server rolls back what the connection leaves.
            return Ok(());
        }
        plain(&mut self.wire, "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION")?;
        match transaction {
            Transaction::Reading => plain(&mut self.wire, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"),
            Transaction::Writing { .. } => Ok(()),
        }
    }

    fn in_transaction(&mut self) -> Result<bool, Error> {
        Ok(match &self.transaction {
            None => false,
            Some(Transaction::Reading) => true,
            Some(Transaction::Writing { is_whole }) => *is_whole,
        })
    }

    fn set_business_date(&mut self, date: &str) -> Result<(), Error> {
        self.date = Some(date.to_owned());
        plain(&mut self.wire, &business_date(date))
    }

    fn clean_session(&mut self) -> Result<(), Error> {
        // The server resets a session only between two of a pool's users, not inside a transaction.
        let found = rows(&mut self.wire, TEMPORARY)?;
        let drops: Vec<String> = found
            .rows
            .iter()
            .filter_map(|row| row.first()?.as_deref())
            .map(|name| name.split_once("___").map_or(name, |(own, _)| own).trim_end_matches('_'))
            .map(|name| format!("DROP TABLE IF EXISTS {};", quote(Dialect::TSql, name)))
            .collect();
        if !drops.is_empty() {
            plain(&mut self.wire, &drops.concat())?;
        }
        self.pin()
    }

    fn revive(&mut self) -> Result<(), Error> {
        self.wire = self.door.open()?;
        self.transaction = None;
        self.pin()
    }

    fn cancel_handle(&self) -> Arc<dyn Cancel> {
        self.wire.stop()
    }
}

/// The temporary tables of the session: their names in tempdb are longer than the ones that they were made with.
const TEMPORARY: &str = "SELECT name FROM tempdb.sys.tables WHERE name LIKE '#%' \
    AND object_id = OBJECT_ID('tempdb..' + QUOTENAME(CASE CHARINDEX('___', name) WHEN 0 THEN name \
    ELSE LEFT(name, CHARINDEX('___', name) - 1) END))";

fn ended() -> Error {
    Error::new(ErrorKind::Statement, "the transaction has ended before its commit")
}

/// Makes the business date known to a session.
fn business_date(date: &str) -> String {
    format!(
        "EXEC sys.sp_set_session_context @key = N'business_date', @value = {};",
        sql::string_literal(Dialect::TSql, date)
    )
}

/// The sessions that have a transaction open in the database. A login sees its own alone without `VIEW SERVER STATE`.
const OPEN: &str = "SELECT login_name, host_name, program_name, CONVERT(nvarchar(19), last_request_start_time, 120), \
    CAST(session_id AS nvarchar(12)) FROM sys.dm_exec_sessions \
    WHERE database_id = DB_ID() AND open_transaction_count > 0 AND session_id <> @@SPID";

/// Runs a batch for what it does.
pub(super) fn plain(wire: &mut Wire, sql: &str) -> Result<(), Error> {
    wire.batch(sql, |_| Ok(()))
}

/// Fetches the rows of the last query of a batch, each cell as the server writes it.
pub(super) fn rows(wire: &mut Wire, sql: &str) -> Result<Rows, Error> {
    let mut found = Rows::default();
    let mut has_money = false;
    wire.batch(sql, |item| {
        match item {
            Item::Columns(columns) => {
                found.columns = columns.iter().map(|c| c.name().to_owned()).collect();
                found.rows.clear();
                has_money = columns.iter().any(reader::is_money);
            }
            Item::Row(row) => found.rows.push(row.cells().map(|(_, value)| cell::text(value)).collect()),
        }
        Ok(())
    })?;
    if has_money {
        // The driver hands money over as floating-point numbers.
        let exact = reader::without_money(wire, sql)?;
        found.rows.clear();
        wire.batch(&exact, |item| {
            if let Item::Row(row) = item {
                found.rows.push(row.cells().map(|(_, value)| cell::text(value)).collect());
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// Whether a batch catches errors of its own.
fn catches(sql: &str) -> bool {
    let is_catch = |word: &str| word.eq_ignore_ascii_case("catch");
    // Most hold no such word at all.
    sql.split(|c: char| !c.is_ascii_alphanumeric()).any(is_catch)
        && sql::tokens(sql, Dialect::TSql).iter().any(|token| is_catch(token.text(sql)))
}

/// Whether the number that the server tells for the last statement is one of rows that it wrote.
fn is_counted(sql: &str) -> bool {
    let (tokens, statements) = sql::cut(sql, Dialect::TSql);
    let Some(last) = statements.last() else { return false };
    let mut words = tokens[last.tokens()].iter().map(|t| t.text(sql));
    let first = words.next().unwrap_or_default().to_ascii_uppercase();
    match first.as_str() {
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "BULK" => true,
        "SELECT" => words.any(|word| word.eq_ignore_ascii_case("INTO")),
        "WITH" => words.any(|word| {
            ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"].iter().any(|w| word.eq_ignore_ascii_case(w))
        }),
        _ => false,
    }
}
