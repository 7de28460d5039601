//! Looks at a server step by step, and stops where nothing further can be seen.

use super::connection::rows;
use super::door::Door;
use super::edition;
use super::settings::{Certificates, PORT, Settings};
use super::wire::Wire;
use crate::sql::string_literal;
use crate::warehouse::reach::reach;
use crate::warehouse::{Error, Finding};
use crate::words::Dialect;

/// The oldest version that goldsmith's statements work on: SQL Server 2017.
const OLDEST: u32 = 14;
/// What to look at when nobody answers at the port.
const UNREACHED: &str =
    "is the server up, is TCP/IP switched on in its configuration, does a firewall stand between?";

/// What is found out about a server and the databases of projects on it.
#[must_use]
pub fn examine(settings: &Settings, databases: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    // A port that is asked for is told by the server's browser, at a port of its own that answers no connection.
    let port = (!settings.asks_for_port()).then(|| settings.port.unwrap_or(PORT));
    if !reach(&settings.host, port, UNREACHED, &mut found) {
        return found;
    }
    let mut wire = match Door::new(settings, &settings.database).open() {
        Ok(wire) => wire,
        Err(error) => {
            let help = format!("the target logs in as {} to `{}`", settings.who(), settings.database);
            found.push(Finding::bad("log in", error.message, help));
            return found;
        }
    };
    found.push(Finding::good("log in", format!("as {} to {}", settings.who(), settings.database)));
    found.push(match settings.certificates {
        Certificates::Check(_) => Finding::good("encryption", "on, the server's certificate is good"),
        Certificates::TrustAll => Finding::doubtful(
            "encryption",
            "on, with whoever answers",
            "leave out trust_server_certificate, and name the authority's certificate in `certificate`",
        ),
    });
    if let Err(error) = server(&mut wire, &mut found) {
        found.push(Finding::bad("server", error.message, "may the user read server properties?"));
    }
    for database in databases {
        match Door::new(settings, database).open_if_there() {
            Ok(Some(mut inner)) => match within(database, &mut inner) {
                Ok(findings) => found.extend(findings),
                Err(error) => {
                    found.push(Finding::bad(
                        format!("database {database}"),
                        error.message,
                        "may the user read it?",
                    ));
                }
            },
            Ok(None) => found.push(missing(database, may_create(&mut wire))),
            Err(error) => {
                let help = "may the user log in to it?";
                found.push(Finding::bad(format!("database {database}"), error.message, help));
            }
        }
    }
    found
}

fn server(wire: &mut Wire, found: &mut Vec<Finding>) -> Result<(), Error> {
    let told = rows(
        wire,
        "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), \
         CAST(SERVERPROPERTY('Edition') AS nvarchar(128)), CAST(SERVERPROPERTY('EngineEdition') AS nvarchar(128))",
    )?;
    let cell = |nth: usize| told.rows.first().and_then(|row| row.get(nth)?.clone()).unwrap_or_default();
    let (version, edition, engine) = (cell(0), cell(1), cell(2));
    let major: u32 = version.split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    // Azure SQL, a managed instance, and a SQL database in Fabric carry a version of their own.
    let is_new = major >= OLDEST || matches!(engine.as_str(), "5" | "8" | "12");
    let said = format!("{version}, {edition}");
    found.push(match edition::lack(&engine) {
        Some(why) => Finding::bad("version", format!("{said}: {why}"), edition::INSTEAD),
        None if is_new => Finding::good("version", said),
        None => Finding::doubtful(
            "version",
            said,
            "goldsmith's statements are written for SQL Server 2017 and later",
        ),
    });
    Ok(())
}

fn may_create(wire: &mut Wire) -> bool {
    let told = rows(wire, "SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE')");
    told.ok().and_then(|told| told.rows.first()?.first()?.clone()).as_deref() == Some("1")
}

fn missing(database: &str, may_create: bool) -> Finding {
    let what = format!("database {database}");
    if may_create {
        return Finding::good(what, "is not there yet: a run makes it");
    }
    let help = "have it made, and the user let in as its db_owner; or GRANT CREATE ANY DATABASE to the login";
    Finding::bad(what, "is not there, and the user may not make it", help)
}

/// Permissions, isolation and collation of a database.
fn within(database: &str, wire: &mut Wire) -> Result<Vec<Finding>, Error> {
    let name = string_literal(Dialect::TSql, database);
    let told = rows(
        wire,
        &format!(
            "SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE'), \
             HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE SCHEMA'), \
             CAST(is_read_committed_snapshot_on AS int), snapshot_isolation_state, collation_name \
             FROM sys.databases WHERE name = {name}"
        ),
    )?;
    let cell = |nth: usize| told.rows.first().and_then(|row| row.get(nth)?.clone()).unwrap_or_default();
    let what = format!("database {database}");
    let quoted = crate::sql::quote(Dialect::TSql, database);
    let mut found = Vec::new();
    found.push(if cell(0) == "1" && cell(1) == "1" {
        Finding::good(&*what, format!("may be written; collation {}", cell(4)))
    } else {
        Finding::bad(
            &*what,
            "the user may not make tables and schemas in it",
            format!("in it, run: ALTER ROLE db_owner ADD MEMBER [user], or GRANT CREATE TABLE, CREATE VIEW, CREATE SCHEMA on {quoted}"),
        )
    });
    found.push(if cell(2) == "1" {
        Finding::good(format!("{what}, readers"), "see the last committed state and wait for nobody")
    } else {
        Finding::doubtful(
            format!("{what}, readers"),
            "wait for writers, a publication included (READ_COMMITTED_SNAPSHOT is off)",
            format!("ALTER DATABASE {quoted} SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE"),
        )
    });
    if cell(3) != "1" {
        found.push(Finding::doubtful(
            format!("{what}, snapshots"),
            "a report of several statements may see two states (snapshot isolation is off)",
            format!("ALTER DATABASE {quoted} SET ALLOW_SNAPSHOT_ISOLATION ON"),
        ));
    }
    Ok(found)
}
