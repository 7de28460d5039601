//! SQL that is ready to be sent, with the way back to the file that it came from.

use std::sync::Arc;

use crate::render::SourceMap;
use crate::words::{SourceFile, Span};

/// SQL and its origin.
#[derive(Debug, Clone)]
pub struct Compiled {
    sql: String,
    map: Arc<SourceMap>,
    /// Text that goldsmith put in (the CTEs of ephemeral models): offset and length.
    inserted: Option<(usize, usize)>,
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

    /// Puts text in, once; places behind it still lead back to the user's file.
    #[must_use]
    pub fn with_inserted(&self, at: usize, text: &str) -> Self {
        let mut sql = self.sql.clone();
        sql.insert_str(at, text);
        Self { sql, map: Arc::clone(&self.map), inserted: Some((at, text.len())) }
    }

    /// The user's place for a place in the text.
    #[must_use]
    pub fn place(&self, span: Span) -> Span {
        let back = |offset: usize| match self.inserted {
            Some((at, len)) if offset >= at + len => offset - len,
            Some((at, _)) if offset > at => at,
            _ => offset,
        };
        self.map.span(Span::new(back(span.start), back(span.end)))
    }
}
