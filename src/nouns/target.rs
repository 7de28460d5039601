//! A configured warehouse.

use std::collections::BTreeMap;

use crate::words::{Dialect, Span};

/// A configured warehouse.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name in `goldsmith.yml`.
    pub name: String,
    /// The engine and how to reach it.
    pub engine: Engine,
    /// Whether the rules for production hold here.
    pub protected: bool,
    /// How many steps run side by side; `None` leaves it to goldsmith.
    pub threads: Option<usize>,
    /// How much memory the engine's own buffers may take, in bytes; `None` leaves it to the engine.
    pub memory_limit: Option<u64>,
    /// Other database names for this target, by project.
    pub databases: BTreeMap<String, String>,
    /// Put before every schema's name.
    pub schema_prefix: String,
}

/// The engine of a target.
#[derive(Debug, Clone)]
pub enum Engine {
    /// `DuckDB` in this process; one file for each project's database.
    DuckDb {
        /// The folder that holds the files, relative to the platform, as written: may hold `env_var`.
        path: String,
        /// Where `goldsmith.yml` says so.
        span: Span,
    },
    /// SQL Server and its kin, known by name and not reachable yet.
    SqlServer,
    /// `PostgreSQL`, known by name and not reachable yet.
    Postgres,
}

impl Engine {
    /// The word in `type:`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::DuckDb { .. } => "duckdb",
            Self::SqlServer => "sqlserver",
            Self::Postgres => "postgres",
        }
    }

    /// The dialect that the engine runs.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::DuckDb { .. } => Dialect::DuckDb,
            Self::SqlServer => Dialect::TSql,
            Self::Postgres => Dialect::Postgres,
        }
    }
}
