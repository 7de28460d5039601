//! What git knows of a platform's files. Asks the git program; writes nothing into the repository.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::CommandError;
use crate::select::{ChangedFiles, Happened};

/// A platform's folder in a repository.
pub(super) struct Git<'a>(pub(super) &'a Utf8Path);

impl Git<'_> {
    /// The repository's folder.
    ///
    /// # Errors
    /// There is no git, or no repository.
    pub(super) fn inside(&self) -> Result<String, CommandError> {
        self.text(&["rev-parse", "--show-toplevel"]).map_err(|said| {
            usage(
                format!("`{}` is in no git repository: {said}", self.0),
                "git knows what has changed and when: clone the platform, or `git init` and commit it",
            )
        })
    }

    /// What a command of git's prints.
    ///
    /// # Errors
    /// What git says of its failure.
    pub(super) fn told(&self, arguments: &[&str]) -> Result<String, CommandError> {
        let what = arguments.first().copied().unwrap_or_default();
        self.text(arguments).map_err(|said| failed(what, &said))
    }

    /// What a prepared command prints.
    pub(super) fn said(command: Command, what: &str) -> Result<String, CommandError> {
        said(command).map_err(|said| failed(what, &said))
    }

    /// The commit where the present branch left the one of `revision`.
    ///
    /// # Errors
    /// There is no git, no repository, no such revision, or no commit in common.
    pub(super) fn merge_base(&self, revision: &str) -> Result<String, CommandError> {
        self.inside()?;
        let commit = format!("{revision}^{{commit}}");
        let commit = self.text(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
        let commit = commit.map_err(|_| {
            usage(
                format!("git knows no revision `{revision}`"),
                "name a branch, a tag or a commit, such as `origin/main`; in CI, fetch it: `fetch-depth: 0` of actions/checkout",
            )
        })?;
        self.text(&["merge-base", &commit, "HEAD"]).map_err(|_| {
            usage(
                format!("`{revision}` and HEAD have no commit in common"),
                "a shallow clone ends too early: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout",
            )
        })
    }

    /// The files of the platform that differ from a commit, with those that were never added. A file that
    /// was renamed is deleted in one place and added in the other.
    pub(super) fn changes(&self, base: &str) -> Result<ChangedFiles, CommandError> {
        let diff =
            ["diff", "--name-status", "-z", "--no-renames", "--relative", "--no-ext-diff", base, "--", "."];
        let told = self.text(&diff).map_err(|said| failed("diff", &said))?;
        let mut words = told.split('\0');
        let mut files = ChangedFiles::new();
        while let (Some(status), Some(path)) = (words.next(), words.next()) {
            let happened = match status.trim() {
                "A" => Happened::Added,
                "D" => Happened::Deleted,
                _ => Happened::Changed,
            };
            files.insert(path.into(), happened);
        }
        let others = self.text(&["ls-files", "--others", "--exclude-standard", "-z", "--", "."]);
        let others = others.map_err(|said| failed("ls-files", &said))?;
        for path in others.split('\0').filter(|path| !path.is_empty()) {
            // Gone from the index, there on disk: changed, as far as anybody can see.
            files.entry(path.into()).and_modify(|h| *h = Happened::Changed).or_insert(Happened::Added);
        }
        Ok(files)
    }

    /// Writes the platform as it is in a commit below `to`; gives its folder there. The repository's own
    /// index and files stay as they are.
    pub(super) fn copy(&self, commit: &str, to: &Utf8Path) -> Result<Utf8PathBuf, CommandError> {
        let prefix = self.text(&["rev-parse", "--show-prefix"]).map_err(|s| failed("rev-parse", &s))?;
        let index = to.join("index");
        let files = to.join("files");
        let prefixed = format!("--prefix={files}/");
        for arguments in [&["read-tree", commit][..], &["checkout-index", "--all", "--quiet", &prefixed]] {
            let mut command = self.command(arguments);
            command.env("GIT_INDEX_FILE", &index);
            said(command).map_err(|said| failed(arguments[0], &said))?;
        }
        Ok(files.join(prefix.trim_end_matches('\n')))
    }

    fn text(&self, arguments: &[&str]) -> Result<String, String> {
        said(self.command(arguments)).map(|text| text.trim_end_matches('\n').to_owned())
    }

    /// Git on the folder; what a hook that called goldsmith has set for another repository does not count.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(["-C", self.0.as_str()]).args(arguments).env("GIT_OPTIONAL_LOCKS", "0");
        for set in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(set);
        }
        command
    }
}

/// What a command prints, or what it says of its failure.
fn said(mut command: Command) -> Result<String, String> {
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("git can't be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

fn failed(what: &str, said: &str) -> CommandError {
    CommandError::usage(format!("`git {what}` failed: {said}"))
}

fn usage(message: String, help: &str) -> CommandError {
    CommandError::Usage { message, help: Some(help.to_owned()) }
}
