//! The files that `deps` is asked about: files as given, `.sql` files below folders, standard input
//! for `-`. Each is read when its turn comes; what can't be read is told and left out.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use camino::Utf8PathBuf;
use walkdir::WalkDir;

use super::Told;
use crate::sql;
use crate::words::SourceFile;

/// The files, in the order asked for and by name below a folder.
pub(super) fn files<'a>(
    given: &'a [Utf8PathBuf],
    told: &'a Told,
) -> impl Iterator<Item = Arc<SourceFile>> + use<'a> {
    given.iter().flat_map(move |path| -> Box<dyn Iterator<Item = Arc<SourceFile>> + 'a> {
        if path == "-" {
            let mut bytes = Vec::new();
            let read = std::io::stdin().read_to_end(&mut bytes).map(|_| bytes);
            Box::new(decoded("-", read, told).into_iter())
        } else if path.is_dir() {
            Box::new(below(path.as_std_path(), told))
        } else {
            Box::new(decoded(path.as_str(), fs_err::read(path), told).into_iter())
        }
    })
}

/// The `.sql` files below a folder.
fn below<'a>(folder: &'a Path, told: &'a Told) -> impl Iterator<Item = Arc<SourceFile>> + use<'a> {
    let mut seen = false;
    let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    let files = entries.filter_map(move |entry| {
        let entry = entry.map_err(|error| told.refuse(&error.to_string())).ok()?;
        let path = entry.path();
        let is_sql = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sql"));
        (is_sql && entry.file_type().is_file()).then(|| entry.into_path())
    });
    let end = std::iter::once_with(|| None);
    files.map(Some).chain(end).filter_map(move |path| {
        let Some(path) = path else {
            if !seen {
                told.note(&format!("there is no .sql file below {}", folder.display()));
            }
            return None;
        };
        seen = true;
        // A name that is no Unicode is shown as near as can be, and read all the same.
        decoded(&path.to_string_lossy(), fs_err::read(&path), told)
    })
}

fn decoded(path: &str, bytes: std::io::Result<Vec<u8>>, told: &Told) -> Option<Arc<SourceFile>> {
    let bytes = bytes.map_err(|error| told.refuse(&error.to_string())).ok()?;
    let (text, encoding) = sql::decode_owned(bytes);
    Some(SourceFile::new(path.replace('\\', "/"), text, encoding))
}
