//! A run as a whole: how it began, and how it ended if it did.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{Attempt, Run};

/// A run that began, and perhaps ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// Which run.
    pub run_id: String,
    /// `daily`, `hourly`, `init` or `test`.
    pub pipeline: String,
    /// The target.
    pub target: String,
    /// The business date.
    pub business_date: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// `success`, `error`, `interrupted`; `killed` where it did not come to say how it ended.
    pub status: String,
}

impl PastRun {
    /// How long it lasted.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        Duration::try_from(self.finished_at?.duration_since(self.started_at)).ok()
    }
}

/// The last runs, the newest first. Who could read the records knows that nobody writes them: a run
/// without an end was killed.
#[must_use]
pub fn past_runs(runs: Vec<Run>, attempts: Vec<Attempt>, limit: usize) -> Vec<PastRun> {
    let mut all: BTreeMap<String, PastRun> = BTreeMap::new();
    for attempt in attempts {
        let run = PastRun {
            run_id: attempt.run_id.clone(),
            pipeline: attempt.pipeline,
            target: attempt.target,
            business_date: attempt.business_date,
            started_at: attempt.started_at,
            finished_at: None,
            status: "killed".to_owned(),
        };
        all.insert(attempt.run_id, run);
    }
    for run in runs {
        let ended = PastRun {
            run_id: run.run_id.clone(),
            pipeline: run.pipeline,
            target: run.target,
            business_date: run.business_date,
            started_at: run.started_at,
            finished_at: run.finished_at,
            status: run.status,
        };
        all.insert(run.run_id, ended);
    }
    let mut all: Vec<PastRun> = all.into_values().collect();
    all.sort_by_key(|r| Reverse((r.started_at, r.run_id.clone())));
    all.truncate(limit);
    all
}
