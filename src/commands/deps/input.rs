//! The files that `deps` is given, and in which dialect each is read.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::super::{CommandError, session};
use crate::cli::Global;
use crate::load;
use crate::nouns::{Kind, Node};
use crate::report::{Look, neutral_line};
use crate::sql;
use crate::words::{Dialect, SourceFile};

/// Which dialect a file is read in.
pub(super) enum Dialects {
    Given(Dialect),
    /// By project folder, absolute; T-SQL elsewhere.
    Projects {
        folders: Vec<(Utf8PathBuf, Dialect)>,
        templates: HashSet<Utf8PathBuf>,
    },
}

impl Dialects {
    /// The dialects of the platform that we stand in, if we do.
    pub(super) fn of_platform(global: &Global) -> Self {
        let Ok(root) = session::root(global) else { return Self::unknown() };
        let (Some(platform), _) = load::load(&root) else { return Self::unknown() };
        let default = platform.targets.get(&platform.default_target).map(|t| t.engine.dialect());
        let projects = &platform.projects;
        let templates = |n: &&Node| matches!(n.kind(), Kind::Model | Kind::Test) && is_sql(n.file.path());
        let models = projects.iter().flat_map(|p| &p.nodes).filter(templates);
        Self::Projects {
            templates: models.map(|n| full(&root.join(n.file.path()))).collect(),
            folders: projects
                .iter()
                .filter_map(|p| Some((full(&root.join(&p.folder)), p.dialect.or(default)?)))
                .collect(),
        }
    }

    fn unknown() -> Self {
        Self::Projects { folders: Vec::new(), templates: HashSet::new() }
    }

    /// Whether we stand in a platform that counts.
    pub(super) fn is_inside(&self) -> bool {
        matches!(self, Self::Projects { folders, .. } if !folders.is_empty())
    }

    /// Whether a file is a model or a test of the platform: what it holds is a template.
    pub(super) fn is_template(&self, path: &Utf8Path) -> bool {
        matches!(self, Self::Projects { templates, .. } if templates.contains(&full(path)))
    }

    pub(super) fn of(&self, path: &Utf8Path) -> Dialect {
        match self {
            Self::Given(dialect) => *dialect,
            Self::Projects { folders, .. } => {
                let full = full(path);
                let own =
                    path.file_stem().and_then(|s| s.rsplit_once('.')).and_then(|(_, word)| word.parse().ok());
                let project = folders.iter().find(|(folder, _)| full.starts_with(folder)).map(|(_, d)| *d);
                own.or(project).unwrap_or(Dialect::TSql)
            }
        }
    }
}

pub(super) fn is_sql(path: &Utf8Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sql"))
}

/// A path that can be compared with others.
pub(super) fn full(path: &Utf8Path) -> Utf8PathBuf {
    path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned())
}

/// Files as given, `.sql` files below folders, standard input for `-`.
pub(super) fn sources(
    given: &[Utf8PathBuf],
    complete: &mut bool,
    look: &Look,
) -> Result<Vec<Arc<SourceFile>>, CommandError> {
    let mut found = Vec::new();
    for path in given {
        if path == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes)?;
            found.push(decoded("-", &bytes));
        } else if path.is_dir() {
            for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
                match entry {
                    Ok(entry) if entry.file_type().is_file() => {
                        let Some(file) = Utf8Path::from_path(entry.path()) else { continue };
                        if is_sql(file) {
                            found.extend(read(file, complete, look));
                        }
                    }
                    Ok(_) => {}
                    Err(error) => refuse(&error.to_string(), complete, look),
                }
            }
        } else {
            found.extend(read(path, complete, look));
        }
    }
    Ok(found)
}

fn read(path: &Utf8Path, complete: &mut bool, look: &Look) -> Option<Arc<SourceFile>> {
    match fs_err::read(path) {
        Ok(bytes) => Some(decoded(path.as_str(), &bytes)),
        Err(error) => {
            refuse(&error.to_string(), complete, look);
            None
        }
    }
}

/// Says what can't be read and goes on with the rest.
fn refuse(message: &str, complete: &mut bool, look: &Look) {
    *complete = false;
    let _ = writeln!(look.stderr(), "error: {}", neutral_line(message));
}

fn decoded(path: &str, bytes: &[u8]) -> Arc<SourceFile> {
    let (text, encoding) = sql::decode(bytes);
    SourceFile::new(path.replace('\\', "/"), text, encoding)
}
