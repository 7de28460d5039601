//! `goldsmith publications restore`

use std::collections::HashSet;
use std::io::Write;
use std::time::Duration;

use super::desk::Desk;
use crate::cli::{Global, RestorePublicationArgs};
use crate::commands::warehouse::{Purpose, open};
use crate::commands::{CommandError, Exit};
use crate::execute::{self, Restorer};
use crate::graph::Index;
use crate::plan::{self, Release};
use crate::report::{count, joined, thousands};

/// How many relations are named in one line.
const NAMED: usize = 8;

pub(super) fn restore(global: &Global, args: &RestorePublicationArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(global, &args.projects, &[&args.id])?;
    let (book, publication) = desk.find(&args.id)?;
    let (project, database, publication) = (book.project.clone(), book.database.clone(), publication.clone());
    let standing = book.publications.first().map(crate::ledger::Publication::id).unwrap_or_default();
    let Desk { session, facts, .. } = desk;
    let graph = &session.graph;
    let scripts = plan::financial_scripts(graph, &project);
    let release = Release {
        reasons: args.restate.iter().map(|why| ("restate".to_owned(), why.clone())).collect(),
        approved_by: args.approved_by.clone(),
        ..Release::default()
    };
    let publish = plan::publish(graph, &project, &scripts, &release);
    let nodes: HashSet<Index> = scripts.into_iter().collect();
    let wait = Duration::try_from(args.projects.wait).unwrap_or_default();
    let opened = open(&session, &nodes, Purpose::Write, wait)?;
    let mut connection = opened.warehouse.connect(&database)?;
    let target = graph.analysis().target.name.clone();
    let by = Restorer { run_id: &facts.run_id, target: &target, reason: &args.reason };
    let restored = execute::restore(&publish, &publication, &by, connection.as_mut())
        .map_err(|error| CommandError::Refused(format!("nothing was restored: {error}")))?;
    let mut err = session.err.stderr();
    let rows: u64 = restored.relations.iter().map(|(_, rows)| rows).sum();
    writeln!(
        err,
        "Restored {publication} in the place of {standing}, as {}: {} rows in {}.",
        restored.id,
        thousands(rows),
        count(restored.relations.len(), "relation")
    )?;
    if !restored.untouched.is_empty() {
        let names: Vec<&str> = restored.untouched.iter().map(String::as_str).collect();
        writeln!(err, "{publication} did not make {}: as it was.", joined(&names, NAMED))?;
    }
    Ok(Exit::Done)
}
