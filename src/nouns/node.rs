//! Anything with a place in the graph.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Column, Definition, Kind, Layer, Load, TestSpec, Track};
use crate::words::{Dialect, SourceFile, Span};

/// The id of a node: `project.name`.
#[must_use]
pub fn node_id(project: &str, name: &str) -> String {
    format!("{project}.{name}")
}

/// A node as read from disk: not rendered, not connected.
#[derive(Debug, Clone)]
pub struct Node {
    /// `project.name`.
    pub id: String,
    /// The name, unique within the project.
    pub name: String,
    /// The project's name.
    pub project: String,
    /// Its layer, where it has one.
    pub layer: Option<Layer>,
    /// Its track, where it has one.
    pub track: Option<Track>,
    /// The file that defines it: template, script, or the YAML of a load or generic test.
    pub file: Arc<SourceFile>,
    /// The place in that file where it is defined (empty for whole files).
    pub span: Span,
    /// What it is for.
    pub description: String,
    /// Tags from YAML; a model's `config()` can add more.
    pub tags: Vec<String>,
    /// Free facts from YAML.
    pub meta: Map<String, Value>,
    /// The `config:` of YAML with the project's defaults under it, before the model's own `config()`.
    pub config: Map<String, Value>,
    /// Declared columns.
    pub columns: Vec<Column>,
    /// A load's entry in YAML, as it stands there; empty for everything else.
    pub declared: Map<String, Value>,
    /// What belongs to its kind alone.
    pub body: Body,
}

/// What belongs to one kind of node alone.
#[derive(Debug, Clone)]
pub enum Body {
    /// A load.
    Load(Box<Load>),
    /// A seed: the path of its CSV file relative to the platform is the node's file path.
    Seed,
    /// A model: the file is its template.
    Model,
    /// A script: the file is its SQL.
    Script {
        /// Whether it belongs to the init pipeline (`init/`).
        init: bool,
        /// Siblings `name.<dialect>.sql`, for targets of that dialect.
        variants: Vec<(Dialect, Arc<SourceFile>)>,
    },
    /// What a script defines; it has no step of its own.
    Definition(Box<Definition>),
    /// A test.
    Test(Box<TestSpec>),
}

impl Node {
    /// The node's kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.body {
            Body::Load(_) => Kind::Load,
            Body::Seed => Kind::Seed,
            Body::Model => Kind::Model,
            Body::Script { .. } => Kind::Script,
            Body::Definition(_) => Kind::Definition,
            Body::Test(_) => Kind::Test,
        }
    }
}

impl Body {
    /// What belongs to a definition, if it is one.
    #[must_use]
    pub fn definition(&self) -> Option<&Definition> {
        match self {
            Self::Definition(definition) => Some(definition),
            _ => None,
        }
    }
}
