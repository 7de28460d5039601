//! The rules on a platform: one a file, each a pure function from the graph to diagnostics.
//! Knows what is wrong and how to mend it; prints nothing and changes nothing.

mod allows;
mod baseline;
mod boundaries;
mod broken_contract;
mod cross_source_read;
mod cross_source_write;
mod dirty_read;
mod drift;
mod financial;
mod financial_outside_track;
pub mod fix;
mod flood;
mod hidden_dependency;
mod hourly_without_watermark;
mod import_origin;
mod linked_server;
mod moving_gold;
mod never_read_load;
mod not_reproducible;
mod not_transactional;
mod offer;
mod other_names;
mod own_database_named;
mod page;
mod public_change;
mod query_order;
mod reader_blocking;
mod schedule_order;
mod settle;
mod through;
mod two_producers;
mod undeclared_relation;
mod unknown_owner;
mod unscheduled;

use rayon::prelude::*;

pub use baseline::Baseline;
pub use boundaries::{Beyond, Crossing, crossings};
pub use flood::hold_back;
pub use page::page;
pub use public_change::{State, behind_imports, public_changes};
pub use settle::{Reason, Settled, Suppressed, accept, at_level, settle};

use crate::graph::Graph;
use crate::words::{Code, Diagnostic, Severity};
use financial::Eye;

type Rule = fn(&Graph) -> Vec<Diagnostic>;

/// Every rule on the graph.
const RULES: [Rule; 19] = [
    broken_contract::check,
    cross_source_read::check,
    cross_source_write::check,
    drift::check,
    financial_outside_track::check,
    hidden_dependency::check,
    hourly_without_watermark::check,
    import_origin::check,
    linked_server::check,
    moving_gold::check,
    never_read_load::check,
    not_transactional::check,
    other_names::check,
    own_database_named::check,
    schedule_order::check,
    two_producers::check,
    undeclared_relation::check,
    unknown_owner::check,
    unscheduled::check,
];

/// The rules on the text that financial scripts run: it is read once for all of them.
const EYES: [(Code, Eye); 4] = [
    (Code::DirtyRead, dirty_read::find),
    (Code::NotReproducible, not_reproducible::find),
    (Code::NotTransactional, not_transactional::find),
    (Code::ReaderBlocking, reader_blocking::find),
];

/// Checks a graph against every rule. What comes of it is for [`settle`] to say.
#[must_use]
pub fn check(graph: &Graph) -> Vec<Diagnostic> {
    let (mut found, texts) = rayon::join(
        || RULES.par_iter().flat_map_iter(|rule| rule(graph)).collect::<Vec<_>>(),
        || financial::inspect(graph, &EYES),
    );
    found.extend(texts);
    found
}

/// Whether any of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
