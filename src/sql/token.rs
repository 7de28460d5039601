//! The tokens of SQL: a kind and a place, nothing owned. White space and comments are no tokens.

use super::keyword::Keyword;
use crate::words::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bare word: a keyword or a name, `#temp` and `$(variable)` included.
    Word,
    /// A quoted name: `[a]` or `"a"`.
    Quoted,
    /// `@variable`, or `$parameter` outside T-SQL.
    Variable,
    /// A string between single quotes, with its prefix (`N'..'`, `E'..'`).
    String,
    /// A string between dollar quotes.
    Dollar,
    /// A number.
    Number,
    /// `(`, or `[` and `{` where they don't quote.
    Open,
    /// `)`, or `]` and `}` where they don't quote.
    Close,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// `=`
    Equals,
    /// `:`
    Colon,
    /// Anything else.
    Operator,
    /// `GO` alone on its line, with its count.
    Go,
    /// A line for a client: sqlcmd's `:r file`, psql's `\set`.
    Command,
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Which keyword it is, where it is one and doesn't stand in a dotted name.
    pub keyword: Option<Keyword>,
    /// Offset of its first byte.
    pub start: u32,
    /// Its length in bytes.
    pub len: u32,
}

impl Token {
    /// Whether the token is this keyword.
    #[must_use]
    pub fn is(self, keyword: Keyword) -> bool {
        self.keyword == Some(keyword)
    }

    /// Whether the token can be a part of a name.
    #[must_use]
    pub fn is_name(self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }

    /// Offset behind its last byte.
    #[must_use]
    pub fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    /// Its place.
    #[must_use]
    pub fn span(self) -> Span {
        Span::new(self.start as usize, self.end())
    }

    /// Its text.
    #[must_use]
    pub fn text(self, sql: &str) -> &str {
        &sql[self.start as usize..self.end()]
    }
}
