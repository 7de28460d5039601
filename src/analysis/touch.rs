//! A place where a node touches a relation.

use std::sync::Arc;

use crate::words::{RelationName, SourceFile, Span};

/// What is done to the relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// It is made: the node is its producer.
    Create,
    /// It is made unless it is there.
    CreateIfMissing,
    /// Its rows are changed.
    Modify,
    /// It is dropped.
    Drop,
    /// It is read.
    Read,
}

impl Access {
    /// Whether the relation is changed.
    #[must_use]
    pub fn is_write(self) -> bool {
        self != Self::Read
    }
}

/// How the relation was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    /// By its name in SQL.
    Sql,
    /// By `ref()`.
    Ref,
    /// By `source()`.
    Source,
    /// By YAML: the node that a test tests, the table that a load makes.
    Yaml,
    /// By a load that imports it: the only edge that may cross projects.
    Import,
}

/// A relation touched by a node, with the place.
#[derive(Debug, Clone)]
pub struct Touch {
    /// The full name on the target.
    pub relation: RelationName,
    /// The name as the user wrote it.
    pub written: String,
    /// What is done.
    pub access: Access,
    /// How it was named.
    pub via: Via,
    /// Whether it happens only when a procedure, function or trigger is run that is defined here.
    pub deferred: bool,
    /// The user's file.
    pub file: Arc<SourceFile>,
    /// The place in it.
    pub span: Span,
}
