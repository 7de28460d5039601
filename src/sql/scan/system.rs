//! Which names belong to the engine and not to any project.

use crate::words::{Dialect, RelationName};

/// Views of old SQL Server versions, which need no schema.
const OLD_VIEWS: [&str; 16] = [
    "sysobjects",
    "syscolumns",
    "sysindexes",
    "sysdatabases",
    "sysusers",
    "systypes",
    "syscomments",
    "sysfiles",
    "sysdepends",
    "sysprocesses",
    "syslogins",
    "sysservers",
    "sysforeignkeys",
    "sysindexkeys",
    "sysmembers",
    "syspermissions",
];

/// Procedures of SQL Server by the start of their names.
const PROCEDURES: [&str; 2] = ["sp_", "xp_"];

/// Whether a relation, procedure or function is the engine's own by its name.
pub(super) fn is_system(name: &RelationName, dialect: Dialect) -> bool {
    let schema = name.schema.as_deref().unwrap_or("");
    let database = name.database.as_deref().unwrap_or("");
    if matches!(schema, "information_schema") {
        return true;
    }
    match dialect {
        Dialect::TSql => {
            schema == "sys"
                || matches!(database, "msdb" | "tempdb" | "master")
                || matches!(schema, "" | "dbo") && OLD_VIEWS.contains(&name.name.as_str())
        }
        Dialect::DuckDb => {
            schema == "pg_catalog"
                || matches!(database, "system")
                || schema.is_empty()
                    && (["duckdb_", "pragma_", "pg_"].iter().any(|p| name.name.starts_with(p))
                        || matches!(
                            name.name.as_str(),
                            "sqlite_master" | "sqlite_schema" | "sqlite_temp_master"
                        ))
        }
        Dialect::Postgres => schema == "pg_catalog" || schema.is_empty() && name.name.starts_with("pg_"),
    }
}

/// Whether an unqualified procedure is one that SQL Server brings along, such as `sp_rename`, so
/// that no project has to define it.
#[must_use]
pub fn is_system_procedure(name: &RelationName) -> bool {
    let unowned = matches!(name.schema.as_deref(), None | Some("sys" | "dbo"));
    unowned && PROCEDURES.iter().any(|p| name.name.starts_with(p))
}
