//! Gives files that were made: on standard output, or in a folder.

use std::io::Write;

use camino::Utf8Path;

use super::session::Session;
use super::{CommandError, Exit};
use crate::report::ignore_broken_pipe;
use crate::schedule::export::File;

/// Prints the one file, or writes all of them into a folder.
pub(super) fn give(
    output: Option<&Utf8Path>,
    files: &[File],
    force: bool,
    session: &Session,
) -> Result<Exit, CommandError> {
    match (output, files) {
        (Some(folder), files) => write(folder, files, force, session),
        (None, [file]) => {
            let mut out = session.out.stdout();
            ignore_broken_pipe(out.write_all(file.text.as_bytes()).and_then(|()| out.flush()))?;
            Ok(Exit::Done)
        }
        (None, files) => Err(CommandError::Usage {
            message: format!("these are {} files: name a folder for them", files.len()),
            help: Some("for example --output deploy/".into()),
        }),
    }
}

/// Writes all files, or none when one of them is there.
fn write(folder: &Utf8Path, files: &[File], force: bool, session: &Session) -> Result<Exit, CommandError> {
    let is_other = |file: &&File| !force && folder.join(&file.name).symlink_metadata().is_ok();
    if let Some(there) = files.iter().find(is_other) {
        return Err(CommandError::Usage {
            message: format!("`{}` is there already, nothing was written", folder.join(&there.name)),
            help: Some("overwrite it with --force".into()),
        });
    }
    fs_err::create_dir_all(folder)?;
    let mut err = session.err.stderr();
    for file in files {
        fs_err::write(folder.join(&file.name), &file.text)?;
        writeln!(err, "wrote {}", folder.join(&file.name))?;
    }
    Ok(Exit::Done)
}
