//! What happens in the body of a definition is told twice: at the definition, and where it is
//! called or read, with the place in the body beside it.

use crate::analysis::{Call, Touch, Via};
use crate::graph::{Graph, Index};
use crate::words::{Code, Diagnostic};

/// What the nodes touch, each at the node that answers for it.
pub(super) fn touches(graph: &Graph) -> impl Iterator<Item = (Index, &Touch)> {
    graph.touches().filter(|(_, touch)| !touch.is_own_body())
}

/// How a name reaches what it reaches, where it doesn't show: ` in text that is run`,
/// ` through procedure fin.x`, ` of the database x that USE chose`.
pub(super) fn words(graph: &Graph, index: Index, touch: &Touch) -> String {
    let text = if touch.via == Via::Text { " in text that is run" } else { "" };
    if let Some(through) = &touch.through {
        return format!("{text} through {} {}", through.kind, through.name);
    }
    let own = graph.analysis().placement.database(&graph.node(index).node.project);
    let database = touch.relation.database.as_deref().unwrap_or_default();
    let chosen = touch.via == Via::Sql
        && !graph.node(index).uses.is_empty()
        && touch.relation.server.is_none()
        && touch.written.matches('.').count() < 2
        && !touch.written.starts_with(database)
        && !own.eq_ignore_ascii_case(database);
    if chosen { format!(" in the database `{database}` that USE chose") } else { text.to_owned() }
}

/// A finding on a touch: at its place, with its node and relation, and with the place in the
/// definition's body where there is one.
pub(super) fn touch(graph: &Graph, index: Index, touch: &Touch, code: Code, message: String) -> Diagnostic {
    let told = Diagnostic::new(code, message)
        .at(&touch.file, touch.span)
        .node(&graph.node(index).node.id)
        .relation(touch.relation.to_string());
    match &touch.through {
        Some(through) => told.label(&through.file, through.span, "it is named here"),
        None => told,
    }
}

/// A finding on a call: at its place, with the node that calls and what it calls.
pub(super) fn call(graph: &Graph, index: Index, call: &Call, code: Code, message: String) -> Diagnostic {
    Diagnostic::new(code, message)
        .at(&call.file, call.span)
        .node(&graph.node(index).node.id)
        .relation(call.name.to_string())
}
