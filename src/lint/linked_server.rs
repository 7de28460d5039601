//! GS106: reaches another server through a four-part name.

use super::through;
use crate::graph::Graph;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    through::touches(graph)
        .filter_map(|(index, touch)| {
            let node = &graph.node(index).node;
            let server = touch.relation.server.as_deref()?;
            let told = Diagnostic::new(
                Code::LinkedServer,
                format!(
                    "`{}` reaches the linked server `{server}` by `{}`{}",
                    node.name,
                    touch.written,
                    through::words(touch)
                ),
            )
            .at(&touch.file, touch.span)
            .node(&node.id)
            .relation(touch.relation.to_string())
            .help("load what you need from there with a load in bronze/");
            Some(through::label(told, touch))
        })
        .collect()
}
