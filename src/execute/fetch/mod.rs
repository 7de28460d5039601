//! Brings to this machine what a load's statements will read.

mod command;
mod exact;
mod lines;
mod singer;
mod transcode;

use camino::Utf8PathBuf;

use super::{Interrupt, Settings};
use crate::plan::Fetch;

/// What was brought; the file of a command's rows goes when this goes.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// What is to be told though it succeeded.
    pub(super) messages: Vec<String>,
    /// The STATE that a Singer tap has left.
    pub(super) state: Option<String>,
    /// Kept for its end alone.
    _spool: Option<Spool>,
}

/// Why nothing was brought.
#[derive(Debug)]
pub(super) struct NotFetched {
    /// A sentence.
    pub(super) message: String,
    /// What the program wrote to its standard error, at last.
    pub(super) printed: Vec<String>,
    /// Whether somebody stopped the run.
    pub(super) cancelled: bool,
}

impl From<String> for NotFetched {
    fn from(message: String) -> Self {
        Self { message, printed: Vec::new(), cancelled: false }
    }
}

/// A file of rows that nobody needs once they are loaded.
#[derive(Debug)]
struct Spool(Utf8PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = fs_err::remove_file(&self.0);
    }
}

/// Carries a fetch out.
pub(super) fn fetch(task: &Fetch, settings: &Settings, interrupt: &Interrupt) -> Result<Fetched, NotFetched> {
    match task {
        Fetch::Transcode(task) => {
            transcode::transcode(&settings.root, task)?;
            Ok(Fetched::default())
        }
        Fetch::Command(task) => command::fetch(task, settings, interrupt),
    }
}
