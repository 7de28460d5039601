//! Runs a plan on worker threads: a unit starts when all that it waits for has succeeded; what
//! waits for a failure is skipped; the rest goes on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use camino::Utf8PathBuf;

use super::helpers::Helpers;
use super::unit::{Context, blank};
use super::{Event, Interrupt, Others, RunResults, Status, StepResult, bookkeeping};
use crate::plan::{Plan, Step, StepKind};
use crate::warehouse::{Connection, Error, Warehouse};

/// What a run fixes before its first step.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Names the run.
    pub run_id: String,
    /// What runs: `daily`, `test` and so on.
    pub what: String,
    /// The target's name.
    pub target: String,
    /// The business date, `YYYY-MM-DD`.
    pub date: String,
    /// The business dates of projects for which it is another one.
    pub dates: BTreeMap<String, String>,
    /// The platform's folder.
    pub root: Utf8PathBuf,
    /// How many units run side by side.
    pub threads: usize,
    /// Whether the first failure stops everything.
    pub fail_fast: bool,
    /// Whether the run leaves records in the warehouse.
    pub record: bool,
    /// What was asked for, as JSON without secrets: what a later run needs to continue this one.
    pub arguments: String,
}

impl Settings {
    /// The business date of a project.
    #[must_use]
    pub fn date_of(&self, project: &str) -> &str {
        self.dates.get(project).unwrap_or(&self.date)
    }
}

/// Runs a plan to its end, on a warehouse, with others to load from.
pub fn run(
    plan: &Plan,
    (warehouse, others): (&dyn Warehouse, &Others),
    settings: &Settings,
    interrupt: &Interrupt,
    on_event: &(dyn Fn(&Event) + Sync),
) -> RunResults {
    let (started_at, clock) = (jiff::Timestamp::now(), Instant::now());
    on_event(&Event::RunStarted {
        run_id: settings.run_id.clone(),
        what: settings.what.clone(),
        target: settings.target.clone(),
        steps: plan.steps.len(),
        threads: settings.threads,
    });
    if settings.record {
        attempt(plan, warehouse, settings, on_event);
    }
    let shared = Shared { state: Mutex::new(State::new(plan)), changed: Condvar::new() };
    let threads = settings.threads.clamp(1, plan.steps.len().max(1));
    let helpers = Helpers::new(threads);
    std::thread::scope(|scope| {
        scope.spawn(|| helpers.watch(warehouse, interrupt));
        for thread in 0..threads {
            let (shared, helpers) = (&shared, &helpers);
            scope.spawn(move || {
                let context = Context { plan, others, settings, interrupt, on_event, thread };
                let _leaves = helpers.worker();
                Worker { context, warehouse, helpers, connections: HashMap::new() }.work(shared);
            });
        }
    });
    let mut state = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.cancel_the_rest(plan, on_event);
    let results = RunResults {
        run_id: settings.run_id.clone(),
        what: settings.what.clone(),
        target: settings.target.clone(),
        started_at,
        duration: clock.elapsed(),
        interrupted: interrupt.stopped(),
        steps: state.results,
    };
    if settings.record {
        record(plan, warehouse, settings, &results, on_event);
    }
    on_event(&Event::RunFinished(Box::new(results.clone())));
    results
}

/// Leaves word in each project's database that the run begins, so that one that is killed can be
/// told from one that never was. Where a database is still to be prepared, that step leaves it.
fn attempt(plan: &Plan, warehouse: &dyn Warehouse, settings: &Settings, on_event: &(dyn Fn(&Event) + Sync)) {
    let prepared =
        |database: &str| plan.steps.iter().all(|s| s.kind != StepKind::Prepare || s.database != database);
    let databases: BTreeSet<&str> = plan.steps.iter().map(|s| s.database.as_str()).collect();
    for database in databases.into_iter().filter(|d| prepared(d)) {
        let begun = warehouse.connect(database).and_then(|mut connection| {
            let sql = bookkeeping::attempt(connection.dialect(), database, plan, settings);
            connection.execute(&sql)
        });
        if let Err(error) = begun {
            on_event(&Event::Warned {
                message: format!("the beginning of the run could not be recorded in {database}: {error}"),
            });
        }
    }
}

/// Leaves the run's record in the database of each project that was prepared.
fn record(
    plan: &Plan,
    warehouse: &dyn Warehouse,
    settings: &Settings,
    results: &RunResults,
    on_event: &(dyn Fn(&Event) + Sync),
) {
    let by_id: HashMap<&str, &StepResult> = results.steps.iter().map(|r| (r.id.as_str(), r)).collect();
    let mut databases: BTreeMap<&str, Vec<(&Step, &StepResult)>> = BTreeMap::new();
    for step in &plan.steps {
        if let Some(result) = by_id.get(step.id.as_str()) {
            databases.entry(&step.database).or_default().push((step, result));
        }
    }
    for (database, steps) in databases {
        let prepared = steps.iter().all(|(s, r)| s.kind != StepKind::Prepare || r.status == Status::Success);
        if !prepared {
            continue;
        }
        let written = warehouse
            .connect(database)
            .and_then(|mut c| bookkeeping::finish(c.as_mut(), database, &steps, settings, results));
        if let Err(error) = written {
            on_event(&Event::Warned {
                message: format!("the run's record could not be written to {database}: {error}"),
            });
        }
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which units are ready, which wait, and how steps ended.
struct State {
    /// Positions of each unit's steps.
    units: Vec<Vec<usize>>,
    /// How many units each still waits for.
    open: Vec<usize>,
    /// The units that wait for each.
    behind: Vec<Vec<usize>>,
    ready: BinaryHeap<Reverse<usize>>,
    left: usize,
    stop: bool,
    results: Vec<StepResult>,
    ended: Vec<bool>,
}

impl State {
    fn new(plan: &Plan) -> Self {
        let mut units: Vec<Vec<usize>> = Vec::new();
        let mut publications: HashMap<&str, usize> = HashMap::new();
        let mut unit_of = vec![0; plan.steps.len()];
        for (position, step) in plan.steps.iter().enumerate() {
            let mut begin = || {
                units.push(Vec::new());
                units.len() - 1
            };
            let unit = if let Some(name) = &step.publication {
                *publications.entry(name).or_insert_with(begin)
            } else {
                begin()
            };
            units[unit].push(position);
            unit_of[position] = unit;
        }
        let mut behind = vec![Vec::new(); units.len()];
        let mut open = vec![0; units.len()];
        for (unit, steps) in units.iter().enumerate() {
            let mut before: Vec<usize> = steps
                .iter()
                .flat_map(|s| &plan.steps[*s].depends_on)
                .map(|s| unit_of[*s])
                .filter(|u| *u != unit)
                .collect();
            before.sort_unstable();
            before.dedup();
            open[unit] = before.len();
            for other in before {
                behind[other].push(unit);
            }
        }
        let ready = (0..units.len()).filter(|u| open[*u] == 0).map(Reverse).collect();
        let left = units.len();
        Self { units, open, behind, ready, left, stop: false, results: Vec::new(), ended: vec![false; left] }
    }

    /// Takes up how a unit ended; gives the steps that are skipped because of it.
    fn finish(
        &mut self,
        plan: &Plan,
        unit: usize,
        results: Vec<StepResult>,
        fail_fast: bool,
    ) -> Vec<StepResult> {
        let culprit =
            results.iter().find(|r| matches!(r.status, Status::Fail | Status::Error | Status::Cancelled));
        let name = culprit.map(|r| r.id.clone());
        self.results.extend(results);
        self.close(unit);
        let Some(name) = name else {
            for next in std::mem::take(&mut self.behind[unit]) {
                self.open[next] -= 1;
                if self.open[next] == 0 && !self.ended[next] {
                    self.ready.push(Reverse(next));
                }
            }
            return Vec::new();
        };
        if fail_fast {
            self.stop = true;
        }
        let mut skipped = Vec::new();
        let mut open = std::mem::take(&mut self.behind[unit]);
        while let Some(next) = open.pop() {
            if self.ended[next] {
                continue;
            }
            self.close(next);
            for position in &self.units[next] {
                let message = Some(format!("{name} failed"));
                skipped.push(StepResult { message, ..blank(&plan.steps[*position], 0) });
            }
            open.extend(std::mem::take(&mut self.behind[next]));
        }
        skipped.sort_by(|a, b| a.id.cmp(&b.id));
        self.results.extend(skipped.clone());
        skipped
    }

    fn close(&mut self, unit: usize) {
        self.ended[unit] = true;
        self.left -= 1;
    }

    /// After an interrupt or `--fail-fast`: what never began.
    fn cancel_the_rest(&mut self, plan: &Plan, on_event: &(dyn Fn(&Event) + Sync)) {
        for unit in 0..self.units.len() {
            if self.ended[unit] {
                continue;
            }
            for position in &self.units[unit] {
                let message = Some("the run was stopped".to_owned());
                let result =
                    StepResult { status: Status::Skipped, message, ..blank(&plan.steps[*position], 0) };
                on_event(&Event::StepFinished(Box::new(result.clone())));
                self.results.push(result);
            }
        }
    }
}

struct Worker<'a> {
    context: Context<'a>,
    warehouse: &'a dyn Warehouse,
    helpers: &'a Helpers,
    /// One connection for each project, for steps that leave nothing in their session.
    connections: HashMap<String, Box<dyn Connection>>,
}

impl Worker<'_> {
    fn work(mut self, shared: &Shared) {
        while let Some((unit, steps)) = self.next(shared) {
            for position in &steps {
                let step = &self.context.plan.steps[*position];
                (self.context.on_event)(&Event::StepStarted {
                    id: step.id.clone(),
                    node: step.node.clone().unwrap_or_else(|| step.id.clone()),
                    label: step.label.clone(),
                });
            }
            self.helpers.begins(self.context.thread);
            let results = self.unit(&steps);
            self.helpers.ends(self.context.thread);
            for result in &results {
                (self.context.on_event)(&Event::StepFinished(Box::new(result.clone())));
            }
            let fail_fast = self.context.settings.fail_fast;
            let skipped = shared.lock().finish(self.context.plan, unit, results, fail_fast);
            for result in skipped {
                (self.context.on_event)(&Event::StepFinished(Box::new(result)));
            }
            shared.changed.notify_all();
        }
        shared.changed.notify_all();
    }

    /// The next unit that is ready; waits for one. `None` when there is nothing left to begin.
    fn next(&self, shared: &Shared) -> Option<(usize, Vec<usize>)> {
        let mut state = shared.lock();
        loop {
            if state.left == 0 || state.stop || self.context.interrupt.stopped() {
                return None;
            }
            if let Some(Reverse(unit)) = state.ready.pop() {
                if !state.ended[unit] {
                    return Some((unit, state.units[unit].clone()));
                }
                continue;
            }
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn unit(&mut self, steps: &[usize]) -> Vec<StepResult> {
        let step = &self.context.plan.steps[steps[0]];
        // What a script leaves in its session must not reach the next step.
        let fresh = step.kind == StepKind::Script || step.publication.is_some();
        let connected = if fresh {
            self.connect(step)
        } else {
            match self.connections.remove(&step.project) {
                Some(connection) => Ok(connection),
                None => self.connect(step),
            }
        };
        match connected {
            Ok(mut connection) => {
                // A fault of goldsmith's own must not leave the other workers waiting for ever.
                let attempt = AssertUnwindSafe(|| self.context.run(steps, connection.as_mut()));
                let Ok(results) = catch_unwind(attempt) else {
                    return self.all_failed(steps, "an internal error of goldsmith's: please report it");
                };
                if !fresh && results.iter().all(|r| r.status.lets_pass()) {
                    self.connections.insert(step.project.clone(), connection);
                }
                results
            }
            Err(error) => self.all_failed(steps, &error.message),
        }
    }

    fn all_failed(&self, steps: &[usize], message: &str) -> Vec<StepResult> {
        let fail = |position: &usize| StepResult {
            status: Status::Error,
            message: Some(message.to_owned()),
            ..blank(&self.context.plan.steps[*position], self.context.thread)
        };
        steps.iter().map(fail).collect()
    }

    fn connect(&self, step: &Step) -> Result<Box<dyn Connection>, Error> {
        let connected = self.context.interrupt.patiently(|| self.warehouse.connect(&step.database));
        let mut connection = connected?;
        connection.set_business_date(self.context.settings.date_of(&step.project))?;
        Ok(connection)
    }
}
