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

/// Methods of SQL Server's own types: XML, hierarchies, and what any of them can.
const METHODS: [&str; 14] = [
    "exist",
    "getancestor",
    "getdescendant",
    "getlevel",
    "getreparentedvalue",
    "isdescendantof",
    "makevalid",
    "modify",
    "nodes",
    "query",
    "reduce",
    "shortestlineto",
    "tostring",
    "value",
];

/// Methods of SQL Server's spatial types, behind `ST`.
const SPATIAL: [&str; 30] = [
    "area",
    "asbinary",
    "astext",
    "boundary",
    "buffer",
    "centroid",
    "contains",
    "convexhull",
    "crosses",
    "difference",
    "dimension",
    "disjoint",
    "distance",
    "endpoint",
    "envelope",
    "equals",
    "geometrytype",
    "intersection",
    "intersects",
    "isvalid",
    "length",
    "numgeometries",
    "numpoints",
    "overlaps",
    "pointn",
    "startpoint",
    "symdifference",
    "touches",
    "union",
    "within",
];

/// Words that are statements of T-SQL although nothing here reads them: no procedures.
const STATEMENTS: [&str; 12] = [
    "add",
    "dump",
    "lineno",
    "load",
    "readtext",
    "receive",
    "reconfigure",
    "revert",
    "setuser",
    "shutdown",
    "updatetext",
    "writetext",
];

/// Whether a function behind a dot is a method of one of SQL Server's own types.
pub(super) fn is_method(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    METHODS.contains(&lower.as_str()) || lower.strip_prefix("st").is_some_and(|rest| SPATIAL.contains(&rest))
}

/// Whether a word that starts a T-SQL statement is no procedure.
pub(super) fn is_statement(word: &str) -> bool {
    STATEMENTS.iter().any(|s| word.eq_ignore_ascii_case(s))
}

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
