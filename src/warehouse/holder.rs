//! Who holds a database of a server's against other runs.

use super::{Error, ErrorKind};

/// Says who has the lock, as far as the server's table tells: holder, process, host, since when.
pub(super) fn held(database: &str, rows: &[Vec<Option<String>>]) -> Error {
    let told = |nth: usize| rows.first()?.get(nth)?.as_deref().filter(|t| !t.is_empty());
    let message = match (told(1), told(3)) {
        (Some(process), Some(since)) => {
            let user = told(0).map_or_else(String::new, |user| format!(" of {user}"));
            let host = told(2).map_or_else(String::new, |host| format!(" on {host}"));
            format!("`{database}` is held by process {process}{user}{host} since {since} UTC")
        }
        _ => format!("`{database}` is held by another run"),
    };
    Error::new(ErrorKind::Locked, message)
}
