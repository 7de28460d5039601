//! A configured warehouse.

use std::collections::BTreeMap;
use std::time::Duration;

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
    /// How long a statement may take; `None` lets it.
    pub statement_timeout: Option<Duration>,
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
    /// SQL Server and Azure SQL; one database of a server for each project's database.
    SqlServer(Box<SqlServer>),
    /// `PostgreSQL`; one database of a server for each project's database.
    Postgres(Box<Server>),
}

/// How a server is reached. All values as written: they may hold `env_var`.
#[derive(Debug, Clone, Default)]
pub struct Server {
    /// Its name, its address, or the folder of its socket.
    pub host: Option<Setting>,
    /// The port.
    pub port: Option<Setting>,
    /// Who logs in.
    pub user: Option<Setting>,
    /// With which password.
    pub password: Option<Setting>,
    /// The database to log in to while one's own is made.
    pub database: Option<Setting>,
    /// Whether the connection is encrypted and the server's certificate checked, in libpq's words.
    pub sslmode: Option<Setting>,
    /// A file of certificates to trust beside the system's.
    pub sslrootcert: Option<Setting>,
    /// How long a statement waits for somebody else's lock.
    pub lock_timeout: Option<Duration>,
}

/// How a server of SQL Server's is reached. All values as written: they may hold `env_var`.
#[derive(Debug, Clone, Default)]
pub struct SqlServer {
    /// Its name or address.
    pub host: Option<Setting>,
    /// The port.
    pub port: Option<Setting>,
    /// The instance, on a machine with several.
    pub instance: Option<Setting>,
    /// Who logs in.
    pub user: Option<Setting>,
    /// With which password.
    pub password: Option<Setting>,
    /// An access token of Azure's, in the place of both.
    pub token: Option<Setting>,
    /// An application of Microsoft Entra ID that logs in by tokens it is given: where it is registered.
    pub tenant_id: Option<Setting>,
    /// Its id.
    pub client_id: Option<Setting>,
    /// Its secret.
    pub client_secret: Option<Setting>,
    /// Who gives out the tokens, where it is not Azure's public cloud.
    pub authority: Option<Setting>,
    /// Where it says that whoever runs goldsmith logs in.
    pub windows_login: Option<Span>,
    /// The database to log in to while one's own is made.
    pub database: Option<Setting>,
    /// A file with the certificate of an authority to trust beside the system's.
    pub certificate: Option<Setting>,
    /// Whether anybody's certificate is good.
    pub trust_server_certificate: bool,
    /// `read-only` for a readable secondary.
    pub application_intent: Option<Setting>,
    /// How long a statement waits for somebody else's lock.
    pub lock_timeout: Option<Duration>,
}

/// A value of `goldsmith.yml`, with its place.
#[derive(Debug, Clone)]
pub struct Setting {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
}

impl Engine {
    /// The word in `type:`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::DuckDb { .. } => "duckdb",
            Self::SqlServer(_) => "sqlserver",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The dialect that the engine runs.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::DuckDb { .. } => Dialect::DuckDb,
            Self::SqlServer(_) => Dialect::TSql,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }
}
