//! A place where a node touches a relation.

use std::sync::Arc;

use crate::nouns::DefinitionKind;
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
    /// By its name in a text that is run: dynamic SQL.
    Text,
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
    /// The definition that is called or read here, if it is its body that touches the relation.
    pub through: Option<Arc<Through>>,
    /// The user's file.
    pub file: Arc<SourceFile>,
    /// The place in it.
    pub span: Span,
}

/// A definition that stands between a node and what it touches.
#[derive(Debug, Clone)]
pub struct Through {
    /// What it is.
    pub kind: DefinitionKind,
    /// Its name as the project knows it.
    pub name: String,
    /// The file in whose body the relation is named.
    pub file: Arc<SourceFile>,
    /// The place of the name there.
    pub span: Span,
}

impl Touch {
    /// Whether it is what a definition's body does, told where that body stands and nowhere else:
    /// the definition's own node answers for it.
    #[must_use]
    pub fn is_own_body(&self) -> bool {
        self.through.as_ref().is_some_and(|t| t.span == self.span && Arc::ptr_eq(&t.file, &self.file))
    }
}
