//! What comes out of rendering one template.

use super::{Resolved, SourceMap};
use crate::words::Span;

/// Start of the name that stands in for a `ref()` or `source()` that resolves to nothing.
pub const UNKNOWN_PREFIX: &str = "__unknown__";

/// Which function named another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// `ref('name')` or `ref('package', 'name')`.
    Ref,
    /// `source('source', 'table')`.
    Source,
}

/// One node that a template names, once however often it is named.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The function.
    pub kind: ReferenceKind,
    /// Its arguments.
    pub args: Vec<String>,
    /// What it stands for; `None` when nothing is known under that name.
    pub resolved: Option<Resolved>,
    /// The call in the template, or the call of the macro that made it.
    pub span: Span,
}

/// One key that the template's `config()` calls set.
#[derive(Debug, Clone)]
pub struct ConfigEntry {
    /// The key as written.
    pub key: String,
    /// The value after merging all calls.
    pub value: serde_json::Value,
    /// `key=value` in the template.
    pub span: Span,
}

/// A rendered template.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The SQL.
    pub sql: String,
    /// From the SQL back to the template.
    pub map: SourceMap,
    /// What the template names, in order of first use.
    pub refs: Vec<Reference>,
    /// What `config()` set, in order of first use.
    pub config: Vec<ConfigEntry>,
    /// What `exceptions.warn()` said.
    pub warnings: Vec<String>,
    /// What `log(.., info=true)` and `print()` said.
    pub messages: Vec<String>,
}

impl Rendered {
    /// The value of a key that `config()` set.
    #[must_use]
    pub fn config(&self, key: &str) -> Option<&ConfigEntry> {
        self.config.iter().find(|entry| entry.key == key)
    }
}
