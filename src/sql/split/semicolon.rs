//! Statements that end at semicolons: `DuckDB` and `PostgreSQL`, and bodies of their procedures.

use std::ops::Range;

use super::{keyword, kind, statement};
use crate::sql::keyword::Keyword as K;
use crate::sql::script::Statement;
use crate::sql::token::{Kind, Token};

/// Splits at semicolons, but not inside `BEGIN ATOMIC .. END`.
pub(super) fn split(tokens: &[Token], range: Range<usize>, limit: usize) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut start = range.start;
    let mut atomic = 0_usize;
    for i in range.clone() {
        let token = tokens[i];
        match token.keyword {
            Some(K::Begin) if keyword(tokens, i + 1) == Some(K::Atomic) => atomic += 1,
            Some(K::Case) if atomic > 0 => atomic += 1,
            Some(K::End) if atomic > 0 => atomic -= 1,
            _ => {}
        }
        if atomic == 0 && matches!(token.kind, Kind::Semicolon | Kind::Command) {
            statements.extend(statement(tokens, start..i, false));
            start = i + 1;
            if statements.len() >= limit {
                return statements;
            }
        }
    }
    statements.extend(statement(tokens, start..range.end, false));
    statements
}

/// Splits a procedural body: also behind BEGIN, THEN, ELSE and LOOP.
pub(super) fn split_body(tokens: &[Token], range: Range<usize>) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut start = range.start;
    let mut cases = 0_usize;
    let mut blocks = 0_usize;
    let mut merging = false;
    for i in range.clone() {
        let token = tokens[i];
        merging |= token.is(K::Merge) && (i == start || keyword(tokens, start) == Some(K::With));
        let cut = match token.keyword {
            Some(K::Case) if kind(tokens, i.wrapping_sub(1)) != Some(Kind::Semicolon) => {
                cases += usize::from(keyword(tokens, i.wrapping_sub(1)) != Some(K::End));
                false
            }
            Some(K::End) if cases > 0 => {
                cases -= 1;
                false
            }
            Some(K::End) => {
                blocks = blocks.saturating_sub(1);
                false
            }
            // WHEN MATCHED THEN
            Some(K::Then | K::Else) => cases == 0 && !merging,
            Some(K::Begin | K::Declare) => i == start,
            Some(K::Loop) => cases == 0 && keyword(tokens, i.wrapping_sub(1)) != Some(K::End),
            _ => token.kind == Kind::Semicolon,
        };
        if cut {
            let inside = blocks > 0;
            if matches!(token.keyword, Some(K::Then | K::Loop)) && keyword(tokens, start) != Some(K::When) {
                blocks += 1;
            }
            if !matches!(token.keyword, Some(K::Begin | K::Declare)) {
                statements.extend(statement(tokens, start..i, inside));
            }
            start = i + 1;
            if token.kind == Kind::Semicolon {
                merging = false;
                cases = 0;
            }
        }
    }
    statements.extend(statement(tokens, start..range.end, blocks > 0));
    statements
}
