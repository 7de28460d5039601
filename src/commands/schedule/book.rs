//! What the clock has started, on disk, so that nothing starts twice: not after a restart, and not
//! when several clocks of a target run at once.

use std::fs::File;

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::CommandError;
use crate::schedule::Past;
use crate::words::{percent_encoded, write_atomically};

/// The file in which the clocks of a target note what they have started.
pub(super) struct Book(Utf8PathBuf);

impl Book {
    pub(super) fn of(root: &Utf8Path, target: &str) -> Self {
        Self(root.join("target").join("schedule").join(format!("{}.json", percent_encoded(target))))
    }

    /// Changes what it says, while no other process can: reads it, decides, writes what is new.
    ///
    /// # Errors
    /// The file can't be read or written, or holds something else.
    pub(super) fn change<T>(&self, decide: impl FnOnce(&Past) -> (T, Past)) -> Result<T, CommandError> {
        if let Some(folder) = self.0.parent() {
            fs_err::create_dir_all(folder)?;
        }
        // Beside the book, which is replaced; free again when the value goes.
        let lock: File = fs_err::File::create(self.0.with_extension("lock"))?.into_parts().0;
        lock.lock()?;
        let old = self.read()?;
        let (decided, new) = decide(&old);
        if new != old {
            let text = serde_json::to_string_pretty(&new).unwrap_or_default();
            write_atomically(&self.0, |out| out.write_all(text.as_bytes()))?;
        }
        Ok(decided)
    }

    fn read(&self) -> Result<Past, CommandError> {
        let text = match fs_err::read_to_string(&self.0) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Past::new()),
            Err(e) => return Err(e.into()),
        };
        serde_json::from_str(&text).map_err(|e| CommandError::Usage {
            message: format!("`{}` can't be read: {e}", self.0),
            help: Some("it holds when each slot was last started: remove it to begin anew".into()),
        })
    }
}
