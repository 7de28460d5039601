//! Writes one changed file as it was: same encoding, same permissions, whole or not at all, and
//! only if it still is what the change was made from.

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::sql::{decode, encode};
use crate::words::{Change, write_atomically};

/// A file that is ready to be written.
#[derive(Debug)]
pub(super) struct Prepared {
    path: Utf8PathBuf,
    /// What is there; `None` for a file that is to be made.
    old: Option<Vec<u8>>,
    new: Vec<u8>,
}

/// Makes a change ready, or says why it can't be written.
pub(super) fn prepare(root: &Utf8Path, change: &Change) -> Result<Prepared, String> {
    let path = root.join(change.file.path());
    let encoding = change.file.encoding();
    let new = encode(&change.text(), encoding)
        .ok_or_else(|| format!("{encoding} has no sign for a character that it needs; save it as UTF-8"))?;
    if change.creates {
        return match fs::symlink_metadata(&path) {
            Ok(_) => Err("a file of this name is there, and could not be read".into()),
            Err(_) => Ok(Prepared { path, old: None, new }),
        };
    }
    // A link stays a link: what it leads to is written.
    let real = path.canonicalize_utf8().map_err(|e| said(&e))?;
    let permissions = fs::metadata(&real).map_err(|e| said(&e))?.permissions();
    if permissions.readonly() {
        return Err("it is read-only".into());
    }
    let old = fs::read(&real).map_err(|e| said(&e))?;
    if decode(&old) != (change.file.text().to_owned(), encoding) {
        return Err("it was changed meanwhile; try again".into());
    }
    if encode(change.file.text(), encoding).as_deref() != Some(old.as_slice()) {
        return Err(format!("it holds bytes that are not {encoding}, and would lose them"));
    }
    Ok(Prepared { path: real, old: Some(old), new })
}

impl Prepared {
    /// Writes the file.
    pub(super) fn write(self) -> Result<(), String> {
        let now = fs::read(&self.path).ok();
        if now != self.old {
            return Err("it was changed meanwhile; try again".into());
        }
        write_atomically(&self.path, |out| out.write_all(&self.new)).map_err(|e| said(&e))
    }
}

/// What the system says, without its own repetition of the path.
fn said(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is gone".into(),
        std::io::ErrorKind::PermissionDenied => "permission is denied".into(),
        _ => error.to_string(),
    }
}
