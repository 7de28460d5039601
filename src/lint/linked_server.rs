//! GS106: reaches another server: four-part names, OPENQUERY and its kin, EXEC .. AT, and what the
//! other dialects have for it.

use super::through;
use crate::graph::Graph;
use crate::words::{Code, Diagnostic};

const HELP: &str = "load what you need from there with a load in bronze/";

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut found = named(graph);
    found.extend(reached(graph));
    found
}

/// Four-part names.
fn named(graph: &Graph) -> Vec<Diagnostic> {
    through::touches(graph)
        .filter_map(|(index, touch)| {
            let node = &graph.node(index).node;
            let server = touch.relation.server.as_deref()?;
            let message = format!(
                "`{}` reaches the linked server `{server}` by `{}`{}",
                node.name,
                touch.written,
                through::words(graph, index, touch)
            );
            Some(through::touch(graph, index, touch, Code::LinkedServer, message).help(HELP))
        })
        .collect()
}

/// Functions and statements that send something elsewhere, with what the text sent names.
fn reached(graph: &Graph) -> Vec<Diagnostic> {
    let uses = graph.indices().flat_map(|i| graph.node(i).servers.iter().map(move |s| (i, s)));
    let calls = graph.indices().flat_map(|i| graph.node(i).calls.iter().map(move |c| (i, c)));
    let calls = calls.filter_map(|(index, call)| {
        let node = &graph.node(index).node;
        let server = call.name.server.as_deref().filter(|_| call.executed)?;
        let message = format!("`{}` executes `{}` on the linked server `{server}`", node.name, call.written);
        Some(through::call(graph, index, call, Code::LinkedServer, message).help(HELP))
    });
    let uses = uses.map(|(index, server)| {
        let node = &graph.node(index).node;
        let names: Vec<String> = server.names.iter().map(|n| format!("`{n}`")).collect();
        let names =
            if names.is_empty() { String::new() } else { format!(", which names {}", names.join(", ")) };
        let message = format!("`{}` reaches another server by {}{names}", node.name, server.what);
        Diagnostic::new(Code::LinkedServer, message).at(&node.file, server.span).node(&node.id).help(HELP)
    });
    calls.chain(uses).collect()
}
