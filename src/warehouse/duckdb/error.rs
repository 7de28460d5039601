//! Reads `DuckDB`'s errors: kind, own words, and the place in the SQL from its `LINE n:` echo.

use super::files;
use crate::warehouse::{Error, ErrorKind, SqlPosition};

/// An error that is not about a statement's text.
#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err` as it is")]
pub(super) fn read(error: duckdb::Error) -> Error {
    convert(&error, None)
}

/// An error about `sql`.
#[expect(clippy::needless_pass_by_value, reason = "the counterpart of `read`")]
pub(super) fn read_in(error: duckdb::Error, sql: &str) -> Error {
    convert(&error, Some(sql))
}

fn convert(error: &duckdb::Error, sql: Option<&str>) -> Error {
    let text = match error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    // What a query that was under way has to say stands behind what the fetching of its rows says.
    let pending = "Attempting to execute an unsuccessful or closed pending query result\nError: ";
    let text = text.split_once(pending).map_or(text.as_str(), |(_, own)| own);
    let (message, echo) = match text.find("\nLINE ") {
        Some(at) => (text[..at].trim_end().to_owned(), Some(text[at + 1..].to_owned())),
        None => (text.trim_end().to_owned(), None),
    };
    // The prefix of messages that goldsmith's own checks raise says nothing to their reader.
    let kind = kind(&message);
    let message = files::plain(message.strip_prefix("Invalid Input Error: ").unwrap_or(&message));
    let position = sql.zip(echo.as_deref()).and_then(|(sql, echo)| place(sql, echo));
    Error { kind, message, position }
}

fn kind(message: &str) -> ErrorKind {
    if message.starts_with("Conversion Error") || message.contains("Error when converting column") {
        ErrorKind::Conversion
    } else if message.starts_with("INTERRUPT") {
        ErrorKind::Cancelled
    } else if message.contains("Could not set lock on file")
        || message.contains("being used by another process")
    {
        ErrorKind::Locked
    } else if message.starts_with("TransactionContext Error") && message.contains("onflict")
        || message.starts_with("Transaction Error") && message.contains("onflict")
        || message.starts_with("Catalog Error") && message.contains("write-write conflict")
    {
        ErrorKind::Transient
    } else if message.starts_with("IO Error: Cannot open") || message.starts_with("Fatal Error") {
        ErrorKind::Connection
    } else {
        ErrorKind::Statement
    }
}

/// The offset that an echo such as `LINE 3: SELECT x\n               ^` points at. `DuckDB` cuts
/// long lines on either side (`...`), so the echoed words are looked up in the line.
fn place(sql: &str, echo: &str) -> Option<SqlPosition> {
    let (head, rest) = echo.strip_prefix("LINE ")?.split_once(": ")?;
    let number: usize = head.parse().ok()?;
    let prefix = "LINE ".len() + head.len() + ": ".len();
    let mut lines = rest.lines();
    let shown = lines.next()?;
    let caret = lines.next().and_then(|l| l.find('^'))?.checked_sub(prefix)?;
    let start = sql.split_inclusive('\n').take(number - 1).map(str::len).sum::<usize>();
    let line = sql.get(start..)?.lines().next()?;
    let caret_bytes = shown.char_indices().nth(caret).map_or(shown.len(), |(i, _)| i);
    let cut = if shown.starts_with("...") && !line.starts_with("...") { 3 } else { 0 };
    let visible = shown.get(cut..)?.strip_suffix("...").unwrap_or(shown.get(cut..)?);
    let within = line.find(visible)?;
    Some(SqlPosition { offset: start + within + caret_bytes.saturating_sub(cut) })
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn finds_the_place_that_duckdb_points_at() {
        let sql = "SELECT 1,\n       foo\nFROM t";
        let echo = "LINE 2:        foo\n               ^";
        assert_eq!(place(sql, echo).unwrap().offset, sql.find("foo").unwrap());
    }
}
