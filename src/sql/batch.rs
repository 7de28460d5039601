//! The way from text to a script: lex, cut at `GO`, split into statements, scan each batch.

use std::ops::Range;

use super::directive::{DirectiveKind, Lines, directives};
use super::lexer::{Lexed, lex};
use super::scan::{Session, scan};
use super::script::{Batch, Reference, Script, Statement, Verb};
use super::split::split;
use super::token::Kind;
use crate::words::{Dialect, RelationName, Span};

/// Reads a script. Never fails; what could not be made sense of is among its issues.
#[must_use]
pub fn read(text: &str, dialect: Dialect) -> Script {
    let lexed = lex(text, dialect);
    let mut session = Session::new(dialect);
    let mut lines = Lines { text, line: 1, at: 0 };
    let mut batches = Vec::new();
    for piece in pieces(text, &lexed) {
        let statements = split(&lexed.tokens, piece.tokens.clone(), dialect);
        let (touches, defines) = scan(text, &lexed.tokens, piece.tokens, &statements, &mut session);
        let line = lines.of(piece.span.start);
        batches.push(Batch { span: piece.span, line, repeat: piece.repeat, statements, touches, defines });
    }
    let directives = directives(text, dialect, &lexed);
    for directive in &directives {
        match &directive.kind {
            DirectiveKind::Reads(names) => declare(&mut batches, names, Verb::Read, directive.span),
            DirectiveKind::Writes(names) => declare(&mut batches, names, Verb::Other, directive.span),
            _ => {}
        }
    }
    if !directives.is_empty() {
        batches.iter_mut().for_each(Batch::sort);
    }
    Script { batches, directives, issues: lexed.issues }
}

/// The statements of all batches, without looking at what they touch.
#[must_use]
pub fn statements(text: &str, dialect: Dialect) -> Vec<Statement> {
    let lexed = lex(text, dialect);
    pieces(text, &lexed).into_iter().flat_map(|p| split(&lexed.tokens, p.tokens, dialect)).collect()
}

/// A batch before it is split: its place, its tokens, and its count.
struct Piece {
    span: Span,
    tokens: Range<usize>,
    repeat: u32,
}

/// Cuts at `GO`; blank batches are left out.
fn pieces(text: &str, lexed: &Lexed) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut from, mut first) = (0, 0);
    for (i, go) in lexed.tokens.iter().enumerate().filter(|(_, t)| t.kind == Kind::Go) {
        pieces.extend(
            piece(text, lexed, from..go.start as usize, first..i)
                .map(|p| Piece { repeat: count(go.text(text)), ..p }),
        );
        let next = lexed.tokens.get(i + 1).map_or(text.len(), |t| t.start as usize);
        from = text[go.end()..next].find('\n').map_or(next, |at| go.end() + at + 1);
        first = i + 1;
    }
    pieces.extend(piece(text, lexed, from..text.len(), first..lexed.tokens.len()));
    pieces
}

/// The batch in `bytes` that has the given tokens, unless it is blank.
fn piece(text: &str, lexed: &Lexed, bytes: Range<usize>, tokens: Range<usize>) -> Option<Piece> {
    let inner = &text[bytes.clone()];
    let start = bytes.start + (inner.len() - inner.trim_start().len());
    // A string that is never closed may end in white space.
    let last = tokens.end.checked_sub(1).filter(|_| !tokens.is_empty()).map_or(0, |i| lexed.tokens[i].end());
    let end = (start + inner.trim().len()).max(last);
    (start < end).then_some(Piece { span: Span::new(start, end), tokens, repeat: 1 })
}

/// The count of `GO 5`.
fn count(go: &str) -> u32 {
    let digits: String = go.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1)
}

/// Adds what a directive says to the definition or batch that it stands in.
fn declare(batches: &mut [Batch], names: &[RelationName], verb: Verb, span: Span) {
    let after = batches.partition_point(|b| b.span.start <= span.start);
    let Some(batch) = batches.get_mut(after.saturating_sub(1)) else { return };
    let around =
        batch.defines.iter_mut().find(|d| d.extent.start <= span.start && span.start <= d.extent.end);
    let touches = around.map_or(&mut batch.touches, |d| &mut d.touches);
    let list = if verb == Verb::Read { &mut touches.reads } else { &mut touches.writes };
    list.extend(names.iter().map(|name| Reference {
        name: name.clone(),
        span,
        verb,
        conditional: false,
        current_database: None,
    }));
}
