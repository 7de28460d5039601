//! Finds where statements start and end within a batch: in T-SQL with or without semicolons and
//! through blocks; in the other dialects at semicolons. Owns no meaning beyond that.

use std::ops::Range;

use super::keyword::Keyword;
use super::script::Statement;
use super::token::{Kind, Token};
use crate::words::Dialect;

mod semicolon;
mod tsql;

/// The statements among `tokens[range]`, the first `limit` of them.
pub(super) fn split(tokens: &[Token], range: Range<usize>, dialect: Dialect, limit: usize) -> Vec<Statement> {
    match dialect {
        Dialect::TSql => tsql::split(tokens, range, limit),
        Dialect::DuckDb | Dialect::Postgres => semicolon::split(tokens, range, limit),
    }
}

/// The statements of a body in `PostgreSQL`'s procedural language, or of `BEGIN ATOMIC .. END`.
pub(super) fn split_body(tokens: &[Token], range: Range<usize>) -> Vec<Statement> {
    semicolon::split_body(tokens, range)
}

/// A statement of the tokens `range`; `None` for an empty range.
fn statement(tokens: &[Token], range: Range<usize>, conditional: bool) -> Option<Statement> {
    let (first, last) = (tokens.get(range.start)?, tokens.get(range.end.checked_sub(1)?)?);
    (range.start < range.end).then(|| Statement {
        span: first.span().to(last.span()),
        keyword: first.keyword,
        conditional,
        tokens: range,
    })
}

/// The keyword of the token at `at`, if there is one.
fn keyword(tokens: &[Token], at: usize) -> Option<Keyword> {
    tokens.get(at).and_then(|t| t.keyword)
}

/// The kind of the token at `at`, if there is one.
fn kind(tokens: &[Token], at: usize) -> Option<Kind> {
    tokens.get(at).map(|t| t.kind)
}
