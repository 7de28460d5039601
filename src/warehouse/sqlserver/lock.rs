//! Holds a database against other runs. An application lock of a session of its own frees itself with that
//! session, however the run ends. Each taking has a number, the fence: transactions that write look whether
//! theirs is still the last, and keep it from changing until they end; so a run whose lock was lost on the way,
//! with its session, can't write any more.
//!
//! Each transaction that writes leaves its id, so that what became of a commit whose answer was lost can be found
//! out: whoever asks writes the id as well, and so the one or the other fails.

use std::sync::Mutex;

use super::connection::{plain, rows};
use super::wire::Wire;
use crate::sql::string_literal;
use crate::warehouse::holder::held;
use crate::warehouse::{Error, ErrorKind};
use crate::words::{Dialect, machine};

/// Where the fence stands.
const TABLE: &str = "goldsmith.[lock]";

/// Reads the fence, and keeps it from changing until the transaction ends.
pub(super) const FENCE: &str = "SELECT fence FROM goldsmith.[lock] WITH (REPEATABLEREAD)";

/// Where the ids of transactions stand, and for how many days.
const COMMITS: &str = "goldsmith.[commits]";
const DAYS: u32 = 30;

/// Leaves a transaction's id. A second time it fails, with [`TAKEN`]; while another transaction is doing it, it waits.
pub(super) fn leave(id: &str) -> String {
    format!("INSERT INTO {COMMITS} (id, at) VALUES ({}, SYSUTCDATETIME())", string_literal(Dialect::TSql, id))
}

/// What the server's message tells when an id has been left before: the number of a key that is there already.
pub(super) const TAKEN: &str = "(Msg 2627,";

/// A database that this process holds.
pub(super) struct Lock {
    /// The database.
    pub(super) database: String,
    /// Which taking it is.
    pub(super) fence: i64,
    /// The session that the lock ends with; nobody asks it anything more.
    _session: Mutex<Wire>,
}

impl Lock {
    /// Takes the lock of the session's database. Fails with [`ErrorKind::Locked`] and the holder when
    /// somebody has it.
    pub(super) fn take(mut session: Wire, database: &str) -> Result<Self, Error> {
        let taken = rows(
            &mut session,
            "SET LOCK_TIMEOUT 2000; DECLARE @taken int, @name nvarchar(255); \
             SET @name = N'goldsmith ' + DB_NAME(); EXEC @taken = sp_getapplock @Resource = @name, @LockMode = N'Exclusive', \
             @LockOwner = N'Session', @LockTimeout = 0; SELECT @taken",
        )?;
        if taken.cell(0).and_then(|taken| taken.parse::<i32>().ok()).is_none_or(|taken| taken < 0) {
            return Err(told(&mut session, database));
        }
        plain(&mut session, "IF SCHEMA_ID(N'goldsmith') IS NULL EXEC (N'CREATE SCHEMA goldsmith')")?;
        plain(
            &mut session,
            &format!(
                "IF OBJECT_ID(N'{TABLE}') IS NULL CREATE TABLE {TABLE} (fence bigint NOT NULL, \
                 holder nvarchar(256) NOT NULL, host nvarchar(256) NOT NULL, process bigint NOT NULL, \
                 since datetime2(0) NOT NULL)"
            ),
        )?;
        plain(
            &mut session,
            &format!(
                "IF OBJECT_ID(N'{COMMITS}') IS NULL CREATE TABLE {COMMITS} (id nvarchar(36) NOT NULL PRIMARY KEY, \
                 at datetime2(0) NOT NULL)"
            ),
        )?;
        plain(
            &mut session,
            &format!("DELETE FROM {COMMITS} WHERE at < DATEADD(day, -{DAYS}, SYSUTCDATETIME())"),
        )?;
        plain(
            &mut session,
            &format!(
                "INSERT INTO {TABLE} SELECT 0, N'', N'', 0, SYSUTCDATETIME() \
                 WHERE NOT EXISTS (SELECT 1 FROM {TABLE})"
            ),
        )?;
        let literal = |text: &str| string_literal(Dialect::TSql, text);
        let sql = format!(
            "UPDATE {TABLE} SET fence = fence + 1, holder = {}, host = {}, process = {}, since = SYSUTCDATETIME()",
            literal(&machine::user_name()),
            literal(&machine::host_name()),
            std::process::id(),
        );
        plain(&mut session, &sql).map_err(|e| match e.kind {
            ErrorKind::Transient => Error::new(
                ErrorKind::Locked,
                format!("a run on `{database}` that has lost its lock is still writing there"),
            ),
            _ => e,
        })?;
        let found = rows(&mut session, &format!("SELECT fence FROM {TABLE}"))?;
        let fence = found.cell(0).and_then(|f| f.parse().ok()).ok_or_else(|| {
            Error::new(ErrorKind::Statement, format!("`{database}` keeps no fence in {TABLE}"))
        })?;
        Ok(Self { database: database.to_owned(), fence, _session: Mutex::new(session) })
    }
}

/// Says who has the lock, as far as the table tells.
fn told(session: &mut Wire, database: &str) -> Error {
    let sql = format!("SELECT holder, process, host, since FROM {TABLE}");
    held(database, &rows(session, &sql).unwrap_or_default().rows)
}
