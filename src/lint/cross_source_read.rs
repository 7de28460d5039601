//! GS101: reads another project's relation without importing it into bronze.

use std::collections::HashMap;

use super::through;
use crate::analysis::{Access, Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::words::{Code, Diagnostic, RelationName};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let reads = through::touches(graph).filter(|(_, t)| t.access == Access::Read && t.via != Via::Import);
    let imports = imports(graph);
    let mut found: Vec<Diagnostic> =
        reads.filter_map(|(index, touch)| tell(graph, index, touch, &imports)).collect();
    found.extend(calls(graph));
    found
}

/// The load that imports a relation into a project.
type Imports<'a> = HashMap<(&'a str, &'a RelationName), Index>;

fn imports(graph: &Graph) -> Imports<'_> {
    let imports = graph.touches().filter(|(_, t)| t.via == Via::Import);
    imports.map(|(i, t)| ((graph.node(i).node.project.as_str(), &t.relation), i)).collect()
}

/// Procedures and functions of other projects.
fn calls(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    let calls = graph.indices().flat_map(|i| graph.node(i).calls.iter().map(move |c| (i, c)));
    let told = calls.filter(|(_, c)| c.name.server.is_none()).filter_map(|(index, call)| {
        let node = &graph.node(index).node;
        let Owner::Project(owner) = placement.owner(&call.name) else { return None };
        let word = if call.executed { "executes" } else { "calls" };
        let message =
            format!("`{}` {word} `{}`, which belongs to project `{owner}`", node.name, call.written);
        (owner != node.project).then(|| {
            Diagnostic::new(Code::CrossSourceRead, message)
                .at(&call.file, call.span)
                .node(&node.id)
                .relation(call.name.to_string())
                .help(format!(
                    "import what it gives from project `{owner}` into your own bronze layer, and read that"
                ))
        })
    });
    told.collect()
}

fn tell(graph: &Graph, index: Index, touch: &Touch, imports: &Imports) -> Option<Diagnostic> {
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
        through::words(graph, index, touch)
    );
    let told = Diagnostic::new(Code::CrossSourceRead, message)
        .at(&touch.file, touch.span)
        .node(&node.id)
        .relation(relation.to_string())
        .help(help(graph, index, touch, owner, imports));
    Some(through::label(told, touch))
}

/// The import that is there already, or the one to add, ready to paste.
fn help(graph: &Graph, index: Index, touch: &Touch, owner: &str, imports: &Imports) -> String {
    let node = &graph.node(index).node;
    if let Some(load) = imports.get(&(node.project.as_str(), &touch.relation)) {
        let load = graph.node(*load);
        let relation = load.relation.as_ref().map(ToString::to_string).unwrap_or_default();
        return format!(
            "it is imported already: read `{relation}`, in a model {{{{ source('{}', '{}') }}}}",
            node.project, load.node.name
        );
    }
    let relation = &touch.relation;
    if relation.name == "*" {
        return format!(
            "import what is read there from project `{owner}` into your own bronze layer, and read that"
        );
    }
    let name = format!("{owner}_{}", relation.name);
    let mut schema = relation.schema.clone().unwrap_or_default();
    // Where the owner's relation does not lie in the owner's own database, the import names both.
    let database = relation.database.as_deref().unwrap_or_default();
    if !graph.analysis().placement.is_named(database, owner) {
        schema = format!("{database}.{schema}");
    }
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
