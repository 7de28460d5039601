//! GS306: a published relation is changed in a way that keeps its readers waiting until the end.

use super::financial::{Finding, Passage, is_published};
use crate::graph::Graph;
use crate::sql::{self, Keyword, Reference, Verb};
use crate::words::{Dialect, RelationName};

pub(super) fn find(graph: &Graph, passage: &Passage) -> Vec<Finding> {
    // What a text changes is known where it stands.
    if passage.form.is_some() {
        return Vec::new();
    }
    // DuckDB's readers see what was before until the commit.
    if graph.analysis().platform.targets.values().all(|t| t.engine.dialect() == Dialect::DuckDb) {
        return Vec::new();
    }
    let script = sql::read(passage.text, passage.dialect);
    let bodies = script
        .batches
        .iter()
        .flat_map(|b| std::iter::once(&b.touches).chain(b.defines.iter().map(|d| &d.touches)));
    let mut found: Vec<Finding> = bodies
        .flat_map(|touches| touches.writes.iter().chain(&touches.drops))
        .filter_map(|reference| {
            let how = how(passage, reference)?;
            let mut name = RelationName::clone(&reference.name);
            if name.database.is_none() {
                name.database = reference.current_database.as_deref().map(str::to_owned);
            }
            let full = graph.analysis().placement.resolve(&name, passage.project, passage.dialect);
            is_published(graph, &full).then(|| Finding {
                what: format!("changes `{}` by {how}, and its readers wait until the publication is through", reference.name),
                span: reference.span,
                help: "make the table once in this script (CREATE TABLE where it is not there yet), then DELETE and INSERT, or MERGE what is new".into(),
            })
        })
        .collect();
    found.sort_by_key(|f| f.span.start);
    found.dedup_by_key(|f| f.span.start);
    found
}

/// The statement that takes the relation away from its readers, if it is one.
fn how(passage: &Passage, reference: &Reference) -> Option<&'static str> {
    match reference.verb {
        Verb::Truncate => Some("TRUNCATE"),
        Verb::Drop => Some("DROP"),
        Verb::SelectInto => Some("SELECT INTO"),
        Verb::Alter => Some("ALTER or an index"),
        Verb::Create => replaces(passage, reference),
        Verb::Other => moves(passage, reference),
        _ => None,
    }
}

/// What else changes a relation as a whole: a rename (whose names are strings), another schema, a refresh.
fn moves(passage: &Passage, reference: &Reference) -> Option<&'static str> {
    let before = before(passage, reference).trim_end().to_ascii_lowercase();
    if before.ends_with("materialized view") {
        return Some("REFRESH");
    }
    let written = passage.text.get(reference.span.start..reference.span.end)?;
    if written.ends_with('\'') {
        return Some("sp_rename");
    }
    (before.ends_with("transfer") || before.ends_with("::")).then_some("ALTER SCHEMA")
}

/// `CREATE OR REPLACE TABLE`, `ALTER VIEW`: the words in front of the name.
fn replaces(passage: &Passage, reference: &Reference) -> Option<&'static str> {
    let tokens = sql::tokens(before(passage, reference), passage.dialect);
    let last = |n: usize| tokens.len().checked_sub(n).and_then(|i| tokens[i].keyword);
    match (last(3), last(2), last(1)) {
        (_, Some(Keyword::Alter), Some(Keyword::View)) => Some("ALTER VIEW"),
        (Some(Keyword::Or), Some(Keyword::Replace), Some(Keyword::Table)) => Some("CREATE OR REPLACE TABLE"),
        (Some(Keyword::Or), Some(Keyword::Replace), Some(Keyword::View)) => Some("CREATE OR REPLACE VIEW"),
        _ => None,
    }
}

/// The last characters in front of a name.
fn before<'a>(passage: &Passage<'a>, reference: &Reference) -> &'a str {
    let all = &passage.text[..reference.span.start];
    let start = all.char_indices().rev().nth(63).map_or(0, |(at, _)| at);
    &all[start..]
}
