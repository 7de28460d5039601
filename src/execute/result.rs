//! How a run and its steps ended.

use std::time::Duration;

use super::{LoadCounts, Published, SchemaChange};
use crate::words::Diagnostic;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// A load, seed, model or script was built.
    Success,
    /// A test found nothing.
    Pass,
    /// A test of severity `warn` found rows.
    Warn,
    /// A test found rows.
    Fail,
    /// The warehouse refused.
    Error,
    /// Something that it depends on did not succeed.
    Skipped,
    /// The run was interrupted, or its publication was rolled back.
    Cancelled,
}

impl Status {
    /// The word in JSON and messages, as in dbt's artifacts where they have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether what depends on the step may run.
    #[must_use]
    pub fn lets_pass(self) -> bool {
        matches!(self, Self::Success | Self::Pass | Self::Warn)
    }
}

/// How a step ended.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// The step's id.
    pub id: String,
    /// The node's id.
    pub node: String,
    /// The node's project.
    pub project: String,
    /// What the step does, such as `load`, `table model`, `script`, `test`.
    pub label: String,
    /// How it ended.
    pub status: Status,
    /// A sentence on it: the error, how many rows failed, what was missing.
    pub message: Option<String>,
    /// The error with its place in the user's file.
    pub diagnostic: Option<Diagnostic>,
    /// Rows that were written, where the warehouse told.
    pub rows: Option<u64>,
    /// What a load did to its table.
    pub load: Option<LoadCounts>,
    /// What a publication came to.
    pub published: Option<Published>,
    /// Why a load was refused: its source has another shape than the table.
    pub schema_change: Option<SchemaChange>,
    /// Rows that a test found.
    pub failures: Option<u64>,
    /// Which worker ran it, from 0.
    pub thread: usize,
    /// When it began.
    pub started_at: jiff::Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// PRINT output, warnings and the like, in order.
    pub messages: Vec<String>,
    /// The SQL that was sent.
    pub sql: Vec<String>,
}

impl StepResult {
    /// Its message, unless that only says again how many rows a test has found.
    #[must_use]
    pub fn remark(&self) -> Option<&str> {
        let message = self.message.as_deref()?;
        self.failures.is_none_or(|rows| message != found(rows)).then_some(message)
    }
}

/// How many rows a test has found, as its message.
pub(super) fn found(rows: u64) -> String {
    format!("{rows} {} found", if rows == 1 { "row was" } else { "rows were" })
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunResults {
    /// Names the run.
    pub run_id: String,
    /// What ran: `daily`, `test` and so on.
    pub what: String,
    /// The target's name.
    pub target: String,
    /// When it began.
    pub started_at: jiff::Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// Whether somebody stopped it.
    pub interrupted: bool,
    /// One for each step, in the order in which they ended.
    pub steps: Vec<StepResult>,
}

impl RunResults {
    /// How many steps ended so.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.steps.iter().filter(|s| s.status == status).count()
    }

    /// Whether every step that mattered succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        !self.interrupted && self.steps.iter().all(|s| s.status.lets_pass())
    }
}
