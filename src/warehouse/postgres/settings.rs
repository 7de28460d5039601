//! How a server is reached.

use std::fmt;
use std::time::Duration;

use camino::Utf8PathBuf;
use postgres::Config;
use postgres::config::SslMode;

/// The longest that a server can be told to wait for a lock, in milliseconds.
const LONGEST: u128 = i32::MAX as u128;

/// How a server is reached, with all values known.
#[derive(Clone)]
pub struct Settings {
    /// Its name, its address, or the folder of its socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// With which password; none for a server that asks for none.
    pub password: Option<String>,
    /// The database to log in to while one's own is made.
    pub database: String,
    /// Whether the connection is encrypted.
    pub encryption: Encryption,
    /// How long a statement waits for somebody else's lock.
    pub lock_timeout: Duration,
}

/// Whether a connection is encrypted, and with whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all. A socket in the file system never is.
    Disable,
    /// Encrypted, with whoever answers.
    Require,
    /// Encrypted, with a server whose certificate is good for its name: by the authorities that the
    /// system trusts, and by those in a file.
    Verify(Option<Utf8PathBuf>),
}

impl fmt::Debug for Settings {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.user, self.host, self.port)
    }
}

impl Settings {
    /// The server's name and port, for messages.
    #[must_use]
    pub fn server(&self) -> String {
        if self.is_local() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether the server is reached through the file system.
    pub(super) fn is_local(&self) -> bool {
        self.host.starts_with('/')
    }

    /// The driver's settings for one database.
    pub(super) fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config
            .host(&self.host)
            .port(self.port)
            .user(&self.user)
            .dbname(database)
            .application_name("goldsmith")
            // What these mean must not depend on a server's or a role's settings.
            .options(&format!(
                "-c search_path=public -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c lock_timeout={}",
                self.lock_timeout.as_millis().clamp(1, LONGEST)
            ))
            .connect_timeout(Duration::from_secs(10))
            .keepalives_idle(Duration::from_secs(30))
            .tcp_user_timeout(Duration::from_mins(1))
            .ssl_mode(match self.encryption {
                Encryption::Disable => SslMode::Disable,
                _ if self.is_local() => SslMode::Disable,
                _ => SslMode::Require,
            });
        if let Some(password) = &self.password {
            config.password(password);
        }
        config
    }
}
