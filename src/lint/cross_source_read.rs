//! GS101: reads another project's relation without importing it into bronze.

use super::through;
use crate::analysis::{Access, Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let reads = through::touches(graph).filter(|(_, t)| t.access == Access::Read && t.via != Via::Import);
    reads.filter_map(|(index, touch)| tell(graph, index, touch)).collect()
}

fn tell(graph: &Graph, index: Index, touch: &Touch) -> Option<Diagnostic> {
    let node = &graph.node(index).node;
    let placement = &graph.analysis().placement;
    let Owner::Project(owner) = placement.owner(&touch.relation) else { return None };
    if owner == node.project || touch.relation.server.is_some() {
        return None;
    }
    let relation = &touch.relation;
    let message = format!(
        "`{}` reads `{}`{}, which belongs to project `{owner}`",
        node.name,
        touch.written,
        through::words(touch)
    );
    let told = Diagnostic::new(Code::CrossSourceRead, message)
        .at(&touch.file, touch.span)
        .node(&node.id)
        .relation(relation.to_string())
        .help(help(graph, index, touch, owner));
    Some(through::label(told, touch))
}

/// The import that is there already, or the one to add, ready to paste.
fn help(graph: &Graph, index: Index, touch: &Touch, owner: &str) -> String {
    let node = &graph.node(index).node;
    let imported = graph.touches().find(|(i, t)| {
        t.via == Via::Import && t.relation == touch.relation && graph.node(*i).node.project == node.project
    });
    if let Some((load, _)) = imported {
        let load = graph.node(load);
        let relation = load.relation.as_ref().map(ToString::to_string).unwrap_or_default();
        return format!(
            "it is imported already: read `{relation}`, in a model {{{{ source('{}', '{}') }}}}",
            node.project, load.node.name
        );
    }
    let relation = &touch.relation;
    let name = format!("{owner}_{}", relation.name);
    let schema = relation.schema.as_deref().unwrap_or_default();
    let bronze = graph.analysis().placement.schemas(&node.project).map_or("raw", |s| s.bronze.as_str());
    format!(
        "load it into your own bronze layer first. Add to projects/{project}/bronze/{owner}.yml\n\
         version: 2\n\
         loads:\n  \
         - name: {name}\n    \
         from: {{ project: {owner}, relation: {schema}.{table} }}\n\
         and read {bronze}.{name}, in a model {{{{ source('{project}', '{name}') }}}}",
        project = node.project,
        table = relation.name,
    )
}
