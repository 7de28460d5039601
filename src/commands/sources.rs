//! Opens the other targets that a run loads rows from. A file must not be opened twice in one process:
//! a target in the run's own folder is read through the run's own warehouse.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::CommandError;
use super::place::Place;
use super::session::Session;
use super::warehouse::Patience;
use crate::analysis::Via;
use crate::execute::{Other, Others};
use crate::graph::Index;
use crate::nouns::{Body, Origin};
use crate::sql;
use crate::warehouse::duckdb::{DuckDb, Memory};
use crate::warehouse::{Access, Error, ErrorKind, Warehouse};
use crate::words::Dialect;

/// The targets that the loads of a run read, and what they need there.
#[derive(Default)]
pub(super) struct Sources(BTreeMap<String, Source>);

/// One of them.
struct Source {
    place: Place,
    databases: BTreeMap<String, Access>,
}

impl Sources {
    /// What the loads among the nodes read from other targets.
    pub(super) fn of(session: &Session, nodes: &HashSet<Index>) -> Result<Self, CommandError> {
        let graph = &session.graph;
        let targets = &graph.analysis().platform.targets;
        let mut needs: BTreeMap<&str, Needs> = BTreeMap::new();
        let mut indices: Vec<Index> = nodes.iter().copied().collect();
        indices.sort();
        for index in indices {
            let Some(target) = graph.streams_from(index) else { continue };
            let dialect = targets.get(&target.name).map_or(Dialect::DuckDb, |t| t.engine.dialect());
            let needs = needs.entry(&target.name).or_default();
            let node = graph.node(index);
            if let Body::Load(load) = &node.node.body
                && let Origin::Query { query, .. } = &load.origin
            {
                needs.asked = true;
                let tokens = sql::tokens(query, dialect);
                let bare = |text: &str| text.trim_matches(['"', '[', ']']).to_lowercase();
                needs.words.extend(tokens.iter().map(|t| bare(t.text(query))));
            }
            let imports = node.touches.iter().filter(|t| t.via == Via::Import);
            needs.named.extend(imports.filter_map(|t| t.relation.database.clone()));
        }
        let mut sources = BTreeMap::new();
        for (name, needs) in needs {
            let Some(target) = targets.get(name) else { continue };
            sources.insert(name.to_owned(), needs.source(name, Place::of(session, target)?)?);
        }
        Ok(Self(sources))
    }

    /// Adds to the databases of a run those that others read in its folder, and refuses files that two
    /// folders share.
    pub(super) fn share(
        &self,
        own: &Place,
        databases: &mut BTreeMap<String, Access>,
    ) -> Result<(), CommandError> {
        // Only files are held against readers.
        let Some(own) = own.folder() else { return Ok(()) };
        let held: BTreeSet<Utf8PathBuf> =
            databases.keys().map(|name| real(&DuckDb::file(own, name))).collect();
        for (target, source) in &self.0 {
            let Some(folder) = source.place.folder() else { continue };
            let is_own = real(folder) == real(own);
            for (name, access) in &source.databases {
                let file = real(&DuckDb::file(folder, name));
                if is_own {
                    databases.entry(name.clone()).or_insert(*access);
                } else if held.contains(&file) {
                    return Err(CommandError::Usage {
                        message: format!(
                            "`{name}` of the target `{target}` is a link to a file that this run holds itself"
                        ),
                        help: Some(
                            "name the folder in which the file really lies as the target's path".into(),
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    /// Opens them. Targets that share a folder share an instance.
    pub(super) fn open(
        self,
        session: &Session,
        (own, warehouse): (&Place, &Arc<dyn Warehouse>),
        patience: &Patience,
    ) -> Result<Others, CommandError> {
        let mut folders: BTreeMap<Utf8PathBuf, (BTreeMap<String, Access>, Memory)> = BTreeMap::new();
        let targets = &session.graph.analysis().platform.targets;
        for (target, source) in &self.0 {
            let Some(folder) = source.place.folder() else { continue };
            let limit = targets.get(target).and_then(|t| t.memory_limit);
            let memory = limit.map_or(Memory::Little, Memory::Limit);
            let (all, _) = folders.entry(real(folder)).or_insert_with(|| (BTreeMap::new(), memory));
            for (name, access) in &source.databases {
                let known = all.entry(name.clone()).or_insert(*access);
                if *access == Access::Read {
                    *known = Access::Read;
                }
            }
        }
        let mut opened: BTreeMap<Utf8PathBuf, Arc<dyn Warehouse>> = BTreeMap::new();
        opened.extend(own.folder().map(|folder| (real(folder), Arc::clone(warehouse))));
        for (folder, (databases, memory)) in folders {
            if opened.contains_key(&folder) {
                continue;
            }
            let list: Vec<(String, Access)> = databases.into_iter().collect();
            let found = patience.open(|| DuckDb::open(&folder, session.root(), &list, memory));
            let found = found.map_err(|e| without_path(&e, &folder))?;
            opened.insert(folder, Arc::new(found));
        }
        let mut others = Others::default();
        for (name, source) in self.0 {
            let database = source.default().to_owned();
            let warehouse = if let Some(folder) = source.place.folder() {
                opened.get(&real(folder)).cloned()
            } else {
                let list: Vec<(String, Access)> = source.databases.clone().into_iter().collect();
                Some(patience.open(|| source.place.open(session.root(), &list, Memory::Little))?)
            };
            others.extend(warehouse.map(|warehouse| (name, Other { warehouse, database })));
        }
        Ok(others)
    }
}

impl Source {
    /// The database in which names without one are looked up: the only one, or on a server the one that
    /// its target names.
    fn default(&self) -> &str {
        if let Some(home) = self.place.home() {
            return home;
        }
        match self.databases.keys().collect::<Vec<_>>().as_slice() {
            [only] => only,
            _ => DuckDb::NONE,
        }
    }
}

/// What loads need of one target.
#[derive(Default)]
struct Needs {
    /// Whether a query is asked there, which may name any database.
    asked: bool,
    /// The words of the queries.
    words: BTreeSet<String>,
    /// The databases of imports.
    named: BTreeSet<String>,
}

impl Needs {
    fn source(self, target: &str, place: Place) -> Result<Source, CommandError> {
        let there = place.databases()?;
        if there.is_empty() {
            return Err(missing(format!(
                "the target `{target}` has no database: its folder holds no file *.duckdb"
            )));
        }
        let mut databases = BTreeMap::new();
        if self.asked && place.folder().is_some() {
            let only = there.len() == 1;
            databases.extend(there.iter().map(|name| {
                let needed = only || self.words.contains(name);
                (name.clone(), if needed { Access::Read } else { Access::Glance })
            }));
        }
        for name in self.named {
            if !there.contains(&name) {
                return Err(missing(format!(
                    "the target `{target}` has no database `{name}`; it has {}",
                    there.join(", ")
                )));
            }
            databases.insert(name, Access::Read);
        }
        Ok(Source { place, databases })
    }
}

fn missing(message: String) -> CommandError {
    Error::new(ErrorKind::Connection, message).into()
}

/// An error that names files by their own names: a folder's path may hold a secret of the environment.
fn without_path(error: &Error, folder: &Utf8Path) -> Error {
    Error { message: error.message.replace(&format!("{folder}/"), ""), ..error.clone() }
}

/// A path without links, where it exists.
fn real(path: &Utf8Path) -> Utf8PathBuf {
    path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned())
}
