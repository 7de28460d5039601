//! GS304: a financial script reads rows that are not committed.

use super::financial::{Finding, Passage};
use crate::graph::Graph;
use crate::sql::{Keyword, Kind, Token};
use crate::words::{Dialect, Span};

pub(super) fn find(_: &Graph, passage: &Passage) -> Vec<Finding> {
    let tokens = &passage.tokens;
    let word = |i: usize| tokens.get(i).map_or("", |t| t.text(passage.text));
    let is = |i: usize, wanted: &str| word(i).eq_ignore_ascii_case(wanted);
    let mut found = Vec::new();
    let mut levels = Levels { tokens, open: Vec::new(), from: false };
    for (i, token) in tokens.iter().enumerate() {
        levels.step(i);
        if token.kind != Kind::Word {
            continue;
        }
        let hint = passage.dialect == Dialect::TSql && (is(i, "nolock") || is(i, "readuncommitted"));
        if hint && levels.is_hint() {
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

/// The parentheses around the token that is looked at, kept up from token to token: asking each
/// hint anew what stands before it would take forever in a long list.
struct Levels<'a> {
    tokens: &'a [Token],
    open: Vec<Level>,
    /// Whether the tables of a FROM are being listed.
    from: bool,
}

/// An open parenthesis.
struct Level {
    /// Which token it is.
    at: usize,
    /// Whether it stands among the tables of a FROM.
    from: bool,
    /// Whether it holds a table's hints, once somebody has asked.
    hints: Option<bool>,
}

impl Levels<'_> {
    fn step(&mut self, at: usize) {
        let token = self.tokens[at];
        match token.kind {
            Kind::Open => {
                self.open.push(Level { at, from: self.from, hints: None });
                self.from = false;
            }
            Kind::Close => {
                if let Some(level) = self.open.pop() {
                    self.from = level.from;
                }
            }
            _ => match token.keyword {
                Some(Keyword::From) => self.from = true,
                Some(Keyword::Select | Keyword::Where | Keyword::By | Keyword::Set | Keyword::Values) => {
                    self.from = false;
                }
                _ => {}
            },
        }
    }

    /// Whether the innermost parenthesis holds a table's hints.
    fn is_hint(&mut self) -> bool {
        let tokens = self.tokens;
        let Some(level) = self.open.last_mut() else { return false };
        *level.hints.get_or_insert_with(|| holds_hints(tokens, level.at, level.from))
    }
}

/// Whether a parenthesis holds a table's hints: behind WITH, or, in the old form, behind a table
/// and its alias in a FROM.
fn holds_hints(tokens: &[Token], open: usize, from: bool) -> bool {
    if open > 0 && tokens[open - 1].is(Keyword::With) {
        return true;
    }
    let is_table = |t: &Token| {
        t.kind == Kind::Quoted
            || t.kind == Kind::Dot
            || t.is(Keyword::As)
            || t.kind == Kind::Word && t.keyword.is_none_or(|k| !k.is_reserved(Dialect::TSql))
    };
    let start = (0..open).rev().find(|i| !is_table(&tokens[*i]));
    start.filter(|s| s + 1 < open).is_some_and(|s| {
        let before = tokens[s];
        before.kind == Kind::Comma && from
            || before.is(Keyword::From)
            || before.is(Keyword::Join)
            || before.is(Keyword::Apply)
    })
}
