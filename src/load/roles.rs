//! Which role a file plays, by its folder: the layout of a project, as `paths:` may change it.

use camino::Utf8Path;
use serde_json::{Map, Value};

use crate::nouns::{Layer, Track};

/// What a folder of a project holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Models of a layer.
    Models(Layer, Option<Track>),
    /// The analyst's scripts.
    Scripts,
    /// Scripts of the init pipeline.
    Init,
    /// CSV files kept with the code.
    Seeds,
    /// Jinja macros.
    Macros,
    /// Singular tests.
    Tests,
}

/// Folders in the order in which they are tried: the longer path first.
pub(super) struct Roles {
    folders: Vec<(String, Role)>,
}

/// The layout that holds until `paths:` says otherwise.
const DEFAULT: [(&str, &str, Role); 9] = [
    ("bronze", "bronze", Role::Models(Layer::Bronze, None)),
    ("silver", "silver", Role::Models(Layer::Silver, None)),
    ("operational", "gold/operational", Role::Models(Layer::Gold, Some(Track::Operational))),
    ("operational", "gold", Role::Models(Layer::Gold, Some(Track::Operational))),
    ("financial", "gold/financial", Role::Scripts),
    ("init", "init", Role::Init),
    ("seeds", "seeds", Role::Seeds),
    ("macros", "macros", Role::Macros),
    ("tests", "tests", Role::Tests),
];

impl Roles {
    /// The layout with `paths:` (word -> folder or folders) laid over it.
    pub(super) fn new(paths: &Map<String, Value>) -> Self {
        let mut folders: Vec<(String, Role)> = Vec::new();
        for (word, folder, role) in DEFAULT {
            match paths.get(word) {
                None => folders.push((folder.to_owned(), role)),
                Some(Value::Array(list)) => {
                    folders.extend(list.iter().filter_map(|f| Some((clean(f.as_str()?), role))));
                }
                Some(value) => folders.extend(value.as_str().map(|f| (clean(f), role))),
            }
        }
        folders.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        Self { folders }
    }

    /// The folder that holds a project's loads, relative to the project.
    pub(super) fn bronze(&self) -> &str {
        let mut folders = self.folders.iter();
        folders.find(|(_, role)| *role == Role::Models(Layer::Bronze, None)).map_or("bronze", |(f, _)| f)
    }

    /// The role of a file, by its path relative to the project.
    pub(super) fn of(&self, path: &Utf8Path) -> Option<Role> {
        self.folders.iter().find(|(folder, _)| path.starts_with(folder)).map(|(_, role)| *role)
    }
}

fn clean(folder: &str) -> String {
    folder.replace('\\', "/").trim_matches('/').to_owned()
}
