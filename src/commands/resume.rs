//! `--resume`: finds the run to continue in the warehouse, and what is left of it.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::time::{Duration, Instant};

use super::CommandError;
use super::session::{Session, facts};
use super::warehouse::look;
use crate::analysis::Facts;
use crate::cli::{Global, PipelineArgs, SelectArgs};
use crate::execute;
use crate::graph::Index;
use crate::plan::{self, Choice, Options, Record, Unfinished, Wanted};
use crate::report::{count, joined};

/// How many nodes are named in one line.
const NAMED: usize = 6;

/// The run to continue. `None` if there is nothing to resume, which is told.
///
/// # Errors
/// Refuses a run of another business date, and databases that somebody holds who may be running.
pub(super) fn find(global: &Global, args: &PipelineArgs) -> Result<Option<Box<Unfinished>>, CommandError> {
    let mut known = Facts::default();
    let session = Session::open(global, |platform| {
        known = facts(platform, "daily", args.date, false);
        known.clone()
    })?;
    let wanted = Wanted {
        date: known.date,
        is_date_given: args.date.is_some(),
        pipeline: args.is_pipeline_named.then(|| args.pipeline.into()),
        select: args.nodes.select.clone(),
        exclude: args.nodes.exclude.clone(),
    };
    let (records, held) = records(&session, Duration::try_from(args.wait).unwrap_or_default())?;
    let target = &session.graph.analysis().target.name;
    // Who holds a database is running there, or has a run's end that can't be seen.
    match (plan::choose(&records, &wanted), held.into_iter().next()) {
        (Choice::Run(run), held) => match held {
            Some((database, error)) if has_part(&session, &run.record, &database) => Err(error),
            _ => Ok(Some(run)),
        },
        (_, Some((_, error))) => Err(error),
        (Choice::OtherDate(record), None) => Err(CommandError::Refused(format!(
            "the last run on `{target}` that did not finish, {}, was for {}, and today is {}: \
             `--resume --date {}` continues it all the same; without --resume a new run begins",
            described(record),
            record.date,
            wanted.date,
            record.date
        ))),
        (Choice::Nothing(last), None) => {
            let why = match last {
                Some(record) if record.ended.as_deref() == Some("success") => {
                    format!("the last run, {}, succeeded", described(record))
                }
                Some(record) => format!("later runs have made up for the last one, {}", described(record)),
                None => "no such run is recorded".to_owned(),
            };
            tell_nothing(&session, &why)?;
            Ok(None)
        }
    }
}

fn tell_nothing(session: &Session, why: &str) -> std::io::Result<()> {
    let target = &session.graph.analysis().target.name;
    writeln!(session.err.stderr(), "Nothing to resume on `{target}`: {why}.")
}

/// What runs have left in the databases of all projects, and the databases that somebody holds.
type Kept = (Vec<Record>, Vec<(String, CommandError)>);

fn records(session: &Session, wait: Duration) -> Result<Kept, CommandError> {
    let analysis = session.graph.analysis();
    let (mut records, mut held) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let mut seen = HashSet::new();
    for project in &analysis.platform.projects {
        let database = analysis.placement.database(&project.name);
        if !seen.insert(database.to_lowercase()) {
            continue;
        }
        let warehouse = loop {
            match look(session, database) {
                Err(CommandError::Locked(_)) if began.elapsed() < wait => {
                    std::thread::sleep(Duration::from_millis(200).min(wait));
                }
                other => break other,
            }
        };
        match warehouse {
            Ok(Some(warehouse)) => {
                records.extend(execute::history(warehouse.as_ref(), database, &analysis.target.name)?);
            }
            Ok(None) => {}
            Err(error @ CommandError::Locked(_)) => held.push((database.to_owned(), error)),
            Err(error) => return Err(error),
        }
    }
    Ok((execute::join(records), held))
}

/// Whether a run has steps in a database.
fn has_part(session: &Session, record: &Record, database: &str) -> bool {
    let placement = &session.graph.analysis().placement;
    record.asked.projects.iter().any(|p| placement.database(p).eq_ignore_ascii_case(database))
}

/// The arguments as the run had them that is to be continued.
pub(super) fn as_asked(args: &PipelineArgs, record: &Record) -> PipelineArgs {
    let asked = &record.asked;
    PipelineArgs {
        nodes: SelectArgs { select: asked.select.clone(), exclude: asked.exclude.clone(), state: None },
        pipeline: record.pipeline.into(),
        date: record.date.parse().ok(),
        no_load: asked.no_load,
        full_refresh: asked.full_refresh,
        ..args.clone()
    }
}

/// The nodes that are left of a run, and notes on them. `None` if there are none, which is told.
///
/// # Errors
/// Refuses when one of them is there no more.
pub(super) fn left(
    session: &Session,
    run: &Unfinished,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<Option<HashSet<Index>>, CommandError> {
    let graph = &session.graph;
    let left = plan::left(graph, run, |i| options.includes(graph, i));
    let record = &run.record;
    if !left.gone.is_empty() {
        let names: Vec<&str> = left.gone.iter().map(String::as_str).collect();
        return Err(CommandError::Refused(format!(
            "run {} can't be continued: the platform no longer has {}, which it had still to run. \
             Bring it back, or begin a new run without --resume",
            record.run_id,
            joined(&names, NAMED)
        )));
    }
    if left.nodes.is_empty() {
        tell_nothing(
            session,
            &format!("all of the last one that did not finish, {}, is done", described(record)),
        )?;
        return Ok(None);
    }
    notes.push(format!(
        "Continues {}: {} of {} left.",
        described(record),
        left.nodes.len(),
        count(record.planned.len(), "node")
    ));
    if !left.changed.is_empty() {
        let names: Vec<&str> = left.changed.iter().map(String::as_str).collect();
        notes.push(format!("Changed since they were built, and run again: {}.", joined(&names, NAMED)));
    }
    let new = new_nodes(session, record, options);
    if !new.is_empty() {
        let names: Vec<&str> = new.iter().map(String::as_str).collect();
        notes.push(format!("New since then, and no part of it: {}.", joined(&names, NAMED)));
    }
    for other in &run.others {
        notes.push(format!("Run {other} did not finish either: `--resume` once more continues it."));
    }
    Ok(Some(left.nodes))
}

/// What the run's selection would take in now that it did not. A selection by state or results can't
/// be made once more, and one that names what is gone neither.
fn new_nodes(session: &Session, record: &Record, options: &Options) -> BTreeSet<String> {
    let asked = &record.asked;
    let words = asked.select.iter().chain(&asked.exclude);
    if words.into_iter().any(|w| w.contains("state:") || w.contains("result:")) {
        return BTreeSet::new();
    }
    let args = SelectArgs { select: asked.select.clone(), exclude: asked.exclude.clone(), state: None };
    let Ok(selected) = session.select_to_run(&args) else { return BTreeSet::new() };
    let runs = selected.into_iter().filter(|i| options.includes(&session.graph, *i));
    let ids = runs.map(|i| session.graph.node(i).node.id.clone());
    ids.filter(|id| !record.planned.contains(id)).collect()
}

fn described(record: &Record) -> String {
    let began = record.started_at.strftime("%Y-%m-%d %H:%M UTC");
    format!("run {} ({} for {}, begun {began})", record.run_id, record.pipeline, record.date)
}
