//! Where a target's databases are: a folder of files, or a server.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::CommandError;
use super::session::Session;
use super::warehouse::setting;
use crate::nouns::{Engine, Server, Setting, Target};
use crate::warehouse::duckdb::{self, DuckDb, Memory};
use crate::warehouse::postgres::{self, Encryption, Postgres, Settings};
use crate::warehouse::{Access, Error, Finding, Warehouse};
use crate::words::{Code, Diagnostic};

/// Where a target's databases are.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// Files of `DuckDB` in a folder.
    Folder(Utf8PathBuf),
    /// Databases of a `PostgreSQL` server.
    Server(Box<Settings>),
}

impl Place {
    /// The place of a target, with everything that `goldsmith.yml` leaves to the environment.
    pub(super) fn of(session: &Session, target: &Target) -> Result<Self, CommandError> {
        let platform = &session.graph.analysis().platform;
        match &target.engine {
            Engine::DuckDb { path, span } => {
                let path = setting(&platform.file, path, *span).map_err(|e| CommandError::Files(vec![*e]))?;
                Ok(Self::Folder(session.root().join(path)))
            }
            Engine::Postgres(server) => {
                let settings = Reading { session, target }.settings(server);
                settings.map(|s| Self::Server(Box::new(s))).map_err(|e| CommandError::Files(vec![*e]))
            }
            other @ Engine::SqlServer => Err(CommandError::Usage {
                message: format!(
                    "targets of type `{}` are not supported by this version (`{}` is one)",
                    other.word(),
                    target.name
                ),
                help: Some(if target.name == session.graph.analysis().target.name {
                    "choose a target of type duckdb or postgres with --target".into()
                } else {
                    "leave the loads that read it out with --exclude".into()
                }),
            }),
        }
    }

    /// Whether a database is there.
    pub(super) fn has(&self, database: &str) -> Result<bool, Error> {
        match self {
            Self::Folder(folder) => Ok(DuckDb::file(folder, database).is_file()),
            Self::Server(settings) => Postgres::open((**settings).clone(), &[])?.has(database),
        }
    }

    /// The databases that are there, by name.
    pub(super) fn databases(&self) -> Result<Vec<String>, Error> {
        match self {
            Self::Folder(folder) => Ok(DuckDb::databases(folder)),
            Self::Server(settings) => Postgres::open((**settings).clone(), &[])?.databases(),
        }
    }

    /// Opens databases; data files are looked up in `files`.
    pub(super) fn open(
        &self,
        files: &Utf8Path,
        databases: &[(String, Access)],
        memory: Memory,
    ) -> Result<Arc<dyn Warehouse>, Error> {
        Ok(match self {
            Self::Folder(folder) => Arc::new(DuckDb::open(folder, files, databases, memory)?),
            Self::Server(settings) => Arc::new(Postgres::open((**settings).clone(), databases)?),
        })
    }

    /// Looks at it step by step, and at databases in it.
    pub(super) fn examine(&self, files: &Utf8Path, databases: &[String]) -> Vec<Finding> {
        match self {
            Self::Folder(folder) => duckdb::examine(folder, files, databases),
            Self::Server(settings) => postgres::examine(settings, databases),
        }
    }

    /// The folder, where it is one.
    pub(super) fn folder(&self) -> Option<&Utf8Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Server(_) => None,
        }
    }
}

/// Reads the settings of a server.
struct Reading<'a> {
    session: &'a Session,
    target: &'a Target,
}

impl Reading<'_> {
    fn settings(&self, server: &Server) -> Result<Settings, Box<Diagnostic>> {
        let host = self.value(server.host.as_ref())?.unwrap_or_else(|| "localhost".into());
        let port = match (self.value(server.port.as_ref())?, &server.port) {
            (Some(port), Some(setting)) => port
                .trim()
                .parse()
                .map_err(|_| self.wrong(setting, "a port is a number from 1 to 65535", "5432"))?,
            _ => 5432,
        };
        let user = self.value(server.user.as_ref())?.ok_or_else(|| {
            let platform = &self.session.graph.analysis().platform;
            Box::new(
                Diagnostic::new(
                    Code::InvalidYaml,
                    format!("the target `{}` has no `user`", self.target.name),
                )
                .at(&platform.file, server.host.as_ref().map(|h| h.span).unwrap_or_default())
                .help("add `user: \"{{ env_var('GOLDSMITH_USER') }}\"`"),
            )
        })?;
        let certificates =
            self.value(server.sslrootcert.as_ref())?.map(|file| self.session.root().join(file));
        let encryption = match (self.value(server.sslmode.as_ref())?.as_deref(), &server.sslmode) {
            (Some("disable"), _) => Encryption::Disable,
            (Some("require"), _) => Encryption::Require,
            (None | Some("verify-full"), _) | (_, None) => Encryption::Verify(certificates),
            (Some(_), Some(setting)) => {
                let help = "verify-full (the default), require or disable";
                return Err(self.wrong(setting, "`sslmode` is none that goldsmith knows", help));
            }
        };
        Ok(Settings {
            host,
            port,
            user,
            password: self.value(server.password.as_ref())?,
            database: self.value(server.database.as_ref())?.unwrap_or_else(|| "postgres".into()),
            encryption,
        })
    }

    /// A value, with `env_var` and the like filled in; an empty one counts as none.
    fn value(&self, value: Option<&Setting>) -> Result<Option<String>, Box<Diagnostic>> {
        let Some(value) = value else { return Ok(None) };
        let file = &self.session.graph.analysis().platform.file;
        setting(file, &value.text, value.span).map(|text| Some(text).filter(|t| !t.is_empty()))
    }

    fn wrong(&self, setting: &Setting, what: &str, help: &str) -> Box<Diagnostic> {
        let file = &self.session.graph.analysis().platform.file;
        Box::new(Diagnostic::new(Code::InvalidYaml, what).at(file, setting.span).help(help))
    }
}
