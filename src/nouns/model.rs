//! How a model is built: dbt's configuration, after all its sources are merged.

use serde_json::{Map, Value};

use super::kinds::words;
use crate::words::Span;

words! {
    /// What a model becomes in the warehouse.
    Materialization {
        /// A view.
        View "view",
        /// A table, rebuilt each time.
        Table "table",
        /// A table that grows.
        Incremental "incremental",
        /// Nothing: its SQL is put into those who read it.
        Ephemeral "ephemeral",
    }
}

words! {
    /// How an incremental model takes up new rows.
    IncrementalStrategy {
        /// Adds them.
        Append "append",
        /// Deletes rows of the same key, then adds them.
        DeleteInsert "delete+insert",
        /// Updates rows of the same key, adds the others.
        Merge "merge",
    }
}

/// SQL to run before or after a model is built, in its transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The SQL, rendered.
    pub sql: String,
    /// The place of the `config()` that sets it, if there is one.
    pub span: Span,
}

/// A model's configuration, resolved.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    /// What it becomes.
    pub materialized: Materialization,
    /// The columns that name a row, for incremental models.
    pub unique_key: Vec<String>,
    /// How new rows are taken up.
    pub strategy: IncrementalStrategy,
    /// Whether `--full-refresh` applies: `Some(false)` never, `Some(true)` always.
    pub full_refresh: Option<bool>,
    /// SQL before.
    pub pre_hook: Vec<Hook>,
    /// SQL after.
    pub post_hook: Vec<Hook>,
    /// Everything that was configured, for `config.x:` selection and the manifest.
    pub all: Map<String, Value>,
}
