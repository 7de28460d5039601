//! GS107: a script names its own database in full and so can't run on a target with other names.

use crate::analysis::{Owner, Via};
use crate::graph::Graph;
use crate::nouns::Kind;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    let mut found: Vec<Diagnostic> = graph
        .touches()
        .filter(|(_, touch)| touch.through.is_none())
        .filter(|(index, touch)| {
            let node = graph.node(*index);
            matches!(node.node.kind(), Kind::Script | Kind::Definition)
                && touch.via == Via::Sql
                && touch.written.matches('.').count() == 2
                && placement.owner(&touch.relation) == Owner::Project(&node.node.project)
                && touch
                    .relation
                    .database
                    .as_deref()
                    .is_some_and(|d| placement.is_named(d, &node.node.project))
        })
        .map(|(index, touch)| {
            let node = &graph.node(index).node;
            let short = touch.written.split_once('.').map_or("", |(_, rest)| rest);
            Diagnostic::new(
                Code::OwnDatabaseNamed,
                format!("`{}` names its own database in `{}`", node.name, touch.written),
            )
            .at(&touch.file, touch.span)
            .node(&node.id)
            .relation(touch.relation.to_string())
            .help(format!("write `{short}`: a target may give the database another name"))
        })
        .collect();
    found.extend(chosen(graph));
    found
}

/// `USE` of the project's own database.
fn chosen(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    let scripts = graph.indices().filter(|i| graph.node(*i).node.kind() == Kind::Script);
    let uses = scripts.flat_map(|i| graph.node(i).uses.iter().map(move |u| (i, u)));
    let own =
        uses.filter(|(index, (database, _))| placement.is_named(database, &graph.node(*index).node.project));
    own.map(|(index, (database, span))| {
        let node = &graph.node(index).node;
        Diagnostic::new(
            Code::OwnDatabaseNamed,
            format!("`{}` names its own database in `USE {database}`", node.name),
        )
        .at(&node.file, *span)
        .node(&node.id)
        .help(
            "remove the line: goldsmith connects to the project's database, whatever its name on the target",
        )
    })
    .collect()
}
