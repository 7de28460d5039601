//! GS104: reads or writes a database that no project owns.

use super::through;
use crate::analysis::{Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::nouns::{Body, Origin};
use crate::words::{Code, Diagnostic, RelationName, nearest};

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
            through::touch(graph, index, touch, Code::UnknownOwner, message).help(
                match (absent_owner(graph, database), near) {
                    (Some(owner), _) => format!(
                        "it is taken to be that of `{owner}`, which has no folder here: import what you need, \
                         as in\nfrom: {{ project: {owner}, relation: {} }}",
                        short(&touch.relation)
                    ),
                    (None, Some(near)) => format!("did you mean `{near}`?"),
                    (None, None) => {
                        "make a project of it, or load what you need with a load in bronze/".to_owned()
                    }
                },
            )
        })
        .collect();
    found.extend(executed(graph));
    found
}

/// The project without a folder that imports find in a database.
fn absent_owner<'a>(graph: &'a Graph, database: &str) -> Option<&'a str> {
    let projects = &graph.analysis().platform.projects;
    let imports = graph.touches().filter(|(_, t)| t.via == Via::Import);
    let mut owners = imports
        .filter(|(_, t)| t.relation.database.as_deref().is_some_and(|d| d.eq_ignore_ascii_case(database)))
        .filter_map(|(index, _)| match &graph.node(index).node.body {
            Body::Load(load) => match &load.origin {
                Origin::Import { project, .. } => Some(project.as_str()),
                _ => None,
            },
            _ => None,
        });
    owners.find(|owner| !projects.iter().any(|p| p.name == *owner))
}

/// `schema.name`
fn short(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or("schema"), relation.name)
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
