//! GS102: writes another project's relation.

use super::through;
use crate::analysis::Owner;
use crate::graph::Graph;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    through::touches(graph)
        .filter(|(_, t)| t.access.is_write() && t.relation.server.is_none())
        .filter_map(|(index, touch)| {
            let node = &graph.node(index).node;
            let Owner::Project(owner) = placement.owner(&touch.relation) else { return None };
            (owner != node.project).then(|| {
                let told = Diagnostic::new(
                    Code::CrossSourceWrite,
                    format!(
                        "`{}` writes `{}`{}, which belongs to project `{owner}`",
                        node.name,
                        touch.written,
                        through::words(touch)
                    ),
                )
                .at(&touch.file, touch.span)
                .node(&node.id)
                .relation(touch.relation.to_string())
                .help(format!(
                    "a project writes its own relations only: write to a schema of `{}` and let `{owner}` import it",
                    node.project
                ));
                through::label(told, touch)
            })
        })
        .collect()
}
