//! One session of `PostgreSQL`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow_array::RecordBatch;
use postgres::error::{DbError, Severity};
use postgres::{CancelToken, Client, SimpleQueryMessage};

use super::session::Door;
use super::{appender, error, lock, reader};
use crate::sql;
use crate::warehouse::waiting::Waiting;
use crate::warehouse::{Cancel, Connection, Error, ErrorKind, Outcome, Rows, Sink};
use crate::words::{Dialect, RelationName};

/// How often, and how far apart, a server is asked what became of a commit whose answer was lost.
const ASKED: u32 = 20;
const APART: Duration = Duration::from_millis(500);

/// One session, in one database.
pub(super) struct PgConnection {
    client: Client,
    stop: Arc<Stop>,
    notices: Notices,
    /// How its like is opened.
    door: Door,
    /// The number under which the database is held, where this run holds it.
    fence: Option<i64>,
    /// The id of the transaction that [`Connection::begin`] has opened.
    transaction: Option<Transaction>,
    /// Whether it is still open and whole, where the server has just said so.
    known: Option<bool>,
    date: Option<String>,
}

/// Asks for the id of the transaction that is open and has written.
const ID: &str = "SELECT pg_current_xact_id_if_assigned()";

/// The sessions that have a transaction open in the database, but those that have failed and wait for their end, as the
/// one that asks.
const OPEN: &str = "SELECT usename, COALESCE(host(client_addr), 'the server itself'), application_name, \
    to_char(xact_start, 'YYYY-MM-DD HH24:MI:SS'), pid FROM pg_stat_activity WHERE datname = current_database() \
    AND xact_start IS NOT NULL AND state <> 'idle in transaction (aborted)' AND pid <> pg_backend_pid() ORDER BY xact_start";

/// A transaction that is open.
enum Transaction {
    /// It only reads.
    Reading,
    /// It may write; its id.
    Writing(String),
}

/// What the server said beside its answers.
#[derive(Clone, Default)]
pub(super) struct Notices(Arc<Mutex<Vec<String>>>);

impl Notices {
    /// Keeps what somebody wants to read: not what a statement skipped as it was told to.
    pub(super) fn keep(&self, notice: &DbError) {
        let is_skipped = matches!(notice.parsed_severity(), Some(Severity::Notice))
            && (["42P06", "42P07"].contains(&notice.code().code())
                || notice.message().ends_with(", skipping"));
        if !is_skipped {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(notice.message().to_owned());
        }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl PgConnection {
    pub(super) fn open(door: Door, fence: Option<i64>) -> Result<Self, Error> {
        let notices = Notices::default();
        let client = door.open(&notices)?;
        let stop = Arc::new(Stop { token: client.cancel_token(), door: door.clone() });
        Ok(Self { client, stop, notices, door, fence, transaction: None, known: None, date: None })
    }

    /// Refuses to write into a database that another run has taken in the meantime.
    fn hold(&mut self) -> Result<(), Error> {
        let Some(fence) = self.fence else { return Ok(()) };
        let found = rows(&mut self.client, &lock::fence())?;
        if found.rows.first().and_then(|row| row.first()?.as_deref()) == Some(&fence.to_string()) {
            return Ok(());
        }
        Err(self.lost())
    }

    fn lost(&self) -> Error {
        let message = format!("another run has taken `{}`: this one has lost its lock", self.door.database());
        Error::new(ErrorKind::Locked, message)
    }

    /// The id of the transaction that the server has open and that has written.
    fn transaction_id(&mut self) -> Result<Option<String>, postgres::Error> {
        let answers = self.client.simple_query(ID)?;
        Ok(answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        }))
    }

    /// Commits behind a last text, and finds out what became of it when the answer is lost.
    fn commit_writing(&mut self, id: &str, last: &str) -> Result<(), Error> {
        let Err(error) = self.client.batch_execute(&format!("{last}COMMIT")) else { return Ok(()) };
        let told = error::read(error);
        if told.kind != ErrorKind::Connection {
            return Err(told);
        }
        for _ in 0..ASKED {
            let asked = self
                .door
                .open(&Notices::default())
                .and_then(|mut client| rows(&mut client, &format!("SELECT pg_xact_status('{id}'::xid8)")));
            match asked.ok().and_then(|found| found.rows.first()?.first()?.clone()).as_deref() {
                Some("committed") => return Ok(()),
                Some("aborted") => return Err(told),
                _ => std::thread::sleep(APART),
            }
        }
        let message = format!(
            "{}: whether the transaction was committed could not be found out (it was {id}; \
             `SELECT pg_xact_status('{id}')` tells)",
            told.message
        );
        Err(Error::new(ErrorKind::Uncertain, message))
    }

    fn run(&mut self, sql: &str) -> Result<Outcome, Error> {
        let words = first_words(sql);
        if self.transaction.is_some()
            && let Some(word) = words.iter().find_map(|word| control_word(word))
        {
            return Err(Error::new(
                ErrorKind::Statement,
                format!("{word} is not allowed here: goldsmith runs the script in a transaction of its own"),
            ));
        }
        self.notices.take();
        let answers = match &self.transaction {
            Some(Transaction::Writing(own)) => {
                // The server tells in the same breath whether the transaction is still this one.
                self.known = None;
                let text = format!("{sql}\n;{ID}");
                let mut answers = self.client.simple_query(&text).map_err(|e| error::read_in(e, sql))?;
                let told = answers.iter().rposition(|a| matches!(a, SimpleQueryMessage::RowDescription(_)));
                let tail = answers.split_off(told.unwrap_or(answers.len()));
                let id = tail.iter().find_map(|answer| match answer {
                    SimpleQueryMessage::Row(row) => row.get(0),
                    _ => None,
                });
                self.known = Some(id == Some(own));
                answers
            }
            Some(Transaction::Reading) => {
                self.client.simple_query(sql).map_err(|e| error::read_in(e, sql))?
            }
            None => {
                self.hold()?;
                self.client.simple_query(sql).map_err(|e| error::read_in(e, sql))?
            }
        };
        let rows = answers.iter().rev().find_map(|answer| match answer {
            SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
            _ => None,
        });
        let counts = words.last().is_some_and(|word| is_counted(word, sql));
        Ok(Outcome { rows: rows.filter(|_| counts), messages: self.notices.take() })
    }

    /// Says of a lock that was not had who may have it.
    fn waited(&self, waiting: Waiting, error: Error) -> Error {
        if !error.message.contains(error::NO_LOCK) {
            return error;
        }
        let open = || rows(&mut self.door.open(&Notices::default())?, OPEN);
        waiting.told(error, self.door.database(), || open().map(|found| found.rows))
    }
}

impl Connection for PgConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str) -> Result<Outcome, Error> {
        let waiting = Waiting::now(self.door.lock_timeout());
        self.run(sql).map_err(|error| self.waited(waiting, error))
    }

    fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        self.known = None;
        let waiting = Waiting::now(self.door.lock_timeout());
        rows(&mut self.client, sql).map_err(|error| self.waited(waiting, error))
    }
    fn read(&mut self, sql: &str, to: &mut dyn Sink) -> Result<(), Error> {
        self.known = None;
        reader::read(&mut self.client, sql, to)
    }

    fn append(
        &mut self,
        table: &RelationName,
        batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
    ) -> Result<u64, Error> {
        self.known = None;
        let waiting = Waiting::now(self.door.lock_timeout());
        appender::append(&mut self.client, table, batches).map_err(|error| self.waited(waiting, error))
    }

    fn begin_reading(&mut self) -> Result<(), Error> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.client.batch_execute(begin).map_err(error::read)?;
        self.transaction = Some(Transaction::Reading);
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Error> {
        let fence = if self.fence.is_some() { lock::fence() } else { String::new() };
        let text = format!("BEGIN; SELECT pg_current_xact_id(); {fence}");
        let begun = self.client.simple_query(&text);
        // Whatever else it answered: a transaction may be open now.
        self.transaction = Some(Transaction::Writing(String::new()));
        let told: Vec<String> = match begun {
            Ok(answers) => answers
                .iter()
                .filter_map(|answer| match answer {
                    SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                    _ => None,
                })
                .collect(),
            Err(error) => {
                let _ = self.rollback();
                return Err(error::read(error));
            }
        };
        let mut told = told.into_iter();
        self.transaction = Some(Transaction::Writing(told.next().unwrap_or_default()));
        self.known = Some(true);
        if let Some(own) = self.fence
            && told.last() != Some(own.to_string())
        {
            let _ = self.rollback();
            return Err(self.lost());
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        // The server answers COMMIT of a failed transaction with a rollback, and without an error.
        let is_whole = match (&self.transaction, self.known.take()) {
            (Some(Transaction::Writing(_)), Some(known)) => known,
            (Some(Transaction::Writing(own)), None) => {
                let own = own.clone();
                self.transaction_id().map_err(error::read)? == Some(own)
            }
            _ => false,
        };
        match self.transaction.take() {
            Some(Transaction::Writing(own)) if is_whole => self.commit_writing(&own, ""),
            Some(Transaction::Reading) => self.client.batch_execute("COMMIT").map_err(error::read),
            _ => Err(Error::new(ErrorKind::Statement, "the transaction has ended before its commit")),
        }
    }

    fn commit_with(&mut self, sql: &str) -> Result<(), Error> {
        match &self.transaction {
            // Nothing has happened since the server said that it is still open and whole.
            Some(Transaction::Writing(own)) if self.known == Some(true) => {
                let own = own.clone();
                self.known = None;
                self.commit_writing(&own, &format!("{sql}\n;"))?;
                self.transaction = None;
                Ok(())
            }
            _ => {
                self.execute(sql)?;
                self.commit()
            }
        }
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.known = None;
        if self.transaction.take().is_none() {
            return Ok(());
        }
        self.client.batch_execute("ROLLBACK").map_err(error::read)
    }

    fn in_transaction(&mut self) -> Result<bool, Error> {
        if let Some(known) = self.known {
            return Ok(known);
        }
        let own = match &self.transaction {
            None => return Ok(false),
            Some(Transaction::Reading) => return Ok(true),
            Some(Transaction::Writing(own)) => own.clone(),
        };
        match self.transaction_id() {
            // It has failed, and waits for its rollback.
            Err(error) if error::has_code(&error, "25P02") => Ok(true),
            Err(error) => Err(error::read(error)),
            Ok(id) => Ok(id == Some(own)),
        }
    }

    fn set_business_date(&mut self, date: &str) -> Result<(), Error> {
        self.date = Some(date.to_owned());
        self.client.batch_execute(&business_date(date)).map_err(error::read)
    }

    fn clean_session(&mut self) -> Result<(), Error> {
        // What DISCARD ALL does, in a transaction too.
        let date = self.date.as_deref().map(business_date).unwrap_or_default();
        self.client
            .batch_execute(&format!(
                "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; DEALLOCATE ALL; UNLISTEN *; \
                 SELECT pg_advisory_unlock_all(); DISCARD SEQUENCES; DISCARD TEMP; {date}"
            ))
            .map_err(error::read)?;
        self.notices.take();
        Ok(())
    }

    fn revive(&mut self) -> Result<(), Error> {
        self.notices = Notices::default();
        self.client = self.door.open(&self.notices)?;
        self.stop = Arc::new(Stop { token: self.client.cancel_token(), door: self.door.clone() });
        (self.transaction, self.known) = (None, None);
        match &self.date {
            Some(date) => self.client.batch_execute(&business_date(date)).map_err(error::read),
            None => Ok(()),
        }
    }

    fn cancel_handle(&self) -> Arc<dyn Cancel> {
        let stop: Arc<dyn Cancel> = Arc::clone(&self.stop) as _;
        stop
    }
}

/// Makes the business date known to a session.
fn business_date(date: &str) -> String {
    format!("SELECT set_config('goldsmith.business_date', '{}', false)", date.replace('\'', "''"))
}

/// Stops a session from another thread, by a connection of its own.
struct Stop {
    token: CancelToken,
    door: Door,
}

impl Cancel for Stop {
    fn cancel(&self) {
        // A server that can't be reached has nothing to stop.
        let _ = self.door.cancel(&self.token);
    }
}

/// Fetches the rows of the last query of a text, each cell as the server writes it.
pub(super) fn rows(client: &mut Client, sql: &str) -> Result<Rows, Error> {
    let mut found = Rows::default();
    for answer in client.simple_query(sql).map_err(|e| error::read_in(e, sql))? {
        match answer {
            SimpleQueryMessage::RowDescription(columns) => {
                found.columns = columns.iter().map(|c| c.name().to_owned()).collect();
                found.rows.clear();
            }
            SimpleQueryMessage::Row(row) => {
                found.rows.push((0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect());
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The first word of each statement, in upper case.
fn first_words(sql: &str) -> Vec<String> {
    let (tokens, statements) = sql::cut(sql, Dialect::Postgres);
    statements
        .iter()
        .filter_map(|statement| Some(tokens.get(statement.tokens().start)?.text(sql).to_ascii_uppercase()))
        .collect()
}

/// A word that would begin or end a transaction. A procedure that tries to is refused by the server.
fn control_word(word: &str) -> Option<&'static str> {
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE"].into_iter().find(|w| word == *w)
}

/// Whether the number that the server tells for a statement is one of rows that it wrote.
fn is_counted(word: &str, sql: &str) -> bool {
    match word {
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY" | "WITH" => true,
        "CREATE" => {
            let tokens = sql::tokens(sql, Dialect::Postgres);
            let mut words = tokens.iter().map(|t| t.text(sql));
            words.clone().take(4).any(|w| w.eq_ignore_ascii_case("TABLE"))
                && words.any(|w| w.eq_ignore_ascii_case("AS"))
        }
        _ => false,
    }
}
