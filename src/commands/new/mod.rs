//! `goldsmith new`

mod ask;
mod platform;
mod project;

use camino::Utf8Path;

use super::{CommandError, Exit};
use crate::cli::{Global, NewCommand};
use crate::scaffold::{self, PlaceError};

pub(super) fn new(global: &Global, command: &NewCommand) -> Result<Exit, CommandError> {
    match command {
        NewCommand::Platform(args) => platform::platform(global, args),
        NewCommand::Project(args) => project::project(global, args),
    }
}

/// Refuses names that can't be those of folders.
fn check(name: &str, what: &str) -> Result<(), CommandError> {
    scaffold::check_name(name, what)
        .map_err(|(message, help)| CommandError::Usage { message, help: Some(help) })
}

/// What kept files from being written, with what to do.
pub(super) fn refused(error: PlaceError, shown: &Utf8Path) -> CommandError {
    match error {
        PlaceError::Exists(_) => CommandError::Usage {
            message: format!("`{shown}` is there already, nothing was written"),
            help: Some("choose another name, or write over its files with --force".into()),
        },
        PlaceError::Outside(_) => CommandError::Usage {
            message: error.to_string(),
            help: Some("remove the link: files are written into the folder alone".into()),
        },
        PlaceError::System(error) => CommandError::System(error),
    }
}
