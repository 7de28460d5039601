//! The columns of a table as its definition lists them, read from the tokens: no definition is too
//! unusual for that.

use super::known::Generated;
use crate::sql::{Keyword as K, Kind, Token, name_at};
use crate::words::RelationName;

/// Words that begin a part of a table's definition that is no column.
const NO_COLUMNS: [&str; 11] = [
    "constraint",
    "primary",
    "unique",
    "foreign",
    "check",
    "index",
    "period",
    "like",
    "exclude",
    "key",
    "inherits",
];

/// A table's name and columns.
pub(super) struct Table {
    pub(super) name: RelationName,
    pub(super) columns: Vec<(String, Generated)>,
}

/// The table that `CREATE TABLE t (..)`, `DECLARE @t TABLE (..)` or `RETURNS @t TABLE (..)` defines,
/// if the statement is one.
pub(super) fn table(text: &str, tokens: &[Token]) -> Option<Table> {
    let word = tokens.iter().position(|t| t.is(K::Table))?;
    if word > 0 && tokens[word - 1].kind == Kind::Variable {
        let name = tokens[word - 1].text(text).to_lowercase();
        let name = RelationName::from_parts(&[&name])?;
        return Some(Table { name, columns: list(text, tokens, word + 1)? });
    }
    if word > 1 && tokens[word - 1].is(K::As) && tokens[word - 2].kind == Kind::Variable {
        let name = tokens[word - 2].text(text).to_lowercase();
        let name = RelationName::from_parts(&[&name])?;
        return Some(Table { name, columns: list(text, tokens, word + 1)? });
    }
    let mut at = word + 1;
    while tokens.get(at).is_some_and(|t| t.is(K::If) || t.is(K::Not) || t.is(K::Exists)) {
        at += 1;
    }
    let (name, behind) = name_at(text, tokens, at)?;
    Some(Table { name, columns: list(text, tokens, behind)? })
}

/// The columns in the parentheses at `at`.
fn list(text: &str, tokens: &[Token], at: usize) -> Option<Vec<(String, Generated)>> {
    if tokens.get(at)?.kind != Kind::Open {
        return None;
    }
    let mut columns = Vec::new();
    let (mut depth, mut start) = (0usize, at + 1);
    for (i, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            Kind::Comma if depth == 1 => {
                columns.extend(column(text, &tokens[start..i]));
                start = i + 1;
            }
            _ => {}
        }
        if depth == 0 {
            columns.extend(column(text, &tokens[start..i]));
            return Some(columns);
        }
    }
    None
}

fn column(text: &str, part: &[Token]) -> Option<(String, Generated)> {
    let first = part.first()?;
    let is = |t: &Token, word: &str| t.kind == Kind::Word && t.text(text).eq_ignore_ascii_case(word);
    if !first.is_name() || part.len() < 2 || NO_COLUMNS.iter().any(|w| is(first, w)) {
        return None;
    }
    let (name, _) = name_at(text, part, 0)?;
    let identity = part.iter().any(|t| is(t, "identity") || is(t, "rowversion") || is(t, "generated"));
    let generated = if identity || part[1].is(K::As) { Generated::Yes } else { Generated::No };
    Some((name.name, generated))
}
