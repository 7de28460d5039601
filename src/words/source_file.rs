//! A text file of the user's, decoded, with its path as the user knows it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

use super::Span;

/// How the bytes of a file were decoded into text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16, little endian, with a byte order mark.
    Utf16Le,
    /// UTF-16, big endian, with a byte order mark.
    Utf16Be,
    /// Anything else is read as Windows-1252.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Utf8Bom => "utf-8-bom",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        })
    }
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character within the line, from 1.
    pub column: usize,
}

/// How many bytes a block holds.
const BLOCK: usize = 1024;

/// How many characters start in a piece of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !(0x80..0xC0).contains(*byte)).count()
}

/// A decoded text file. Cheap to share behind an [`Arc`].
#[derive(Debug)]
pub struct SourceFile {
    path: Utf8PathBuf,
    text: String,
    encoding: Encoding,
    line_starts: OnceLock<Vec<usize>>,
    /// How many characters start before each block, which makes columns cheap in very long lines.
    /// Empty if each character is one byte.
    characters: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// A file at `path` (relative to the platform, with forward slashes) that holds `text`.
    #[must_use]
    pub fn new(path: impl Into<Utf8PathBuf>, text: impl Into<String>, encoding: Encoding) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
            encoding,
            line_starts: OnceLock::new(),
            characters: OnceLock::new(),
        })
    }

    /// The path as messages show it.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// The decoded text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the text was decoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Offsets at which the lines start, worked out when first asked for.
    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
                .collect()
        })
    }

    /// The position of a byte offset; offsets behind the end give the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset);
        let start = starts[line - 1];
        let before = if offset - start < BLOCK {
            self.text[start..offset].chars().count()
        } else {
            self.characters_before(offset) - self.characters_before(start)
        };
        Position { line, column: before + 1 }
    }

    /// How many characters start before an offset.
    fn characters_before(&self, offset: usize) -> usize {
        let blocks = self.characters.get_or_init(|| {
            if self.text.is_ascii() {
                return Vec::new();
            }
            let counts = self.text.as_bytes().chunks(BLOCK).map(characters).scan(0, |sum, count| {
                let before = *sum;
                *sum += count;
                Some(before)
            });
            counts.collect()
        });
        let block = offset / BLOCK;
        match blocks.get(block) {
            Some(before) => before + characters(&self.text.as_bytes()[block * BLOCK..offset]),
            None if blocks.is_empty() => offset,
            None => self.text.chars().count(),
        }
    }

    /// The span of a whole line (from 1) without its line end; empty at the end of the text if there is no such line.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.line_starts();
        let Some(start) = line.checked_sub(1).and_then(|i| starts.get(i)) else {
            return Span::new(self.text.len(), self.text.len());
        };
        let end = starts.get(line).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[*start..end].ends_with('\r') { end - 1 } else { end };
        Span::new(*start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Position, SourceFile};

    #[test]
    fn positions_count_from_one_in_characters() {
        let file = SourceFile::new("a.sql", "ä\r\nbc", Encoding::Utf8);
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(4), Position { line: 2, column: 1 });
        assert_eq!(file.position(99), Position { line: 2, column: 3 });
        assert_eq!(file.line_span(1).end, 2);
    }

    #[test]
    fn columns_of_long_lines_count_characters() {
        let text = format!("x\n{}b\nc", "aä€".repeat(3000));
        let file = SourceFile::new("a.sql", text.as_str(), Encoding::Utf8);
        let b = text.find('b').unwrap();
        assert_eq!(file.position(b), Position { line: 2, column: 9001 });
        assert_eq!(file.position(b - 1), Position { line: 2, column: 9000 });
        assert_eq!(file.position(text.len()), Position { line: 3, column: 2 });
        let whole = SourceFile::new("a.sql", "ä".repeat(1024), Encoding::Utf8);
        assert_eq!(whole.position(2048), Position { line: 1, column: 1025 });
    }
}
