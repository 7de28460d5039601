//! GS105: reads a relation of its own database that nothing in the project makes.

use std::collections::{HashMap, HashSet};

use crate::analysis::{Access, Owner, Via};
use crate::ddl::BOOKKEEPING;
use crate::graph::Graph;
use crate::nouns::Kind;
use crate::words::{Code, Diagnostic, RelationName, nearest};

/// How many names are compared in search of those that were meant, so that the search doesn't grow
/// with the square of a platform's size.
const COMPARISONS: usize = 1_000_000;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    let nodes = graph.indices().map(|i| &graph.node(i).node);
    let defined: HashSet<&RelationName> = nodes.filter_map(|n| Some(&n.body.definition()?.name)).collect();
    // What a procedure makes is made, though nothing here executes it: somebody else may.
    let made: HashSet<&RelationName> = graph
        .touches()
        .filter(|(index, touch)| {
            !matches!(touch.access, Access::Read | Access::Drop)
                && graph.node(*index).node.kind() == Kind::Definition
        })
        .map(|(_, touch)| &touch.relation)
        .collect();
    let mut found = Vec::new();
    let mut comparisons = COMPARISONS;
    let mut told: HashSet<(String, RelationName)> = HashSet::new();
    let mut known: HashMap<String, Vec<String>> = HashMap::new();
    for (index, touch) in graph.touches().filter(|(_, t)| t.through.is_none()) {
        let node = &graph.node(index).node;
        let relation = &touch.relation;
        let own = placement.owner(relation) == Owner::Project(&node.project)
            && relation.database.as_deref().is_some_and(|d| placement.is_named(d, &node.project));
        if touch.access != Access::Read || touch.via == Via::Import || !own || relation.server.is_some() {
            continue;
        }
        // A synonym may stand for a procedure.
        let is_made =
            !graph.writers(relation).is_empty() || defined.contains(relation) || made.contains(relation);
        if is_made || relation.name == "*" || relation.schema.as_deref() == Some(BOOKKEEPING) {
            continue;
        }
        if !told.insert((node.id.clone(), relation.clone())) {
            continue;
        }
        let names = known.entry(node.project.clone()).or_insert_with(|| {
            let own = graph.relations().filter(|r| placement.owner(r) == Owner::Project(&node.project));
            own.map(short).collect()
        });
        let wanted = short(relation);
        let names = if names.len() <= comparisons { names.as_slice() } else { &[] };
        comparisons -= names.len();
        let same_name = names.iter().filter(|n| n.rsplit('.').next() == Some(&relation.name)).min();
        let near =
            same_name.map(String::as_str).or_else(|| nearest(&wanted, names.iter().map(String::as_str)));
        found.push(
            Diagnostic::new(
                Code::UndeclaredRelation,
                format!("`{}` reads `{}`, which nothing in project `{}` makes", node.name, touch.written, node.project),
            )
            .at(&touch.file, touch.span)
            .node(&node.id)
            .relation(relation.to_string())
            .help(near.map_or_else(
                || "declare it as a load in bronze/ (`from: external` if another tool fills it), or correct the name".to_owned(),
                |near| format!("did you mean `{near}`?"),
            )),
        );
    }
    found
}

/// `schema.name`
fn short(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name)
}
