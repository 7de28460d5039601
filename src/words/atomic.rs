//! Replaces a file in one go: a full disk or a kill leaves the old one.

use std::io::{self, BufWriter, Write};
use std::time::Duration;

use camino::Utf8Path;
use fs_err as fs;

/// How often a rename is tried: on Windows somebody who reads the old file holds it for a moment.
const TRIES: u32 = 10;

/// Writes a file beside its place and then moves it there. Missing folders are made.
pub fn write_atomically(
    path: &Utf8Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let name = path.file_name().ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("`{path}` is no path of a file"))
    })?;
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let done = fill(&beside, write)
        .and_then(|()| keep_permissions(path, &beside))
        .and_then(|()| rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

fn fill(path: &Utf8Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(fs::File::create(path)?);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // Some file systems tell of a full disk only now.
    file.sync_all()
}

/// Gives the new file the permissions of the one that it replaces.
fn keep_permissions(old: &Utf8Path, new: &Utf8Path) -> io::Result<()> {
    match fs::metadata(old) {
        Ok(old) => fs::set_permissions(new, old.permissions()),
        Err(_) => Ok(()),
    }
}

fn rename(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let mut tries = 1;
    loop {
        match fs::rename(from, to) {
            Err(e) if cfg!(windows) && e.kind() == io::ErrorKind::PermissionDenied && tries < TRIES => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use camino::Utf8PathBuf;

    use super::write_atomically;

    #[test]
    fn a_failure_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        let path = folder.join("target/a.json");
        write_atomically(&path, |out| out.write_all(b"old")).unwrap();
        let full = write_atomically(&path, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        write_atomically(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.join("target")).unwrap().count(), 1);
    }
}
