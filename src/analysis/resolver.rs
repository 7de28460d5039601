//! Answers `ref()` and `source()` of one project's templates.

use std::collections::{HashMap, HashSet};

use crate::render::{Resolve, Resolved};
use crate::words::RelationName;

/// What `ref()` and `source()` of a project can name.
#[derive(Debug, Clone, Default)]
pub(super) struct Resolver {
    /// The project's own name.
    pub(super) project: String,
    /// Models and seeds.
    pub(super) references: HashMap<String, Resolved>,
    /// Models and seeds that are not enabled.
    pub(super) disabled: HashSet<String>,
    /// Loads.
    pub(super) loads: HashMap<String, Resolved>,
    /// dbt's names of sources.
    pub(super) source_names: HashSet<String>,
    /// What other projects have, by project and name: naming it is GS101, not an unknown name.
    pub(super) foreign: HashMap<String, HashMap<String, RelationName>>,
}

impl Resolve for Resolver {
    fn reference(&self, package: Option<&str>, name: &str) -> Option<Resolved> {
        match package {
            Some(other) if other != self.project => self.foreign(other, name),
            _ => self.references.get(name).cloned(),
        }
    }

    fn source(&self, source: &str, table: &str) -> Option<Resolved> {
        if source == self.project || self.source_names.contains(source) {
            return self.loads.get(table).cloned();
        }
        self.foreign(source, table)
    }
}

impl Resolver {
    fn foreign(&self, project: &str, name: &str) -> Option<Resolved> {
        self.foreign.get(project)?.get(name).cloned().map(Resolved::Relation)
    }

    /// All names that `ref()` knows.
    pub(super) fn reference_names(&self) -> impl Iterator<Item = &str> {
        self.references.keys().map(String::as_str)
    }

    /// All names that `source()` knows.
    pub(super) fn load_names(&self) -> impl Iterator<Item = &str> {
        self.loads.keys().map(String::as_str)
    }
}
