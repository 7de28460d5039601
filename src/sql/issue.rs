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
    /// A zero byte: these bytes were not meant as text, or not as text in this encoding.
    NotText,
    /// Parentheses are nested so deep that they are no longer told apart.
    TooDeep,
    /// There is more to keep than a text of its size may need.
    TooDense,
    /// `GO` with a count beyond all use.
    TooOften,
}

impl IssueKind {
    /// Whether something is never closed.
    #[must_use]
    pub fn is_unterminated(self) -> bool {
        matches!(self, Self::UnterminatedString | Self::UnterminatedName | Self::UnterminatedComment)
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::UnterminatedString | Self::UnterminatedName | Self::UnterminatedComment => {
                "what follows can't be read until it is closed"
            }
            Self::TooLong | Self::TooDense => "split the file",
            Self::NotText => "save it as UTF-8, or as UTF-16 with a byte order mark",
            Self::TooDeep => "take the statement apart",
            Self::TooOften => "write a loop in the batch",
        }
    }
}

impl fmt::Display for IssueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnterminatedString => "this string is never closed",
            Self::UnterminatedName => "this quoted name is never closed",
            Self::UnterminatedComment => "this comment is never closed",
            Self::TooLong => "the text is longer than 4 GiB; the rest was not read",
            Self::NotText => "this is no text: it holds a zero byte",
            Self::TooDeep => "more than 10000 parentheses are open here: aliases in there are not told apart",
            Self::TooOften => "`GO` sends this batch more than 10000 times",
            Self::TooDense => {
                "more statements and names than a text of this size should hold: the rest was not read"
            }
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
