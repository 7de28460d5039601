//! The clock's sign of life, on disk: a health check needs no port and no program but goldsmith.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;

use crate::words::percent_encoded;

/// How often it is given.
const PAUSE: Duration = Duration::from_secs(10);

/// The file that says when the clock of a target last looked at the time.
pub(super) struct Heartbeat {
    path: Utf8PathBuf,
    last: Option<Instant>,
}

impl Heartbeat {
    pub(super) fn of(root: &Utf8Path, target: &str) -> Self {
        let path = root.join("target").join("schedule").join(format!("{}.alive", percent_encoded(target)));
        Self { path, last: None }
    }

    /// Gives a sign of life, unless it has just been given.
    ///
    /// # Errors
    /// The file can't be written.
    pub(super) fn beat(&mut self) -> std::io::Result<()> {
        if self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        let beside = self.path.with_extension(format!("alive.{}", std::process::id()));
        fs_err::write(&beside, Timestamp::now().to_string())?;
        fs_err::rename(&beside, &self.path)?;
        self.last = Some(Instant::now());
        Ok(())
    }

    /// When it was last given.
    pub(super) fn last(&self) -> Option<Timestamp> {
        fs_err::read_to_string(&self.path).ok()?.trim().parse().ok()
    }

    /// The clock has ended as it should: nobody is to wait for it.
    pub(super) fn end(&self) {
        let _ = fs_err::remove_file(&self.path);
    }
}
