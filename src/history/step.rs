//! A step that ended.

use jiff::Timestamp;

use super::{Row, moment, number};

/// A step that ended, as its database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// Which run.
    pub run_id: String,
    /// Which step.
    pub step: String,
    /// The node, where the step has one.
    pub node: Option<String>,
    /// What it did.
    pub kind: String,
    /// How it ended.
    pub status: String,
    /// The rows that it wrote, or a test found.
    pub rows: Option<u64>,
    /// What there was to say.
    pub message: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

impl StepRecord {
    pub(super) fn read(row: Row) -> Option<Self> {
        let [run_id, step, node, kind, status, rows, message, started, finished]: [_; 9] =
            row.try_into().ok()?;
        Some(Self {
            run_id: run_id?,
            step: step?,
            node,
            kind: kind?,
            status: status?,
            rows: number(rows),
            message,
            started_at: moment(started)?,
            finished_at: moment(finished)?,
        })
    }
}
