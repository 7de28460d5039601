//! Reads `PostgreSQL`'s errors: kind by SQLSTATE, own words, and the place in the SQL.
//! The codes are those of the manual's appendix A.

use std::fmt::Write;
use std::io;

use postgres::error::{DbError, ErrorPosition};

use crate::warehouse::{Error, ErrorKind, SqlPosition};

/// What the message of a lock that was not had in time, or not at once, holds.
pub(super) const NO_LOCK: &str = "(55P03)";

/// An error that is not about a statement's text.
#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err` as it is")]
pub(super) fn read(error: postgres::Error) -> Error {
    convert(&error, None)
}

/// An error about `sql`.
#[expect(clippy::needless_pass_by_value, reason = "the counterpart of `read`")]
pub(super) fn read_in(error: postgres::Error, sql: &str) -> Error {
    convert(&error, Some(sql))
}

/// An error of a copy's stream, about `sql`.
pub(super) fn read_copy(error: io::Error, sql: &str) -> Error {
    let lost = || Error::new(ErrorKind::Connection, "the connection to the server was lost");
    let Some(inner) = error.into_inner() else { return lost() };
    inner.downcast_ref::<postgres::Error>().map_or_else(lost, |own| convert(own, Some(sql)))
}

fn convert(error: &postgres::Error, sql: Option<&str>) -> Error {
    let Some(told) = error.as_db_error() else {
        return Error::new(ErrorKind::Connection, unreachable(error));
    };
    let position = match told.position() {
        Some(ErrorPosition::Original(nth)) => sql.and_then(|sql| place(sql, *nth)),
        _ => None,
    };
    Error { kind: kind(told), message: message(told), position }
}

/// What went wrong beside the server: the chain of causes, without what they repeat.
fn unreachable(error: &postgres::Error) -> String {
    if error.is_closed() {
        return "the connection to the server was lost".to_owned();
    }
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !said.contains(&text) {
            let _ = write!(said, ": {text}");
        }
        cause = inner.source();
    }
    said
}

fn kind(error: &DbError) -> ErrorKind {
    let code = error.code().code();
    match code {
        // serialization_failure, deadlock_detected, lock_not_available
        "40001" | "40P01" | "55P03" => ErrorKind::Transient,
        // query_canceled, which a time limit of the server's is as well
        "57014" if !is_timeout(error) => ErrorKind::Cancelled,
        // too_many_connections; admin_shutdown to idle_session_timeout
        "53300" | "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => ErrorKind::Connection,
        // connection exceptions, invalid authorization, invalid catalog name
        _ if ["08", "28", "3D"].iter().any(|class| code.starts_with(class)) => ErrorKind::Connection,
        // data exceptions
        _ if code.starts_with("22") => ErrorKind::Conversion,
        _ => ErrorKind::Statement,
    }
}

fn is_timeout(error: &DbError) -> bool {
    error.message().contains("timeout")
}

/// The server's own words with its code.
fn message(error: &DbError) -> String {
    let mut said = format!("{} ({})", error.message(), error.code().code());
    if let Some(detail) = error.detail() {
        let _ = write!(said, ": {detail}");
    }
    if let Some(hint) = error.hint() {
        let _ = write!(said, " [{hint}]");
    }
    said
}

/// The byte offset of the character that is the `nth`, from 1.
fn place(sql: &str, nth: u32) -> Option<SqlPosition> {
    let nth = usize::try_from(nth).ok()?.checked_sub(1)?;
    let offset = sql.char_indices().nth(nth).map_or(sql.len(), |(offset, _)| offset);
    Some(SqlPosition { offset })
}

/// Whether an error has this code.
pub(super) fn has_code(error: &postgres::Error, code: &str) -> bool {
    error.code().is_some_and(|c| c.code() == code)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(place("sélect foo", 8).unwrap().offset, 8);
        assert_eq!(place("sélect foo", 3).unwrap().offset, 3);
        assert_eq!(place("x", 2).unwrap().offset, 1);
        assert!(place("x", 0).is_none());
    }
}
