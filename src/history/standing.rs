//! Where a load stands: what is known of it, how old its data are, and what that means. Pure.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use super::LoadRecord;
use crate::nouns::{Freshness, Verdict};

/// What is known of a load's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// A record tells of its last load.
    Loaded,
    /// Another tool loads it; its newest row tells.
    External,
    /// The table is there, and no record or row tells how old it is.
    Unknown,
    /// There is no table.
    Never,
}

impl Known {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::External => "external",
            Self::Unknown => "unknown",
            Self::Never => "never",
        }
    }
}

/// What a table itself says, for loads of other tools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Its rows.
    pub rows: Option<u64>,
    /// Its newest `modified`, as text.
    pub newest: Option<String>,
    /// The same as a point in time.
    pub at: Option<Timestamp>,
}

/// Where a load stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What is known of it.
    pub known: Known,
    /// The last full load.
    pub full: Option<LoadRecord>,
    /// The last delta.
    pub delta: Option<LoadRecord>,
    /// The rows in the table, as far as that is known.
    pub rows: Option<u64>,
    /// The newest `modified`, as text.
    pub watermark: Option<String>,
    /// The same as a point in time, where it is one.
    pub watermark_at: Option<Timestamp>,
    /// How old the data are: since the last load, or since the newest row of another tool's.
    pub age: Option<Duration>,
    /// What the age means.
    pub verdict: Verdict,
}

impl Standing {
    /// Of a load that goldsmith carries out. `exists`: whether its table is there.
    #[must_use]
    pub fn of_records(
        records: Vec<LoadRecord>,
        exists: bool,
        promised: Freshness,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let (mut full, mut delta): (Option<LoadRecord>, Option<LoadRecord>) = (None, None);
        for record in records {
            let slot = if record.mode == "delta" { &mut delta } else { &mut full };
            if slot.as_ref().is_none_or(|before| before.finished_at < record.finished_at) {
                *slot = Some(record);
            }
        }
        let last = [&full, &delta].into_iter().flatten().max_by_key(|r| r.finished_at);
        let age = last.filter(|_| exists).map(|r| age(r.finished_at, now));
        let known = match (exists, last) {
            (false, _) => Known::Never,
            (true, Some(_)) => Known::Loaded,
            (true, None) => Known::Unknown,
        };
        let watermark = last.filter(|_| exists).and_then(|r| r.watermark.clone());
        Self {
            known,
            rows: last.filter(|_| exists).and_then(|r| r.rows),
            watermark_at: watermark.as_deref().and_then(|w| moment(w, zone)),
            watermark,
            age,
            verdict: verdict(age, promised),
            full,
            delta,
        }
    }

    /// Of a load of another tool's; `None` when there is no table.
    #[must_use]
    pub fn of_table(found: Option<Found>, promised: Freshness, now: Timestamp) -> Self {
        let known = match &found {
            None => Known::Never,
            Some(Found { at: None, .. }) => Known::Unknown,
            Some(_) => Known::External,
        };
        let Found { rows, newest, at } = found.unwrap_or_default();
        let age = at.map(|at| age(at, now));
        // Where nothing is promised, nobody has to know how old it is.
        let verdict = match known {
            Known::Unknown if !promised.is_promised() => Verdict::Fresh,
            _ => verdict(age, promised),
        };
        Self { known, full: None, delta: None, rows, watermark: newest, watermark_at: at, age, verdict }
    }

    /// The drift that the last full load found: keys gone, rows different; unknown where it could not count.
    #[must_use]
    pub fn drift(&self) -> Option<(u64, Option<u64>)> {
        let full = self.full.as_ref()?;
        Some((full.vanished?, full.differing))
    }
}

/// What is not known can't be as promised.
fn verdict(age: Option<Duration>, promised: Freshness) -> Verdict {
    age.map_or(Verdict::Warning, |age| promised.judge(age))
}

/// How long ago something was; a clock that was set back makes nothing older.
#[must_use]
pub fn age(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(at)).unwrap_or_default()
}

/// A point in time as a warehouse writes it; without a zone it is meant in the platform's.
fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    civil.to_zoned(zone.clone()).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn record(mode: &str, finished: &str, rows: u64) -> LoadRecord {
        LoadRecord {
            run_id: "r".into(),
            load: "p.l".into(),
            mode: mode.into(),
            business_date: "2026-01-01".into(),
            rows: Some(rows),
            inserted: None,
            updated: None,
            deleted: None,
            vanished: Some(3),
            differing: None,
            watermark: Some("2026-01-01 08:00:00".into()),
            state: None,
            started_at: at(finished),
            finished_at: at(finished),
        }
    }

    const PROMISED: Freshness =
        Freshness { warn_after: Some(Duration::from_hours(2)), error_after: Some(Duration::from_hours(4)) };

    #[test]
    fn the_later_of_full_and_delta_tells_the_age() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let records =
            || vec![record("full", "2026-01-01T05:00:00Z", 10), record("delta", "2026-01-01T09:00:00Z", 12)];
        for (now, verdict) in [
            ("2026-01-01T10:00:00Z", Verdict::Fresh),
            ("2026-01-01T11:00:00Z", Verdict::Fresh),
            ("2026-01-01T11:00:01Z", Verdict::Warning),
            ("2026-01-01T13:00:01Z", Verdict::Error),
            // The clock was set back.
            ("2025-12-31T00:00:00Z", Verdict::Fresh),
        ] {
            let standing = Standing::of_records(records(), true, PROMISED, at(now), &zone);
            assert_eq!(standing.verdict, verdict, "{now}");
            assert_eq!(standing.rows, Some(12));
            assert_eq!(standing.drift(), Some((3, None)));
            assert_eq!(standing.watermark_at, Some(at("2026-01-01T07:00:00Z")));
        }
        let gone =
            Standing::of_records(records(), false, Freshness::default(), at("2026-01-01T10:00:00Z"), &zone);
        assert_eq!((gone.known, gone.verdict, gone.rows), (Known::Never, Verdict::Warning, None));
        let unknown = Standing::of_records(Vec::new(), true, PROMISED, at("2026-01-01T10:00:00Z"), &zone);
        assert_eq!((unknown.known, unknown.verdict), (Known::Unknown, Verdict::Warning));
    }

    #[test]
    fn points_in_time_are_read_as_the_warehouse_writes_them() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (text, expected) in [
            ("2026-01-01 08:00:00+00", Some("2026-01-01T08:00:00Z")),
            ("2026-01-01 08:00:00.5+01:00", Some("2026-01-01T07:00:00.5Z")),
            ("2026-07-01 08:00:00", Some("2026-07-01T06:00:00Z")),
            ("2026-07-01", Some("2026-06-30T22:00:00Z")),
            ("12345", None),
            ("", None),
        ] {
            assert_eq!(moment(text, &zone), expected.map(at), "{text}");
        }
    }
}
