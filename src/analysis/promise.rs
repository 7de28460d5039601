//! What a node makes for others to read, and whether its declared columns are a promise to them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Access, AnalyzedNode};
use crate::nouns::{Kind, Materialization};
use crate::words::RelationName;

impl AnalyzedNode {
    /// The relation that the node is for: its own; of a script the one that is called as the script is, else
    /// the only one that it writes.
    #[must_use]
    pub fn gives(&self) -> Option<&RelationName> {
        if self.node.kind() != Kind::Script {
            return self.relation.as_ref();
        }
        let written: BTreeSet<&RelationName> = self
            .touches
            .iter()
            .filter(|t| t.access.is_write() && t.access != Access::Drop && !t.deferred)
            .map(|t| &t.relation)
            .collect();
        let named: Vec<&RelationName> =
            written.iter().copied().filter(|r| r.name.eq_ignore_ascii_case(&self.node.name)).collect();
        match (named.as_slice(), written.len()) {
            ([relation], _) => Some(relation),
            ([], 1) => written.first().copied(),
            _ => None,
        }
    }

    /// Whether its declared columns are all that its relation has: `contract: enforced`, or dbt's
    /// `contract: { enforced: true }`. A test has none to promise, nor has a model that becomes nothing.
    #[must_use]
    pub fn holds_contract(&self) -> bool {
        let config = match &self.config {
            Some(config) if config.materialized == Materialization::Ephemeral => return false,
            Some(config) => &config.all,
            None if self.node.kind() == Kind::Test => return false,
            None => &self.node.config,
        };
        match config.get("contract") {
            Some(Value::String(word)) => word == "enforced",
            Some(Value::Object(map)) => map.get("enforced") == Some(&Value::Bool(true)),
            _ => false,
        }
    }
}
