//! Names in a row of tokens: `a.b.c`, `[a]..[b]`, with whatever white space between the parts.

use std::borrow::Cow;

use super::lexer::lex;
use super::token::{Kind, Token};
use crate::words::{Dialect, RelationName, Span};

/// A dotted name among the tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    /// Its first token.
    pub start: usize,
    /// The token behind its last.
    pub end: usize,
    /// How many dots it has, at the most 255.
    pub dots: u8,
}

impl Name {
    /// The name that starts with the token `start`, if that can be one.
    pub(super) fn at(tokens: &[Token], start: usize) -> Option<Self> {
        if !tokens.get(start)?.is_name() {
            return None;
        }
        let mut name = Self { start, end: start + 1, dots: 0 };
        while tokens.get(name.end).is_some_and(|t| t.kind == Kind::Dot) {
            let mut next = name.end + 1;
            while tokens.get(next).is_some_and(|t| t.kind == Kind::Dot) {
                next += 1;
            }
            if !tokens.get(next).is_some_and(|t| t.is_name()) {
                break;
            }
            name.dots = name.dots.saturating_add(u8::try_from(next - name.end).unwrap_or(u8::MAX));
            name.end = next + 1;
        }
        Some(name)
    }

    /// The last part.
    pub(super) fn last(self, tokens: &[Token]) -> Token {
        tokens[self.end - 1]
    }

    /// The place from the first part to the last.
    pub(super) fn span(self, tokens: &[Token]) -> Span {
        tokens[self.start].span().to(tokens[self.end - 1].span())
    }

    /// The name as a value, unquoted and in lower case.
    pub(super) fn relation(self, text: &str, tokens: &[Token]) -> Option<RelationName> {
        let mut parts: [Cow<str>; 4] = Default::default();
        let mut count = 0;
        let mut dotted = false;
        for token in tokens[self.start..self.end].iter().rev() {
            match token.kind {
                Kind::Dot if dotted && count < 4 => count += 1,
                Kind::Dot => dotted = true,
                _ if count < 4 => {
                    parts[3 - count] = unquote(token.text(text));
                    count += 1;
                    dotted = false;
                }
                _ => break,
            }
        }
        let parts: [&str; 4] = [&parts[0], &parts[1], &parts[2], &parts[3]];
        RelationName::from_parts(&parts[4 - count..])
    }
}

/// The name that a text is, if it is one name and nothing else: no comment, no further word.
#[must_use]
pub fn parse_name(text: &str, dialect: Dialect) -> Option<RelationName> {
    let tokens = lex(text, dialect).tokens;
    let name = Name::at(&tokens, 0).filter(|name| name.end == tokens.len())?;
    let bare = |from: usize, to: usize| text[from..to].trim().is_empty();
    let mut at = 0;
    for token in &tokens {
        if !bare(at, token.start as usize) {
            return None;
        }
        at = token.end();
    }
    if bare(at, text.len()) { name.relation(text, &tokens) } else { None }
}

/// The name within its quotes, with doubled closing quotes made single.
pub(super) fn unquote(name: &str) -> Cow<'_, str> {
    let (close, double) = match name.as_bytes().first() {
        Some(b'[') => ("]", "]]"),
        Some(b'"') => ("\"", "\"\""),
        _ => return Cow::Borrowed(name),
    };
    let inner = name[1..].strip_suffix(close).unwrap_or(&name[1..]);
    if inner.contains(double) { Cow::Owned(inner.replace(double, close)) } else { Cow::Borrowed(inner) }
}

/// The text of a string token without prefix and quotes, and where it starts in the token. It is
/// borrowed if it stands in the script as it is, without doubled quotes.
pub(super) fn string_value(string: &str) -> (Cow<'_, str>, usize) {
    if let Some(tag) = string.strip_prefix('$') {
        let open = tag.find('$').map_or(string.len(), |at| at + 2);
        let inner = &string[open..];
        return (Cow::Borrowed(inner.strip_suffix(&string[..open]).unwrap_or(inner)), open);
    }
    let open = string.find('\'').map_or(string.len(), |at| at + 1);
    let inner = string[open..].strip_suffix('\'').unwrap_or(&string[open..]);
    let escaped = matches!(string.as_bytes().first(), Some(b'e' | b'E')) && inner.contains('\\');
    let value = if inner.contains("''") || escaped { inner.replace("''", "'").into() } else { inner.into() };
    (value, open)
}

#[cfg(test)]
mod tests {
    use super::{Name, parse_name};
    use crate::sql::lexer::lex;
    use crate::words::Dialect;

    #[test]
    fn reads_dotted_names() {
        let cases = [
            ("dbo /*x*/ . t", "dbo.t"),
            ("[LTD-iTrak].dbo.[Order Lines]", "ltd-itrak.dbo.order lines"),
            ("db..t", "db..t"),
            ("srv...t", "srv...t"),
            ("[a]]b]", "a]b"),
            ("a.b.c.d.e", "b.c.d.e"),
            ("\"A\"\"b\".t", "a\"b.t"),
            ("$(db).dbo.t", "$(db).dbo.t"),
        ];
        for (sql, name) in cases {
            let tokens = lex(sql, Dialect::TSql).tokens;
            let read = Name::at(&tokens, 0).and_then(|n| n.relation(sql, &tokens)).unwrap();
            assert_eq!(read.to_string(), name, "{sql}");
        }
    }

    #[test]
    fn a_name_and_nothing_else() {
        let name = |sql| parse_name(sql, Dialect::TSql).map(|n| n.to_string());
        assert_eq!(name("[a] . b").as_deref(), Some("a.b"));
        for sql in ["", "a b", "a./*x*/b", "a.b -- x", "a.", "'a'", "a.b()"] {
            assert_eq!(name(sql), None, "{sql}");
        }
    }
}
