//! Comments that speak to goldsmith: `-- goldsmith: reads raw.x`, `allow GS101 because ..`.

use super::budget::Budget;
use super::lexer::{Lexed, Note, lex};
use super::name::Name;
use crate::words::{Dialect, RelationName, Span};

/// What a directive says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectiveKind {
    /// These relations are read, though it can't be seen.
    Reads(Vec<RelationName>),
    /// These relations are written, though it can't be seen.
    Writes(Vec<RelationName>),
    /// These diagnostics are allowed on the line, for this reason.
    Allow {
        /// Codes or names of rules, as written.
        codes: Vec<String>,
        /// What follows `because`; absent or empty when the author gave none.
        reason: Option<String>,
    },
    /// Whether the script runs in a transaction.
    Transaction(bool),
    /// Whether `XACT_ABORT` is on.
    XactAbort(bool),
    /// Nothing that goldsmith knows.
    Unknown(String),
}

/// A directive and where it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// What it says.
    pub kind: DirectiveKind,
    /// The place of the whole comment.
    pub span: Span,
    /// The line it applies to, from 1: its own when it trails code, else that of the next code.
    pub line: usize,
}

/// What a directive keeps, about: itself, and a relation that it names.
const KEPT: usize = size_of::<Directive>() + 2 * size_of::<RelationName>() + 256;

/// The directives among the comments, in order.
pub(super) fn directives(text: &str, dialect: Dialect, lexed: &Lexed, budget: &mut Budget) -> Vec<Directive> {
    let mut own = Lines { text, line: 1, at: 0 };
    let mut next = own.clone();
    lexed
        .notes
        .iter()
        .take_while(|note| budget.take(KEPT, note.span.start))
        .map(|note| Directive {
            kind: kind(said(text, *note), dialect),
            span: note.span,
            line: applies_to(text, *note, lexed, (&mut own, &mut next)),
        })
        .collect()
}

/// The words behind `goldsmith:`.
fn said(text: &str, note: Note) -> &str {
    let comment = &text[note.span.start + 2..note.span.end];
    let comment = if text[note.span.start..].starts_with("/*") {
        comment.strip_suffix("*/").unwrap_or(comment)
    } else {
        comment
    };
    comment.trim_start().get("goldsmith:".len()..).unwrap_or("").trim()
}

fn kind(said: &str, dialect: Dialect) -> DirectiveKind {
    let (verb, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let rest = rest.trim();
    let switch = match rest.to_ascii_lowercase().as_str() {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    match (verb.to_ascii_lowercase().as_str(), switch) {
        ("reads", _) if !rest.is_empty() => DirectiveKind::Reads(names(rest, dialect)),
        ("writes", _) if !rest.is_empty() => DirectiveKind::Writes(names(rest, dialect)),
        ("allow", _) if !rest.is_empty() => allow(rest),
        ("transaction", Some(on)) => DirectiveKind::Transaction(on),
        ("xact_abort", Some(on)) => DirectiveKind::XactAbort(on),
        _ => DirectiveKind::Unknown(said.to_owned()),
    }
}

fn allow(rest: &str) -> DirectiveKind {
    let because = rest.to_ascii_lowercase().find("because");
    let (codes, reason) = match because {
        Some(at) => (&rest[..at], Some(rest[at + "because".len()..].trim().to_owned())),
        None => (rest, None),
    };
    let codes = codes
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|c| !c.is_empty())
        .map(str::to_owned)
        .collect();
    DirectiveKind::Allow { codes, reason: reason.filter(|r| !r.is_empty()) }
}

fn names(rest: &str, dialect: Dialect) -> Vec<RelationName> {
    let tokens = lex(rest, dialect).tokens;
    let mut names = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if let Some(name) = Name::at(&tokens, i) {
            names.extend(name.relation(rest, &tokens));
            i = name.end;
        } else {
            i += 1;
        }
    }
    names.shrink_to_fit();
    names
}

/// The line that a note applies to; the counters stand at the last note and the last code.
fn applies_to(text: &str, note: Note, lexed: &Lexed, (own, next): (&mut Lines, &mut Lines)) -> usize {
    let before = note.before.checked_sub(1).and_then(|i| lexed.tokens.get(i));
    let trails = before.is_some_and(|t| !text[t.end()..note.span.start].contains('\n'));
    let code = lexed.tokens.get(note.before).filter(|_| !trails);
    let line = own.of(note.span.start);
    code.map_or(line, |token| next.of(token.start as usize))
}

/// Counts lines while going forward through a text.
#[derive(Clone)]
pub(super) struct Lines<'a> {
    pub text: &'a str,
    pub line: usize,
    pub at: usize,
}

impl Lines<'_> {
    /// The line of an offset not before the last one asked for.
    #[expect(clippy::naive_bytecount, reason = "fast enough, and no further crate")]
    pub(super) fn of(&mut self, offset: usize) -> usize {
        self.line += self.text.as_bytes()[self.at..offset].iter().filter(|b| **b == b'\n').count();
        self.at = offset;
        self.line
    }
}
