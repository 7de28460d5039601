//! Opens sessions in one database.

use std::time::Duration;

use super::error;
use super::settings::Settings;
use super::wire::Wire;
use crate::warehouse::{Error, ErrorKind};

/// How long to wait before a server that could not be reached is tried again.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(600), Duration::from_secs(2)];
/// Databases that are not there, or that the login may not open: the server tells the one for the other.
const ABSENT: [u32; 2] = [4060, 911];
/// A server of Azure's that is busy, moving or waking up.
const PASSING: [u32; 6] = [10_928, 10_929, 40_197, 40_501, 40_613, 49_918];

/// The way into one database.
#[derive(Clone)]
pub(super) struct Door {
    settings: Settings,
    database: String,
}

impl Door {
    pub(super) fn new(settings: &Settings, database: &str) -> Self {
        Self { settings: settings.clone(), database: database.to_owned() }
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Opens a connection; a server that is busy is tried again.
    pub(super) fn open(&self) -> Result<Wire, Error> {
        let mut pauses = PAUSES.iter();
        loop {
            match self.log_in()? {
                Ok(wire) => return Ok(wire),
                Err(failed) if PASSING.iter().any(|code| error::has_code(&failed, *code)) => {
                    match pauses.next() {
                        Some(pause) => std::thread::sleep(*pause),
                        None => return Err(self.explain(failed)),
                    }
                }
                Err(failed) => return Err(self.explain(failed)),
            }
        }
    }

    /// Whether the database is there, and lets one in. Fails when the server can't say.
    pub(super) fn open_if_there(&self) -> Result<Option<Wire>, Error> {
        match self.log_in()? {
            Ok(wire) => Ok(Some(wire)),
            Err(failed) if ABSENT.iter().any(|code| error::has_code(&failed, *code)) => Ok(None),
            Err(_) => self.open().map(Some),
        }
    }

    /// The outer error is of who logs in, the inner one the server's.
    fn log_in(&self) -> Result<Result<Wire, tiberius::error::Error>, Error> {
        let config = self.settings.config(&self.database)?;
        Ok(Wire::open(config, self.settings.asks_for_port()))
    }

    /// An error with the server's name, and with what to do about it.
    fn explain(&self, failed: tiberius::error::Error) -> Error {
        use tiberius::error::Error as Driver;
        let help = match &failed {
            _ if error::has_code(&failed, 18_456) => "check who the target logs in as",
            _ if ABSENT.iter().any(|code| error::has_code(&failed, *code)) => {
                "`goldsmith run` makes the databases of projects"
            }
            Driver::Server(_) => "",
            Driver::Tls(_) => {
                "name the authority's certificate in `certificate`, or set trust_server_certificate: true to trust whoever answers"
            }
            _ => "check host, port and instance of the target, and that the server is up",
        };
        // What the driver proposes is said in its own words for those who write Rust.
        let told = match failed {
            Driver::Tls(said) => {
                let said = said
                    .split(" To connect anyway")
                    .next()
                    .unwrap_or_default()
                    .trim_end_matches('.')
                    .to_owned();
                Error::new(ErrorKind::Connection, said)
            }
            Driver::Io { message, .. } => Error::new(ErrorKind::Connection, message),
            failed => error::read(failed),
        };
        let help = if help.is_empty() { String::new() } else { format!(" ({help})") };
        let message = format!("{}: {}: {}{help}", self.settings.server(), self.database, told.message);
        Error::new(ErrorKind::Connection, message)
    }
}
