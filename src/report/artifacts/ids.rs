//! Names nodes the way dbt does. Scripts are models in dbt's eyes (materialized as `script`): they make
//! the relations that others depend on, and tools show lineage and results of models, while they leave
//! `operation` (dbt's word for hooks) aside. Loads are sources, named as `source('<project>', '<load>')`.

use crate::nouns::{Kind, Node};

/// The id of a node in dbt's artifacts, such as `model.sfdc.account`.
#[must_use]
pub fn unique_id(node: &Node) -> String {
    let (project, name) = (&node.project, &node.name);
    match resource_type(node.kind()) {
        "source" => format!("source.{project}.{project}.{name}"),
        word => format!("{word}.{project}.{name}"),
    }
}

/// The id (`project.name`) of a node that dbt's artifacts name so.
#[must_use]
pub fn node_id(unique_id: &str) -> Option<String> {
    let (word, rest) = unique_id.split_once('.')?;
    match word {
        "source" => rest.split_once('.').map(|(_, id)| id.to_owned()),
        "seed" | "model" | "test" => Some(rest.to_owned()),
        _ => None,
    }
}

/// dbt's word for a kind of node.
pub fn resource_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Load => "source",
        Kind::Seed => "seed",
        Kind::Model | Kind::Script | Kind::Definition => "model",
        Kind::Test => "test",
    }
}
