//! Opens sessions in one database.

use std::time::Duration;

use postgres::{CancelToken, Client};

use super::connection::Notices;
use super::error;
use super::settings::Settings;
use super::tls::Tls;
use crate::warehouse::{Error, ErrorKind};

/// How long to wait before a server that could not be reached is tried again.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(600), Duration::from_secs(2)];

/// The way into one database.
#[derive(Clone)]
pub(super) struct Door {
    settings: Settings,
    tls: Tls,
    database: String,
}

impl Door {
    pub(super) fn new(settings: &Settings, tls: &Tls, database: &str) -> Self {
        Self { settings: settings.clone(), tls: tls.clone(), database: database.to_owned() }
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }

    pub(super) fn lock_timeout(&self) -> Duration {
        self.settings.lock_timeout
    }

    /// Opens a session; a server that is busy or restarting is tried again.
    pub(super) fn open(&self, notices: &Notices) -> Result<Client, Error> {
        let mut config = self.settings.config(&self.database);
        let kept = notices.clone();
        config.notice_callback(move |notice| kept.keep(&notice));
        let mut pauses = PAUSES.iter();
        loop {
            match self.tls.connect(&config) {
                Ok(client) => return Ok(client),
                Err(error) if is_passing(&error) => match pauses.next() {
                    Some(pause) => std::thread::sleep(*pause),
                    None => return Err(self.explain(error)),
                },
                Err(error) => return Err(self.explain(error)),
            }
        }
    }

    /// Whether the database is there. Fails when the server can't say.
    pub(super) fn open_if_there(&self, notices: &Notices) -> Result<Option<Client>, Error> {
        let config = self.settings.config(&self.database);
        match self.tls.connect(&config) {
            Err(error) if error::has_code(&error, "3D000") => Ok(None),
            Ok(client) => Ok(Some(client)),
            Err(_) => self.open(notices).map(Some),
        }
    }

    pub(super) fn cancel(&self, token: &CancelToken) -> Result<(), postgres::Error> {
        self.tls.cancel(token)
    }

    /// An error with the server's name, and with what to do about it.
    fn explain(&self, error: postgres::Error) -> Error {
        let code = error.code().map(|c| c.code().to_owned());
        let told = error::read(error);
        let help = match code.as_deref() {
            Some("28P01" | "28000") => "check user and password of the target",
            Some("3D000") => "`goldsmith run` makes the databases of projects",
            Some(_) => "",
            None if told.message.contains("does not support TLS") => {
                "set sslmode: disable if the connection is safe without encryption"
            }
            None if told.message.contains("certificate") => {
                "name the authority's certificate in sslrootcert, or set sslmode: require to trust whoever answers"
            }
            None => "check host and port of the target, and that the server is up",
        };
        let help = if help.is_empty() { String::new() } else { format!(" ({help})") };
        Error::new(ErrorKind::Connection, format!("{}: {}{help}", self.settings.server(), told.message))
    }
}

/// Whether a server may take the next try: it starts up, or is full.
fn is_passing(error: &postgres::Error) -> bool {
    match error.code() {
        Some(code) => ["57P03", "53300"].contains(&code.code()),
        None => false,
    }
}
