//! Brings what has changed in a template to a project that was made from it: three ways, file by file.

use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::Files;
use super::lock::{Base, Lock};

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is new, or the project had not touched it: the template's.
    Taken(Vec<u8>),
    /// Both have changed it, in different places.
    Merged(Vec<u8>),
    /// Both have changed the same lines, which stand between marks.
    Conflict(Vec<u8>),
    /// The template has dropped it, and the project had not touched it.
    Removed,
    /// It stays as the project has it, though the template says something else, and why.
    Kept(&'static str),
}

/// A file of which the template says something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its path below the project.
    pub path: Utf8PathBuf,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// Compares the template as it was, as it is now, and the project; gives what is to be done, by path.
///
/// # Errors
/// A file of the project that can't be read.
pub fn merge(
    lock: &Lock,
    now: &Files,
    mine: impl Fn(&Utf8Path) -> io::Result<Option<Vec<u8>>>,
) -> io::Result<Vec<Merged>> {
    let paths: BTreeSet<&Utf8PathBuf> = lock.files.keys().chain(now.keys()).collect();
    let mut merged = Vec::new();
    for path in paths {
        let (base, new) = (lock.files.get(path), now.get(path));
        if let (Some(base), Some(new)) = (base, new)
            && base.is(new)
        {
            continue;
        }
        if let Some(outcome) = one(base, new, mine(path)?) {
            merged.push(Merged { path: path.clone(), outcome });
        }
    }
    Ok(merged)
}

/// What becomes of a file that the template has changed, made or dropped; `None` when there is nothing to do.
fn one(base: Option<&Base>, new: Option<&Vec<u8>>, mine: Option<Vec<u8>>) -> Option<Outcome> {
    Some(match (base, new, mine) {
        (_, Some(new), Some(mine)) if *new == mine => return None,
        (_, None, None) | (None, None, _) => return None,
        (None, Some(new), None) => Outcome::Taken(new.clone()),
        (None, Some(_), Some(_)) => Outcome::Kept("the template has a file of this name now, too"),
        (Some(_), Some(_), None) => Outcome::Kept("the project has removed it"),
        (Some(base), None, Some(mine)) if base.is(&mine) => Outcome::Removed,
        (Some(_), None, Some(_)) => Outcome::Kept("the template has dropped it, the project has changed it"),
        (Some(base), Some(new), Some(mine)) if base.is(&mine) => Outcome::Taken(new.clone()),
        (Some(base), Some(new), Some(mine)) => {
            let texts = (base, std::str::from_utf8(new), std::str::from_utf8(&mine));
            let (Base::Text(base), Ok(new), Ok(mine)) = texts else {
                return Some(Outcome::Kept("both have changed it, and it is no text that can be merged"));
            };
            match diffy::merge(base, mine, new) {
                Ok(text) => Outcome::Merged(text.into_bytes()),
                Err(text) => Outcome::Conflict(marked(&text).into_bytes()),
            }
        }
    })
}

/// The marks of a conflict with the names of the two sides.
fn marked(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.trim_end() {
            "<<<<<<< ours" => "<<<<<<< project\n",
            "||||||| original" => "||||||| template before\n",
            ">>>>>>> theirs" => ">>>>>>> template now\n",
            _ => line,
        })
        .collect()
}
