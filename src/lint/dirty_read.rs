//! GS304: a financial script reads rows that are not committed.

use super::financial::{Finding, Passage};
use crate::graph::Graph;
use crate::sql::{Keyword, Kind, Token};
use crate::words::{Dialect, Span};

/// Hints by which rows are read that are not committed, or are left out because they are not.
const HINTS: [&str; 3] = ["nolock", "readuncommitted", "readpast"];

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
        let hint = passage.dialect == Dialect::TSql && HINTS.iter().any(|h| is(i, h));
        if hint && levels.is_hint(passage.text) {
            found.push(if is(i, "readpast") {
                passed_over(token.span())
            } else {
                finding(word(i), token.span())
            });
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

fn passed_over(span: Span) -> Finding {
    Finding {
        what: "passes over rows that somebody else is changing (READPAST)".into(),
        span,
        help: "remove it: the rows that are left out are in no figure, and nobody could repeat it".into(),
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
                // `FROM (a JOIN b ..)` goes on listing tables.
                self.from &= at.checked_sub(1).is_some_and(|before| {
                    let before = self.tokens[before];
                    matches!(before.kind, Kind::Comma | Kind::Open)
                        || matches!(before.keyword, Some(Keyword::From | Keyword::Join | Keyword::Apply))
                });
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
    fn is_hint(&mut self, text: &str) -> bool {
        let tokens = self.tokens;
        let Some(level) = self.open.last_mut() else { return false };
        *level.hints.get_or_insert_with(|| holds_hints(text, tokens, level.at, level.from))
    }
}

/// Whether a parenthesis holds a table's hints: behind WITH or TABLE HINT, or, in the old form,
/// behind a table and its alias in a FROM.
fn holds_hints(text: &str, tokens: &[Token], open: usize, from: bool) -> bool {
    let before = open.checked_sub(1).map(|at| tokens[at]);
    if before.is_some_and(|t| t.is(Keyword::With) || t.text(text).eq_ignore_ascii_case("hint")) {
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
        matches!(before.kind, Kind::Comma | Kind::Open) && from
            || before.is(Keyword::Using)
            || before.is(Keyword::From)
            || before.is(Keyword::Join)
            || before.is(Keyword::Apply)
    })
}
