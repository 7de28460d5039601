//! GS104: reads or writes a database that no project owns.

use super::through;
use crate::analysis::{Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::words::{Code, Diagnostic, nearest};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let analysis = graph.analysis();
    let databases: Vec<&str> =
        analysis.platform.projects.iter().map(|p| analysis.placement.database(&p.name)).collect();
    let mut found: Vec<Diagnostic> = through::touches(graph)
        .filter(|(_, t)| t.relation.server.is_none() && t.via != Via::Import)
        .filter(|(_, t)| analysis.placement.owner(&t.relation) == Owner::Nobody)
        .map(|(index, touch)| {
            let node = &graph.node(index).node;
            let database = touch.relation.database.as_deref().unwrap_or_default();
            let word = if touch.access.is_write() { "writes" } else { "reads" };
            if analysis.placement.is_divided(database) {
                return divided(graph, index, touch);
            }
            let near = nearest(database, databases.iter().copied());
            let message = format!(
                "`{}` {word} `{}`{}, but no project owns the database `{database}`",
                node.name,
                touch.written,
                through::words(graph, index, touch)
            );
            through::touch(graph, index, touch, Code::UnknownOwner, message).help(near.map_or_else(
                || "make a project of it, or load what you need with a load in bronze/".to_owned(),
                |near| format!("did you mean `{near}`?"),
            ))
        })
        .collect();
    found.extend(executed(graph));
    found
}

/// Several projects share the database, and none of them has the schema.
fn divided(graph: &Graph, index: Index, touch: &Touch) -> Diagnostic {
    let node = &graph.node(index).node;
    let database = touch.relation.database.as_deref().unwrap_or_default();
    let schema = touch.relation.schema.as_deref().unwrap_or_default();
    let word = if touch.access.is_write() { "writes" } else { "reads" };
    let message = format!(
        "`{}` {word} `{}`{}, but no project owns the schema `{schema}` of the shared database `{database}`",
        node.name,
        touch.written,
        through::words(graph, index, touch)
    );
    through::touch(graph, index, touch, Code::UnknownOwner, message).help(format!(
        "the project that it belongs to says so in its project.yml: `owns: [\"{database}.{schema}\"]`"
    ))
}

/// Procedures in a database that nobody owns; system procedures aside.
fn executed(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    let calls = graph.indices().flat_map(|i| graph.node(i).calls.iter().map(move |c| (i, c)));
    let unowned = calls.filter(|(_, call)| {
        call.executed
            && call.name.server.is_none()
            && call.name.database.as_deref().is_some_and(|d| !["master", "msdb", "tempdb"].contains(&d))
            && placement.owner(&call.name) == Owner::Nobody
    });
    unowned
        .map(|(index, call)| {
            let node = &graph.node(index).node;
            let database = call.name.database.as_deref().unwrap_or_default();
            let message = format!(
                "`{}` executes `{}`, but no project owns the database `{database}`",
                node.name, call.written
            );
            through::call(graph, index, call, Code::UnknownOwner, message)
                .help("make a project of it, or load what you need with a load in bronze/")
        })
        .collect()
}
