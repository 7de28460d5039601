//! What a warehouse says when it refuses.

use std::fmt;

/// Why it refused, as far as the caller acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The SQL is wrong or can't be done.
    Statement,
    /// A value does not fit the type that it is read as.
    Conversion,
    /// It may succeed when the whole unit is tried again: deadlock, write conflict.
    Transient,
    /// It was cancelled.
    Cancelled,
    /// Somebody else holds the database.
    Locked,
    /// The warehouse can't be reached or opened, or the connection to it was lost and nothing of the
    /// transaction stays.
    Connection,
    /// The connection was lost, and whether the transaction was committed could not be found out: what it
    /// did must not be done again.
    Uncertain,
}

/// A place in the SQL that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlPosition {
    /// The byte offset in the statement.
    pub offset: usize,
}

/// An error of a warehouse.
#[derive(Debug, Clone)]
pub struct Error {
    /// What to make of it.
    pub kind: ErrorKind,
    /// The engine's own words, without its echo of the SQL.
    pub message: String,
    /// The place in the statement, where the engine tells.
    pub position: Option<SqlPosition>,
}

impl Error {
    /// An error without a place.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), position: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
