//! The platform as it was where the present branch left another one.

use std::io::Write;

use camino::Utf8Path;
use tempfile::TempDir;

use super::CommandError;
use super::accept::Accept;
use super::git::Git;
use super::session::{Session, facts};
use crate::cli::Global;
use crate::load::{Files, PLATFORM_FILE};
use crate::report::neutral_line;
use crate::select::ChangedFiles;

/// An earlier state of the platform.
pub(super) struct Before {
    /// The commit.
    pub(super) base: String,
    /// The files that differ since.
    pub(super) files: ChangedFiles,
    /// The platform, where there was one that can be read for the target.
    pub(super) session: Option<Session>,
    /// Where its files lie for now.
    _folder: TempDir,
}

impl Before {
    /// The state of the commit where the present branch left that of `since`.
    ///
    /// # Errors
    /// There is no git, no repository, no such revision, or no commit in common.
    pub(super) fn at(since: &str, session: &Session, global: &Global) -> Result<Self, CommandError> {
        let git = Git(session.root());
        let base = git.merge_base(since)?;
        let files = git.changes(&base)?;
        let folder = tempfile::tempdir()?;
        let to = Utf8Path::from_path(folder.path()).ok_or_else(|| {
            CommandError::usage("the name of the folder for temporary files is not valid Unicode")
        })?;
        let before = platform(session, &git.copy(&base, to)?, global)?;
        Ok(Self { base, files, session: before, _folder: folder })
    }
}

fn platform(session: &Session, root: &Utf8Path, global: &Global) -> Result<Option<Session>, CommandError> {
    if !root.join(PLATFORM_FILE).is_file() {
        return Ok(None);
    }
    match Session::of(&Files::on_disk(root), global, Accept::Nothing, |p| facts(p, "daily", None, false)) {
        Ok(before) => Ok(Some(before)),
        Err(error) => {
            writeln!(
                session.err.stderr(),
                "warning: the platform as it was can't be read, so there is nothing to compare with: {}",
                neutral_line(&error.to_string())
            )?;
            Ok(None)
        }
    }
}
