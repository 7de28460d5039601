//! What a project offers to others: whether a relation of its can be imported.

use crate::graph::Graph;
use crate::nouns::{Layer, Project};
use crate::words::{RelationName, nearest};

/// Whether a relation can be imported.
pub(super) enum Offer {
    /// It can.
    Public,
    /// Its owner has not made it public; what to do.
    Private(String),
    /// Its owner has no such relation; what to do.
    Missing(String),
}

impl Offer {
    /// What `owner` says to a wish for `wanted` (`schema.name`), which is `relation` on the target.
    pub(super) fn of(graph: &Graph, owner: &Project, relation: &RelationName, wanted: &str) -> Self {
        let writers = graph.writers(relation);
        if writers.is_empty() {
            return Self::Missing(missing(graph, owner, relation, wanted));
        }
        let public = match &owner.public {
            Some(list) => list.iter().any(|name| name.eq_ignore_ascii_case(wanted)),
            None => writers.iter().all(|w| graph.node(*w).node.layer != Some(Layer::Bronze)),
        };
        if public { Self::Public } else { Self::Private(private(owner, wanted)) }
    }
}

fn missing(graph: &Graph, owner: &Project, relation: &RelationName, wanted: &str) -> String {
    let has: Vec<String> = graph
        .relations()
        .filter(|r| r.database == relation.database)
        .map(|r| format!("{}.{}", r.schema.as_deref().unwrap_or_default(), r.name))
        .collect();
    nearest(wanted, has.iter().map(String::as_str)).map_or_else(
        || format!("`goldsmith ls --select {}` lists what it has", owner.name),
        |n| format!("did you mean `{n}`?"),
    )
}

fn private(owner: &Project, wanted: &str) -> String {
    let name = &owner.name;
    let whom = owner.owner.as_ref().map_or_else(String::new, |who| format!(" ({who})"));
    match &owner.public {
        Some(list) if !list.is_empty() => {
            format!(
                "`{name}` offers {}; or ask its owner{whom} to add `{wanted}` to `public:`",
                list.join(", ")
            )
        }
        _ => format!("ask the owner of `{name}`{whom} to name `{wanted}` in `public:` of its project.yml"),
    }
}
