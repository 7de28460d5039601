//! Finds the place in the user's file that an error of the warehouse is about, and what helps.

use crate::plan::{Origin, Step, Text};
use crate::warehouse::{Error, ErrorKind};
use crate::words::{Code, Diagnostic, Span};

/// The warehouse's error at its place in the user's file.
pub(super) fn locate(step: &Step, text: &Text, error: &Error) -> Diagnostic {
    let told = Diagnostic::new(Code::InvalidSql, &error.message);
    let told = match &step.node {
        Some(node) => told.node(node),
        None => told,
    };
    let told = if step.loading.is_some() && error.kind == ErrorKind::Conversion {
        told.help(format!(
            "a table holds the types of its first load: declare a `data_type` that fits all rows, then accept it with `goldsmith run --pipeline init --select {}`",
            step.id
        ))
    } else {
        told
    };
    let told = if step.label == "import" && error.message.starts_with("Catalog Error") {
        told.help("an import reads what its owner has built on this target: run the owner's project first")
    } else {
        told
    };
    let told = if error.message.contains("could not allocate") || error.message.contains("Out of Memory") {
        told.help("the memory does not suffice: raise `memory_limit` of the target in goldsmith.yml, or run fewer steps at once with --threads")
    } else {
        told
    };
    let told =
        if error.message.contains("No space left on device") || error.message.contains("File too large") {
            told.help("what this step began is undone: make room, and run again")
        } else {
            told
        };
    match &text.origin {
        Some(Origin::Body { compiled, from, at }) => {
            let offset = error.position.map_or(*from, |p| p.offset.max(*from)) - from + at;
            let start = first_word(compiled.sql(), offset);
            let (file, span) = compiled.origin(Span::new(start, word_end(compiled.sql(), start)));
            told.at(file, span)
        }
        Some(Origin::Place { file, span }) => told.at(file, *span),
        None => told,
    }
}

/// The first offset from `at` on that holds something to point at.
fn first_word(sql: &str, at: usize) -> usize {
    let rest = sql.get(at..).unwrap_or_default();
    at + (rest.len() - rest.trim_start().len())
}

/// The end of the word that begins at `start`.
fn word_end(sql: &str, start: usize) -> usize {
    let rest = sql.get(start..).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
    start + end.max(rest.chars().next().map_or(0, char::len_utf8))
}
