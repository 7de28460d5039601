//! Runs one unit: a step, or all steps of a publication, which stand or fall together.

use std::time::{Duration, Instant};

use super::act::{Refusal, act};
use super::fetch::{self, Fetched};
use super::locate::locate;
use super::{
    Event, Interrupt, LoadCounts, Others, Published, SchemaChange, Settings, Status, StepResult, bookkeeping,
    verdict,
};
use crate::ddl::{Act, Publish};
use crate::plan::{Phase, Plan, Step, StepKind, Text};
use crate::warehouse::{Connection, Error, ErrorKind};
use crate::words::{Diagnostic, Dialect, RelationName};

/// How often a unit is tried when the warehouse says that it may work the next time.
const ATTEMPTS: u32 = 5;
/// The pause before the second attempt; it doubles each time.
const PAUSE: Duration = Duration::from_millis(40);

/// What a worker needs to run units.
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan,
    pub(super) others: &'a Others,
    pub(super) settings: &'a Settings,
    pub(super) interrupt: &'a Interrupt,
    pub(super) on_event: &'a (dyn Fn(&Event) + Sync),
    pub(super) thread: usize,
}

/// A step that did not succeed.
struct Failure {
    /// Its place among the unit's steps.
    step: usize,
    status: Status,
    kind: Option<ErrorKind>,
    message: String,
    diagnostic: Option<Diagnostic>,
    schema_change: Option<SchemaChange>,
    failures: Option<u64>,
    /// What a program wrote to its standard error, at last.
    printed: Vec<String>,
}

/// How a unit is tried.
struct Attempt<'a> {
    /// Whether guesses at types are made with all rows.
    careful: bool,
    fetched: &'a Fetched,
    /// When the unit began, fetching included.
    began: (jiff::Timestamp, Instant),
}

/// What a step did.
#[derive(Default)]
struct Done {
    /// The STATE that a Singer tap has left.
    state: Option<String>,
    rows: Option<u64>,
    load: Option<LoadCounts>,
    failures: Option<u64>,
    /// What a test of severity `warn` has found.
    warning: Option<String>,
    messages: Vec<String>,
    published: Option<Published>,
}

/// How a transaction ends when all went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Commit,
    /// All was only tried.
    Rollback,
}

impl Context<'_> {
    /// Runs the steps (positions in the plan) and tells how each ended.
    pub(super) fn run(&self, steps: &[usize], connection: &mut dyn Connection) -> Vec<StepResult> {
        // What is fetched is fetched once, however often the statements are tried.
        let began = (jiff::Timestamp::now(), Instant::now());
        let fetched = match self.fetch(steps[0]) {
            Ok(fetched) => fetched,
            Err(failure) => return self.failed(steps, Vec::new(), failure, began),
        };
        let mut attempt = 1;
        let mut careful = false;
        loop {
            let mut results = Vec::with_capacity(steps.len());
            let started = (jiff::Timestamp::now(), Instant::now());
            let how = Attempt { careful, fetched: &fetched, began };
            let handle = connection.cancel_handle();
            let outcome =
                self.interrupt.guard(&handle, || self.attempt(steps, &how, connection, &mut results));
            let Err(failure) = outcome else { return results };
            // A guess at types that a later row refutes is made anew, with all rows.
            if !careful && failure.kind == Some(ErrorKind::Conversion) && self.guesses(steps) {
                careful = true;
                continue;
            }
            let may = attempt < ATTEMPTS && self.repeatable(steps) && !self.interrupt.stopped();
            let again = may
                && match failure.kind {
                    Some(ErrorKind::Transient) => {
                        std::thread::sleep(PAUSE * 2u32.pow(attempt - 1));
                        true
                    }
                    Some(ErrorKind::Connection) => self.interrupt.patiently(|| connection.revive()).is_ok(),
                    _ => false,
                };
            if !again {
                return self.failed(steps, results, failure, started);
            }
            attempt += 1;
            (self.on_event)(&Event::StepRetried {
                id: self.step(steps[failure.step]).id.clone(),
                attempt,
                message: failure.message,
            });
        }
    }

    fn step(&self, position: usize) -> &Step {
        &self.plan.steps[position]
    }

    /// Only what leaves nothing behind when it fails may be tried again.
    fn repeatable(&self, steps: &[usize]) -> bool {
        steps.iter().all(|s| {
            let step = self.step(*s);
            step.kind == StepKind::Test || step.phases.iter().all(|p| p.transaction)
        })
    }

    /// Whether a statement has a more careful form.
    fn guesses(&self, steps: &[usize]) -> bool {
        let texts = steps.iter().flat_map(|s| &self.step(*s).phases).flat_map(|p| &p.statements);
        texts.into_iter().any(|t| t.careful.is_some())
    }

    fn attempt(
        &self,
        steps: &[usize],
        how: &Attempt<'_>,
        connection: &mut dyn Connection,
        results: &mut Vec<StepResult>,
    ) -> Result<(), Failure> {
        let published = steps.len() > 1 || self.step(steps[0]).publication.is_some();
        if published {
            let last = steps.len() - 1;
            let end = if self.publish(steps[last]).is_some_and(|p| p.rehearses) {
                End::Rollback
            } else {
                End::Commit
            };
            self.in_transaction((last, end), steps, connection, |connection| {
                let mut record = Vec::new();
                for (nth, position) in steps.iter().enumerate() {
                    self.write(&std::mem::take(&mut record), nth, *position, connection)?;
                    let started = (jiff::Timestamp::now(), Instant::now());
                    let done = match self.publish(*position) {
                        Some(publish) => self.published(nth, *position, publish, results, connection)?,
                        None => self.one(nth, *position, how, connection)?,
                    };
                    record = self.record(*position, &done, started.0, connection.dialect());
                    results.push(self.result(*position, &done, started));
                    connection.clean_session().map_err(|e| self.failure(nth, *position, None, e))?;
                }
                Ok(record)
            })
        } else {
            let done = self.alone(steps[0], how, connection)?;
            results.push(self.result(steps[0], &done, how.began));
            Ok(())
        }
    }

    /// A step outside a publication, with transactions of its own.
    fn alone(
        &self,
        position: usize,
        how: &Attempt<'_>,
        connection: &mut dyn Connection,
    ) -> Result<Done, Failure> {
        let step = self.step(position);
        let started = jiff::Timestamp::now();
        if step.kind == StepKind::Test {
            return self.one(0, position, how, connection);
        }
        let mut done = Done {
            messages: how.fetched.messages.clone(),
            state: how.fetched.state.clone(),
            ..Done::default()
        };
        for phase in &step.phases {
            if phase.transaction {
                self.in_transaction((0, End::Commit), &[position], connection, |connection| {
                    self.statements((0, position), phase, how, connection, &mut done)?;
                    Ok(self.record(position, &done, started, connection.dialect()))
                })?;
            } else {
                self.statements((0, position), phase, how, connection, &mut done)?;
                let record = self.record(position, &done, started, connection.dialect());
                self.write(&record, 0, position, connection)?;
            }
        }
        Ok(done)
    }

    /// Works in a transaction; the records that the work gives are its last statements.
    fn in_transaction(
        &self,
        (nth, end): (usize, End),
        steps: &[usize],
        connection: &mut dyn Connection,
        work: impl FnOnce(&mut dyn Connection) -> Result<Vec<String>, Failure>,
    ) -> Result<(), Failure> {
        connection.begin().map_err(|e| self.failure(nth, steps[nth], None, e))?;
        let outcome = work(connection).and_then(|records| {
            let (earlier, last) = match (end, records.split_last()) {
                (End::Commit, Some((last, earlier))) => (earlier, Some(last)),
                _ => (&records[..], None),
            };
            self.write(earlier, nth, steps[nth], connection)?;
            let ended = match (end, last) {
                (End::Commit, Some(last)) => connection.commit_with(last),
                (End::Commit, None) => connection.commit(),
                (End::Rollback, _) => Ok(()),
            };
            ended.map_err(|e| self.failure(nth, steps[nth], None, e))
        });
        if outcome.is_err() || end == End::Rollback {
            // The first error is the one to tell; one of the rollback follows from it.
            let _ = connection.rollback();
        }
        outcome
    }

    /// What a step publishes, if it ends a publication.
    fn publish(&self, position: usize) -> Option<&Publish> {
        let step = self.step(position);
        step.phases.iter().flat_map(|p| &p.statements).find_map(|text| match &text.act {
            Act::Publish(publish) => Some(publish.as_ref()),
            _ => None,
        })
    }

    /// Ends the publication whose steps have these results.
    fn published(
        &self,
        nth: usize,
        position: usize,
        publish: &Publish,
        results: &[StepResult],
        connection: &mut dyn Connection,
    ) -> Result<Done, Failure> {
        let published = super::publish::publish(publish, (self.plan, self.settings), results, connection)
            .map_err(|e| self.failure(nth, position, None, e))?;
        Ok(Done {
            rows: Some(published.rows),
            messages: published.notes.clone(),
            published: Some(published),
            ..Done::default()
        })
    }

    /// Runs a step's statements in the transaction that is open.
    fn one(
        &self,
        nth: usize,
        position: usize,
        how: &Attempt<'_>,
        connection: &mut dyn Connection,
    ) -> Result<Done, Failure> {
        let step = self.step(position);
        let mut done = Done::default();
        if step.kind == StepKind::Test {
            let verdict = verdict::verdict(step, connection)
                .map_err(|(text, error)| self.failure(nth, position, Some(text), error))?;
            done.failures = Some(verdict.failures);
            let Some(message) = verdict.message else { return Ok(done) };
            if step.fails {
                return Err(Failure {
                    step: nth,
                    status: Status::Fail,
                    kind: None,
                    message,
                    diagnostic: None,
                    schema_change: None,
                    failures: done.failures,
                    printed: Vec::new(),
                });
            }
            done.warning = Some(message);
            return Ok(done);
        }
        for phase in &step.phases {
            self.statements((nth, position), phase, how, connection, &mut done)?;
        }
        Ok(done)
    }

    fn statements(
        &self,
        (nth, position): (usize, usize),
        phase: &Phase,
        how: &Attempt<'_>,
        connection: &mut dyn Connection,
        done: &mut Done,
    ) -> Result<(), Failure> {
        for text in &phase.statements {
            let acted = match (&text.act, &text.at) {
                (Act::Stream(stream), _) => self.stream(self.step(position), stream, text, connection),
                (_, Some(target)) => self.elsewhere(target, text),
                _ => act(text, how.careful, connection),
            };
            let acted = acted.map_err(|refusal| match refusal {
                Refusal::Error(error) => self.failure(nth, position, Some(text), error),
                Refusal::Schema(change) => self.schema_changed(nth, position, text, *change),
            })?;
            done.rows = if acted.counts.is_some() { acted.rows } else { done.rows.max(acted.rows) };
            done.load = acted.counts.or(done.load.take());
            done.messages.extend(acted.messages);
            let inside = connection.in_transaction().map_err(|e| self.failure(nth, position, None, e))?;
            if phase.transaction && !inside {
                let error = Error::new(
                    ErrorKind::Statement,
                    "this statement ended the transaction that goldsmith runs the script in: remove COMMIT and ROLLBACK, or say `-- goldsmith: transaction off`",
                );
                return Err(self.failure(nth, position, Some(text), error));
            }
        }
        Ok(())
    }

    /// Brings here what a step reads. Only a load does, and a load is a unit of its own.
    fn fetch(&self, position: usize) -> Result<Fetched, Failure> {
        let step = self.step(position);
        let Some(task) = &step.fetch else { return Ok(Fetched::default()) };
        fetch::fetch(task, self.settings, self.interrupt).map_err(|problem| {
            let text = step.phases.iter().flat_map(|p| &p.statements).next();
            let kind = if problem.cancelled { ErrorKind::Cancelled } else { ErrorKind::Statement };
            let failure = self.failure(0, position, text, Error::new(kind, problem.message));
            Failure { printed: problem.printed, ..failure }
        })
    }

    /// What goldsmith records of a step that has succeeded, as statements.
    fn record(
        &self,
        position: usize,
        done: &Done,
        started: jiff::Timestamp,
        dialect: Dialect,
    ) -> Vec<String> {
        let step = self.step(position);
        let mut records = match step.kind {
            StepKind::Prepare if self.settings.record => {
                vec![bookkeeping::attempt(dialect, &step.database, self.plan, self.settings)]
            }
            StepKind::Prepare | StepKind::Test => return Vec::new(),
            _ => vec![bookkeeping::success(dialect, step, self.settings, done.rows, started)],
        };
        if let (Some(loading), Some(counts)) = (&step.loading, &done.load) {
            let state = done.state.as_deref();
            records.push(bookkeeping::load(dialect, step, loading, self.settings, (counts, state), started));
        }
        records
    }

    fn write(
        &self,
        records: &[String],
        nth: usize,
        position: usize,
        connection: &mut dyn Connection,
    ) -> Result<(), Failure> {
        records.iter().try_for_each(|sql| match connection.execute(sql) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failure(nth, position, None, error)),
        })
    }

    fn failure(&self, nth: usize, position: usize, text: Option<&Text>, error: Error) -> Failure {
        let step = self.step(position);
        let cancelled = error.kind == ErrorKind::Cancelled || self.interrupt.stopped();
        let diagnostic = text.filter(|_| !cancelled).map(|text| locate(step, text, &error));
        Failure {
            step: nth,
            status: if cancelled { Status::Cancelled } else { Status::Error },
            kind: Some(error.kind),
            message: if cancelled { "interrupted".into() } else { error.message },
            diagnostic,
            schema_change: None,
            failures: None,
            printed: Vec::new(),
        }
    }

    fn schema_changed(&self, nth: usize, position: usize, text: &Text, change: SchemaChange) -> Failure {
        let message = format!("the source of {} has changed its shape: {change}", plain(&change.relation));
        let error = Error::new(ErrorKind::Statement, message);
        let mut failure = self.failure(nth, position, Some(text), error);
        failure.diagnostic = failure.diagnostic.map(|told| told.help(self.accepting(position, &change)));
        Failure { schema_change: Some(change), ..failure }
    }

    /// How a changed shape is accepted.
    fn accepting(&self, position: usize, change: &SchemaChange) -> String {
        let id = &self.step(position).id;
        let init = format!("`goldsmith run --pipeline init --select {id}`");
        if change.removed.is_empty() && change.retyped.is_empty() {
            return format!(
                "accept it once with {init}, or always with `on_schema_change: append` in the load"
            );
        }
        format!("ask the source's owner; when it is meant, accept it with {init}")
    }

    fn result(&self, position: usize, done: &Done, started: (jiff::Timestamp, Instant)) -> StepResult {
        let step = self.step(position);
        // A table that another tool loads is only looked at: what there is to tell of it is a warning.
        let looked_at = step.kind == StepKind::Load && step.loading.is_none();
        let stale = done.messages.first().filter(|_| looked_at).cloned();
        let status = match (step.kind, done.warning.is_some()) {
            (StepKind::Test, true) => Status::Warn,
            (StepKind::Test, false) => Status::Pass,
            _ if stale.is_some() => Status::Warn,
            _ => Status::Success,
        };
        StepResult {
            status,
            message: done.warning.clone().or(stale),
            load: done.load.clone(),
            published: done.published.clone(),
            rows: done.rows.filter(|_| !matches!(step.kind, StepKind::Test | StepKind::Prepare)),
            failures: done.failures,
            messages: done.messages.clone(),
            started_at: started.0,
            duration: started.1.elapsed(),
            ..blank(step, self.thread)
        }
    }

    /// The results of a unit that failed: its failing step, those before it (rolled back), those behind it.
    fn failed(
        &self,
        steps: &[usize],
        before: Vec<StepResult>,
        failure: Failure,
        started: (jiff::Timestamp, Instant),
    ) -> Vec<StepResult> {
        let earlier: Duration = before.iter().map(|r| r.duration).sum();
        let name = self.step(steps[failure.step]).id.clone();
        let mut results: Vec<StepResult> = before
            .into_iter()
            .filter(|r| r.id != name)
            .map(|result| match result.status {
                Status::Success => StepResult {
                    status: Status::Cancelled,
                    message: Some(format!("{name} failed: the publication was rolled back")),
                    ..result
                },
                _ => result,
            })
            .collect();
        results.push(StepResult {
            status: failure.status,
            message: Some(failure.message),
            diagnostic: failure.diagnostic,
            schema_change: failure.schema_change,
            failures: failure.failures,
            messages: failure.printed,
            started_at: started.0 + earlier,
            duration: started.1.elapsed().saturating_sub(earlier),
            ..blank(self.step(steps[failure.step]), self.thread)
        });
        for position in
            steps.iter().filter(|p| !results.iter().any(|r| r.id == self.step(**p).id)).collect::<Vec<_>>()
        {
            results.push(StepResult {
                status: Status::Skipped,
                message: Some(format!("{name} failed")),
                ..blank(self.step(*position), self.thread)
            });
        }
        results
    }
}

/// A result that says nothing yet.
pub(super) fn blank(step: &Step, thread: usize) -> StepResult {
    StepResult {
        id: step.id.clone(),
        node: step.node.clone().unwrap_or_else(|| step.id.clone()),
        project: step.project.clone(),
        label: step.label.clone(),
        status: Status::Skipped,
        message: None,
        diagnostic: None,
        rows: None,
        load: None,
        published: None,
        schema_change: None,
        failures: None,
        thread,
        started_at: jiff::Timestamp::now(),
        duration: Duration::ZERO,
        messages: Vec::new(),
        sql: step.sql().map(str::to_owned).collect(),
    }
}

/// `schema.name`
fn plain(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name)
}
