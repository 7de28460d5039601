//! What every template of one project sees alike.

use std::fmt;

use crate::words::Dialect;

/// The target as templates see it (`target.name` and so on).
#[derive(Debug, Clone, Default)]
pub struct TargetFacts {
    /// The target's name, such as `dev`.
    pub name: String,
    /// The engine's word, such as `duckdb`.
    pub kind: String,
    /// The project's database on this target.
    pub database: String,
    /// The default schema.
    pub schema: String,
    /// How many steps run side by side.
    pub threads: usize,
}

/// Finds the value of an environment variable.
pub type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The facts that a project's templates share.
pub struct Settings {
    /// The project's name; its macros also answer to `project.macro()`.
    pub project: String,
    /// The dialect whose quoting relations are printed in.
    pub dialect: Dialect,
    /// The target.
    pub target: TargetFacts,
    /// What `var()` finds.
    pub vars: serde_json::Map<String, serde_json::Value>,
    /// The pipeline's word, seen as `flags.PIPELINE`.
    pub pipeline: String,
    /// The business date, seen as `flags.DATE`.
    pub date: String,
    /// When the run started (RFC 3339), seen as `run_started_at`.
    pub started_at: String,
    /// The run's id, seen as `invocation_id`.
    pub invocation_id: String,
    /// What `env_var()` finds; `std::env::var(name).ok()` outside tests.
    pub environment: Lookup,
}

impl Settings {
    /// Settings for a project, with an empty everything else and the process's environment.
    #[must_use]
    pub fn new(project: impl Into<String>, dialect: Dialect) -> Self {
        Self {
            project: project.into(),
            dialect,
            target: TargetFacts::default(),
            vars: serde_json::Map::new(),
            pipeline: "daily".to_owned(),
            date: String::new(),
            started_at: String::new(),
            invocation_id: String::new(),
            environment: Box::new(|name| std::env::var(name).ok()),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("project", &self.project)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
