//! What a run was asked for, as it is kept in the warehouse beside the steps that it planned.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a run was asked for. Keys that an older goldsmith did not write are as if not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `--select`
    pub select: Vec<String>,
    /// `--exclude`
    pub exclude: Vec<String>,
    /// `--full-refresh`
    pub full_refresh: bool,
    /// `--no-load`
    pub no_load: bool,
    /// The run that this one continues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
    /// All projects in whose databases the run has steps.
    pub projects: Vec<String>,
    /// What each planned node was made of, by its id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: BTreeMap<String, String>,
}
