//! The whole repository.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::{Map, Value};

use super::kinds::words;
use super::{Deploy, Levels, Notify, Project, Publications, Target};
use crate::words::SourceFile;

words! {
    /// Which of the three pipelines.
    Pipeline {
        /// Drops and recreates, then runs daily.
        Init "init",
        /// Reloads in full, rebuilds, publishes financial gold.
        Daily "daily",
        /// Loads what changed, rebuilds operational gold.
        Hourly "hourly",
    }
}

/// A platform as read from disk.
#[derive(Debug)]
pub struct Platform {
    /// The folder that holds `goldsmith.yml`, absolute.
    pub root: Utf8PathBuf,
    /// `goldsmith.yml`.
    pub file: Arc<SourceFile>,
    /// Its name.
    pub name: String,
    /// The IANA time zone of business dates and schedules.
    pub timezone: String,
    /// The target used when none is named.
    pub default_target: String,
    /// The configured warehouses.
    pub targets: BTreeMap<String, Target>,
    /// Variables for `var()`, under the projects' own.
    pub vars: Map<String, Value>,
    /// How bad its rules are.
    pub lint: Levels,
    /// Whom to tell how runs end.
    pub notify: Vec<Notify>,
    /// How financial gold is published.
    pub publications: Publications,
    /// How it runs in containers.
    pub deploy: Deploy,
    /// The projects, by name.
    pub projects: Vec<Project>,
}
