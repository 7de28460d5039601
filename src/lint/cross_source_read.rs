//! GS101: reads another project's relation without importing it into bronze.

use super::fix::{self, Known};
use super::through;
use crate::analysis::{Access, Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let reads = through::touches(graph).filter(|(_, t)| t.access == Access::Read && t.via != Via::Import);
    let mut known = None;
    let mut found: Vec<Diagnostic> =
        reads.filter_map(|(index, touch)| tell(graph, index, touch, &mut known)).collect();
    found.extend(calls(graph));
    found
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

fn tell<'a>(
    graph: &'a Graph,
    index: Index,
    touch: &Touch,
    known: &mut Option<Known<'a>>,
) -> Option<Diagnostic> {
    let node = &graph.node(index).node;
    let placement = &graph.analysis().placement;
    let Owner::Project(owner) = placement.owner(&touch.relation) else { return None };
    if owner == node.project || touch.relation.server.is_some() {
        return None;
    }
    let message = format!(
        "`{}` reads `{}`{}, which belongs to project `{owner}`",
        node.name,
        touch.written,
        through::words(graph, index, touch)
    );
    let help = far(graph, touch, owner)
        .unwrap_or_else(|| help(graph, known.get_or_insert_with(|| Known::new(graph)), index, touch));
    Some(through::touch(graph, index, touch, Code::CrossSourceRead, message).help(help))
}

/// What to do where the import can't be proposed word for word: a whole database, or a relation that
/// lies outside of its owner's own database.
fn far(graph: &Graph, touch: &Touch, owner: &str) -> Option<String> {
    let relation = &touch.relation;
    if relation.name == "*" {
        return Some(format!(
            "import what is read there from project `{owner}` into your own bronze layer, and read that"
        ));
    }
    let database = relation.database.as_deref().unwrap_or_default();
    (!graph.analysis().placement.is_named(database, owner)).then(|| {
        format!(
            "load it into your own bronze layer first, with `from: {{ project: {owner}, relation: {relation} }}`"
        )
    })
}

/// The import that is there already, or the one to add, ready to paste.
fn help(graph: &Graph, known: &Known<'_>, index: Index, touch: &Touch) -> String {
    let wish = match fix::wish(graph, known, index, touch) {
        Ok(wish) => wish,
        Err(why) => return why,
    };
    let Some((import, yaml)) = known.proposal(&wish) else { return String::new() };
    let read = format!(
        "read {}.{}, in a model {{{{ source('{}', '{}') }}}}",
        import.table.schema.as_deref().unwrap_or_default(),
        import.table.name,
        import.project,
        import.name
    );
    match &import.file {
        None => format!("it is imported already: {read}"),
        Some(file) => {
            format!("load it into your own bronze layer first. Add to {file}\n{yaml}and {read}")
        }
    }
}
