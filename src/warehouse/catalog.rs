//! What there is in a warehouse, as a value: facts for planning.

use std::collections::BTreeMap;

use crate::words::RelationName;

/// Table or view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// A table.
    Table,
    /// A view.
    View,
}

/// A relation that exists.
#[derive(Debug, Clone)]
pub struct Relation {
    /// What it is.
    pub kind: RelationKind,
    /// Its columns in order: name as stored, type.
    pub columns: Vec<(String, String)>,
    /// Whether something stands on it that would go with it: views, indexes, keys, triggers, grants. An
    /// engine that replaces tables whole does not tell.
    pub is_relied_on: bool,
}

impl Relation {
    /// The type of a column.
    #[must_use]
    pub fn kind_of(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(column)).map(|(_, kind)| kind.as_str())
    }
}

/// What exists in some databases.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    relations: BTreeMap<RelationName, Relation>,
    schemas: Vec<(String, String)>,
}

impl Catalog {
    /// Adds a relation.
    pub fn add(&mut self, name: RelationName, relation: Relation) {
        self.relations.insert(name, relation);
    }

    /// Adds a schema.
    pub fn add_schema(&mut self, database: &str, schema: &str) {
        self.schemas.push((database.to_lowercase(), schema.to_lowercase()));
    }

    /// The relation of a full name.
    #[must_use]
    pub fn get(&self, name: &RelationName) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// Whether a schema exists.
    #[must_use]
    pub fn has_schema(&self, database: &str, schema: &str) -> bool {
        self.schemas.iter().any(|(d, s)| d.eq_ignore_ascii_case(database) && s.eq_ignore_ascii_case(schema))
    }

    /// Whether a database is there, and was looked at.
    #[must_use]
    pub fn has_database(&self, database: &str) -> bool {
        self.schemas.iter().any(|(d, _)| d.eq_ignore_ascii_case(database))
    }

    /// All relations with their names.
    pub fn relations(&self) -> impl Iterator<Item = (&RelationName, &Relation)> {
        self.relations.iter()
    }
}
