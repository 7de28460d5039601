//! How deep a template nests. The engine parses, compiles and drops nested expressions by
//! recursion, in parts without a bound of its own: so it is measured before the engine sees it.

use super::tags::{Tag, TagKind};
use super::tokens::Token;
use crate::words::Span;

/// Nesting that fits on any thread's stack.
pub(super) const SHALLOW: usize = 40;

/// Nesting that fits on the large stack; more is refused.
pub(super) const DEEPEST: usize = 5_000;

/// An upper bound of how deep the template nests, and the tag where it does.
pub(super) fn depth(text: &str, tags: &[Tag]) -> (usize, Span) {
    let mut open: Vec<usize> = Vec::new();
    let mut nested = 0;
    let mut deepest = (0, Span::default());
    for tag in tags {
        if tag.kind == TagKind::Comment {
            continue;
        }
        let keyword = tag.keyword(text).unwrap_or_default();
        if opens(keyword, tag, text) {
            open.push(1);
            nested += 1;
        } else if keyword == "elif" {
            if let Some(last) = open.last_mut() {
                *last += 1;
            }
            nested += 1;
        } else if keyword.starts_with("end") {
            nested -= open.pop().unwrap_or(0).min(nested);
        }
        let here = nested + expression(text, tag);
        if here > deepest.0 {
            deepest = (here, tag.span);
        }
    }
    deepest
}

/// How many brackets there are in the template's tags.
pub(super) fn brackets(text: &str, tags: &[Tag]) -> usize {
    let open = |token: &Token<'_>| matches!(token, Token::Mark(b'(' | b'[' | b'{'));
    if text.len() < 2 * DEEPEST {
        0
    } else {
        tags.iter().flat_map(|t| t.tokens(text)).filter(|(t, _)| open(t)).count()
    }
}

/// Whether a statement has a body, and so an `end..` of its own.
pub(super) fn opens(keyword: &str, tag: &Tag, text: &str) -> bool {
    match keyword {
        "if" | "for" | "macro" | "call" | "filter" | "with" | "autoescape" | "block" | "raw" | "test"
        | "materialization" | "snapshot" | "docs" => true,
        "set" => !tag.tokens(text).any(|(token, _)| token == Token::Mark(b'=')),
        _ => false,
    }
}

/// The most tokens that can stand above each other: commas begin anew, brackets add up.
fn expression(text: &str, tag: &Tag) -> usize {
    if tag.body.end - tag.body.start < SHALLOW {
        return 0;
    }
    let mut counts = vec![0_usize];
    let (mut total, mut most) = (0_usize, 0_usize);
    for (token, _) in tag.tokens(text) {
        let top = counts.len() - 1;
        match token {
            Token::Mark(b'(' | b'[' | b'{') => {
                counts[top] += 1;
                total += 1;
                counts.push(0);
            }
            Token::Mark(b')' | b']' | b'}') if top > 0 => total -= counts.pop().unwrap_or(0),
            Token::Mark(b',') => {
                total -= counts[top];
                counts[top] = 0;
            }
            _ => {
                counts[top] += 1;
                total += 1;
            }
        }
        most = most.max(total);
    }
    most
}
