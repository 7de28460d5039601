//! A run that began.

use jiff::Timestamp;

use super::{Row, moment};

/// A run that began, as one database knows it. Without a [`Run`](super::Run) of the same id it was
/// killed, or is still running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
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
    /// What it was asked for, as JSON.
    pub arguments: Option<String>,
    /// The ids of the steps that it planned in this database, as a JSON list.
    pub steps: Option<String>,
    /// The goldsmith that ran.
    pub version: String,
}

impl Attempt {
    pub(super) fn read(row: Row) -> Option<Self> {
        let [run_id, pipeline, target, date, started, arguments, steps, version]: [_; 8] =
            row.try_into().ok()?;
        Some(Self {
            run_id: run_id?,
            pipeline: pipeline?,
            target: target?,
            business_date: date?,
            started_at: moment(started)?,
            arguments,
            steps,
            version: version?,
        })
    }
}
