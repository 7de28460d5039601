//! The engines, each with a database of the test's own.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use goldsmith::warehouse::duckdb::{DuckDb, Memory};
use goldsmith::warehouse::postgres::{Encryption, Postgres, Settings};
use goldsmith::warehouse::sqlserver::SqlServer;
use goldsmith::warehouse::{Access, Connection, Error, LOCK_TIMEOUT, Warehouse};
use goldsmith::words::{Dialect, RelationName};

use crate::common;
use crate::common::postgres::server;

/// A warehouse with one database, which this process holds.
pub struct Stage {
    pub dialect: Dialect,
    pub database: String,
    pub warehouse: Option<Arc<dyn Warehouse>>,
    again: Box<dyn Fn() -> Result<Arc<dyn Warehouse>, Error>>,
    _folder: Option<tempfile::TempDir>,
}

impl Stage {
    fn new(
        dialect: Dialect,
        database: &str,
        folder: Option<tempfile::TempDir>,
        again: impl Fn() -> Result<Arc<dyn Warehouse>, Error> + 'static,
    ) -> Self {
        let warehouse = Some(again().expect("the warehouse opens"));
        Self { dialect, database: database.to_owned(), warehouse, again: Box::new(again), _folder: folder }
    }

    pub fn warehouse(&self) -> &Arc<dyn Warehouse> {
        self.warehouse.as_ref().expect("it is open")
    }

    /// A session in the database.
    pub fn connect(&self) -> Box<dyn Connection> {
        self.warehouse().connect(&self.database).expect("a session")
    }

    /// Opens the same database once more, as another run would.
    pub fn open_again(&self) -> Result<Arc<dyn Warehouse>, Error> {
        (self.again)()
    }

    pub fn name(&self, schema: &str, name: &str) -> RelationName {
        RelationName::new(&self.database, schema, name)
    }

    /// What engines have other words for: DuckDB's, PostgreSQL's, SQL Server's.
    pub fn say<'a>(&self, words: [&'a str; 3]) -> &'a str {
        match self.dialect {
            Dialect::DuckDb => words[0],
            Dialect::Postgres => words[1],
            Dialect::TSql => words[2],
        }
    }

    /// Whether the server only speaks SQL Server's protocol, and has limits of its own.
    pub fn is_babelfish(&self) -> bool {
        self.dialect == Dialect::TSql
            && one(&mut *self.connect(), "SELECT @@VERSION").is_some_and(|v| v.contains("Babelfish"))
    }

    /// The schema that is meant where none is named.
    pub fn schema(&self) -> &'static str {
        self.say(["main", "public", "dbo"])
    }
}

pub fn duckdb() -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("a path in Unicode");
    Stage::new(Dialect::DuckDb, "d", Some(folder), move || {
        let list = [("d".to_owned(), Access::Write)];
        Ok(Arc::new(DuckDb::open(&path, Utf8Path::new("."), &list, Memory::Much)?))
    })
}

/// How the server of this process is reached.
pub fn settings() -> Option<Settings> {
    Some(Settings {
        host: server()?.folder.clone(),
        port: server()?.port,
        user: "goldsmith".into(),
        password: None,
        database: "postgres".into(),
        encryption: Encryption::Disable,
        lock_timeout: LOCK_TIMEOUT,
    })
}

pub fn postgres(case: &str) -> Option<Stage> {
    let settings = settings()?;
    let database: String = format!("c_{case}").chars().take(63).collect();
    let list = [(database.clone(), Access::Write)];
    Some(Stage::new(Dialect::Postgres, &database, None, move || {
        Ok(Arc::new(Postgres::open(settings.clone(), &list)?))
    }))
}

/// The server that `GOLDSMITH_TEST_SQLSERVER` names, with a database of the test's own.
pub fn sqlserver(case: &str) -> Option<Stage> {
    let settings = common::sqlserver::settings()?;
    let database: String = format!("goldsmith_c_{case}").chars().take(63).collect();
    common::sqlserver::drop_database(&database);
    let list = [(database.clone(), Access::Write)];
    Some(Stage::new(Dialect::TSql, &database, None, move || {
        Ok(Arc::new(SqlServer::open(settings.clone(), &list)?))
    }))
}

/// The one value that a query gives.
pub fn one(connection: &mut dyn Connection, sql: &str) -> Option<String> {
    let rows = connection.query(sql).expect(sql);
    rows.rows.first().and_then(|row| row.first().cloned().flatten())
}

pub fn run(connection: &mut dyn Connection, statements: &[&str]) {
    for sql in statements {
        connection.execute(sql).expect(sql);
    }
}
