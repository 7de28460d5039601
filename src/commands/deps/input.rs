//! In which dialect each file is read, and which are templates.

use std::collections::HashSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::session;
use crate::cli::Global;
use crate::load;
use crate::nouns::{Kind, Node};
use crate::words::Dialect;

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
        let (Some(platform), _) = load::load(&load::Files::on_disk(&*root)) else { return Self::unknown() };
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
