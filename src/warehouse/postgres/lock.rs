//! Holds a database against other runs. An advisory lock of a session of its own frees itself with
//! that session, however the run ends. Each taking has a number, the fence: transactions that write
//! look whether theirs is still the last, and keep it from changing until they end, by a second advisory lock that
//! they share; so a run whose lock was lost on the way, with its session, can't write any more.

use std::sync::Mutex;

use postgres::Client;

use super::connection::rows;
use super::error;
use crate::sql::quote;
use crate::warehouse::holder::held;
use crate::warehouse::{Error, ErrorKind};
use crate::words::{Dialect, machine};

/// The key of the advisory lock: `goldsmit` in ASCII. Advisory locks are those of one database.
const KEY: i64 = 0x676f_6c64_736d_6974;
/// The key of the lock that transactions which write share while the fence must not change: `goldsmif`. Locks on the
/// fence's row would do the same, and cost more when several transactions have them at once.
const FENCE: i64 = 0x676f_6c64_736d_6966;
/// Where the fence stands.
const TABLE: &str = "goldsmith.lock";

/// Reads the fence, and keeps it from changing until the transaction ends.
pub(super) fn fence() -> String {
    // Two statements: the second one sees what was committed while the first one waited.
    format!("SELECT pg_advisory_xact_lock_shared({FENCE}); SELECT fence FROM {TABLE}")
}

/// A database that this process holds.
pub(super) struct Lock {
    /// The database.
    pub(super) database: String,
    /// Which taking it is.
    pub(super) fence: i64,
    /// The session that the lock ends with; nobody asks it anything more.
    _session: Mutex<Client>,
}

impl Lock {
    /// Takes the lock of the session's database. Fails with [`ErrorKind::Locked`] and the holder when
    /// somebody has it.
    pub(super) fn take(mut session: Client, database: &str) -> Result<Self, Error> {
        let taken = rows(&mut session, &format!("SELECT pg_try_advisory_lock({KEY})"))?;
        if taken.cell(0) != Some("t") {
            return Err(told(&mut session, database));
        }
        let owner = |name: &str| quote(Dialect::Postgres, name);
        let schema = owner("goldsmith");
        session
            .batch_execute(&format!(
                "SET lock_timeout = '2s'; CREATE SCHEMA IF NOT EXISTS {schema}; \
                 CREATE TABLE IF NOT EXISTS {TABLE} (fence bigint NOT NULL, holder text NOT NULL, \
                 host text NOT NULL, process bigint NOT NULL, since timestamptz NOT NULL); \
                 INSERT INTO {TABLE} SELECT 0, '', '', 0, now() WHERE NOT EXISTS (SELECT FROM {TABLE})"
            ))
            .map_err(error::read)?;
        let literal = |text: String| format!("'{}'", text.replace('\'', "''"));
        let sql = format!(
            "SELECT pg_advisory_xact_lock({FENCE}); UPDATE {TABLE} SET fence = fence + 1, holder = {}, host = {}, process = {}, since = now() \
             RETURNING fence",
            literal(machine::user_name()),
            literal(machine::host_name()),
            std::process::id(),
        );
        let found = rows(&mut session, &sql).map_err(|e| match e.kind {
            ErrorKind::Transient => Error::new(
                ErrorKind::Locked,
                format!("a run on `{database}` that has lost its lock is still writing there"),
            ),
            _ => e,
        })?;
        let fence = found.cell(0).and_then(|f| f.parse().ok()).ok_or_else(|| {
            Error::new(ErrorKind::Statement, format!("`{database}` keeps no fence in {TABLE}"))
        })?;
        Ok(Self { database: database.to_owned(), fence, _session: Mutex::new(session) })
    }
}

/// Says who has the lock, as far as the table tells.
fn told(session: &mut Client, database: &str) -> Error {
    let sql = format!(
        "SELECT holder, process, host, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM {TABLE}"
    );
    held(database, &rows(session, &sql).unwrap_or_default().rows)
}
