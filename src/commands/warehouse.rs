//! Opens the target's warehouse for what a command wants to do with it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use super::CommandError;
use super::session::Session;
use crate::analysis::{Owner, Via};
use crate::graph::Index;
use crate::nouns::Engine;
use crate::render::{Resolve, Resolved, Scope, Settings, Templates};
use crate::warehouse::duckdb::{Access, DuckDb};
use crate::warehouse::{Catalog, Error, ErrorKind, Warehouse};
use crate::words::Dialect;

/// A warehouse and what it holds.
pub(super) struct Opened {
    pub(super) warehouse: Box<dyn Warehouse>,
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
    let folder = folder(session)?;
    let placement = &session.graph.analysis().placement;
    let mut databases: BTreeMap<String, Access> = BTreeMap::new();
    for index in nodes {
        let node = session.graph.node(*index);
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
    for index in nodes {
        let database = placement.database(&session.graph.node(*index).node.project).to_lowercase();
        let access = if purpose == Purpose::Write { Access::Write } else { Access::Read };
        databases.insert(database, access);
    }
    databases.retain(|name, access| *access == Access::Write || DuckDb::file(&folder, name).is_file());
    let list: Vec<(String, Access)> = databases.into_iter().collect();
    attach(session, &folder, &list, wait)
}

/// Opens databases to look at them; those that do not exist are left out.
pub(super) fn look(
    session: &Session,
    databases: BTreeSet<String>,
    wait: Duration,
) -> Result<Opened, CommandError> {
    let folder = folder(session)?;
    let there = databases.into_iter().filter(|name| DuckDb::file(&folder, name).is_file());
    let list: Vec<(String, Access)> = there.map(|name| (name, Access::Read)).collect();
    attach(session, &folder, &list, wait)
}

/// Attaches databases, waiting so long for those that another process holds.
fn attach(
    session: &Session,
    folder: &Utf8Path,
    list: &[(String, Access)],
    wait: Duration,
) -> Result<Opened, CommandError> {
    let began = Instant::now();
    let warehouse = loop {
        match DuckDb::open(folder, session.root(), list) {
            Err(error) if error.kind == ErrorKind::Locked && began.elapsed() < wait => {
                std::thread::sleep(Duration::from_millis(200).min(wait));
            }
            other => break other?,
        }
    };
    let names: Vec<String> = list.iter().map(|(name, _)| name.clone()).collect();
    let catalog = warehouse.catalog(&names)?;
    Ok(Opened { warehouse: Box::new(warehouse), catalog })
}

/// The folder of the target's databases.
fn folder(session: &Session) -> Result<Utf8PathBuf, CommandError> {
    let analysis = session.graph.analysis();
    match &analysis.target.engine {
        Engine::DuckDb { path, span } => {
            let scope = Arc::new(Scope::new("goldsmith.yml", Arc::new(Nothing)));
            let (templates, _) = Templates::new(Settings::new("goldsmith", Dialect::DuckDb), &[]);
            let file = &analysis.platform.file;
            let rendered = templates
                .expression(path, file, *span, &scope)
                .map_err(|error| CommandError::Files(vec![*error]))?;
            Ok(session.root().join(rendered.sql))
        }
        other => Err(CommandError::Usage {
            message: format!("targets of type `{}` are not supported by this version", other.word()),
            help: Some("choose a target of type duckdb with --target".into()),
        }),
    }
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
