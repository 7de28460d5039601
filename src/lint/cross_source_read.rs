//! GS101: reads another project's relation without importing it into bronze.

use super::fix::{self, Known};
use crate::analysis::{Access, Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let reads = graph.touches().filter(|(_, t)| t.access == Access::Read && t.via != Via::Import);
    let mut known = None;
    reads.filter_map(|(index, touch)| tell(graph, index, touch, &mut known)).collect()
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
    let relation = &touch.relation;
    let message = format!("`{}` reads `{}`, which belongs to project `{owner}`", node.name, touch.written);
    Some(
        Diagnostic::new(Code::CrossSourceRead, message)
            .at(&touch.file, touch.span)
            .node(&node.id)
            .relation(relation.to_string())
            .help(help(graph, known.get_or_insert_with(|| Known::new(graph)), index, touch)),
    )
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
