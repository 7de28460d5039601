//! A project's history as a repository of its own, by git's means, on clones: the platform's own repository is only read.

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::CommandError;
use crate::commands::git::Git;

/// The branch that the history is rewritten on, inside a clone that goes again.
const BRANCH: &str = "split";

/// Makes the repository `to` of the history of `kept` paths (from the repository's folder), as it is in HEAD.
/// Nothing of other paths is in it. Gives the number of commits.
///
/// # Errors
/// What git says.
pub(super) fn carry(
    repository: &Utf8Path,
    kept: &[Utf8PathBuf],
    to: &Utf8Path,
) -> Result<usize, CommandError> {
    let folder = tempfile::tempdir()?;
    let folder = Utf8Path::from_path(folder.path()).ok_or_else(|| {
        CommandError::usage("the name of the folder for temporary files is not valid Unicode")
    })?;
    let user = Git(repository);
    let head = user.told(&["rev-parse", "--verify", "HEAD"])?;
    let branch = user.told(&["symbolic-ref", "--quiet", "--short", "HEAD"]).unwrap_or_else(|_| "main".into());
    let all = folder.join("all");
    // Without the templates and hooks of the machine, which have no say in a copy.
    user.told(&[
        "clone",
        "--quiet",
        "--bare",
        "--no-hardlinks",
        "--template=",
        repository.as_str(),
        all.as_str(),
    ])?;
    let copy = Git(&all);
    copy.told(&["update-ref", &format!("refs/heads/{BRANCH}"), &head])?;
    rewrite(&copy, kept, folder)?;
    user.told(&[
        "-c",
        "core.hooksPath=/dev/null",
        "clone",
        "--quiet",
        "--no-local",
        "--no-tags",
        "--single-branch",
        "--template=",
        "--branch",
        BRANCH,
        all.as_str(),
        to.as_str(),
    ])?;
    let made = Git(to);
    if branch != BRANCH {
        made.told(&["branch", "--quiet", "--move", &branch])?;
    }
    made.told(&["remote", "remove", "origin"])?;
    let count = made.told(&["rev-list", "--count", "HEAD"])?;
    Ok(count.trim().parse().unwrap_or_default())
}

/// Leaves in every commit the kept paths alone, and no commit that changed none of them. The paths reach the
/// shell as variables: no name of a folder is ever read as a command.
fn rewrite(copy: &Git<'_>, kept: &[Utf8PathBuf], folder: &Utf8Path) -> Result<(), CommandError> {
    let names: Vec<String> = (0..kept.len()).map(|n| format!("GOLDSMITH_KEPT_{n}")).collect();
    let words: Vec<String> = names.iter().map(|n| format!("\"${n}\"")).collect();
    let filter = format!(
        "git read-tree --empty && git ls-tree -r -z --full-tree \"$GIT_COMMIT\" -- {} | git update-index -z --index-info",
        words.join(" ")
    );
    let work = folder.join("work");
    let mut command =
        copy.command(&["filter-branch", "-d", work.as_str(), "--prune-empty", "--index-filter", &filter]);
    command.args(["--", &format!("refs/heads/{BRANCH}")]);
    command.env("FILTER_BRANCH_SQUELCH_WARNING", "1");
    command.envs(names.iter().zip(kept.iter().map(|path| path.as_str())));
    Git::said(command, "filter-branch").map(|_| ())
}
