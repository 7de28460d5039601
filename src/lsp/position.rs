//! Lines and columns as editors count them: from 0, in UTF-16 code units or in bytes.

use lsp_types::{Position, PositionEncodingKind, Range};

use crate::words::Span;

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: what every client knows.
    Utf16,
}

impl Columns {
    /// The best of what a client offers.
    pub(super) fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Self {
        let bytes = offered.is_some_and(|all| all.contains(&PositionEncodingKind::UTF8));
        if bytes { Self::Utf8 } else { Self::Utf16 }
    }

    /// The protocol's word for it.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }
}

/// A text with the places where its lines start; `\n`, `\r\n` and `\r` end a line.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    columns: Columns,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str, columns: Columns) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { text, starts, columns }
    }

    /// The offset of a position; one behind the end of a line or of the text gives that end.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let content = self.text[start..end].trim_end_matches(['\n', '\r']);
        let mut left = position.character as usize;
        for (at, c) in content.char_indices() {
            let width = self.columns.width(c);
            if left < width {
                return start + at;
            }
            left -= width;
        }
        start + content.len()
    }

    /// The position of an offset.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let before = &self.text[self.starts[line]..offset];
        let column = match self.columns {
            Columns::Utf8 => before.len(),
            Columns::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        Position::new(small(line), small(column))
    }

    /// The range of a span.
    pub(super) fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// The span of a range, whichever way round it is.
    pub(super) fn span(&self, range: Range) -> Span {
        let (a, b) = (self.offset(range.start), self.offset(range.end));
        Span::new(a.min(b), a.max(b))
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use lsp_types::Position;
    use proptest::prelude::*;

    use super::{Columns, Lines};

    #[test]
    fn columns_count_what_was_agreed_on() {
        let text = "ä\u{1F600}b\r\nc\rd\n";
        let utf16 = Lines::new(text, Columns::Utf16);
        assert_eq!(utf16.position(6), Position::new(0, 3));
        assert_eq!(utf16.offset(Position::new(0, 3)), 6);
        assert_eq!(utf16.offset(Position::new(0, 2)), 2, "half a character gives its start");
        assert_eq!(utf16.offset(Position::new(0, 99)), 7, "the end of the line, before its break");
        assert_eq!(utf16.position(9), Position::new(1, 0));
        assert_eq!(utf16.position(11), Position::new(2, 0));
        assert_eq!(utf16.offset(Position::new(9, 9)), text.len());
        let utf8 = Lines::new(text, Columns::Utf8);
        assert_eq!(utf8.position(6), Position::new(0, 6));
        assert_eq!(utf8.offset(Position::new(0, 6)), 6);
    }

    proptest! {
        #[test]
        fn there_and_back(text in "[aä\u{1F600}\r\n]{0,20}", at in 0_usize..60) {
            for columns in [Columns::Utf8, Columns::Utf16] {
                let lines = Lines::new(&text, columns);
                let at = text.floor_char_boundary(at.min(text.len()));
                let inside_break = text[..at].ends_with('\r') && text[at..].starts_with('\n');
                if !inside_break {
                    prop_assert_eq!(lines.offset(lines.position(at)), at);
                }
            }
        }
    }
}
