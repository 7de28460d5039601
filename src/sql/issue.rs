//! What the lexer could not make sense of; it goes on all the same.

use std::fmt;

use crate::words::Span;

/// The kind of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueKind {
    /// A string is never closed.
    UnterminatedString,
    /// A quoted name is never closed.
    UnterminatedName,
    /// A comment is never closed.
    UnterminatedComment,
    /// The text is longer than 4 GiB; the rest is not read.
    TooLong,
}

impl fmt::Display for IssueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnterminatedString => "this string is never closed",
            Self::UnterminatedName => "this quoted name is never closed",
            Self::UnterminatedComment => "this comment is never closed",
            Self::TooLong => "the text is longer than 4 GiB; the rest was not read",
        })
    }
}

/// One issue and its place: from what opens to the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issue {
    /// What is wrong.
    pub kind: IssueKind,
    /// Where.
    pub span: Span,
}
