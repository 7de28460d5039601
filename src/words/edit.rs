//! Changes to files of the user's, as data: what a fix would do, before anything is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

use super::{SourceFile, Span};

/// One change to one file.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The file as it was read; for a file that is to be made, an empty one with its path.
    pub file: Arc<SourceFile>,
    /// What is replaced; empty where something is put in.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
    /// Whether the file is to be made.
    pub creates: bool,
}

impl Edit {
    /// A change to a file that is there.
    #[must_use]
    pub fn new(file: &Arc<SourceFile>, span: Span, text: impl Into<String>) -> Self {
        Self { file: Arc::clone(file), span, text: text.into(), creates: false }
    }
}

/// All changes to one file, taken together.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file as it was read.
    pub file: Arc<SourceFile>,
    /// Whether the file is to be made.
    pub creates: bool,
    /// Its changes in the order of the text, none twice, none over another, neighbours as one.
    pub edits: Vec<(Span, String)>,
}

impl Change {
    /// The text of the file afterwards.
    #[must_use]
    pub fn text(&self) -> String {
        let old = self.file.text();
        let mut text = String::with_capacity(old.len() + 64);
        let mut at = 0;
        for (span, new) in &self.edits {
            text.push_str(old.get(at..span.start).unwrap_or_default());
            text.push_str(new);
            at = span.end;
        }
        text.push_str(old.get(at..).unwrap_or_default());
        text
    }
}

/// Takes edits together, file by file in the order of their paths. An edit that lies over an
/// earlier one is left out: it was made from the same text and can't hold beside it.
#[must_use]
pub fn changes(edits: &[Edit]) -> Vec<Change> {
    let mut files: BTreeMap<&Utf8Path, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        files.entry(edit.file.path()).or_default().push(edit);
    }
    files.into_values().filter_map(|edits| change(&edits)).collect()
}

fn change(edits: &[&Edit]) -> Option<Change> {
    let first = edits.first()?;
    let mut sorted: Vec<(Span, String)> = edits.iter().map(|e| (e.span, e.text.clone())).collect();
    sorted.sort();
    sorted.dedup();
    let mut kept: Vec<(Span, String)> = Vec::with_capacity(sorted.len());
    for (span, text) in sorted {
        match kept.last_mut() {
            Some((last, _)) if span.start < last.end => {}
            Some((last, before)) if span.start == last.end => {
                last.end = span.end;
                before.push_str(&text);
            }
            _ => kept.push((span, text)),
        }
    }
    Some(Change { file: Arc::clone(&first.file), creates: first.creates, edits: kept })
}

#[cfg(test)]
mod tests {
    use super::{Edit, changes};
    use crate::words::{Encoding, SourceFile, Span};

    #[test]
    fn edits_of_one_file_hold_together() {
        let file = SourceFile::new("a.sql", "select a from b, b", Encoding::Utf8);
        let edit = |start, end, text: &str| Edit::new(&file, Span::new(start, end), text);
        let edits = [
            edit(17, 18, "cc"),
            edit(14, 15, "cc"),
            edit(15, 15, " as b"),
            edit(17, 18, "cc"),
            edit(6, 9, ""),
        ];
        let all = changes(&edits);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].text(), "selectfrom cc as b, cc");
        let over = changes(&[edit(7, 13, "x"), edit(10, 12, "y")]);
        assert_eq!(over[0].text(), "select x b, b");
    }
}
