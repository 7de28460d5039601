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

/// A decoded text file. Cheap to share behind an [`Arc`].
#[derive(Debug)]
pub struct SourceFile {
    path: Utf8PathBuf,
    text: String,
    encoding: Encoding,
    line_starts: OnceLock<Vec<usize>>,
    /// Whether a character is a byte everywhere, which makes columns cheap in very long lines.
    ascii: OnceLock<bool>,
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
            ascii: OnceLock::new(),
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
        let ascii = *self.ascii.get_or_init(|| self.text.is_ascii());
        let before = if ascii { offset - start } else { self.text[start..offset].chars().count() };
        Position { line, column: before + 1 }
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
}
