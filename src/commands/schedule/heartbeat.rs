//! The clock's sign of life, on disk: a health check needs no port and no program but goldsmith.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;

use crate::words::{percent_encoded, write_atomically};

/// How often it is given.
const PAUSE: Duration = Duration::from_secs(10);

/// The file that says when the clock of a target last looked at the time.
pub(super) struct Heartbeat {
    path: Utf8PathBuf,
    last: Option<Instant>,
    is_failing: bool,
}

impl Heartbeat {
    pub(super) fn of(root: &Utf8Path, target: &str) -> Self {
        let path = root.join("target").join("schedule").join(format!("{}.alive", percent_encoded(target)));
        Self { path, last: None, is_failing: false }
    }

    /// Gives a sign of life, unless it has just been given.
    ///
    /// # Errors
    /// The file can't be written, and before it could.
    pub(super) fn beat(&mut self) -> std::io::Result<()> {
        if self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return Ok(());
        }
        self.last = Some(Instant::now());
        let beat = write_atomically(&self.path, |out| out.write_all(Timestamp::now().to_string().as_bytes()));
        let was_failing = std::mem::replace(&mut self.is_failing, beat.is_err());
        if was_failing { Ok(()) } else { beat }
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
