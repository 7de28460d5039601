//! The names in a text that is run: what they are and how they stand there.

use super::{Piece, Shape, TextName};
use crate::sql::keyword::Keyword as K;
use crate::sql::lexer::lex;
use crate::sql::name::{Name, unquote};
use crate::sql::token::Kind;
use crate::words::Span;

/// The names in a text, with places in the text.
pub(super) fn names(piece: &Piece) -> Vec<TextName> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < piece.tokens.len() {
        let Some(name) = Name::at(piece.tokens, i) else {
            i += 1;
            continue;
        };
        i = name.end;
        let token = piece.tokens[name.start];
        let text = token.text(piece.text);
        // A command line within the text: `bcp "select .. from .."`.
        if token.kind == Kind::Quoted && text.contains(' ') && name.dots == 0 {
            found.extend(quoted(piece, token.span()));
        }
        let Some(relation) = name.relation(piece.text, piece.tokens) else { continue };
        let Some(shape) = shape(piece, name) else { continue };
        let writes = writes(piece, name.start);
        found.push(TextName { name: relation, span: name.span(piece.tokens), writes, shape });
    }
    found
}

fn shape(piece: &Piece, name: Name) -> Option<Shape> {
    let word = |at: usize| piece.tokens.get(at).and_then(|t| t.keyword);
    let before = name.start.checked_sub(1);
    let leads = matches!(
        before.and_then(word),
        Some(
            K::From
                | K::Join
                | K::Into
                | K::Update
                | K::Table
                | K::Using
                | K::Exec
                | K::Execute
                | K::Merge
                | K::Delete
                | K::Insert
                | K::View
                | K::Proc
                | K::Procedure
                | K::Call
        )
    );
    if name.dots > 0 {
        return Some(if leads { Shape::Relation } else { Shape::Dotted });
    }
    let cut = |at: Option<usize>| at.is_none_or(|at| matches!(piece.kind(at), None | Some(Kind::Dot)));
    let alone = cut(before) || cut(Some(name.end)) || before.and_then(word) == Some(K::Use);
    let keyword = word(name.start).is_some();
    (alone && !keyword).then_some(Shape::Alone)
}

/// Whether the word before a name says that it is changed.
fn writes(piece: &Piece, start: usize) -> bool {
    let word = |back: usize| start.checked_sub(back).and_then(|at| piece.tokens[at].keyword);
    match word(1) {
        Some(K::Into | K::Insert | K::Update | K::Merge | K::Delete | K::View | K::Proc | K::Procedure) => {
            true
        }
        Some(K::Table) => matches!(word(2), Some(K::Truncate | K::Drop | K::Alter | K::Create)),
        Some(K::From) => word(2) == Some(K::Delete),
        _ => false,
    }
}

/// The names between double quotes.
fn quoted(piece: &Piece, span: Span) -> Vec<TextName> {
    let text = &piece.text[span.start..span.end];
    let inner = unquote(text);
    // With doubled quotes in it the places would be wrong.
    if !text.starts_with('"') || inner.len() + 2 != text.len() {
        return Vec::new();
    }
    let tokens = lex(&inner, piece.dialect).tokens;
    let within = Piece { text: &inner, tokens: &tokens, dialect: piece.dialect, procedural: false };
    let moved = |n: TextName| {
        let by = span.start + 1;
        TextName { span: Span::new(n.span.start + by, n.span.end + by), ..n }
    };
    names(&within).into_iter().filter(|n| n.shape != Shape::Alone).map(moved).collect()
}
