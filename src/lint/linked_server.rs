//! GS106: reaches another server through a four-part name.

use crate::graph::Graph;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    graph
        .touches()
        .filter_map(|(index, touch)| {
            let node = &graph.node(index).node;
            let server = touch.relation.server.as_deref()?;
            Some(
                Diagnostic::new(
                    Code::LinkedServer,
                    format!(
                        "`{}` reaches the linked server `{server}` through `{}`",
                        node.name, touch.written
                    ),
                )
                .at(&touch.file, touch.span)
                .node(&node.id)
                .relation(touch.relation.to_string())
                .help("load what you need from there with a load in bronze/"),
            )
        })
        .collect()
}
