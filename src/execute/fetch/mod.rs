//! Brings to this machine what a load's statements will read.

mod transcode;

use camino::Utf8Path;

use crate::plan::Fetch;

/// Carries a fetch out; the error is a sentence.
pub(super) fn fetch(root: &Utf8Path, task: &Fetch) -> Result<(), String> {
    match task {
        Fetch::Transcode(task) => transcode::transcode(root, task),
        Fetch::Command(task) => Err(format!("`{}` can't be run yet", task.command.join(" "))),
    }
}
