//! GS403: a load of an hourly project that the hourly pipeline can't bring up to date.

use crate::graph::Graph;
use crate::nouns::{Body, Origin};
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let projects = &graph.analysis().platform.projects;
    let hourly = |name: &str| projects.iter().any(|p| p.name == name && p.schedule.hourly.is_some());
    graph
        .indices()
        .filter_map(|index| {
            let node = &graph.node(index).node;
            let Body::Load(load) = &node.body else { return None };
            let missing = match (load.modified.is_none(), load.key.is_empty()) {
                (true, true) => "`modified` and no `key`",
                (true, false) => "`modified`",
                (false, true) => "`key`",
                (false, false) => return None,
            };
            if matches!(load.origin, Origin::External) || !hourly(&node.project) {
                return None;
            }
            Some(
                Diagnostic::new(
                    Code::HourlyWithoutWatermark,
                    format!("the load `{}` has no {missing}, so hourly leaves it alone", node.name),
                )
                .at(&node.file, node.span)
                .node(&node.id)
                .help("add `key: [id]` and `modified: changed_at`: the columns that name a row, and tell when it last changed"),
            )
        })
        .collect()
}
