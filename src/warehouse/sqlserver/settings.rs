//! How a server is reached.

use std::fmt;
use std::time::Duration;

use camino::Utf8PathBuf;
use tiberius::{AuthMethod, Config, EncryptionLevel};

use super::principal::Principal;
use crate::warehouse::Error;

/// The port that a server listens on where nothing else is said.
pub const PORT: u16 = 1433;
/// How long a log in may take.
const LOG_IN: Duration = Duration::from_secs(15);

/// The longest that a server can be told to wait for a lock, in milliseconds.
const LONGEST: u128 = i32::MAX as u128;

/// How a server is reached, with all values known.
#[derive(Clone)]
pub struct Settings {
    /// Its name or address.
    pub host: String,
    /// The port; without one it is asked for, where an instance is named, or else 1433.
    pub port: Option<u16>,
    /// The instance, on a machine with several.
    pub instance: Option<String>,
    /// Who logs in.
    pub login: Login,
    /// The database to log in to while one's own is made.
    pub database: String,
    /// Whose certificates are good.
    pub certificates: Certificates,
    /// Whether a readable secondary may answer: `ApplicationIntent=ReadOnly`.
    pub is_read_only: bool,
    /// How long a statement waits for somebody else's lock.
    pub lock_timeout: Duration,
}

/// Who logs in.
#[derive(Clone)]
pub enum Login {
    /// A login of the server's own: user and password.
    Password(String, String),
    /// An access token of Azure's.
    Token(String),
    /// An application, which is given tokens.
    Principal(Principal),
    /// Whoever runs this program: a Windows login, by Kerberos elsewhere. Only where [`HAS_WINDOWS_LOGIN`].
    Windows,
}

/// Whether this build can log in as whoever runs it.
pub const HAS_WINDOWS_LOGIN: bool = cfg!(any(windows, feature = "kerberos"));

/// Whose certificates are good. The connection is always encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificates {
    /// Those that an authority vouches for which the system trusts, or one in this file.
    Check(Option<Utf8PathBuf>),
    /// Anybody's: somebody between could read and change what is sent.
    TrustAll,
}

impl fmt::Debug for Settings {
    /// Without password and token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.who(), self.server())
    }
}

impl Settings {
    /// The server's name, with port or instance, for messages.
    #[must_use]
    pub fn server(&self) -> String {
        match (&self.instance, self.port) {
            (_, Some(port)) => format!("{}:{port}", self.host),
            (Some(instance), None) => format!("{}\\{instance}", self.host),
            (None, None) => format!("{}:{PORT}", self.host),
        }
    }

    /// Who logs in, for messages.
    #[must_use]
    pub fn who(&self) -> &str {
        match &self.login {
            Login::Password(user, _) => user,
            Login::Token(_) => "the token's owner",
            Login::Principal(principal) => principal.client(),
            Login::Windows => "whoever runs goldsmith",
        }
    }

    /// Tells the server how long to wait for a lock.
    pub(super) fn set_lock_timeout(&self) -> String {
        format!("SET LOCK_TIMEOUT {};", self.lock_timeout.as_millis().clamp(1, LONGEST))
    }

    /// Whether the port has to be asked for.
    pub(super) fn asks_for_port(&self) -> bool {
        self.port.is_none() && self.instance.is_some()
    }

    /// The driver's settings for one database. Asks for a token where one is needed.
    pub(super) fn config(&self, database: &str) -> Result<Config, Error> {
        let mut config = Config::new();
        config.host(&self.host);
        if let Some(instance) = self.instance.as_ref().filter(|_| self.asks_for_port()) {
            config.instance_name(instance);
        } else {
            config.port(self.port.unwrap_or(PORT));
        }
        config.database(database);
        config.application_name("goldsmith");
        config.readonly(self.is_read_only);
        config.encryption(EncryptionLevel::Required);
        config.handshake_timeout(Some(LOG_IN));
        // A statement takes as long as it takes: goldsmith's own limits end it.
        config.command_timeout(None);
        match &self.certificates {
            Certificates::TrustAll => config.trust_cert(),
            Certificates::Check(Some(file)) => config.trust_cert_ca(file),
            Certificates::Check(None) => {}
        }
        config.authentication(match &self.login {
            Login::Password(user, password) => AuthMethod::sql_server(user, password),
            Login::Token(token) => AuthMethod::aad_token(token),
            Login::Principal(principal) => AuthMethod::aad_token(principal.token()?),
            Login::Windows => windows()?,
        });
        Ok(config)
    }
}

#[cfg(any(windows, feature = "kerberos"))]
#[expect(clippy::unnecessary_wraps, reason = "not every build can")]
fn windows() -> Result<AuthMethod, Error> {
    Ok(AuthMethod::Integrated)
}

#[cfg(not(any(windows, feature = "kerberos")))]
fn windows() -> Result<AuthMethod, Error> {
    Err(Error::new(crate::warehouse::ErrorKind::Connection, "this build of goldsmith has no Windows login"))
}
