//! Where a target's databases are: a folder of files, or a server.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::CommandError;
use super::session::Session;
use super::warehouse::setting;
use crate::nouns::{self, Engine, Server, Setting, Target};
use crate::warehouse::duckdb::{self, DuckDb, Memory};
use crate::warehouse::postgres::{self, Encryption, Postgres};
use crate::warehouse::sqlserver::{
    self, AUTHORITY, Certificates, HAS_WINDOWS_LOGIN, Login, SqlServer, Wrong,
};
use crate::warehouse::{Access, Error, Finding, LOCK_TIMEOUT, Warehouse};
use crate::words::{Code, Diagnostic, Span};

/// Where a target's databases are.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// Files of `DuckDB` in a folder.
    Folder(Utf8PathBuf),
    /// Databases of a `PostgreSQL` server.
    Postgres(Box<postgres::Settings>),
    /// Databases of a SQL Server.
    SqlServer(Box<sqlserver::Settings>),
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
                let settings = Reading { session, target }.postgres(server);
                settings.map(|s| Self::Postgres(Box::new(s))).map_err(|e| CommandError::Files(vec![*e]))
            }
            Engine::SqlServer(server) => {
                let settings = Reading { session, target }.sqlserver(server);
                settings.map(|s| Self::SqlServer(Box::new(s))).map_err(|e| CommandError::Files(vec![*e]))
            }
        }
    }

    /// Whether a database is there.
    pub(super) fn has(&self, database: &str) -> Result<bool, Error> {
        match self {
            Self::Folder(folder) => Ok(DuckDb::file(folder, database).is_file()),
            Self::Postgres(settings) => Postgres::open((**settings).clone(), &[])?.has(database),
            Self::SqlServer(settings) => SqlServer::open((**settings).clone(), &[])?.has(database),
        }
    }

    /// The databases that are there, by name.
    pub(super) fn databases(&self) -> Result<Vec<String>, Error> {
        match self {
            Self::Folder(folder) => Ok(DuckDb::databases(folder)),
            Self::Postgres(settings) => Postgres::open((**settings).clone(), &[])?.databases(),
            Self::SqlServer(settings) => SqlServer::open((**settings).clone(), &[])?.databases(),
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
            Self::Postgres(settings) => Arc::new(Postgres::open((**settings).clone(), databases)?),
            Self::SqlServer(settings) => Arc::new(SqlServer::open((**settings).clone(), databases)?),
        })
    }

    /// Looks at it step by step, and at databases in it.
    pub(super) fn examine(&self, files: &Utf8Path, databases: &[String]) -> Vec<Finding> {
        match self {
            Self::Folder(folder) => duckdb::examine(folder, files, databases),
            Self::Postgres(settings) => postgres::examine(settings, databases),
            Self::SqlServer(settings) => sqlserver::examine(settings, databases),
        }
    }

    /// The folder, where it is one.
    pub(super) fn folder(&self) -> Option<&Utf8Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Postgres(_) | Self::SqlServer(_) => None,
        }
    }

    /// The database to log in to, where it is a server.
    pub(super) fn home(&self) -> Option<&str> {
        match self {
            Self::Folder(_) => None,
            Self::Postgres(settings) => Some(&settings.database),
            Self::SqlServer(settings) => Some(&settings.database),
        }
    }
}

/// Reads the settings of a server.
struct Reading<'a> {
    session: &'a Session,
    target: &'a Target,
}

impl Reading<'_> {
    fn postgres(&self, server: &Server) -> Result<postgres::Settings, Box<Diagnostic>> {
        let host = self.value(server.host.as_ref())?.unwrap_or_else(|| "localhost".into());
        let port = self.port(server.port.as_ref(), "5432")?.unwrap_or(5432);
        let user = self.user(server.user.as_ref(), server.host.as_ref())?;
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
        Ok(postgres::Settings {
            host,
            port,
            user,
            password: self.value(server.password.as_ref())?,
            database: self.value(server.database.as_ref())?.unwrap_or_else(|| "postgres".into()),
            encryption,
            lock_timeout: server.lock_timeout.unwrap_or(LOCK_TIMEOUT),
        })
    }

    fn sqlserver(&self, server: &nouns::SqlServer) -> Result<sqlserver::Settings, Box<Diagnostic>> {
        let login = self.login(server)?;
        let certificate = self.value(server.certificate.as_ref())?.map(|file| self.session.root().join(file));
        let is_read_only = match (self.value(server.application_intent.as_ref())?, &server.application_intent)
        {
            (None, _) | (_, None) => false,
            (Some(intent), Some(setting)) => {
                match intent.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
                    "readonly" => true,
                    "readwrite" => false,
                    _ => {
                        let what = "`application_intent` is none that goldsmith knows";
                        return Err(self.wrong(setting, what, "read-only or read-write (the default)"));
                    }
                }
            }
        };
        Ok(sqlserver::Settings {
            host: self.value(server.host.as_ref())?.unwrap_or_else(|| "localhost".into()),
            port: self.port(server.port.as_ref(), "1433")?,
            instance: self.value(server.instance.as_ref())?,
            login,
            database: self.value(server.database.as_ref())?.unwrap_or_else(|| "master".into()),
            certificates: match (server.trust_server_certificate, certificate) {
                (true, _) => Certificates::TrustAll,
                (false, file) => Certificates::Check(file),
            },
            is_read_only,
            lock_timeout: server.lock_timeout.unwrap_or(LOCK_TIMEOUT),
        })
    }

    /// Who logs in: one of the four ways, and no parts of another one.
    fn login(&self, server: &nouns::SqlServer) -> Result<Login, Box<Diagnostic>> {
        let user = server.user.as_ref();
        let windows = server.windows_login;
        let ways = [
            ("user", user.map(|s| s.span)),
            ("token", server.token.as_ref().map(|s| s.span)),
            ("client_id", server.client_id.as_ref().map(|s| s.span)),
            ("windows_login", windows),
        ];
        let mut named = ways.iter().filter_map(|(key, span)| Some((key, (*span)?)));
        if let (Some((first, _)), Some((second, span))) = (named.next(), named.next()) {
            let what = format!("`{first}` and `{second}` are two ways to log in");
            return Err(self.invalid(&what, span, "name one of them"));
        }
        if let Some(span) = windows {
            if !HAS_WINDOWS_LOGIN {
                let what = "this build of goldsmith can't log in as whoever runs it";
                let help =
                    "use a build for Windows, or one with Kerberos: `cargo install --features kerberos`";
                return Err(self.invalid(what, span, help));
            }
            return Ok(Login::Windows);
        }
        if let Some(token) = &server.token {
            let Some(token) = self.value(Some(token))? else {
                return Err(self.wrong(
                    token,
                    "`token` is empty",
                    "have one made, and put it where `token` looks",
                ));
            };
            return Ok(Login::Token(token));
        }
        match &server.client_id {
            Some(client) => self.principal(server, client).map(Login::Principal),
            None => Ok(Login::Password(
                self.user(user, server.host.as_ref())?,
                self.value(server.password.as_ref())?.unwrap_or_default(),
            )),
        }
    }

    fn principal(
        &self,
        server: &nouns::SqlServer,
        client: &Setting,
    ) -> Result<sqlserver::Principal, Box<Diagnostic>> {
        let needed = |key: &str, setting: &Option<Setting>| {
            self.value(setting.as_ref())?.ok_or_else(|| {
                let what = format!("`client_id` needs `{key}`");
                let help = "an application logs in with tenant_id, client_id and client_secret";
                self.invalid(&what, setting.as_ref().unwrap_or(client).span, help)
            })
        };
        let (tenant, secret) =
            (needed("tenant_id", &server.tenant_id)?, needed("client_secret", &server.client_secret)?);
        let id = needed("client_id", &server.client_id)?;
        let authority = self.value(server.authority.as_ref())?;
        let made = sqlserver::Principal::new(authority.as_deref().unwrap_or(AUTHORITY), &tenant, id, secret);
        made.map_err(|wrong| {
            let (key, setting) = match wrong {
                Wrong::Tenant => ("tenant_id", &server.tenant_id),
                Wrong::Authority(_) => ("authority", &server.authority),
            };
            let help = match wrong {
                Wrong::Tenant => {
                    "the tenant's id, or a domain of its, such as contoso.onmicrosoft.com".to_owned()
                }
                Wrong::Authority(why) => format!("{why}; such as {AUTHORITY}, the default"),
            };
            self.wrong(setting.as_ref().unwrap_or(client), &format!("`{key}` can't be used"), &help)
        })
    }

    fn port(&self, port: Option<&Setting>, usual: &str) -> Result<Option<u16>, Box<Diagnostic>> {
        let (Some(text), Some(setting)) = (self.value(port)?, port) else { return Ok(None) };
        let wrong = |_| self.wrong(setting, "a port is a number from 1 to 65535", usual);
        text.trim().parse().map(Some).map_err(wrong)
    }

    fn user(&self, user: Option<&Setting>, host: Option<&Setting>) -> Result<String, Box<Diagnostic>> {
        self.value(user)?.ok_or_else(|| {
            let platform = &self.session.graph.analysis().platform;
            let message = format!("the target `{}` has no `user`", self.target.name);
            Box::new(
                Diagnostic::new(Code::InvalidYaml, message)
                    .at(&platform.file, host.map(|h| h.span).unwrap_or_default())
                    .help("add `user: \"{{ env_var('GOLDSMITH_USER') }}\"`"),
            )
        })
    }

    /// A value, with `env_var` and the like filled in; an empty one counts as none.
    fn value(&self, value: Option<&Setting>) -> Result<Option<String>, Box<Diagnostic>> {
        let Some(value) = value else { return Ok(None) };
        let file = &self.session.graph.analysis().platform.file;
        setting(file, &value.text, value.span).map(|text| Some(text).filter(|t| !t.is_empty()))
    }

    fn wrong(&self, setting: &Setting, what: &str, help: &str) -> Box<Diagnostic> {
        self.invalid(what, setting.span, help)
    }

    fn invalid(&self, what: &str, at: Span, help: &str) -> Box<Diagnostic> {
        let file = &self.session.graph.analysis().platform.file;
        Box::new(Diagnostic::new(Code::InvalidYaml, what).at(file, at).help(help))
    }
}
