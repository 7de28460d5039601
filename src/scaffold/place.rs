//! Puts files where they belong: a folder at once or not at all, and never outside of it.

use std::fmt;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::Files;

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
    let name = folder.file_name().unwrap_or("new");
    let beside = above.join(format!(".{}.{}", name.chars().take(30).collect::<String>(), std::process::id()));
    let made = fill(&beside, files).and_then(|()| {
        if is_there {
            fs_err::remove_dir(folder)?;
        }
        fs_err::rename(&beside, folder)
    });
    if made.is_err() {
        // What could not be written whole goes again.
        let _ = fs_err::remove_dir_all(&beside);
    }
    Ok(made?)
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
    let above = full.parent().unwrap_or(folder);
    fs_err::create_dir_all(above)?;
    let beside = above.join(format!(".{}.{}", full.file_name().unwrap_or("new"), std::process::id()));
    let written = fs_err::write(&beside, bytes).and_then(|()| {
        if let Ok(there) = full.metadata() {
            fs_err::set_permissions(&beside, there.permissions())?;
        }
        fs_err::rename(&beside, &full)
    });
    if written.is_err() {
        let _ = fs_err::remove_file(&beside);
    }
    Ok(written?)
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
