//! Cuts the lines that a diagnostic speaks of out of a file, however large the file or its lines,
//! and makes them harmless. Pure; the drawing is done by `text`.

use std::ops::Range;
use std::sync::Arc;

use crate::report::neutral;
use crate::words::{Diagnostic, Position, SourceFile, Span};

/// A place that spans more lines than this is shown by its first ones.
const MAX_LINES: usize = 8;
/// Places in one file that are no further apart than this are shown together.
const NEAR_LINES: usize = 6;
/// A longer line is cut to a window around the place.
const MAX_BYTES: usize = 240;
/// How much of a cut line stands before the place.
const BEFORE_BYTES: usize = 80;

/// A few lines of a file with the places marked in them.
#[derive(Debug)]
pub struct Excerpt {
    /// The path of the file.
    pub path: String,
    /// The number of the first line of `source`.
    pub first_line: usize,
    /// The lines, harmless and cut.
    pub source: String,
    /// The places in `source`.
    pub marks: Vec<Mark>,
}

/// A marked place.
#[derive(Debug)]
pub struct Mark {
    /// The range of bytes in the excerpt's source.
    pub range: Range<usize>,
    /// Where it stands in the file.
    pub position: Position,
    /// The column where it stands in the excerpt, which differs in a line that was cut.
    pub shown_column: usize,
    /// What is said about it; may be empty.
    pub label: String,
    /// Whether it is the diagnostic's own place.
    pub primary: bool,
}

/// The excerpts of a diagnostic: its own place first, then those of its labels, in order.
pub fn excerpts(diagnostic: &Diagnostic) -> Vec<Excerpt> {
    let mut clusters: Vec<Cluster> = Vec::new();
    if let Some(file) = &diagnostic.file {
        clusters.push(Cluster::new(Place::new(file, diagnostic.span, "", true)));
    }
    for label in &diagnostic.labels {
        let place = Place::new(&label.file, label.span, &label.text, false);
        match clusters.iter_mut().find(|c| c.takes(&place)) {
            Some(cluster) => cluster.add(place),
            None => clusters.push(Cluster::new(place)),
        }
    }
    clusters.into_iter().map(Cluster::cut).collect()
}

/// A place, brought inside its file and down to a size that can be shown.
struct Place<'a> {
    file: &'a Arc<SourceFile>,
    span: Span,
    start: Position,
    last_line: usize,
    label: String,
    primary: bool,
}

impl<'a> Place<'a> {
    fn new(file: &'a Arc<SourceFile>, span: Span, label: &str, primary: bool) -> Self {
        let text = file.text();
        let from = text.floor_char_boundary(span.start.min(text.len()));
        let to = text.ceil_char_boundary(span.end.min(text.len())).max(from);
        let mut span = Span::new(from, from + text[from..to].trim_end_matches(['\r', '\n']).len());
        let start = file.position(span.start);
        let mut last_line = file.position(span.end).line;
        let mut label = label.to_owned();
        if last_line - start.line >= MAX_LINES {
            let more = last_line - (start.line + MAX_LINES - 1);
            last_line = start.line + MAX_LINES - 1;
            span.end = file.line_span(last_line).end;
            let more = format!("... and {more} more {}", if more == 1 { "line" } else { "lines" });
            label = if label.is_empty() { more } else { format!("{label} ({more})") };
        }
        Self { file, span, start, last_line, label, primary }
    }
}

/// Places that are shown together.
struct Cluster<'a> {
    places: Vec<Place<'a>>,
    first_line: usize,
    last_line: usize,
}

impl<'a> Cluster<'a> {
    fn new(place: Place<'a>) -> Self {
        Self { first_line: place.start.line, last_line: place.last_line, places: vec![place] }
    }

    fn takes(&self, place: &Place) -> bool {
        let near = place.start.line <= self.last_line + NEAR_LINES
            && place.last_line + NEAR_LINES >= self.first_line;
        let long = |line| {
            let span = place.file.line_span(line);
            span.end - span.start > MAX_BYTES
        };
        // A long line is cut around one place only.
        near && self.places.iter().all(|p| Arc::ptr_eq(p.file, place.file))
            && !(place.start.line..=place.last_line).any(|line| {
                self.places.iter().any(|p| (p.start.line..=p.last_line).contains(&line)) && long(line)
            })
    }

    fn add(&mut self, place: Place<'a>) {
        self.first_line = self.first_line.min(place.start.line);
        self.last_line = self.last_line.max(place.last_line);
        self.places.push(place);
    }

    fn cut(self) -> Excerpt {
        let file = self.places[0].file;
        let mut cutter = Cutter { text: file.text(), source: String::new(), offsets: Vec::new() };
        for line in self.first_line..=self.last_line {
            if line > self.first_line {
                cutter.source.push('\n');
            }
            cutter.line(file.line_span(line), &self.places);
        }
        let marks = self.places.iter().map(|p| cutter.mark(p)).collect();
        let path = neutral::neutral_line(file.path().as_str()).into_owned();
        Excerpt { path, first_line: self.first_line, source: cutter.source, marks }
    }
}

/// Builds the source of an excerpt and keeps which byte of the file became which byte of it.
struct Cutter<'a> {
    text: &'a str,
    source: String,
    offsets: Vec<(usize, usize)>,
}

impl Cutter<'_> {
    fn line(&mut self, line: Span, places: &[Place]) {
        let window = self.window(line, places);
        if window.start > line.start {
            self.source.push_str("...");
        }
        for (i, c) in self.text[window.start..window.end].char_indices() {
            self.offsets.push((window.start + i, self.source.len()));
            self.source.push(neutral::visible(c));
        }
        // What was cut from the end of the line maps to the end of the window.
        self.offsets.push((window.end, self.source.len()));
        self.offsets.push((line.end, self.source.len()));
        if window.end < line.end {
            self.source.push_str("...");
        }
    }

    fn window(&self, line: Span, places: &[Place]) -> Span {
        if line.end - line.start <= MAX_BYTES {
            return line;
        }
        let inside = |offset: &usize| (line.start..=line.end).contains(offset);
        let anchor = places.iter().map(|p| p.span.start).find(inside);
        let anchor = anchor.or_else(|| places.iter().map(|p| p.span.end).find(inside)).unwrap_or(line.start);
        let start = self.text.floor_char_boundary(anchor.saturating_sub(BEFORE_BYTES)).max(line.start);
        let end = self.text.floor_char_boundary(start.saturating_add(MAX_BYTES)).min(line.end);
        Span::new(start, end)
    }

    fn mark(&self, place: &Place) -> Mark {
        let range = self.range(place.span);
        let before = &self.source[..range.start];
        let line = &before[before.rfind('\n').map_or(0, |i| i + 1)..];
        Mark {
            shown_column: line.chars().count() + 1,
            position: place.start,
            label: neutral::neutral_line(&place.label).into_owned(),
            primary: place.primary,
            range,
        }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let map = |offset: usize| {
            let i = self.offsets.partition_point(|(from, _)| *from < offset);
            self.offsets.get(i).map_or(self.source.len(), |(_, to)| *to)
        };
        let start = map(span.start);
        start..map(span.end).max(start)
    }
}
