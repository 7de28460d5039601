//! GS104: reads or writes a database that no project owns.

use super::through;
use crate::analysis::{Owner, Via};
use crate::graph::Graph;
use crate::words::{Code, Diagnostic, nearest};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let analysis = graph.analysis();
    let databases: Vec<&str> =
        analysis.platform.projects.iter().map(|p| analysis.placement.database(&p.name)).collect();
    through::touches(graph)
        .filter(|(_, t)| t.relation.server.is_none() && t.via != Via::Import)
        .filter(|(_, t)| analysis.placement.owner(&t.relation) == Owner::Nobody)
        .map(|(index, touch)| {
            let node = &graph.node(index).node;
            let database = touch.relation.database.as_deref().unwrap_or_default();
            let word = if touch.access.is_write() { "writes" } else { "reads" };
            let near = nearest(database, databases.iter().copied());
            let told = Diagnostic::new(
                Code::UnknownOwner,
                format!(
                    "`{}` {word} `{}`{}, but no project owns the database `{database}`",
                    node.name,
                    touch.written,
                    through::words(touch)
                ),
            )
            .at(&touch.file, touch.span)
            .node(&node.id)
            .relation(touch.relation.to_string())
            .help(near.map_or_else(
                || "make a project of it, or load what you need with a load in bronze/".to_owned(),
                |near| format!("did you mean `{near}`?"),
            ));
            through::label(told, touch)
        })
        .collect()
}
