//! `PostgreSQL` from version 13: one database of a server for each project's database, so that each
//! session is in one of them and sees no other.

mod appender;
mod catalog;
mod connection;
mod error;
mod examine;
mod lock;
mod numeric;
mod reader;
mod session;
mod settings;
mod text;
mod tls;

use crate::sql::quote;
use crate::words::Dialect;

use self::connection::{Notices, PgConnection};
use self::lock::Lock;
use self::session::Door;
use self::tls::Tls;
use super::{Access, Catalog, Connection, Error, ErrorKind, Warehouse};

pub use examine::examine;
pub use settings::{Encryption, Settings};

/// How many bytes of a name count; the server cuts longer ones without a word.
const LONGEST: usize = 63;

/// A server, with the databases that this process holds.
pub struct Postgres {
    settings: Settings,
    tls: Tls,
    held: Vec<Lock>,
}

impl Postgres {
    /// Logs in, and opens databases: those to be written are made where there are none, and held
    /// until this goes. Fails with [`ErrorKind::Locked`] when another run holds one, and with
    /// [`ErrorKind::Connection`] when the server can't be reached or a database to be read is not there.
    pub fn open(settings: Settings, databases: &[(String, Access)]) -> Result<Self, Error> {
        let tls = Tls::new(&settings)?;
        let mut opened = Self { settings, tls, held: Vec::new() };
        for (database, access) in databases {
            match access {
                Access::Write => opened.hold(database)?,
                Access::Read => drop(opened.door(database).open(&Notices::default())?),
                Access::Glance => {}
            }
        }
        Ok(opened)
    }

    /// Whether a database is there.
    pub fn has(&self, database: &str) -> Result<bool, Error> {
        Ok(self.door(database).open_if_there(&Notices::default())?.is_some())
    }

    /// The databases of the server that one can log in to, by name.
    pub fn databases(&self) -> Result<Vec<String>, Error> {
        let mut client = self.door(&self.settings.database).open(&Notices::default())?;
        let sql = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1";
        let found = connection::rows(&mut client, sql)?;
        Ok(found.rows.into_iter().filter_map(|row| row.into_iter().next()?).collect())
    }

    fn door(&self, database: &str) -> Door {
        Door::new(&self.settings, &self.tls, database)
    }

    fn hold(&mut self, database: &str) -> Result<(), Error> {
        let door = self.door(database);
        let session = if let Some(session) = door.open_if_there(&Notices::default())? {
            session
        } else {
            self.create(database)?;
            door.open(&Notices::default())?
        };
        self.held.push(Lock::take(session, database)?);
        Ok(())
    }

    fn create(&self, database: &str) -> Result<(), Error> {
        if database.len() > LONGEST {
            return Err(Error::new(
                ErrorKind::Statement,
                format!(
                    "`{database}` is no name for a database of PostgreSQL: it has more than {LONGEST} bytes"
                ),
            ));
        }
        let mut client = self.door(&self.settings.database).open(&Notices::default())?;
        let sql = format!("CREATE DATABASE {} TEMPLATE template0", quote(Dialect::Postgres, database));
        match client.batch_execute(&sql) {
            // Somebody else was faster.
            Err(error) if error::has_code(&error, "42P04") || error::has_code(&error, "23505") => Ok(()),
            other => other.map_err(error::read),
        }
    }
}

impl Warehouse for Postgres {
    fn connect(&self, database: &str) -> Result<Box<dyn Connection>, Error> {
        let fence = self.held.iter().find(|lock| lock.database == database).map(|lock| lock.fence);
        Ok(Box::new(PgConnection::open(self.door(database), fence)?))
    }

    fn catalog(&self, databases: &[String]) -> Result<Catalog, Error> {
        let mut catalog = Catalog::default();
        for database in databases {
            if let Some(mut client) = self.door(database).open_if_there(&Notices::default())? {
                catalog::read(&mut client, database, &mut catalog)?;
            }
        }
        Ok(catalog)
    }
}
