//! SQL that is ready to be sent, with the way back to the file that it came from.

use std::sync::Arc;

use crate::render::SourceMap;
use crate::words::{SourceFile, Span};

/// SQL and its origin.
#[derive(Debug, Clone)]
pub struct Compiled {
    sql: String,
    map: Arc<SourceMap>,
    /// Text that goldsmith put in: the CTEs of ephemeral models.
    inserted: Option<Inserted>,
}

/// Text that was put in.
#[derive(Debug, Clone)]
struct Inserted {
    at: usize,
    len: usize,
    /// SQL of other files in it: where it begins in the text, and what it is.
    parts: Vec<(usize, Arc<Compiled>)>,
}

impl Compiled {
    /// SQL as rendered.
    #[must_use]
    pub fn new(sql: String, map: SourceMap) -> Self {
        Self { sql, map: Arc::new(map), inserted: None }
    }

    /// A file's SQL, as written.
    #[must_use]
    pub fn verbatim(file: &Arc<SourceFile>) -> Self {
        Self::new(file.text().to_owned(), SourceMap::identity(file))
    }

    /// SQL that goldsmith made for a place of the user's, such as a test in YAML.
    #[must_use]
    pub fn made(sql: String, file: &Arc<SourceFile>, span: Span) -> Self {
        Self::new(sql, SourceMap::fixed(file, span))
    }

    /// The text.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The user's file.
    #[must_use]
    pub fn file(&self) -> &Arc<SourceFile> {
        self.map.file()
    }

    /// Puts text in, once; places behind it still lead back to the user's file, and places in the
    /// `parts` (offset in `text`, SQL of another file) to those files.
    #[must_use]
    pub fn with_inserted(&self, at: usize, text: &str, parts: Vec<(usize, Arc<Self>)>) -> Self {
        let mut sql = self.sql.clone();
        sql.insert_str(at, text);
        let parts = parts.into_iter().map(|(offset, part)| (at + offset, part)).collect();
        Self { sql, map: Arc::clone(&self.map), inserted: Some(Inserted { at, len: text.len(), parts }) }
    }

    /// The user's file and place for a place in the text, whichever file it came from.
    #[must_use]
    pub fn origin(&self, span: Span) -> (&Arc<SourceFile>, Span) {
        let parts = self.inserted.iter().flat_map(|i| &i.parts);
        for (start, part) in parts {
            if span.start >= *start && span.start < start + part.sql.len() {
                return part.origin(Span::new(span.start - start, span.end - start));
            }
        }
        (self.file(), self.place(span))
    }

    /// The user's place for a place in the text.
    #[must_use]
    pub fn place(&self, span: Span) -> Span {
        let back = |offset: usize| match &self.inserted {
            Some(i) if offset >= i.at + i.len => offset - i.len,
            Some(i) if offset > i.at => i.at,
            _ => offset,
        };
        self.map.span(Span::new(back(span.start), back(span.end)))
    }
}
