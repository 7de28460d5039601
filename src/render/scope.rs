//! What one template sees beyond what its project's templates share.

use std::fmt;
use std::sync::Arc;

use crate::words::RelationName;

/// What a `ref()` or `source()` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// A relation in the warehouse, printed quoted.
    Relation(RelationName),
    /// An ephemeral model: the name of the CTE that will hold it, printed as it is.
    Ephemeral(String),
}

/// Answers `ref()` and `source()`. Must not render templates itself.
pub trait Resolve: Send + Sync {
    /// What `ref('name')` or `ref('package', 'name')` stands for.
    fn reference(&self, package: Option<&str>, name: &str) -> Option<Resolved>;
    /// What `source('source', 'table')` stands for.
    fn source(&self, source: &str, table: &str) -> Option<Resolved>;
}

/// The node that a template belongs to. Shared behind an [`Arc`], since rendering keeps it.
#[derive(Clone)]
pub struct Scope {
    /// The node's id, for diagnostics.
    pub node: String,
    /// What `this` is, where the node has a relation.
    pub this: Option<RelationName>,
    /// What `model` is: name, schema, alias, `unique_id` ..
    pub model: serde_json::Value,
    /// What `is_incremental()` answers.
    pub incremental: bool,
    /// What `flags.FULL_REFRESH` is.
    pub full_refresh: bool,
    /// Answers `ref()` and `source()`.
    pub resolver: Arc<dyn Resolve>,
}

impl Scope {
    /// A scope with a node's id and a resolver, and nothing else.
    #[must_use]
    pub fn new(node: impl Into<String>, resolver: Arc<dyn Resolve>) -> Self {
        Self {
            node: node.into(),
            this: None,
            model: serde_json::Value::Null,
            incremental: false,
            full_refresh: false,
            resolver,
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("node", &self.node).field("this", &self.this).finish_non_exhaustive()
    }
}
