//! Walks folders: links are followed, circles of links and closed doors are told, order is fixed.

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::read::unreadable;
use crate::words::{Code, Diagnostic};

/// The folder that holds the projects.
const PROJECTS: &str = "projects";
/// The file that makes a folder a project.
pub(super) const PROJECT_FILE: &str = "project.yml";

/// The project folders of a platform, relative to it.
pub(super) fn projects(root: &Utf8Path, out: &mut Vec<Diagnostic>) -> Vec<Utf8PathBuf> {
    let entries = match fs_err::read_dir(root.join(PROJECTS)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            out.push(
                Diagnostic::new(Code::UnreadableFile, "this platform has no folder `projects`")
                    .help("each source system is a folder under `projects/` with a `project.yml`"),
            );
            return Vec::new();
        }
        Err(error) => {
            out.push(unreadable(PROJECTS, &error));
            return Vec::new();
        }
    };
    let mut folders = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let Ok(path) = Utf8PathBuf::try_from(entry.path()) else {
            out.push(not_unicode(&entry.path()));
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_owned();
        if name.starts_with('.') || !path.is_dir() {
            continue;
        }
        let folder = Utf8PathBuf::from(format!("{PROJECTS}/{name}"));
        if root.join(&folder).join(PROJECT_FILE).exists() {
            folders.push(folder);
        } else if !files(&root.join(&folder), &folder, out).is_empty() {
            out.push(
                Diagnostic::new(Code::UnreadableFile, format!("`{folder}` has no `{PROJECT_FILE}`"))
                    .help(format!("add `{folder}/{PROJECT_FILE}` with at least `name: {name}`")),
            );
        }
    }
    folders.sort();
    folders
}

/// All files at or below `full`, as paths that begin with `shown`, sorted. Hidden ones and
/// build results are passed over.
pub(super) fn files(full: &Utf8Path, shown: &Utf8Path, out: &mut Vec<Diagnostic>) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
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
