//! Looks at a folder of database files step by step.

use camino::Utf8Path;

use super::{Access, DuckDb, Memory};
use crate::warehouse::{ErrorKind, Finding, Warehouse};

/// What is found out about a folder and the databases of projects in it.
#[must_use]
pub fn examine(folder: &Utf8Path, files: &Utf8Path, databases: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    let engine = DuckDb::open(folder, files, &[], Memory::Much)
        .and_then(|engine| engine.connect(DuckDb::NONE))
        .and_then(|mut c| c.query("SELECT version(), CAST(TIMESTAMPTZ '2026-01-01 00:00:00+00' AS DATE)"));
    match engine {
        Ok(rows) => {
            let version = rows.rows.into_iter().next().and_then(|row| row.into_iter().next().flatten());
            found.push(Finding::good(
                "engine",
                format!("DuckDB {}, in this process", version.unwrap_or_default()),
            ));
        }
        Err(error) => {
            found.push(Finding::bad(
                "engine",
                error.message,
                "run ./setup again: the library does not fit this goldsmith",
            ));
            return found;
        }
    }
    match std::fs::metadata(folder) {
        Ok(data) if data.is_dir() && data.permissions().readonly() => {
            found.push(Finding::bad(
                "folder",
                "it can't be written to",
                "change its permissions, or `path` of the target",
            ));
        }
        Ok(data) if data.is_dir() => found.push(Finding::good("folder", "there")),
        Ok(_) => {
            found.push(Finding::bad("folder", "a file stands in its place", "change `path` of the target"));
            return found;
        }
        Err(_) => found.push(Finding::good("folder", "not there yet: the first run makes it")),
    }
    for database in databases {
        let what = format!("database {database}");
        if !DuckDb::file(folder, database).is_file() {
            found.push(Finding::good(what, "not there yet: the first run makes it"));
            continue;
        }
        let list = [(database.to_lowercase(), Access::Read)];
        found.push(match DuckDb::open(folder, files, &list, Memory::Much) {
            Ok(_) => Finding::good(what, "can be opened, and nobody holds it"),
            Err(error) if error.kind == ErrorKind::Locked => {
                Finding::doubtful(what, error.message, "wait for that process, or run with --wait 10m")
            }
            Err(error) => Finding::bad(what, error.message, "was it made by a newer DuckDB, or cut off?"),
        });
    }
    found
}
