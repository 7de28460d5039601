//! Walks folders: links are followed, circles of links and closed doors are told, order is fixed.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::files::Files;
use super::read::unreadable;
use crate::words::{Code, Diagnostic};

/// The folder that holds the projects.
const PROJECTS: &str = "projects";
/// The file that makes a folder a project.
pub(super) const PROJECT_FILE: &str = "project.yml";

/// The project folders of a platform, relative to it.
pub(super) fn projects(files: &Files, out: &mut Vec<Diagnostic>) -> Vec<Utf8PathBuf> {
    let mut folders: Vec<Utf8PathBuf> = Vec::new();
    for folder in candidates(files, out) {
        if files.has(&folder.join(PROJECT_FILE)) {
            folders.push(folder);
        } else if !self::files(files, &folder, out).is_empty() {
            let name = folder.file_name().unwrap_or_default();
            out.push(
                Diagnostic::new(Code::UnreadableFile, format!("`{folder}` has no `{PROJECT_FILE}`"))
                    .help(format!("add `{folder}/{PROJECT_FILE}` with at least `name: {name}`")),
            );
        }
    }
    folders
}

/// The folders below `projects/`, sorted.
fn candidates(files: &Files, out: &mut Vec<Diagnostic>) -> BTreeSet<Utf8PathBuf> {
    let below = |name: &str| Utf8PathBuf::from(format!("{PROJECTS}/{name}"));
    let mut found: BTreeSet<Utf8PathBuf> = files
        .unsaved_below(Utf8Path::new(PROJECTS))
        .filter(|path| path.components().count() > 2)
        .filter_map(|path| path.components().nth(1))
        .map(|name| below(name.as_str()))
        .collect();
    let entries = match fs_err::read_dir(files.root().join(PROJECTS)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !found.is_empty() => return found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            out.push(
                Diagnostic::new(Code::UnreadableFile, "this platform has no folder `projects`")
                    .help("each source system is a folder under `projects/` with a `project.yml`"),
            );
            return found;
        }
        Err(error) => {
            out.push(unreadable(PROJECTS, &error));
            return found;
        }
    };
    for entry in entries.filter_map(Result::ok) {
        let Ok(path) = Utf8PathBuf::try_from(entry.path()) else {
            out.push(not_unicode(&entry.path()));
            continue;
        };
        let name = path.file_name().unwrap_or_default();
        if !name.starts_with('.') && path.is_dir() {
            found.insert(below(name));
        }
    }
    found
}

/// All files at or below the folder `shown` of the platform, sorted, as paths from the platform.
/// Hidden ones and build results are passed over.
pub(super) fn files(files: &Files, shown: &Utf8Path, out: &mut Vec<Diagnostic>) -> Vec<Utf8PathBuf> {
    let full = &files.root().join(shown);
    let mut found = on_disk(full, shown, out);
    let unsaved: Vec<Utf8PathBuf> = files
        .unsaved_below(shown)
        .filter(|path| found.binary_search_by(|f| f.as_path().cmp(path)).is_err())
        .filter(|path| {
            let below = path.strip_prefix(shown).unwrap_or(path);
            !below.components().any(|part| is_passed_over(Some(part.as_str())))
        })
        .map(Utf8Path::to_owned)
        .collect();
    if !unsaved.is_empty() {
        found.extend(unsaved);
        found.sort();
    }
    found
}

fn on_disk(full: &Utf8Path, shown: &Utf8Path, out: &mut Vec<Diagnostic>) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    if !full.exists() {
        return files;
    }
    let walk = WalkDir::new(full).follow_links(true).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|e| e.depth() == 0 || !is_passed_over(e.file_name().to_str())) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => match Utf8Path::from_path(entry.path()) {
                Some(path) => {
                    let below = path.strip_prefix(full).unwrap_or(path).as_str().replace('\\', "/");
                    files.push(Utf8PathBuf::from(format!("{shown}/{below}")));
                }
                None => out.push(not_unicode(entry.path())),
            },
            Ok(_) => {}
            Err(error) => out.push(walk_error(full, shown, &error)),
        }
    }
    files
}

fn is_passed_over(name: Option<&str>) -> bool {
    name.is_some_and(|n| n.starts_with('.') || matches!(n, "target" | "node_modules" | "dbt_packages"))
}

fn walk_error(full: &Utf8Path, shown: &Utf8Path, error: &walkdir::Error) -> Diagnostic {
    let path = error.path().and_then(Utf8Path::from_path).unwrap_or(full);
    let path = match path.strip_prefix(full) {
        Ok(below) if below.as_str().is_empty() => shown.to_owned(),
        Ok(below) => shown.join(below),
        Err(_) => path.to_owned(),
    };
    if error.loop_ancestor().is_some() {
        return Diagnostic::new(
            Code::UnreadableFile,
            format!("the link `{path}` leads back to a folder above it"),
        )
        .help("remove the link, or let it point elsewhere");
    }
    match error.io_error() {
        Some(io) => unreadable(path.as_str(), io),
        None => Diagnostic::new(Code::UnreadableFile, format!("`{path}` can't be read")),
    }
}

fn not_unicode(path: &std::path::Path) -> Diagnostic {
    Diagnostic::new(
        Code::UnreadableFile,
        format!("the name of `{}` is not valid Unicode", path.to_string_lossy().escape_debug()),
    )
    .help("rename the file")
}
