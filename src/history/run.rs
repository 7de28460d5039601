//! A run that ended.

use std::time::Duration;

use jiff::Timestamp;

use super::{Row, moment};

/// A run that ended, as one database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
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
    /// `success`, `error` or `interrupted`.
    pub status: String,
    /// The goldsmith that ran.
    pub version: String,
}

impl Run {
    pub(super) fn read(row: Row) -> Option<Self> {
        let [run_id, pipeline, target, date, started, finished, status, version]: [_; 8] =
            row.try_into().ok()?;
        Some(Self {
            run_id: run_id?,
            pipeline: pipeline?,
            target: target?,
            business_date: date?,
            started_at: moment(started)?,
            finished_at: moment(finished),
            status: status?,
            version: version?,
        })
    }

    /// How long it lasted.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        Duration::try_from(self.finished_at?.duration_since(self.started_at)).ok()
    }
}
