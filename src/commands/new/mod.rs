//! `goldsmith new`

mod ask;
mod platform;
mod project;
mod proposed;

use std::io::Write;

use camino::Utf8Path;

use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, NewCommand};
use crate::report::{diagnostics, ignore_broken_pipe};
use crate::scaffold::{self, Answers, Files, LOCK_FILE, Lock, PlaceError, Template};
use crate::words::Diagnostic;

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

/// The files of a project that is made from a template, and what it was made from.
fn made(template: &Template, answers: &Answers) -> Result<Files, CommandError> {
    let mut files = template.fill(answers).map_err(CommandError::Files)?;
    let lock = Lock::new(&template.origin, answers, &files);
    files.insert(LOCK_FILE.into(), lock.write().into_bytes());
    Ok(files)
}

/// Lists what of an older project was not taken over, and what the lint finds in the new one.
fn tell_lost(
    global: &Global,
    root: &Utf8Path,
    folder: &Utf8Path,
    mut lost: Vec<Diagnostic>,
) -> Result<(), CommandError> {
    let there = Global { platform: Some(root.to_owned()), target: None, color: global.color };
    let session = Session::open(&there, |platform| facts(platform, "daily", None, false))?;
    let is_new = |d: &&Diagnostic| d.file.as_ref().is_some_and(|file| file.path().starts_with(folder));
    lost.extend(session.diagnostics.iter().filter(is_new).cloned());
    let mut err = session.err.stderr();
    let written = diagnostics::write(&lost, diagnostics::Format::Text, &session.err, &mut err)
        .and_then(|()| if lost.is_empty() { writeln!(err, "all of it was taken over") } else { Ok(()) });
    ignore_broken_pipe(written)?;
    Ok(())
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
