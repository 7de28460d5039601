//! GS402: a project without a daily schedule.

use crate::config::name_span;
use crate::graph::Graph;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let projects = graph.analysis().platform.projects.iter();
    projects
        .filter(|p| p.schedule.daily.is_none())
        .map(|p| {
            Diagnostic::new(Code::Unscheduled, format!("project `{}` has no daily schedule", p.name))
                .at(&p.file, name_span(&p.file))
                .help("add `schedule: { daily: \"0 5 * * *\" }`: only a daily run reloads in full and publishes")
        })
        .collect()
}
