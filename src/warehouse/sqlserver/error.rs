//! Reads SQL Server's errors: kind by number, own words, and the place in the SQL. The numbers are those of
//! the manual's "Database Engine events and errors".

use tiberius::error::TokenError;

use crate::warehouse::{Error, ErrorKind, SqlPosition};

/// Deadlock; conflicts under snapshot isolation; a lock that was not had in time; resources of Azure's that
/// are short for a while.
const TRANSIENT: [u32; 11] = [1205, 1222, 3960, 3961, 10_928, 10_929, 40_197, 40_501, 40_613, 49_918, 49_920];
/// What the message of a lock that was not had in time holds.
pub(super) const NO_LOCK: &str = "(Msg 1222,";
/// Logins that are refused, databases that are not there or can't be opened.
const CONNECTION: [u32; 9] = [233, 911, 916, 4060, 4064, 18_452, 18_456, 18_488, 40_532];
/// Values that do not fit: conversion, overflow, truncation.
const CONVERSION: [u32; 15] =
    [220, 232, 235, 241, 242, 244, 245, 248, 295, 517, 2628, 8114, 8115, 8152, 8169];

/// An error that is not about a statement's text.
#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err` as it is")]
pub(super) fn read(error: tiberius::error::Error) -> Error {
    convert(&error, None)
}

/// An error about `sql`.
#[expect(clippy::needless_pass_by_value, reason = "the counterpart of `read`")]
pub(super) fn read_in(error: tiberius::error::Error, sql: &str) -> Error {
    convert(&error, Some(sql))
}

fn convert(error: &tiberius::error::Error, sql: Option<&str>) -> Error {
    use tiberius::error::Error as Driver;
    match error {
        Driver::Server(told) => {
            Error { kind: kind(told), message: message(told), position: sql.and_then(|sql| place(sql, told)) }
        }
        Driver::Io { message, .. } => Error::new(ErrorKind::Connection, lost(message)),
        Driver::Tls(message) => Error::new(ErrorKind::Connection, message.clone()),
        Driver::BulkInput(_) | Driver::Conversion(_) => Error::new(ErrorKind::Conversion, error.to_string()),
        other => Error::new(ErrorKind::Connection, other.to_string()),
    }
}

fn lost(message: &str) -> String {
    format!("the connection to the server was lost ({message})")
}

fn kind(error: &TokenError) -> ErrorKind {
    match error.code() {
        code if TRANSIENT.contains(&code) => ErrorKind::Transient,
        code if CONNECTION.contains(&code) => ErrorKind::Connection,
        code if CONVERSION.contains(&code) => ErrorKind::Conversion,
        // The server ends the session with these.
        _ if error.class() >= 20 => ErrorKind::Connection,
        _ => ErrorKind::Statement,
    }
}

/// The server's own words with its number, as its other clients show it.
fn message(error: &TokenError) -> String {
    let procedure = match error.procedure() {
        "" => String::new(),
        procedure => format!(", procedure {procedure}, line {}", error.line()),
    };
    format!("{} (Msg {}, level {}{procedure})", error.message().trim_end(), error.code(), error.class())
}

/// The place in the batch. The server tells the line of a statement, or of a procedure's text, which is not
/// this one; what it quotes stands at the line or behind.
fn place(sql: &str, error: &TokenError) -> Option<SqlPosition> {
    let line = usize::try_from(error.line()).ok()?;
    if !error.procedure().is_empty() || line == 0 {
        return None;
    }
    let start: usize = sql.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let start = start.min(sql.len());
    let named = quoted(error.message()).find_map(|name| {
        let found = sql[start..].find(name).or_else(|| {
            let (sql, name) = (sql[start..].to_ascii_lowercase(), name.to_ascii_lowercase());
            sql.find(&name)
        });
        found.map(|at| start + at)
    });
    let blank = sql[start..].len() - sql[start..].trim_start().len();
    Some(SqlPosition { offset: named.unwrap_or(start + blank) })
}

/// What a message has in quotes.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    ['\'', '"']
        .into_iter()
        .filter_map(move |mark| message.split(mark).nth(1))
        .filter(|name| !name.is_empty() && name.len() < 300)
}

/// Whether the server told this number.
pub(super) fn has_code(error: &tiberius::error::Error, code: u32) -> bool {
    matches!(error, tiberius::error::Error::Server(told) if told.code() == code)
}
