//! Finds a time of the day at which no project runs yet.

use jiff::{ToSpan, civil};

use super::{SlotKind, between, slots};
use crate::nouns::Project;

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// The first time that is tried, in minutes since midnight: early enough for figures at the start of work.
const FIRST: i64 = 5 * 60;
/// Minutes from one time that is tried to the next.
const STEP: i64 = 15;
/// How long a run is taken to last that nobody has seen yet, in minutes.
const LASTS: i64 = 30;

/// The cron expression of a daily run for which the projects leave room on each day of the week; `None` when
/// there is none. Hourly runs are short, and are not looked at.
#[must_use]
pub fn free(projects: &[Project]) -> Option<String> {
    // Any week without a change of the clock: times here are those on the wall.
    let from = civil::date(2026, 1, 4).at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let until = from.checked_add(7.days()).ok()?;
    let mut slots = slots(projects, |_| true);
    slots.retain(|slot| slot.kind != SlotKind::Hourly);
    let taken: Vec<(i64, i64)> = between(&slots, &from, &until)
        .iter()
        .map(|run| {
            let begins = i64::from(run.at.hour()) * 60 + i64::from(run.at.minute());
            let lasts = match run.slot.kind {
                SlotKind::Daily => run.slot.project.schedule.duration().as_secs().div_ceil(60),
                _ => 30,
            };
            (begins, i64::try_from(lasts).unwrap_or(DAY).min(DAY))
        })
        .collect();
    let is_free = |at: i64| {
        taken.iter().all(|(begins, lasts)| {
            // A run may last past midnight.
            [-DAY, 0, DAY].iter().all(|shift| at + LASTS <= begins + shift || begins + shift + lasts <= at)
        })
    };
    let at = (0..DAY / STEP).map(|nth| (FIRST + nth * STEP) % DAY).find(|at| is_free(*at))?;
    Some(format!("{} {} * * *", at % 60, at / 60))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::project;
    use super::free;

    #[test]
    fn the_first_gap_is_taken() {
        let project = |name: &str, daily: &str, financial: Option<&str>, hours: Option<u64>| {
            let mut project = project(name, Some(daily), None, financial);
            project.schedule.expected = hours.map(Duration::from_hours);
            project
        };
        let mut projects = vec![project("a", "0 5 * * *", None, None)];
        assert_eq!(free(&[]).as_deref(), Some("0 5 * * *"));
        assert_eq!(free(&projects).as_deref(), Some("30 5 * * *"));
        projects.push(project("b", "40 5 * * 1-5", Some("0 7 * * *"), Some(1)));
        assert_eq!(free(&projects).as_deref(), Some("30 7 * * *"));
        projects.push(project("c", "0 23 * * *", None, Some(23)));
        assert_eq!(free(&projects).as_deref(), Some("0 22 * * *"));
        projects.push(project("d", "0 0 * * *", None, Some(24)));
        assert_eq!(free(&projects), None);
    }
}
