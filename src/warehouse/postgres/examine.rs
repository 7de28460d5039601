//! Looks at a server step by step, and stops where nothing further can be seen.

use postgres::Client;

use super::connection::{Notices, rows};
use super::session::Door;
use super::settings::{Encryption, Settings};
use super::tls::Tls;
use crate::warehouse::{Error, Finding, reach};

/// The oldest version that goldsmith's statements work on.
const OLDEST: u32 = 13;
/// What to look at when nobody answers at the port.
const UNREACHED: &str =
    "is the server up, does it listen on that address (listen_addresses), does a firewall stand between?";

/// What is found out about a server and the databases of projects on it.
#[must_use]
pub fn examine(settings: &Settings, databases: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    if !reach(settings, &mut found) {
        return found;
    }
    let tls = match Tls::new(settings) {
        Ok(tls) => tls,
        Err(error) => {
            found.push(Finding::bad("encryption", error.message, "mend sslrootcert of the target"));
            return found;
        }
    };
    let door = |database: &str| Door::new(settings, &tls, database);
    let mut client = match door(&settings.database).open(&Notices::default()) {
        Ok(client) => client,
        Err(error) => {
            let help = format!("the target logs in as `{}` to `{}`", settings.user, settings.database);
            found.push(Finding::bad("log in", error.message, help));
            return found;
        }
    };
    found.push(Finding::good("log in", format!("as {} to {}", settings.user, settings.database)));
    found.push(encryption(settings, &mut client));
    let server = server(settings, &mut client, &mut found);
    for database in databases {
        let seen = match door(database).open_if_there(&Notices::default()) {
            Ok(Some(mut client)) => within(database, &mut client),
            Ok(None) => Ok(vec![missing(database, server.as_ref().is_ok_and(|may| *may))]),
            Err(error) => Err(error),
        };
        match seen {
            Ok(findings) => found.extend(findings),
            Err(error) => {
                found.push(Finding::bad(
                    format!("database {database}"),
                    error.message,
                    "may the user log in to it?",
                ));
            }
        }
    }
    if let Err(error) = server {
        found.push(Finding::bad("server", error.message, "may the user read pg_settings and pg_roles?"));
    }
    found
}

/// The socket, or name and port.
fn reach(settings: &Settings, found: &mut Vec<Finding>) -> bool {
    if settings.is_local() {
        let socket = format!("{}/.s.PGSQL.{}", settings.host, settings.port);
        let is_there = std::path::Path::new(&socket).exists();
        found.push(if is_there {
            Finding::good("socket", socket)
        } else {
            Finding::bad(
                "socket",
                format!("there is no {socket}"),
                "is the server up, and are host and port right?",
            )
        });
        return is_there;
    }
    reach::reach(&settings.host, Some(settings.port), UNREACHED, found)
}

fn cell(client: &mut Client, sql: &str) -> Result<String, Error> {
    let found = rows(client, sql)?.rows;
    Ok(found.into_iter().next().and_then(|row| row.into_iter().next().flatten()).unwrap_or_default())
}

fn encryption(settings: &Settings, client: &mut Client) -> Finding {
    let said = cell(
        client,
        "SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl",
    );
    match (said.unwrap_or_default(), &settings.encryption) {
        (said, _) if said.is_empty() && settings.is_local() => {
            Finding::good("encryption", "none, on this machine's socket")
        }
        (said, _) if said.is_empty() => Finding::doubtful(
            "encryption",
            "none: passwords and rows can be read on the way",
            "remove `sslmode: disable` from the target",
        ),
        (said, Encryption::Require) => Finding::doubtful(
            "encryption",
            format!("{said}; nobody has checked who answers"),
            "set sslmode: verify-full, with the authority's certificate in sslrootcert",
        ),
        (said, _) => Finding::good("encryption", format!("{said}; the certificate is good")),
    }
}

/// Version, encoding, isolation. Gives whether databases may be made.
fn server(settings: &Settings, client: &mut Client, found: &mut Vec<Finding>) -> Result<bool, Error> {
    let version = cell(client, "SELECT current_setting('server_version')")?;
    let major: u32 = version.split('.').next().and_then(|v| v.parse().ok()).unwrap_or(0);
    found.push(if major >= OLDEST {
        Finding::good("version", format!("PostgreSQL {version}"))
    } else {
        Finding::bad(
            "version",
            format!("PostgreSQL {version}"),
            format!("version {OLDEST} is the oldest that goldsmith works with"),
        )
    });
    let isolation = cell(client, "SELECT current_setting('default_transaction_isolation')")?;
    found.push(if isolation == "read committed" {
        Finding::good("isolation", "read committed")
    } else {
        Finding::doubtful(
            "isolation",
            format!("{isolation}: runs side by side fail where they would wait"),
            format!("ALTER ROLE {} SET default_transaction_isolation = 'read committed'", settings.user),
        )
    });
    let free = cell(
        client,
        "SELECT setting::int - (SELECT count(*) FROM pg_stat_activity) FROM pg_settings WHERE name = 'max_connections'",
    )?;
    found.push(match free.parse::<i64>() {
        Ok(..10) => Finding::doubtful(
            "connections",
            format!("{free} are free"),
            "raise max_connections, or lower `threads` of the target",
        ),
        _ => Finding::good("connections", format!("{free} are free")),
    });
    let makes = cell(client, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")?;
    Ok(makes == "t")
}

fn missing(database: &str, can_be_made: bool) -> Finding {
    let what = format!("database {database}");
    if can_be_made {
        return Finding::good(what, "not there yet: the first run makes it");
    }
    Finding::bad(
        what,
        "not there, and the user may not make it",
        format!("CREATE DATABASE \"{database}\", or ALTER ROLE .. CREATEDB"),
    )
}

/// What the user may do in a database, how text is kept there, and who holds it.
fn within(database: &str, client: &mut Client) -> Result<Vec<Finding>, Error> {
    let what = |part: &str| format!("database {database}: {part}");
    let mut found = Vec::new();
    let lacks = cell(
        client,
        "SELECT string_agg(p, ', ') FROM unnest(ARRAY['CREATE', 'TEMPORARY', 'CONNECT']) p \
         WHERE NOT has_database_privilege(current_database(), p)",
    )?;
    found.push(if lacks.is_empty() {
        Finding::good(what("permissions"), "may make schemas, tables and temporary tables")
    } else {
        let help = format!("GRANT {lacks} ON DATABASE \"{database}\" TO the user of the target");
        Finding::bad(what("permissions"), format!("{lacks} is missing"), help)
    });
    let encoding = cell(client, "SELECT current_setting('server_encoding')")?;
    let collation = cell(client, "SELECT datcollate FROM pg_database WHERE datname = current_database()")?;
    found.push(if encoding == "UTF8" {
        Finding::good(what("text"), format!("UTF8, collation {collation}"))
    } else {
        Finding::doubtful(
            what("text"),
            format!("{encoding}: it can't hold all characters"),
            "make the database anew with ENCODING 'UTF8'",
        )
    });
    let holder = cell(
        client,
        "SELECT a.pid || ' since ' || a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1",
    )?;
    if !holder.is_empty() {
        found.push(Finding::good(what("lock"), format!("a run holds it, by the session {holder}")));
    }
    Ok(found)
}
