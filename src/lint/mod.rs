//! The rules on a platform: one a file, each a pure function from the graph to diagnostics.
//! Knows what is wrong and how to mend it; prints nothing and changes nothing.

mod cross_source_read;
mod cross_source_write;
mod financial_outside_track;
pub mod fix;
mod hidden_dependency;
mod import_origin;
mod linked_server;
mod never_read_load;
mod not_transactional;
mod offer;
mod own_database_named;
mod page;
mod two_producers;
mod undeclared_relation;
mod unknown_owner;

use rayon::prelude::*;

pub use page::page;

use crate::graph::Graph;
use crate::words::{Diagnostic, Severity};

type Rule = fn(&Graph) -> Vec<Diagnostic>;

/// Every rule on the graph.
const RULES: [Rule; 12] = [
    cross_source_read::check,
    cross_source_write::check,
    financial_outside_track::check,
    hidden_dependency::check,
    import_origin::check,
    linked_server::check,
    never_read_load::check,
    not_transactional::check,
    own_database_named::check,
    two_producers::check,
    undeclared_relation::check,
    unknown_owner::check,
];

/// Checks a graph against every rule, and leaves out what a comment in the file allows.
#[must_use]
pub fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = RULES.par_iter().flat_map_iter(|rule| rule(graph)).collect();
    found.retain(|d| !is_allowed(graph, d));
    fix::mark(graph, &mut found);
    found
}

/// Whether a comment at the diagnostic's line allows it, with a reason.
#[must_use]
pub fn is_allowed(graph: &Graph, diagnostic: &Diagnostic) -> bool {
    let (Some(node), Some(file)) = (&diagnostic.node, &diagnostic.file) else { return false };
    let Some(index) = graph.find(node) else { return false };
    let allows = &graph.node(index).allows;
    if allows.is_empty() {
        return false;
    }
    let line = file.position(diagnostic.span.start).line;
    allows.iter().any(|a| a.code.eq_ignore_ascii_case(diagnostic.code.id()) && a.line == line)
}

/// Whether any of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
