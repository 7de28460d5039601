//! Keeps count of a run from its events: what runs, what is done, what failed. Shows nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::execute::{Event, Status, StepResult};

/// How often a wait for the same thing is mentioned.
const WAIT_AGAIN: Duration = Duration::from_secs(30);

/// The state of a run.
#[derive(Debug, Default)]
pub struct Tally<T> {
    /// How many steps there are.
    pub total: usize,
    /// How many have ended.
    pub done: usize,
    /// How many tests have passed.
    pub passed: usize,
    /// How many warned.
    pub warned: usize,
    /// How many failed.
    pub failed: usize,
    /// What runs, by the order in which it began.
    pub running: BTreeMap<u64, Running<T>>,
    begun: u64,
    waited: Option<(String, Duration)>,
}

/// A step that runs.
#[derive(Debug)]
pub struct Running<T> {
    /// The step's id.
    pub id: String,
    /// The node's id.
    pub node: String,
    /// What it does.
    pub label: String,
    /// Since when.
    pub since: Instant,
    /// How many rows have come, and for how long they have been coming.
    pub rows: Option<(u64, Duration)>,
    /// What the reporter keeps with it.
    pub extra: T,
}

impl<T: Default> Tally<T> {
    /// Takes an event. Gives what was kept with a step that ended.
    pub fn take(&mut self, event: &Event) -> Option<Running<T>> {
        match event {
            Event::RunStarted { steps, .. } => self.total = *steps,
            Event::StepStarted { id, node, label } => {
                let (id, node, label) = (id.clone(), node.clone(), label.clone());
                let step =
                    Running { id, node, label, since: Instant::now(), rows: None, extra: T::default() };
                self.running.insert(self.begun, step);
                self.begun += 1;
            }
            Event::RowsArrived { id, rows, since } => {
                if let Some(step) = self.running.values_mut().find(|step| step.id == *id) {
                    step.rows = Some((*rows, *since));
                }
            }
            Event::StepFinished(step) => return self.finish(step),
            Event::RunFinished(_) => self.running.clear(),
            Event::Waiting { .. } | Event::StepRetried { .. } | Event::Warned { .. } => {}
        }
        None
    }

    fn finish(&mut self, step: &StepResult) -> Option<Running<T>> {
        self.done += 1;
        self.total = self.total.max(self.done);
        match step.status {
            Status::Pass => self.passed += 1,
            Status::Warn => self.warned += 1,
            Status::Fail | Status::Error => self.failed += 1,
            Status::Success | Status::Skipped | Status::Cancelled => {}
        }
        let key = self.running.iter().find(|(_, r)| r.id == step.id).map(|(k, _)| *k)?;
        self.running.remove(&key)
    }

    /// Whether a wait is worth a line: it is new, or has gone on for long since the last line.
    pub fn wait_is_news(&mut self, message: &str, since: Duration) -> bool {
        let news = match &self.waited {
            Some((last, at)) => last != message || since >= *at + WAIT_AGAIN || since < *at,
            None => true,
        };
        if news {
            self.waited = Some((message.to_owned(), since));
        }
        news
    }
}
