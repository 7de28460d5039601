//! The tokens inside one template tag, as far as goldsmith looks into tags itself: words, string
//! literals, single characters. Never fails. What an expression means is the engine's business.

use crate::words::Span;

/// One token of a tag's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// An identifier, keyword or number.
    Word(&'a str),
    /// What stands between the quotes of a string literal, escapes as written.
    Text(&'a str),
    /// Any other character.
    Mark(u8),
}

/// Walks over the tokens of `text[at..end]`.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str, range: Span) -> Self {
        Self { text, at: range.start, end: range.end.min(text.len()) }
    }

    fn string(&mut self, quote: u8) -> Token<'a> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        while at < self.end && bytes[at] != quote {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        let close = at.min(self.end);
        self.at = (close + 1).min(self.end);
        Token::Text(self.text.get(start..close).unwrap_or_default())
    }

    fn word(&mut self) -> Token<'a> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        while self.at < self.end && is_word(bytes[self.at]) {
            self.at += 1;
        }
        Token::Word(self.text.get(start..self.at).unwrap_or_default())
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (Token<'a>, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        while self.at < self.end && bytes[self.at].is_ascii_whitespace() {
            self.at += 1;
        }
        if self.at >= self.end {
            return None;
        }
        let start = self.at;
        let token = match bytes[start] {
            quote @ (b'"' | b'\'') => self.string(quote),
            byte if is_word(byte) => self.word(),
            byte => {
                self.at += 1;
                Token::Mark(byte)
            }
        };
        Some((token, Span::new(start, self.at)))
    }
}
