//! From a place in rendered SQL back to the place in the template that made it: exact for the
//! template's literal text, the whole expression for what an expression printed.

use std::sync::Arc;

use crate::words::{SourceFile, Span};

#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Where the piece starts in the rendered text.
    rendered: u32,
    /// The piece of the template that made it.
    start: u32,
    end: u32,
    /// Whether the piece is the template's own text, byte for byte.
    literal: bool,
}

/// Maps offsets in rendered SQL to the template.
#[derive(Debug, Clone)]
pub struct SourceMap {
    file: Arc<SourceFile>,
    segments: Vec<Segment>,
}

impl SourceMap {
    /// The map of a text that renders to itself.
    #[must_use]
    pub fn identity(file: &Arc<SourceFile>) -> Self {
        let mut map = Self::new(file);
        map.push(0, Span::new(0, file.text().len()), true);
        map
    }

    /// The map of a text that stands as a whole for one place, such as a string in YAML.
    #[must_use]
    pub fn fixed(file: &Arc<SourceFile>, span: Span) -> Self {
        let mut map = Self::new(file);
        map.push(0, span, false);
        map
    }

    pub(super) fn new(file: &Arc<SourceFile>) -> Self {
        Self { file: Arc::clone(file), segments: Vec::new() }
    }

    pub(super) fn push(&mut self, rendered: usize, source: Span, literal: bool) {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (start, end) = (small(source.start), small(source.end));
        self.segments.push(Segment { rendered: small(rendered), start, end, literal });
    }

    /// The template.
    #[must_use]
    pub fn file(&self) -> &Arc<SourceFile> {
        &self.file
    }

    /// The template's offset for an offset in the rendered text.
    #[must_use]
    pub fn offset(&self, rendered: usize) -> usize {
        self.find(rendered).map_or(0, |segment| {
            let start = segment.start as usize;
            let into = rendered - segment.rendered as usize;
            if segment.literal { (start + into).min(segment.end as usize) } else { start }
        })
    }

    /// The template's span for a span in the rendered text; at least the whole of each expression
    /// that the span touches.
    #[must_use]
    pub fn span(&self, rendered: Span) -> Span {
        let start = self.offset(rendered.start);
        if rendered.end <= rendered.start {
            return Span::new(start, start);
        }
        let last = rendered.end - 1;
        let end = self
            .find(last)
            .map_or(0, |segment| if segment.literal { self.offset(last) + 1 } else { segment.end as usize });
        Span::new(start, end)
    }

    fn find(&self, rendered: usize) -> Option<&Segment> {
        let behind = self.segments.partition_point(|segment| segment.rendered as usize <= rendered);
        self.segments.get(behind.checked_sub(1)?)
    }
}
