//! `DuckDB` in this process: one instance, one attached file for each project's database. A file
//! is held by one process at a time; who holds it is written into a small file beside it.

mod appender;
mod catalog;
mod connection;
mod error;
mod examine;
mod files;
mod holder;
mod ration;
mod reader;

use std::sync::{Arc, Mutex};

use camino::{Utf8Path, Utf8PathBuf};
use duckdb::{Config, Connection as Handle};

pub use examine::examine;

use self::connection::DuckConnection;
use self::ration::Ration;
use super::{Access, Catalog, Connection, Error, ErrorKind, Warehouse};

/// How much memory an instance's buffers may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// As much as `DuckDB` thinks right: most of the machine's.
    Much,
    /// So many bytes.
    Limit(u64),
    /// Little, as it is only read from; more when a query sorts, joins or groups.
    Little,
}

/// A folder of `DuckDB` databases, opened.
pub struct DuckDb {
    root: Mutex<Handle>,
    ration: Option<Arc<Ration>>,
    held: Vec<holder::Holder>,
    files: Utf8PathBuf,
}

impl DuckDb {
    /// The file of a database in the folder of a target.
    #[must_use]
    pub fn file(folder: &Utf8Path, database: &str) -> Utf8PathBuf {
        folder.join(format!("{}.duckdb", database.to_lowercase()))
    }

    /// The databases in a folder, by name. A folder that can't be read holds none.
    #[must_use]
    pub fn databases(folder: &Utf8Path) -> Vec<String> {
        let entries = folder.read_dir_utf8().into_iter().flatten().filter_map(Result::ok);
        let mut names: Vec<String> = entries
            .filter(|e| e.path().extension() == Some("duckdb"))
            .filter_map(|e| e.path().file_stem().map(str::to_owned))
            .filter(|name| *name == name.to_lowercase())
            .collect();
        names.sort();
        names
    }

    /// The database for sessions that need none of their own.
    pub const NONE: &str = "memory";

    /// Opens databases of a folder under their own names. Fails with [`ErrorKind::Locked`] when
    /// another process holds one of the files. Relative names of data files are looked up in `files`.
    pub fn open(
        folder: &Utf8Path,
        files: &Utf8Path,
        databases: &[(String, Access)],
        memory: Memory,
    ) -> Result<Self, Error> {
        let config = Config::default()
            .with("autoinstall_known_extensions", "false")
            .and_then(|c| c.with("autoload_known_extensions", "false"))
            .and_then(|c| c.with("allow_community_extensions", "false"))
            .and_then(|c| c.with("threads", threads().to_string()))
            .map_err(error::read)?;
        let root = Handle::open_in_memory_with_flags(config).map_err(error::read)?;
        let limit = match memory {
            Memory::Much | Memory::Little => String::new(),
            Memory::Limit(bytes) => format!("SET GLOBAL memory_limit = '{bytes}B';"),
        };
        let spill = files.join("target/duckdb_tmp");
        let set = format!("{limit} SET GLOBAL temp_directory = {}", literal(spill.as_str()));
        root.execute_batch(&set).map_err(error::read)?;
        let ration = match memory {
            Memory::Little => Some(Arc::new(Ration::new(&root)?)),
            Memory::Much | Memory::Limit(_) => None,
        };
        if databases.iter().any(|(_, access)| *access == Access::Write) {
            fs_err::create_dir_all(folder).map_err(|e| {
                Error::new(ErrorKind::Connection, format!("the warehouse's folder can't be made: {e}"))
            })?;
        }
        let mut opened = Self { root: Mutex::new(root), ration, held: Vec::new(), files: files.to_owned() };
        for (database, access) in databases {
            match opened.attach(folder, database, *access) {
                Err(_) if *access == Access::Glance => {}
                other => other?,
            }
        }
        Ok(opened)
    }

    fn attach(&mut self, folder: &Utf8Path, database: &str, access: Access) -> Result<(), Error> {
        let file = Self::file(folder, database);
        let options = match access {
            Access::Write => "",
            Access::Read | Access::Glance => " (READ_ONLY)",
        };
        let sql = format!("ATTACH {} AS {}{options}", literal(file.as_str()), quoted(database));
        let root = self.root.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        root.execute_batch(&sql).map_err(|e| {
            let told = error::read(e);
            if told.kind == ErrorKind::Locked { holder::explain(&file, &told) } else { told }
        })?;
        if access == Access::Write {
            self.held.push(holder::Holder::write(&file));
        }
        Ok(())
    }
}

impl Warehouse for DuckDb {
    fn connect(&self, database: &str) -> Result<Box<dyn Connection>, Error> {
        let root = self.root.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let handle = root.try_clone().map_err(error::read)?;
        drop(root);
        let sql =
            format!("USE {}; SET file_search_path = {}", quoted(database), literal(self.files.as_str()));
        handle.execute_batch(&sql).map_err(error::read)?;
        Ok(Box::new(DuckConnection::new(handle, self.ration.clone())))
    }

    fn lend(&self, helpers: usize) -> Result<(), Error> {
        // A query is cut into pieces for all `threads`. Those that no helper takes are done by the
        // session's own thread, and helpers that come later take what is left of them.
        let sessions = threads().saturating_sub(helpers).max(1);
        let root = self.root.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        root.execute_batch(&format!("SET GLOBAL external_threads = {sessions}")).map_err(error::read)
    }

    fn catalog(&self, databases: &[String]) -> Result<Catalog, Error> {
        let root = self.root.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        catalog::read(&root, databases)
    }
}

/// How many threads work at most, those of sessions and `DuckDB`'s own together.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A name in double quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Text in single quotes.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
