//! GS304: a financial script reads rows that are not committed.

use super::financial::{Finding, Passage, inspect};
use crate::graph::Graph;
use crate::sql::{Keyword, Kind, Token};
use crate::words::{Code, Diagnostic, Dialect, Span};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    inspect(graph, Code::DirtyRead, |_, passage| find(passage))
}

fn find(passage: &Passage) -> Vec<Finding> {
    let tokens = passage.tokens();
    let word = |i: usize| tokens.get(i).map_or("", |t| t.text(passage.text));
    let is = |i: usize, wanted: &str| word(i).eq_ignore_ascii_case(wanted);
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, t)| t.kind == Kind::Word) {
        let hint = passage.dialect == Dialect::TSql && (is(i, "nolock") || is(i, "readuncommitted"));
        if hint && is_hint(&tokens, i) {
            found.push(finding(word(i), token.span()));
        } else if is(i, "isolation") && is(i + 1, "level") && is(i + 2, "read") && is(i + 3, "uncommitted") {
            let span = Span::new(token.start as usize, tokens[i + 3].end());
            found.push(finding("isolation level read uncommitted", span));
        }
    }
    found
}

fn finding(word: &str, span: Span) -> Finding {
    Finding {
        what: format!("reads rows that are not committed ({})", word.to_uppercase()),
        span,
        help:
            "remove it: rows can be missing, doubled or rolled back later, and nobody could repeat the figure"
                .into(),
    }
}

/// Whether the word stands in the parentheses of a table's hints.
fn is_hint(tokens: &[Token], at: usize) -> bool {
    let mut depth = 0_usize;
    let Some(open) = (0..at).rev().find(|i| match tokens[*i].kind {
        Kind::Close => {
            depth += 1;
            false
        }
        Kind::Open if depth == 0 => true,
        Kind::Open => {
            depth -= 1;
            false
        }
        _ => false,
    }) else {
        return false;
    };
    if open > 0 && tokens[open - 1].is(Keyword::With) {
        return true;
    }
    // The old form without WITH: behind a table and its alias in a FROM.
    let is_table = |t: &Token| {
        t.kind == Kind::Quoted
            || t.kind == Kind::Dot
            || t.is(Keyword::As)
            || t.kind == Kind::Word && t.keyword.is_none_or(|k| !k.is_reserved(Dialect::TSql))
    };
    let start = (0..open).rev().find(|i| !is_table(&tokens[*i]));
    if start.is_none_or(|s| s + 1 == open) {
        return false;
    }
    start.is_some_and(|s| match tokens[s] {
        t if t.kind == Kind::Comma => is_in_from(tokens, s),
        t => t.is(Keyword::From) || t.is(Keyword::Join) || t.is(Keyword::Apply),
    })
}

/// Whether a comma stands between the tables of a FROM.
fn is_in_from(tokens: &[Token], comma: usize) -> bool {
    let mut depth = 0_usize;
    for token in tokens[..comma].iter().rev() {
        match token.kind {
            Kind::Close => depth += 1,
            Kind::Open if depth == 0 => return false,
            Kind::Open => depth -= 1,
            _ if depth > 0 => {}
            _ => match token.keyword {
                Some(Keyword::From) => return true,
                Some(Keyword::Select | Keyword::Where | Keyword::By | Keyword::Set | Keyword::Values) => {
                    return false;
                }
                _ => {}
            },
        }
    }
    false
}
