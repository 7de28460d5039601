//! What a command hands over to have artifacts written.

use serde_json::{Map, Value};

use crate::analysis::Fingerprint;
use crate::nouns::Node;
use crate::words::RelationName;

/// A node with what was found out about it after it was read.
#[derive(Debug, Clone)]
pub struct ManifestNode<'a> {
    /// The node as read.
    pub node: &'a Node,
    /// The relation that it makes: for a script that makes several, the first.
    pub relation: Option<RelationName>,
    /// The relation's name as SQL of the target writes it, quoted.
    pub relation_sql: Option<String>,
    /// The ids (`project.name`) of the nodes that it depends on.
    pub depends_on: Vec<String>,
    /// The SQL after rendering.
    pub compiled_code: Option<String>,
    /// The configuration after all its sources are merged.
    pub config: Map<String, Value>,
    /// The tags, those of `config()` with them.
    pub tags: Vec<String>,
    /// What it is made of.
    pub state: Fingerprint,
}

impl<'a> ManifestNode<'a> {
    /// A node about which nothing more is known than what was read.
    #[must_use]
    pub fn new(node: &'a Node) -> Self {
        Self {
            node,
            relation: None,
            relation_sql: None,
            depends_on: Vec::new(),
            compiled_code: None,
            config: node.config.clone(),
            tags: node.tags.clone(),
            state: Fingerprint::default(),
        }
    }
}

/// The call of goldsmith that writes an artifact.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Names the call; for a run the run's id.
    pub id: String,
    /// When the artifact is written.
    pub generated_at: jiff::Timestamp,
    /// The platform's name.
    pub platform: String,
    /// The target's type, such as `duckdb`.
    pub adapter_type: String,
    /// The arguments of the call, without secrets.
    pub args: Map<String, Value>,
}
