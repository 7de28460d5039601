//! One source system's folder.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::{Map, Value};

use super::{BusinessDate, Freshness, Levels, Node, Owns, Publications, Schedule};
use crate::words::{Dialect, SourceFile};

/// The schemas of a project's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schemas {
    /// Loads and seeds.
    pub bronze: String,
    /// Silver models.
    pub silver: String,
    /// Operational gold.
    pub operational: String,
    /// Financial gold.
    pub financial: String,
}

impl Default for Schemas {
    fn default() -> Self {
        Self {
            bronze: "raw".into(),
            silver: "silver".into(),
            operational: "gold".into(),
            financial: "fin".into(),
        }
    }
}

/// One source system.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its folder, relative to the platform, with forward slashes.
    pub folder: Utf8PathBuf,
    /// `project.yml`.
    pub file: Arc<SourceFile>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is.
    pub description: String,
    /// The declared name of its database.
    pub database: String,
    /// Schemas that it owns beside its declared ones, where databases are shared.
    pub owns: Vec<Owns>,
    /// The dialect of all its SQL; the default target's when absent.
    pub dialect: Option<Dialect>,
    /// Its schemas.
    pub schemas: Schemas,
    /// When it runs.
    pub schedule: Schedule,
    /// How old its data may become.
    pub freshness: Freshness,
    /// How its financial gold is published, over what the platform says.
    pub publications: Publications,
    /// Which date a run of it is for.
    pub business_date: BusinessDate,
    /// `schema.name` of what others may import; `None` is everything but bronze.
    pub public: Option<Vec<String>>,
    /// How bad its rules are, over what the platform says.
    pub lint: Levels,
    /// Variables for `var()`.
    pub vars: Map<String, Value>,
    /// The names of dbt's `sources:`, which `source()` takes beside the project's own name.
    pub source_names: Vec<String>,
    /// The folder of its loads, relative to the platform.
    pub bronze: Utf8PathBuf,
    /// Its YAML files beside `project.yml`, as far as they could be read as text.
    pub yaml: Vec<Arc<SourceFile>>,
    /// Macro files.
    pub macros: Vec<Arc<SourceFile>>,
    /// Everything with a place in the graph.
    pub nodes: Vec<Node>,
}
