//! Puts files where they belong: a folder at once or not at all, and never outside of it.

use std::fmt;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::Files;
use crate::words::write_atomically;

/// Why nothing was written.
#[derive(Debug)]
pub enum PlaceError {
    /// Something is there already.
    Exists(Utf8PathBuf),
    /// A link would lead out of the folder.
    Outside(Utf8PathBuf),
    /// The system refused.
    System(io::Error),
}

impl From<io::Error> for PlaceError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => write!(f, "`{path}` is there already, nothing was written"),
            Self::Outside(path) => write!(f, "`{path}` is a link that leads elsewhere, nothing was written"),
            Self::System(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for PlaceError {}

/// Makes a folder of these files. What is there already is refused, unless `force` lets files be written over;
/// files that are not among the new ones stay in either case.
///
/// # Errors
/// Then nothing was written; with `force` a file may have been.
pub fn place(folder: &Utf8Path, files: &Files, force: bool) -> Result<(), PlaceError> {
    let is_there = folder.symlink_metadata().is_ok();
    let is_empty = folder.is_dir() && folder.read_dir_utf8()?.next().is_none();
    if is_there && !is_empty {
        if !force || !folder.is_dir() {
            return Err(PlaceError::Exists(folder.to_owned()));
        }
        for path in files.keys() {
            inside(folder, path)?;
        }
        for (path, bytes) in files {
            replace(folder, path, bytes)?;
        }
        return Ok(());
    }
    let above = folder.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    fs_err::create_dir_all(above)?;
    // What could not be written whole goes again with this folder.
    let beside = tempfile::Builder::new().prefix(".goldsmith-new-").tempdir_in(above)?;
    let made = Utf8Path::from_path(beside.path())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a folder's name is not valid Unicode"))?
        .join("new");
    fill(&made, files)?;
    if is_there {
        fs_err::remove_dir(folder)?;
    }
    Ok(fs_err::rename(&made, folder)?)
}

fn fill(folder: &Utf8Path, files: &Files) -> io::Result<()> {
    fs_err::create_dir(folder)?;
    for (path, bytes) in files {
        let path = folder.join(path);
        if let Some(above) = path.parent() {
            fs_err::create_dir_all(above)?;
        }
        fs_err::write(path, bytes)?;
    }
    Ok(())
}

/// Writes one file below a folder in the place of what is there, whole or not at all.
///
/// # Errors
/// A link that leads out of the folder, or what the system says.
pub fn replace(folder: &Utf8Path, path: &Utf8Path, bytes: &[u8]) -> Result<(), PlaceError> {
    let full = inside(folder, path)?;
    Ok(write_atomically(&full, |out| out.write_all(bytes))?)
}

/// Removes one file below a folder.
///
/// # Errors
/// A link that leads out of the folder, or what the system says.
pub fn remove(folder: &Utf8Path, path: &Utf8Path) -> Result<(), PlaceError> {
    Ok(fs_err::remove_file(inside(folder, path)?)?)
}

/// The path of a file below a folder, unless a link on the way leads out of it.
fn inside(folder: &Utf8Path, path: &Utf8Path) -> Result<Utf8PathBuf, PlaceError> {
    let full = folder.join(path);
    let real = folder.canonicalize_utf8()?;
    let there = full.ancestors().find(|p| p.symlink_metadata().is_ok()).unwrap_or(folder);
    let leads = there.canonicalize_utf8().map_err(|_| PlaceError::Outside(path.to_owned()))?;
    if leads.starts_with(&real) { Ok(full) } else { Err(PlaceError::Outside(path.to_owned())) }
}
