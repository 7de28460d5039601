//! Makes text from outside harmless on a terminal: escape sequences, control characters and marks
//! that reorder text are shown as signs and never act. Knows nothing of what the text says.

use std::borrow::Cow;

/// `text` with every control character made visible, except line ends and tabs.
#[must_use]
pub fn neutral(text: &str) -> Cow<'_, str> {
    replaced(text, |c| c != '\n' && c != '\t')
}

/// `text` on one line: like [`neutral`], with line ends and tabs turned into spaces.
#[must_use]
pub fn neutral_line(text: &str) -> Cow<'_, str> {
    replaced(text, |_| true)
}

fn replaced(text: &str, applies: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\t' if applies(c) => out.push(' '),
            '\n' | '\t' => out.push(c),
            _ => out.push(visible(c)),
        }
    }
    Cow::Owned(out)
}

/// The sign for a character that must not reach a terminal, or the character itself.
pub(super) fn visible(c: char) -> char {
    match c {
        '\t' => c,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        // C1 controls (`\u{9b}` starts an escape sequence), line separators, and what changes the direction of text.
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{61c}'
        | '\u{feff}' => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::{neutral, neutral_line};

    #[test]
    fn nothing_acts_on_the_terminal() {
        let hostile = "a\x1b[31mred\u{9b}2J\x07\r\nb\tc\rd\u{202e}e\0";
        assert_eq!(neutral(hostile), "a␛[31mred\u{fffd}2J␇\nb\tc␍d\u{fffd}e␀");
        assert_eq!(neutral_line(hostile), "a␛[31mred\u{fffd}2J␇ b c␍d\u{fffd}e␀");
        assert_eq!(neutral("Übergröße 表"), "Übergröße 表");
    }
}
