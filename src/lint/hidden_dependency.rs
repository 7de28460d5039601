//! GS108: dynamic SQL or an unknown procedure: what it reads and writes can't be seen.

use crate::graph::Graph;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let hidden = graph.indices().flat_map(|i| graph.node(i).hidden.iter().map(move |h| (i, h)));
    hidden
        .map(|(index, (span, what))| {
            let node = &graph.node(index).node;
            Diagnostic::new(
                Code::HiddenDependency,
                format!("`{}` runs {what}: what it touches can't be seen", node.name),
            )
            .at(&node.file, *span)
            .node(&node.id)
            .help("say it in a comment: `-- goldsmith: reads raw.x` and `-- goldsmith: writes fin.y`")
        })
        .collect()
}
