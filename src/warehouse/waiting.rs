//! A statement of a server's that waited too long for somebody else's lock.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::{Error, ErrorKind};

/// How long a statement waits for a lock where nothing else is said.
pub const LOCK_TIMEOUT: Duration = Duration::from_mins(10);
/// How many that may be in the way are named.
const NAMED: usize = 3;

/// How long a statement waits for a lock, and since when one runs.
#[derive(Clone, Copy)]
pub(super) struct Waiting {
    limit: Duration,
    since: Instant,
}

impl Waiting {
    pub(super) fn now(limit: Duration) -> Self {
        Self { limit, since: Instant::now() }
    }

    /// Says of an error about a lock who may be in the way, as `open` tells: the sessions of the database with a
    /// transaction, the oldest first, with user, host, program, since when, and a number. One that was not waited
    /// for, as the script asked it, stays as it is.
    pub(super) fn told(
        self,
        error: Error,
        database: &str,
        open: impl FnOnce() -> Result<Vec<Vec<Option<String>>>, Error>,
    ) -> Error {
        if self.since.elapsed() < self.limit {
            return error;
        }
        let limit = jiff::SignedDuration::try_from(self.limit).unwrap_or_default();
        let who = match open() {
            Ok(rows) if rows.is_empty() => format!("nobody has a transaction open in `{database}` any more"),
            Ok(rows) => {
                let named: Vec<String> = rows.iter().take(NAMED).map(|row| one(row)).collect();
                let more = rows.len().saturating_sub(NAMED);
                let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                format!("in `{database}` a transaction is open of {}{more}", named.join("; of "))
            }
            Err(denied) => format!("who has it can't be seen: {}", denied.message),
        };
        // Another try would wait as long again.
        let message = format!("{}: it waited {limit:#} for a lock; {who}", error.message);
        Error { kind: ErrorKind::Statement, message, position: error.position }
    }
}

fn one(row: &[Option<String>]) -> String {
    let cell = |nth: usize| row.get(nth)?.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut said = cell(0).unwrap_or("somebody").to_owned();
    for (nth, word) in [(1, "on"), (2, "with"), (3, "since")] {
        if let Some(text) = cell(nth) {
            let _ = write!(said, " {word} {text}");
        }
    }
    if let Some(session) = cell(4) {
        let _ = write!(said, " (session {session})");
    }
    said
}
