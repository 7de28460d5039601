//! `goldsmith run`

use std::collections::{BTreeMap, HashSet};
use std::io::Write;

use serde_json::{Map, json};

use super::affected::affected;
use super::after::after;
use super::confirm::confirm;
use super::notify::Notifier;
use super::past::past;
use super::session::{Session, facts};
use super::warehouse::{Opened, Purpose, open};
use super::{CommandError, Exit, earlier, interrupts, manifest, release, resume};
use crate::analysis::{AnalyzedNode, Facts, Via};
use crate::cli::{ExecuteArgs, Global, PipelineArgs, RunArgs};
use crate::execute::{self, RunResults};
use crate::graph::Index;
use crate::nouns::{Body, Origin, Pipeline, Track};
use crate::plan::{self, Asked, Options, Plan, Unfinished};
use crate::report::progress::reporter;
use crate::report::{Facts as SummaryFacts, Masker, artifacts, write_summary};
use crate::words::{Code, Diagnostic, RelationName, Severity};

pub(super) fn run(global: &Global, args: &RunArgs) -> Result<Exit, CommandError> {
    let notifier = Notifier::new(global, args);
    let outcome = run_to_end(global, args);
    notifier.tell(&outcome);
    Ok(outcome?.map_or(Exit::Done, |ended| ended.exit))
}

/// Runs; the warehouse is let go at the end. `None` if there is nothing to resume.
fn run_to_end(global: &Global, args: &RunArgs) -> Result<Option<Ended>, CommandError> {
    let prepared = prepare(global, &args.pipeline, Purpose::Write, |session, selected, pipeline| {
        confirm(session, selected, pipeline, args.yes)
    })?;
    let Some(prepared) = prepared else { return Ok(None) };
    let Prepared { session, facts, opened, plan, asked, notes, refusals } = prepared;
    if !refusals.is_empty() {
        return Err(CommandError::Rules(refusals));
    }
    let mut err = session.err.stderr();
    for note in &notes {
        let _ = writeln!(err, "{note}");
    }
    drop(err);
    tell_warnings(&session);
    earlier::tell_overwritten(&session, &args.pipeline.nodes);
    let rehearses = args.pipeline.release.rehearse;
    let what = if rehearses { "rehearsal" } else { facts.pipeline.as_str() };
    let settings = execute::Settings {
        arguments: recorded(asked, &session, &plan).to_string(),
        ..settings(&session, &args.execute, &facts, what, !rehearses)
    };
    let ended = carry_out(&session, &plan, &opened, &settings, &args.execute);
    // Readers may come at once: the databases are let go before the programs run that tell them.
    drop(opened);
    after(&session, &ended.results);
    Ok(Some(ended))
}

/// How a run ended, and what it takes to tell.
pub(super) struct Ended {
    pub(super) exit: Exit,
    pub(super) results: RunResults,
    pub(super) date: String,
    pub(super) owners: BTreeMap<String, String>,
    pub(super) masker: Masker,
}

/// What `run` and `plan` need before they part.
pub(super) struct Prepared {
    pub(super) session: Session,
    pub(super) facts: Facts,
    pub(super) opened: Opened,
    pub(super) plan: Plan,
    pub(super) asked: Asked,
    pub(super) notes: Vec<String>,
    /// Why it may not be.
    pub(super) refusals: Vec<plan::Refusal>,
}

/// Selects, checks, asks whether that is `agreed`, opens the warehouse and plans. `None` if there is
/// nothing to resume, which is told.
pub(super) fn prepare(
    global: &Global,
    args: &PipelineArgs,
    purpose: Purpose,
    agreed: impl FnOnce(&Session, &HashSet<Index>, Pipeline) -> Result<(), CommandError>,
) -> Result<Option<Prepared>, CommandError> {
    if !args.resume {
        return prepare_run(global, args, None, purpose, agreed);
    }
    let Some(run) = resume::find(global, args)? else { return Ok(None) };
    prepare_run(global, &resume::as_asked(args, &run.record), Some(&run), purpose, agreed)
}

/// Prepares a new run, or one that continues another; the arguments are then those of that one.
fn prepare_run(
    global: &Global,
    args: &PipelineArgs,
    resumed: Option<&Unfinished>,
    purpose: Purpose,
    agreed: impl FnOnce(&Session, &HashSet<Index>, Pipeline) -> Result<(), CommandError>,
) -> Result<Option<Prepared>, CommandError> {
    let pipeline = Pipeline::from(args.pipeline);
    let full_refresh = args.full_refresh || pipeline == Pipeline::Init;
    let mut known = Facts::default();
    let session = Session::open(global, |platform| {
        known = facts(platform, pipeline.word(), args.date, full_refresh);
        known.clone()
    })?;
    let is_protected = session.graph.analysis().target.protected;
    // On a protected target an init run stops before financial gold: the next daily publishes.
    let rehearses = args.release.rehearse;
    let publishes = match pipeline {
        Pipeline::Daily => true,
        Pipeline::Init => !is_protected,
        Pipeline::Hourly => false,
    };
    if rehearses && !publishes {
        return Err(CommandError::usage(format!(
            "--rehearse tries financial gold, which the {pipeline} pipeline leaves alone on this target"
        )));
    }
    let mut options = Options {
        pipeline,
        tests_only: false,
        full_refresh,
        no_load: args.no_load,
        publishes,
        past: BTreeMap::new(),
        now: None,
        release: plan::Release { rehearses, ..plan::Release::default() },
    };
    let mut notes = Vec::new();
    let mut selected = match resumed {
        Some(run) => match resume::left(&session, run, &options, &mut notes)? {
            Some(left) => left,
            None => return Ok(None),
        },
        None => session.select_to_run(&args.nodes)?,
    };
    selected.retain(|i| options.includes(&session.graph, *i));
    if is_protected && publishes {
        release::with_tests(&session, &mut selected, &options);
    }
    session.refuse_errors(&selected)?;
    agreed(&session, &selected, pipeline)?;
    let wait = std::time::Duration::try_from(args.wait).unwrap_or_default();
    let mut opened = open(&session, &selected, Purpose::Look, wait)?;
    if !is_protected && !args.no_load && resumed.is_none() {
        let catalog = &opened.catalog;
        let before = selected.clone();
        let mut added =
            plan::with_missing_origins(&session.graph, &mut selected, |r| catalog.get(r).is_some());
        selected.retain(|i| {
            before.contains(i)
                || options.includes(&session.graph, *i)
                    && session.graph.node(*i).node.track != Some(Track::Financial)
        });
        added.retain(|i| selected.contains(i));
        if !added.is_empty() {
            session.refuse_errors(&selected)?;
            notes.push(describe_added(&session, &added));
        }
    }
    refuse_missing_origins(&session, &selected, &opened)?;
    if selected.is_empty() && resumed.is_none() {
        notes.push(format!("Nothing that is selected runs in the {pipeline} pipeline."));
    }
    drop(opened);
    opened = open(&session, &selected, purpose, wait)?;
    options.past = past(&session, &selected, &options, &opened)?;
    options.now = Some(session.now());
    let prepared = release::prepare(&session, (&selected, &options), &opened, &args.release, (&known, wait))?;
    options.release = prepared.release;
    let plan =
        plan::build(&session.graph, &selected, &opened.catalog, &options).map_err(CommandError::Files)?;
    if !plan.cleared.is_empty() {
        let names: Vec<String> = plan.cleared.iter().map(ToString::to_string).collect();
        notes.push(format!("Nothing makes {} any more: init drops it.", names.join(", ")));
    }
    let asked = Asked {
        select: args.nodes.select.clone(),
        exclude: args.nodes.exclude.clone(),
        full_refresh: args.full_refresh,
        no_load: args.no_load,
        continues: resumed.map(|run| run.record.run_id.clone()),
        ..Asked::default()
    };
    let mut refusals = prepared.refusals;
    if rehearses {
        notes.extend(refusals.drain(..).map(|r| format!("A run without --rehearse would be refused: {r}")));
    }
    notes.extend(plan.parts.iter().map(|part| {
        format!("{part} is run in part: in one transaction, but nothing is recorded as published.")
    }));
    Ok(Some(Prepared { session, facts: known, opened, plan, asked, notes, refusals }))
}

/// Refuses imports whose origin neither the warehouse holds nor this run makes.
fn refuse_missing_origins(
    session: &Session,
    selected: &HashSet<Index>,
    opened: &Opened,
) -> Result<(), CommandError> {
    let graph = &session.graph;
    let mut missing = Vec::new();
    for index in selected {
        let node = graph.node(*index);
        if graph.streams_from(*index).is_some() {
            continue;
        }
        for touch in node.touches.iter().filter(|t| t.via == Via::Import) {
            let made = graph.writers(&touch.relation).iter().any(|w| selected.contains(w));
            if made || opened.catalog.get(&touch.relation).is_some() {
                continue;
            }
            missing.push(
                Diagnostic::new(
                    Code::UndeclaredRelation,
                    format!(
                        "`{}` imports `{}`, which the warehouse does not hold",
                        node.node.name, touch.relation
                    ),
                )
                .at(&touch.file, touch.span)
                .node(&node.node.id)
                .help(missing_origin(session, node, &touch.relation)),
            );
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(CommandError::Boundary(missing)) }
}

/// What to do about an import whose origin is not there. Of a project without a folder here the name of
/// its database is only assumed.
fn missing_origin(session: &Session, node: &AnalyzedNode, origin: &RelationName) -> String {
    let first = "run the owner's project on this target first; an import reads what its owner has built";
    let Body::Load(load) = &node.node.body else { return first.to_owned() };
    let Origin::Import { project, relation, .. } = &load.origin else { return first.to_owned() };
    let analysis = session.graph.analysis();
    let target = &analysis.target;
    let is_here = analysis.platform.projects.iter().any(|p| p.name == *project);
    if is_here || target.databases.contains_key(project) || relation.database.is_some() {
        return first.to_owned();
    }
    let database = origin.database.as_deref().unwrap_or_default();
    format!(
        "{first}. `{project}` has no folder here, so its database is taken to be `{database}`; if it has another \
         name, say so in goldsmith.yml, in the target `{}`:\ndatabases: {{ {project}: NAME }}",
        target.name
    )
}

fn describe_added(session: &Session, added: &[Index]) -> String {
    let mut projects: Vec<&str> =
        added.iter().map(|i| session.graph.node(*i).node.project.as_str()).collect();
    let count = projects.len();
    projects.sort_unstable();
    projects.dedup();
    format!(
        "The warehouse lacks what is imported from {}: {count} {} of it {} run first.",
        projects.join(", "),
        if count == 1 { "node" } else { "nodes" },
        if count == 1 { "is" } else { "are" },
    )
}

/// Says in one line that there are warnings; `lint` shows them.
fn tell_warnings(session: &Session) {
    let count = session.diagnostics.iter().filter(|d| d.severity == Severity::Warning).count();
    if count > 0 {
        let mut err = session.err.stderr();
        let word = if count == 1 { "warning" } else { "warnings" };
        let _ = writeln!(err, "{count} {word} about the platform's files: see `goldsmith lint`");
    }
}

/// The settings of a run on the session's target.
pub(super) fn settings(
    session: &Session,
    args: &ExecuteArgs,
    facts: &Facts,
    what: &str,
    record: bool,
) -> execute::Settings {
    let target = &session.graph.analysis().target;
    let cores = std::thread::available_parallelism().map_or(4, std::num::NonZero::get);
    execute::Settings {
        run_id: facts.run_id.clone(),
        what: what.to_owned(),
        target: target.name.clone(),
        date: facts.date.clone(),
        dates: dates(session, facts),
        root: session.root().to_owned(),
        threads: args.threads.map(usize::from).or(target.threads).unwrap_or(cores),
        fail_fast: args.fail_fast,
        record,
        arguments: "{}".into(),
    }
}

/// The business dates of projects for which it is another than the run's.
fn dates(session: &Session, facts: &Facts) -> BTreeMap<String, String> {
    let projects = session.graph.analysis().platform.projects.iter();
    let dates = projects.map(|p| (p.name.clone(), facts.date_of(p)));
    dates.filter(|(_, date)| *date != facts.date).collect()
}

/// Runs a plan, tells what happens, and leaves the artifacts.
pub(super) fn carry_out(
    session: &Session,
    plan: &Plan,
    opened: &Opened,
    settings: &execute::Settings,
    args: &ExecuteArgs,
) -> Ended {
    let interrupt = interrupts::listen();
    let reporter = reporter(args.log_format, &session.err);
    let results =
        execute::run(plan, (opened.warehouse.as_ref(), &opened.others), settings, &interrupt, &|event| {
            reporter.event(event);
        });
    drop(reporter);
    let written = write_artifacts(session, settings, &results);
    let owners = session.owners();
    let facts = SummaryFacts {
        owners: &owners,
        sql_path: &|node| super::compile::path_of(session, node),
        affected: &|change| affected(session, change),
    };
    let mut err = session.err.stderr();
    let _ = write_summary(&results, &facts, &session.err, &mut err);
    let _ = err.flush();
    drop(err);
    if let Err(error) = written {
        // The run itself is done; what it wrote in the warehouse stands.
        let _ =
            writeln!(session.err.stderr(), "warning: the artifacts in target/ could not be written: {error}");
    }
    let exit = match (results.interrupted, results.succeeded()) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::Failed,
    };
    Ended { exit, results, date: settings.date.clone(), owners, masker: session.err.masker.clone() }
}

fn write_artifacts(
    session: &Session,
    settings: &execute::Settings,
    results: &RunResults,
) -> Result<(), CommandError> {
    let nodes = manifest::nodes(session);
    let args = Map::from_iter([
        ("which".to_owned(), json!(settings.what)),
        ("target".to_owned(), json!(settings.target)),
        ("date".to_owned(), json!(settings.date)),
        ("threads".to_owned(), json!(settings.threads)),
    ]);
    let invocation = manifest::invocation(session, &settings.run_id, args);
    let masker = &session.out.masker;
    super::compile::write_failed(session, results)?;
    artifacts::write_manifest(&manifest::path(session, "manifest.json")?, &nodes, &invocation, masker)?;
    artifacts::write_run_results(
        &manifest::path(session, "run_results.json")?,
        results,
        &nodes,
        &invocation,
        masker,
    )?;
    Ok(())
}

/// What was asked for, as a later run needs it to continue this one: without secrets, with what the
/// planned nodes are made of.
fn recorded(asked: Asked, session: &Session, plan: &Plan) -> serde_json::Value {
    let mut told =
        json!(Asked { projects: plan.projects().into_iter().map(str::to_owned).collect(), ..asked });
    session.out.masker.mask_json(&mut told);
    let nodes = plan.steps.iter().filter_map(|s| session.graph.find(s.node.as_deref()?));
    let checksums: BTreeMap<&str, String> =
        nodes.map(|i| (session.graph.node(i).node.id.as_str(), plan::checksum(&session.graph, i))).collect();
    told["checksums"] = json!(checksums);
    told
}
