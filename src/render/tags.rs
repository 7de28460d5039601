//! Finds the tags of a template: `{{ .. }}`, `{% .. %}`, `{# .. #}`. A cheap scan that never
//! fails, used to skip files without tags, to collect macros and to find places.

use super::tokens::{Token, Tokens};
use crate::words::Span;

/// What a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagKind {
    /// `{{ .. }}`
    Expression,
    /// `{% .. %}`
    Statement,
    /// `{# .. #}`
    Comment,
}

/// One tag of a template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag {
    pub(super) kind: TagKind,
    /// The tag with its delimiters.
    pub(super) span: Span,
    /// What stands between the delimiters.
    pub(super) body: Span,
    /// False when the text ends inside the tag.
    pub(super) closed: bool,
}

impl Tag {
    /// The tag's tokens; none for a comment.
    pub(super) fn tokens<'a>(&self, text: &'a str) -> Tokens<'a> {
        let body = if self.kind == TagKind::Comment { Span::default() } else { self.body };
        Tokens::new(text, body)
    }

    /// A statement's keyword, such as `macro`.
    pub(super) fn keyword<'a>(&self, text: &'a str) -> Option<&'a str> {
        if self.kind != TagKind::Statement {
            return None;
        }
        match self.tokens(text).next() {
            Some((Token::Word(word), _)) => Some(word),
            _ => None,
        }
    }
}

/// All tags of a text in order. What stands between `raw` and `endraw` is no tag.
pub(super) fn tags(text: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(tag) = next_tag(text, from) {
        from = tag.span.end;
        found.push(tag);
        if tag.keyword(text) == Some("raw") {
            from = end_of_raw(text, from);
        }
    }
    found
}

fn next_tag(text: &str, from: usize) -> Option<Tag> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += text.get(at..)?.find('{')?;
        let kind = match bytes.get(at + 1) {
            Some(b'{') => TagKind::Expression,
            Some(b'%') => TagKind::Statement,
            Some(b'#') => TagKind::Comment,
            _ => {
                at += 1;
                continue;
            }
        };
        return Some(match kind {
            TagKind::Comment => comment(text, at),
            _ => code(text, at, kind),
        });
    }
}

fn comment(text: &str, start: usize) -> Tag {
    let inside = start + 2;
    let (close, closed) = match text[inside..].find("#}") {
        Some(length) => (inside + length, true),
        None => (text.len(), false),
    };
    let end = if closed { close + 2 } else { close };
    Tag { kind: TagKind::Comment, span: Span::new(start, end), body: Span::new(inside, close), closed }
}

fn code(text: &str, start: usize, kind: TagKind) -> Tag {
    let bytes = text.as_bytes();
    let trims = |at: usize| matches!(bytes.get(at), Some(b'-' | b'+'));
    let inside = if trims(start + 2) { start + 3 } else { start + 2 };
    let mut depth = 0_usize;
    for (token, span) in Tokens::new(text, Span::new(inside, text.len())) {
        let Token::Mark(mark) = token else { continue };
        let closes = bytes.get(span.end) == Some(&b'}')
            && match kind {
                TagKind::Expression => mark == b'}' && depth == 0,
                _ => mark == b'%',
            };
        if closes {
            let close =
                if span.start > inside && trims(span.start - 1) { span.start - 1 } else { span.start };
            let body = Span::new(inside, close);
            return Tag { kind, span: Span::new(start, span.end + 1), body, closed: true };
        }
        match mark {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let end = text.len();
    Tag { kind, span: Span::new(start, end), body: Span::new(inside, end), closed: false }
}

/// Where the `endraw` tag starts that closes a raw block whose content starts at `from`.
fn end_of_raw(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(length) = text[at..].find("{%") {
        let tag = at + length;
        let word = text[tag + 2..].trim_start_matches(['-', '+']).trim_start();
        if word.starts_with("endraw") {
            return tag;
        }
        at = tag + 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{TagKind, tags};

    fn texts(text: &str) -> Vec<&str> {
        tags(text).iter().map(|tag| &text[tag.span.start..tag.span.end]).collect()
    }

    #[test]
    fn finds_tags_and_nothing_else() {
        assert_eq!(texts("a { b } {{ x }} {%- if y -%} {# {{ no }} #}").len(), 3);
        assert_eq!(texts("{{ '}}' ~ \"%}\" }}x"), ["{{ '}}' ~ \"%}\" }}"]);
        assert_eq!(texts("{{ {'a': {'b': 1}} }}"), ["{{ {'a': {'b': 1}} }}"]);
        assert_eq!(texts("{% raw %}{{ x }}{% endraw %}{{ y }}").len(), 3);
        assert_eq!(tags("{{ x")[0].kind, TagKind::Expression);
        assert!(!tags("{{ x")[0].closed);
        assert!(tags("select '{' from {").is_empty());
    }
}
