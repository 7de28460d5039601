//! Finds out what a publication needs to know, and judges whether it may be.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use camino::Utf8Path;
use jiff::civil::Date;

use super::CommandError;
use super::session::Session;
use super::warehouse::{Opened, look_at};
use crate::analysis::{Facts, Via};
use crate::cli::ReleaseArgs;
use crate::ddl::{self, Commit, RootLoad};
use crate::graph::Index;
use crate::history::{Books, LoadRecord};
use crate::ledger::{self, ClosedPeriod, Publication};
use crate::nouns::{Body, Kind, Track};
use crate::plan::{self, Day, Options, Refusal, Release};
use crate::sql;
use crate::words::{Code, Diagnostic, RelationName, Span, sha256};

/// The publications that a run would end, and why it may not.
pub(super) struct Prepared {
    pub(super) release: Release,
    pub(super) refusals: Vec<Refusal>,
}

/// Adds the tests of each publication that is selected on a protected target: nothing is published
/// there untested.
pub(super) fn with_tests(session: &Session, selected: &mut HashSet<Index>, options: &Options) {
    let graph = &session.graph;
    let projects: BTreeSet<String> = projects(session, selected);
    let tests: Vec<Index> = graph
        .indices()
        .filter(|i| graph.node(*i).node.kind() == Kind::Test && options.includes(graph, *i))
        .filter(|i| plan::publication(graph, *i).is_some_and(|p| projects.contains(p)))
        .collect();
    selected.extend(tests);
}

/// The projects of which financial scripts are selected.
fn projects(session: &Session, selected: &HashSet<Index>) -> BTreeSet<String> {
    let nodes = selected.iter().map(|i| &session.graph.node(*i).node);
    nodes
        .filter(|n| n.track == Some(Track::Financial) && matches!(n.body, Body::Script { init: false, .. }))
        .map(|n| n.project.clone())
        .collect()
}

/// Finds out what the run's publications need to know, and judges them by the rules of the day where the
/// target is protected. The databases of the selected projects are open.
pub(super) fn prepare(
    session: &Session,
    (selected, options): (&HashSet<Index>, &Options),
    opened: &Opened,
    args: &ReleaseArgs,
    (facts, wait): (&Facts, Duration),
) -> Result<Prepared, CommandError> {
    let mut release = Release {
        rehearses: options.release.rehearses,
        reasons: args.reasons(),
        approved_by: args.approved_by.clone(),
        ..Release::default()
    };
    let projects = if options.publishes { projects(session, selected) } else { BTreeSet::new() };
    if projects.is_empty() {
        return Ok(Prepared { release, refusals: Vec::new() });
    }
    release.commit = commit(session.root());
    release.hashes = hashes(session, &projects)?;
    let is_protected = session.graph.analysis().target.protected;
    let loads = if is_protected { loads(session, &projects, opened, wait)? } else { Loads::default() };
    release.roots =
        loads.known.iter().filter_map(|(load, records)| Some((load.clone(), last(records)?))).collect();
    let mut refusals = Vec::new();
    for project in &projects {
        let day = business_date(session, project, facts)?;
        let (publications, closed) = ledger_of(session, project, opened)?;
        let editions = publications.iter().filter(|p| p.business_date == day).map(|p| p.edition);
        release.editions.insert(project.clone(), editions.max().unwrap_or(0));
        if is_protected {
            let facts = Day {
                date: day,
                included: selected,
                loads: &loads.known,
                beyond: &loads.beyond,
                publications: &publications,
                closed: &closed,
                release: &release,
            };
            refusals.extend(plan::judge(&session.graph, project, &facts));
        }
    }
    Ok(Prepared { release, refusals })
}

/// The newest of a load's records.
fn last(records: &[LoadRecord]) -> Option<RootLoad> {
    let last = records.iter().max_by_key(|r| r.finished_at)?;
    Some(RootLoad {
        mode: last.mode.clone(),
        business_date: last.business_date.clone(),
        finished_at: Some(last.finished_at.to_string()),
        rows: last.rows,
        watermark: last.watermark.clone(),
    })
}

fn business_date(session: &Session, project: &str, facts: &Facts) -> Result<Date, CommandError> {
    let projects = &session.graph.analysis().platform.projects;
    let found = projects.iter().find(|p| p.name == project);
    let date = found.map_or_else(|| facts.date.clone(), |p| facts.date_of(p));
    date.parse().map_err(|e| CommandError::usage(format!("`{date}` is no business date: {e}")))
}

/// A project's ledger; empty where there is none yet.
fn ledger_of(
    session: &Session,
    project: &str,
    opened: &Opened,
) -> Result<(Vec<Publication>, Vec<ClosedPeriod>), CommandError> {
    let database = session.graph.analysis().placement.database(project).to_lowercase();
    let there =
        |table: &str| opened.catalog.get(&RelationName::new(&database, ddl::BOOKKEEPING, table)).is_some();
    if !there("publications") || !there("closed_periods") {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut connection = opened.warehouse.connect(&database)?;
    let publications = ledger::publications(connection.as_mut(), &database, project)?;
    let closed = ledger::closed(connection.as_mut(), &database, project)?;
    Ok((publications, closed))
}

/// What is recorded of the loads behind financial gold.
#[derive(Default)]
struct Loads {
    known: BTreeMap<String, Vec<LoadRecord>>,
    /// Of projects that have no folder here, by the load that imports from them.
    beyond: BTreeMap<String, Vec<LoadRecord>>,
}

fn loads(
    session: &Session,
    projects: &BTreeSet<String>,
    opened: &Opened,
    wait: Duration,
) -> Result<Loads, CommandError> {
    let graph = &session.graph;
    let placement = &graph.analysis().placement;
    let scripts: Vec<Index> = projects.iter().flat_map(|p| plan::financial_scripts(graph, p)).collect();
    let mut databases = BTreeSet::new();
    let mut foreign: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for load in plan::loads_behind(graph, &scripts) {
        let node = graph.node(load);
        databases.insert(placement.database(&node.node.project).to_lowercase());
        if graph.streams_from(load).is_some() {
            continue;
        }
        for touch in node.touches.iter().filter(|t| t.via == Via::Import) {
            if let Some(database) = touch.relation.database.clone()
                && graph.writers(&touch.relation).is_empty()
            {
                foreign.entry(database).or_default().insert(node.node.id.clone());
            }
        }
    }
    databases.extend(foreign.keys().cloned());
    let is_open = |database: &String| opened.catalog.has_database(database);
    let closed: BTreeSet<String> = databases.iter().filter(|d| !is_open(d)).cloned().collect();
    let others = if closed.is_empty() { None } else { Some(look_at(session, closed, wait)?) };
    let mut found = Loads::default();
    for database in databases {
        let opened = if is_open(&database) { Some(opened) } else { others.as_ref() };
        let Some(opened) = opened.filter(|o| o.catalog.has_database(&database)) else { continue };
        let mut books = Books::open(opened.warehouse.as_ref(), &database)?;
        for record in books.last_loads()?.into_iter().flatten() {
            for import in foreign.get(&database).into_iter().flatten() {
                found.beyond.entry(import.clone()).or_default().push(record.clone());
            }
            found.known.entry(record.load.clone()).or_default().push(record);
        }
    }
    Ok(found)
}

/// The SHA-256 of each financial script's file, as it was read.
fn hashes(session: &Session, projects: &BTreeSet<String>) -> Result<BTreeMap<String, String>, CommandError> {
    let graph = &session.graph;
    let mut hashes = BTreeMap::new();
    for script in projects.iter().flat_map(|p| plan::financial_scripts(graph, p)) {
        let node = graph.node(script);
        let file = plan::source(node);
        let bytes = fs_err::read(session.root().join(file.path()))?;
        if sql::decode(&bytes).0 != file.text() {
            let changed = Diagnostic::new(Code::InvalidSql, "the file has changed since it was read")
                .at(file, Span::default())
                .help("run once more");
            return Err(CommandError::Files(vec![changed]));
        }
        hashes.insert(node.node.id.clone(), sha256(&bytes));
    }
    Ok(hashes)
}

/// The commit that the platform's files are of, as git tells; none without git.
fn commit(root: &Utf8Path) -> Option<Commit> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-C", root.as_str()])
            .args(arguments)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let id = git(&["rev-parse", "--verify", "HEAD"]).filter(|id| !id.is_empty())?;
    let changed = git(&["status", "--porcelain", "--", "."])?;
    Some(Commit { id, dirty: !changed.is_empty() })
}
