//! Opens the target's warehouse for what a command wants to do with it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::CommandError;
use super::place::Place;
use super::session::Session;
use super::sources::Sources;
use crate::analysis::{Owner, Via};
use crate::ddl::FILES;
use crate::execute::{Other, Others};
use crate::graph::Index;
use crate::render::{Resolve, Resolved, Scope, Settings, Templates};
use crate::warehouse::duckdb::{DuckDb, Memory};
use crate::warehouse::{Access, Catalog, Error, ErrorKind, Limited, Warehouse};
use crate::words::{Diagnostic, Dialect, SourceFile, Span};

/// How much memory the reader of files takes for a target that can't read them itself, in bytes.
const FILES_MEMORY: u64 = 1 << 30;

/// A warehouse and what it holds.
pub(super) struct Opened {
    pub(super) warehouse: Arc<dyn Warehouse>,
    /// The other targets that rows are loaded from.
    pub(super) others: Others,
    pub(super) catalog: Catalog,
}

/// How the databases of the selected projects are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// They will be written; missing ones are made.
    Write,
    /// They are looked at; missing ones are empty.
    Look,
}

/// Opens what the nodes need: their projects' databases, and those that they import from.
pub(super) fn open(
    session: &Session,
    nodes: &HashSet<Index>,
    purpose: Purpose,
    wait: Duration,
) -> Result<Opened, CommandError> {
    let analysis = session.graph.analysis();
    let place = Place::of(session, &analysis.target)?;
    let placement = &session.graph.analysis().placement;
    let mut databases: BTreeMap<String, Access> = BTreeMap::new();
    for index in nodes {
        let node = session.graph.node(*index);
        if session.graph.streams_from(*index).is_some() {
            continue;
        }
        // Beside imports: reads across projects that the platform's levels or its baseline let pass.
        for touch in node.touches.iter().filter(|t| !t.access.is_write()) {
            let owner = placement.owner(&touch.relation);
            let crosses = matches!(owner, Owner::Project(owner) if owner != node.node.project);
            if let Some(database) =
                touch.relation.database.as_ref().filter(|_| crosses || touch.via == Via::Import)
            {
                databases.entry(database.clone()).or_insert(Access::Read);
            }
        }
    }
    let own: BTreeSet<String> = nodes
        .iter()
        .map(|index| placement.database(&session.graph.node(*index).node.project).to_lowercase())
        .collect();
    let access = if purpose == Purpose::Write { Access::Write } else { Access::Read };
    databases.extend(own.iter().map(|database| (database.clone(), access)));
    let mut there = BTreeMap::new();
    for (name, access) in databases {
        if access == Access::Write || place.has(&name)? {
            there.insert(name, access);
        }
    }
    let mut databases = there;
    let names: Vec<String> = databases.keys().cloned().collect();
    // Nothing is read before a run writes, and a plan needs no other target.
    let sources = if purpose == Purpose::Write { Sources::of(session, nodes)? } else { Sources::default() };
    sources.share(&place, &mut databases)?;
    let list: Vec<(String, Access)> = databases.into_iter().collect();
    let memory = analysis.target.memory_limit.map_or(Memory::Much, Memory::Limit);
    let patience = Patience { began: Instant::now(), wait };
    let mut warehouse = patience.open(|| place.open(session.root(), &list, memory))?;
    if let Some(limit) = analysis.target.statement_timeout {
        warehouse = Arc::new(Limited::new(warehouse, limit));
    }
    // A run has found out while it took its databases.
    if let (Purpose::Look, Some(name)) = (purpose, own.iter().next()) {
        warehouse.fits(name)?;
    }
    let mut others = sources.open(session, (&place, &warehouse), &patience)?;
    if let (Some(home), Purpose::Write) = (place.home(), purpose) {
        // Imports come from another database of the server, rows of files through DuckDB.
        let own = Other { warehouse: Arc::clone(&warehouse), database: home.to_owned() };
        others.entry(analysis.target.name.clone()).or_insert(own);
        let limit = analysis.target.memory_limit.unwrap_or(FILES_MEMORY);
        let files: Arc<dyn Warehouse> =
            Arc::new(DuckDb::open(session.root(), session.root(), &[], Memory::Limit(limit))?);
        others.insert(FILES.to_owned(), Other { warehouse: files, database: DuckDb::NONE.to_owned() });
    }
    let catalog = warehouse.catalog(&names)?;
    Ok(Opened { warehouse, others, catalog })
}

/// How long somebody else's hold on a database is put up with.
pub(super) struct Patience {
    began: Instant,
    wait: Duration,
}

impl Patience {
    /// Opens something, again and again while it is held and there is time left.
    pub(super) fn open<T>(&self, open: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match open() {
                Err(error) if error.kind == ErrorKind::Locked && self.began.elapsed() < self.wait => {
                    std::thread::sleep(Duration::from_millis(200).min(self.wait));
                }
                other => return other,
            }
        }
    }
}

/// Opens databases to look at them; those that do not exist are left out.
pub(super) fn look_at(
    session: &Session,
    databases: BTreeSet<String>,
    wait: Duration,
) -> Result<Opened, CommandError> {
    let place = Place::of(session, &session.graph.analysis().target)?;
    let mut list = Vec::with_capacity(databases.len());
    for name in databases {
        if place.has(&name)? {
            list.push((name, Access::Read));
        }
    }
    let patience = Patience { began: Instant::now(), wait };
    let warehouse = patience.open(|| place.open(session.root(), &list, Memory::Much))?;
    let names: Vec<String> = list.iter().map(|(name, _)| name.clone()).collect();
    let catalog = warehouse.catalog(&names)?;
    Ok(Opened { warehouse, others: Others::default(), catalog })
}

/// Opens one database to look at it. `None` if it is not there.
pub(super) fn look(session: &Session, database: &str) -> Result<Option<Arc<dyn Warehouse>>, CommandError> {
    let place = Place::of(session, &session.graph.analysis().target)?;
    if !place.has(database)? {
        return Ok(None);
    }
    let list = [(database.to_lowercase(), Access::Read)];
    Ok(Some(place.open(session.root(), &list, Memory::Much)?))
}

/// A value of goldsmith.yml, with `env_var` and the like filled in.
pub(super) fn setting(file: &Arc<SourceFile>, text: &str, span: Span) -> Result<String, Box<Diagnostic>> {
    let scope = Arc::new(Scope::new("goldsmith.yml", Arc::new(Nothing)));
    let (templates, _) = Templates::new(Settings::new("goldsmith", Dialect::DuckDb), &[]);
    templates.expression(text, file, span, &scope).map(|rendered| rendered.sql)
}

/// A file of settings has nothing to refer to.
struct Nothing;

impl Resolve for Nothing {
    fn reference(&self, _: Option<&str>, _: &str) -> Option<Resolved> {
        None
    }

    fn source(&self, _: &str, _: &str) -> Option<Resolved> {
        None
    }
}

/// What to say when a database that is needed is not there at all.
pub(super) fn missing(database: &str) -> CommandError {
    Error::new(ErrorKind::Connection, format!("`{database}` does not exist yet: `goldsmith run` makes it"))
        .into()
}
