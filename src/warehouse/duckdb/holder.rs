//! Who holds a database file: a small file beside it, since nobody else can look inside.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::warehouse::Error;
use crate::words::machine;

/// The note on a database that this process holds; removed when it lets go.
pub(super) struct Holder {
    path: Utf8PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Note {
    pid: u32,
    host: String,
    user: String,
    since: String,
}

fn note_path(file: &Utf8Path) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("{file}.holder"))
}

impl Holder {
    /// Writes the note. Failing to is no reason to stop: it only makes another's message poorer.
    pub(super) fn write(file: &Utf8Path) -> Self {
        let note = Note {
            pid: std::process::id(),
            host: machine::host_name(),
            user: machine::user_name(),
            since: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        };
        let path = note_path(file);
        if let Ok(text) = serde_json::to_string(&note) {
            let _ = fs_err::write(&path, text);
        }
        Self { path }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = fs_err::remove_file(&self.path);
    }
}

/// Says who holds the file, as far as the note tells.
pub(super) fn explain(file: &Utf8Path, error: &Error) -> Error {
    let name = file.file_name().unwrap_or(file.as_str());
    let note =
        fs_err::read_to_string(note_path(file)).ok().and_then(|t| serde_json::from_str::<Note>(&t).ok());
    let message = match note {
        Some(note) => {
            let user = if note.user.is_empty() { String::new() } else { format!(" of {}", note.user) };
            let host = if note.host.is_empty() { String::new() } else { format!(" on {}", note.host) };
            format!("`{name}` is held{user} by process {}{host} since {}", note.pid, note.since)
                .replacen("held by", "held by", 1)
        }
        None => format!("`{name}` is held by another program: {}", error.message),
    };
    Error { message, ..error.clone() }
}
