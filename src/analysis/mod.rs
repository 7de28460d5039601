//! From a platform as read to a platform understood: every template rendered for one target, every
//! piece of SQL read, every relation name resolved in full. Connects nothing: the graph does that.

mod analyze;
mod calls;
mod compiled;
mod config;
mod definitions;
mod draft;
mod ephemeral;
mod fingerprint;
mod generic;
mod model;
mod money;
mod other;
mod placement;
mod promise;
mod reading;
mod resolver;
mod text;
mod total;
mod touch;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

pub use analyze::{Facts, analyze};
pub use calls::{Call, Defined};
pub use compiled::Compiled;
pub use fingerprint::Fingerprint;
pub use placement::{Owner, Placement, default_schema};
pub use touch::{Access, Through, Touch, Via};

use crate::nouns::{ModelConfig, Node, Platform, Target, Totals};
use crate::render::Templates;
pub use crate::sql::ServerUse;
use crate::words::{Code, Dialect, RelationName, Span};

/// A platform for one target, understood.
pub struct Analysis {
    /// The platform; its projects' nodes have moved into [`Analysis::nodes`].
    pub platform: Platform,
    /// The target.
    pub target: Target,
    /// Where each project's relations stand on the target, and who owns what.
    pub placement: Placement,
    /// All enabled nodes.
    pub nodes: Vec<AnalyzedNode>,
    /// The ids of all nodes, those that are not enabled included.
    pub names: HashSet<String>,
    /// Values that must never be shown.
    pub secrets: Vec<String>,
    /// The templates of each project, by its name.
    templates: BTreeMap<String, Templates>,
}

/// A node, understood.
pub struct AnalyzedNode {
    /// The node as read.
    pub node: Node,
    /// Its relation on the target: loads, seeds, models (an ephemeral one has none).
    pub relation: Option<RelationName>,
    /// A model's configuration.
    pub config: Option<ModelConfig>,
    /// The dialect of its SQL.
    pub dialect: Dialect,
    /// Its SQL: a model's (built in full), a script's, a test's.
    pub sql: Option<Arc<Compiled>>,
    /// An incremental model's SQL when its table is there already.
    pub incremental_sql: Option<Arc<Compiled>>,
    /// What it reads, writes, drops and calls.
    pub touches: Vec<Touch>,
    /// Whether a script runs in a transaction (`-- goldsmith: transaction off`).
    pub transaction: bool,
    /// What comments in its SQL allow.
    pub allows: Vec<Allow>,
    /// What it calls.
    pub calls: Vec<Call>,
    /// What it defines.
    pub defines: Vec<Defined>,
    /// What it does that can't be seen: place, and what stands there.
    pub hidden: Vec<(Span, String)>,
    /// Other servers that it reaches.
    pub servers: Vec<ServerUse>,
    /// The databases that it chooses with USE: full name as a relation's, place.
    pub uses: Vec<(String, Span)>,
    /// The totals that a test on money compares.
    pub totals: Option<Totals>,
}

/// `-- goldsmith: allow GS101 because ...`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The codes that are allowed.
    pub codes: Vec<Code>,
    /// The line that they are allowed in, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
    /// The place of the comment.
    pub span: Span,
}
