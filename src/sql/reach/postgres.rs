//! What PL/pgSQL runs as text: `EXECUTE ..`, with the variables that flow into it.

use std::ops::Range;

use super::Piece;
use super::flow::{Facts, Source};
use super::literal::Literal;
use crate::sql::keyword::Keyword as K;
use crate::sql::token::Kind;
use crate::words::Dialect;

/// Takes up one statement.
pub(super) fn facts(piece: &Piece, statement: Range<usize>, facts: &mut Facts) {
    let first = statement.start;
    if !piece.procedural {
        if piece.tokens.get(first).is_some_and(|t| t.is(K::Set)) && piece.says(first + 1, "search_path") {
            facts.run.push(Source::all(first + 2..statement.end));
        }
        return;
    }
    for at in statement.clone() {
        let token = piece.tokens[at];
        if token.is(K::Execute)
            && !matches!(piece.tokens.get(at + 1).and_then(|t| t.keyword), Some(K::Function | K::Procedure))
        {
            let ends = |at: &usize| matches!(piece.tokens[*at].keyword, Some(K::Using | K::Into | K::Loop));
            let end = (at + 1..statement.end).find(ends).unwrap_or(statement.end);
            facts.run.push(Source::all(at + 1..end));
        }
        // `v := ..`, also behind DECLARE and with a type in between.
        let assigns = token.kind == Kind::Colon && piece.kind(at + 1) == Some(Kind::Equals)
            || token.text(piece.text) == ":=";
        if assigns {
            for name in statement.start..at {
                if piece.tokens[name].is_name() && piece.tokens[name].keyword.is_none() {
                    facts.put(piece.tokens[name].text(piece.text), Source::all(at + 1..statement.end));
                }
            }
        }
    }
}

/// The bodies of functions and of DO.
pub(super) fn bodies(piece: &Piece, statements: &[Range<usize>]) -> Vec<Literal> {
    if piece.dialect != Dialect::Postgres || piece.procedural {
        return Vec::new();
    }
    // An old-fashioned body stands between single quotes.
    let is_body = |at: &usize| match piece.tokens[*at].kind {
        Kind::Dollar => true,
        Kind::String => at.checked_sub(1).is_some_and(|before| piece.tokens[before].is(K::As)),
        _ => false,
    };
    let bodies = statements.iter().cloned().flatten().filter(is_body).map(|at| piece.tokens[at]);
    bodies
        .map(|token| {
            let mut literal = Literal::default();
            literal.push(piece.text, token);
            literal
        })
        .collect()
}
