//! SQL Server from version 2017, and Azure SQL: one database of a server for each project's database.

mod appender;
mod catalog;
mod cell;
mod connection;
mod door;
mod edition;
mod error;
mod examine;
mod lock;
mod moment;
mod principal;
mod reader;
mod said;
mod settings;
mod spelled;
mod value;
mod wire;

use crate::sql::quote;
use crate::words::Dialect;

use self::connection::{SqlConnection, plain, rows};
use self::door::Door;
use self::lock::Lock;
use super::{Access, Catalog, Connection, Error, ErrorKind, Warehouse};

pub use examine::examine;
pub use principal::{AUTHORITY, Principal, Wrong};
pub use settings::{Certificates, HAS_WINDOWS_LOGIN, Login, Settings};

/// How many characters a name may have.
const LONGEST: usize = 128;

/// A server, with the databases that this process holds.
pub struct SqlServer {
    settings: Settings,
    held: Vec<Lock>,
}

impl SqlServer {
    /// Logs in, and opens databases: those to be written are made where there are none, and held
    /// until this goes. Fails with [`ErrorKind::Locked`] when another run holds one, and with
    /// [`ErrorKind::Connection`] when the server can't be reached or a database to be read is not there.
    pub fn open(settings: Settings, databases: &[(String, Access)]) -> Result<Self, Error> {
        let mut opened = Self { settings, held: Vec::new() };
        for (database, access) in databases {
            match access {
                Access::Write => opened.hold(database)?,
                Access::Read => drop(opened.door(database).open()?),
                Access::Glance => {}
            }
        }
        Ok(opened)
    }

    /// Whether a database is there.
    pub fn has(&self, database: &str) -> Result<bool, Error> {
        Ok(self.door(database).open_if_there()?.is_some())
    }

    /// The databases of the server that one can use, by name.
    pub fn databases(&self) -> Result<Vec<String>, Error> {
        let mut wire = self.door(&self.settings.database).open()?;
        let sql = "SELECT name FROM sys.databases \
                   WHERE name NOT IN ('master', 'tempdb', 'model', 'msdb') AND HAS_DBACCESS(name) = 1 ORDER BY name";
        let found = rows(&mut wire, sql)?;
        Ok(found.rows.into_iter().filter_map(|row| row.into_iter().next()?).collect())
    }

    fn door(&self, database: &str) -> Door {
        Door::new(&self.settings, database)
    }

    fn hold(&mut self, database: &str) -> Result<(), Error> {
        let door = self.door(database);
        let session = if let Some(mut session) = door.open_if_there()? {
            edition::check(&mut session, &self.settings.server())?;
            session
        } else {
            self.create(database)?;
            door.open()?
        };
        self.held.push(Lock::take(session, database)?);
        Ok(())
    }

    fn create(&self, database: &str) -> Result<(), Error> {
        if database.encode_utf16().count() > LONGEST {
            return Err(Error::new(
                ErrorKind::Statement,
                format!("`{database}` is no name for a database: it has more than {LONGEST} characters"),
            ));
        }
        let mut wire = self.door(&self.settings.database).open()?;
        edition::check(&mut wire, &self.settings.server())?;
        let name = quote(Dialect::TSql, database);
        match plain(&mut wire, &format!("CREATE DATABASE {name}")) {
            // Somebody else was faster.
            Err(error) if error.message.contains("(Msg 1801,") => return Ok(()),
            other => other?,
        }
        // So that readers wait for no writer, and see one state. Where it can't be had, `debug` tells.
        for option in ["READ_COMMITTED_SNAPSHOT", "ALLOW_SNAPSHOT_ISOLATION"] {
            let _ = plain(&mut wire, &format!("ALTER DATABASE {name} SET {option} ON"));
        }
        Ok(())
    }
}

impl Warehouse for SqlServer {
    fn fits(&self, database: &str) -> Result<(), Error> {
        match self.door(database).open_if_there()? {
            Some(mut wire) => edition::check(&mut wire, &self.settings.server()),
            None => edition::check(&mut self.door(&self.settings.database).open()?, &self.settings.server()),
        }
    }

    fn connect(&self, database: &str) -> Result<Box<dyn Connection>, Error> {
        let fence = self.held.iter().find(|lock| lock.database == database).map(|lock| lock.fence);
        Ok(Box::new(SqlConnection::open(self.door(database), fence)?))
    }

    fn catalog(&self, databases: &[String]) -> Result<Catalog, Error> {
        let mut catalog = Catalog::default();
        for database in databases {
            if let Some(mut wire) = self.door(database).open_if_there()? {
                catalog::read(&mut wire, database, &mut catalog)?;
            }
        }
        Ok(catalog)
    }
}
