//! GS102: writes another project's relation.

use super::through;
use crate::analysis::Owner;
use crate::graph::Graph;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut found = written(graph);
    found.extend(defined(graph));
    found
}

/// Procedures, functions and triggers made in another project's database; a view or synonym is
/// written as a table is.
fn defined(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    let nodes = graph.indices().map(|i| &graph.node(i).node);
    let definitions = nodes.filter_map(|node| Some((node, node.body.definition()?)));
    let foreign =
        definitions.filter(|(_, definition)| !definition.kind.is_read()).filter_map(|(node, definition)| {
            let Owner::Project(owner) = placement.owner(&definition.name) else { return None };
            (owner != node.project).then(|| {
                Diagnostic::new(
                    Code::CrossSourceWrite,
                    format!(
                        "the {} `{}` is made in what belongs to project `{owner}`",
                        definition.kind, definition.name
                    ),
                )
                .at(&node.file, node.span)
                .node(&node.id)
                .relation(definition.name.to_string())
                .help(format!("define it in the database of `{}`", node.project))
            })
        });
    foreign.collect()
}

fn written(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    through::touches(graph)
        .filter(|(_, t)| t.access.is_write() && t.relation.server.is_none())
        .filter_map(|(index, touch)| {
            let node = &graph.node(index).node;
            let Owner::Project(owner) = placement.owner(&touch.relation) else { return None };
            (owner != node.project).then(|| {
                let message = format!(
                    "`{}` writes `{}`{}, which belongs to project `{owner}`",
                    node.name,
                    touch.written,
                    through::words(graph, index, touch)
                );
                through::touch(graph, index, touch, Code::CrossSourceWrite, message).help(format!(
                    "a project writes its own relations only: write to a schema of `{}` and let `{owner}` import it",
                    node.project
                ))
            })
        })
        .collect()
}
