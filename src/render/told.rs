//! An error that goldsmith's own template functions raise: already in plain words, with help.
//! It travels through the engine as the source of an engine error.

use std::fmt;

use minijinja::{Error, ErrorKind};

/// What is wrong and what to do, ready for the user.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Told {}

/// An engine error that carries a message as it is.
pub(super) fn told(message: impl Into<String>) -> Error {
    carry(Told { message: message.into(), help: None })
}

/// An engine error that carries a message and what to do about it.
pub(super) fn told_with_help(message: impl Into<String>, help: impl Into<String>) -> Error {
    carry(Told { message: message.into(), help: Some(help.into()) })
}

fn carry(told: Told) -> Error {
    Error::new(ErrorKind::InvalidOperation, told.message.clone()).with_source(told)
}
