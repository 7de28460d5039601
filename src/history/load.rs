//! A load that succeeded.

use jiff::Timestamp;

use super::{Row, moment, number};

/// A load that succeeded, with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadRecord {
    /// Which run.
    pub run_id: String,
    /// The load's node id.
    pub load: String,
    /// `full` or `delta`.
    pub mode: String,
    /// The business date.
    pub business_date: String,
    /// The rows of the table afterwards.
    pub rows: Option<u64>,
    /// Rows with a new key.
    pub inserted: Option<u64>,
    /// Rows whose key was there.
    pub updated: Option<u64>,
    /// Rows that were taken away.
    pub deleted: Option<u64>,
    /// Drift: keys that a full load found gone.
    pub vanished: Option<u64>,
    /// Drift: rows that a full load found missing or different without a newer `modified`.
    pub differing: Option<u64>,
    /// The newest `modified`, as text.
    pub watermark: Option<String>,
    /// What a Singer tap left behind, as JSON.
    pub state: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

impl LoadRecord {
    pub(super) fn read(row: Row) -> Option<Self> {
        let [
            run_id,
            load,
            mode,
            date,
            rows,
            inserted,
            updated,
            deleted,
            vanished,
            differing,
            watermark,
            state,
            started,
            finished,
        ]: [_; 14] = row.try_into().ok()?;
        Some(Self {
            run_id: run_id?,
            load: load?,
            mode: mode?,
            business_date: date?,
            rows: number(rows),
            inserted: number(inserted),
            updated: number(updated),
            deleted: number(deleted),
            vanished: number(vanished),
            differing: number(differing),
            watermark,
            state,
            started_at: moment(started)?,
            finished_at: moment(finished)?,
        })
    }
}
