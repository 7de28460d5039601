//! What is due: decided from what was started last, what is running, and the time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Run, Slot, between};

/// How far ahead of the clock the last start may lie before the clock is taken to have been wrong then.
const JUMP: SignedDuration = SignedDuration::from_hours(24);

/// When each slot was last due and started, by [`Slot::name`].
pub type Past = BTreeMap<String, Timestamp>;

/// What is to be done now.
#[derive(Debug, Default)]
pub struct Decision<'a> {
    /// To be started, one for each project.
    pub start: Vec<Run<'a>>,
    /// Passed over: a newer one of the same slot is due as well.
    pub dropped: Vec<Run<'a>>,
    /// What to remember as the last start of each slot.
    pub past: Past,
}

/// Decides what to start at `now`. A slot that nobody knows begins at `since`. Of those that a slot has
/// missed only the newest is started; a project that is busy waits with what is due.
///
/// The time of a slot is remembered, not the time of its start: so a clock that is set back starts
/// nothing again, and one that is set ahead, or a machine that slept, starts each slot once.
#[must_use]
pub fn decide<'a>(
    slots: &[Slot<'a>],
    past: &Past,
    busy: &BTreeSet<String>,
    since: &Zoned,
    now: &Zoned,
) -> Decision<'a> {
    let mut decision = Decision { past: past.clone(), ..Decision::default() };
    let mut due: Vec<Run<'a>> = Vec::new();
    for slot in slots {
        let last = decision.past.entry(slot.name()).or_insert_with(|| since.timestamp());
        if last.duration_since(now.timestamp()) > JUMP {
            *last = now.timestamp();
        }
        let from = last.to_zoned(now.time_zone().clone());
        let mut missed = between(std::slice::from_ref(slot), &from, now);
        let Some(newest) = missed.pop() else { continue };
        due.push(newest);
        if busy.contains(&slot.project.name) {
            continue;
        }
        if let Some(passed) = missed.last() {
            *last = passed.at.timestamp();
        }
        decision.dropped.extend(missed);
    }
    due.sort_by(|a, b| (&a.at, a.slot.kind).cmp(&(&b.at, b.slot.kind)));
    let mut taken = busy.clone();
    for run in due {
        if taken.insert(run.slot.project.name.clone()) {
            decision.past.insert(run.slot.name(), run.at.timestamp());
            decision.start.push(run);
        }
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::slots;
    use crate::schedule::testing::{project, zoned};

    /// Lets the clock tick through a period; a run lasts so long. Gives all starts in order.
    fn simulate(
        projects: &[crate::nouns::Project],
        (from, until): (&str, &str),
        tick: SignedDuration,
        lasts: SignedDuration,
    ) -> Vec<(String, Zoned)> {
        let slots = slots(projects);
        let (mut now, until) = (zoned(from), zoned(until));
        let since = now.clone();
        let mut past = Past::new();
        let mut running: BTreeMap<String, Zoned> = BTreeMap::new();
        let mut starts = Vec::new();
        while now <= until {
            running.retain(|_, end| *end > now);
            let busy: BTreeSet<String> = running.keys().cloned().collect();
            let decision = decide(&slots, &past, &busy, &since, &now);
            for run in decision.start {
                let busy = running.insert(run.slot.project.name.clone(), &now + lasts);
                assert!(busy.is_none(), "two runs of {} at once", run.slot.project.name);
                starts.push((run.slot.name(), run.at));
            }
            past = decision.past;
            now = &now + tick;
        }
        starts
    }

    #[test]
    fn through_a_year_each_slot_comes_up_once_a_day() {
        for (zone, year) in [("Europe/Berlin", 365), ("America/New_York", 365)] {
            let daily = ["30 2 * * *", "0 5 * * *", "30 1 * * *"];
            for cron in daily {
                let projects = [project("a", Some(cron), None, None)];
                let starts = simulate(
                    &projects,
                    (&format!("2026-01-01T00:00:00[{zone}]"), &format!("2026-12-31T23:59:00[{zone}]")),
                    SignedDuration::from_mins(20),
                    SignedDuration::from_mins(20),
                );
                assert_eq!(starts.len(), year, "{cron} in {zone}");
                let days: BTreeSet<_> = starts.iter().map(|(_, at)| at.date()).collect();
                assert_eq!(days.len(), year, "{cron} in {zone}: once a day");
                assert!(starts.windows(2).all(|w| w[0].1 < w[1].1));
            }
        }
    }

    #[test]
    fn hours_that_come_twice_are_run_twice_and_missing_ones_not_at_all() {
        let projects = [project("a", None, Some("0 * * * *"), None)];
        for (day, runs) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)] {
            let from = format!("{day}T00:00:00[Europe/Berlin]");
            let until = format!("{day}T23:59:00[Europe/Berlin]");
            let starts = simulate(
                &projects,
                (&from, &until),
                SignedDuration::from_mins(1),
                SignedDuration::from_mins(5),
            );
            // Midnight itself is when the clock was started.
            assert_eq!(starts.len(), runs - 1, "{day}");
        }
    }

    #[test]
    fn a_busy_project_waits_and_runs_the_newest_alone() {
        let projects = [project("a", Some("0 5 * * *"), Some("*/10 * * * *"), None)];
        let from = "2026-06-01T04:55:00[Europe/Berlin]";
        let starts = simulate(
            &projects,
            (from, "2026-06-01T06:00:00[Europe/Berlin]"),
            SignedDuration::from_mins(1),
            SignedDuration::from_mins(35),
        );
        let told: Vec<String> =
            starts.iter().map(|(name, at)| format!("{name} {}", at.strftime("%H:%M"))).collect();
        assert_eq!(told, ["a/daily 05:00", "a/hourly 05:30"]);
    }

    #[test]
    fn after_a_pause_each_slot_runs_once() {
        let projects = [
            project("a", Some("0 5 * * *"), Some("0 * * * *"), None),
            project("b", Some("0 6 * * *"), None, None),
        ];
        let slots = slots(&projects);
        let since = zoned("2026-06-01T00:30:00[Europe/Berlin]");
        let now = zoned("2026-06-03T12:34:00[Europe/Berlin]");
        let decision = decide(&slots, &Past::new(), &BTreeSet::new(), &since, &now);
        let named = |runs: &[Run<'_>]| {
            runs.iter().map(|r| format!("{} {}", r.slot, r.at.strftime("%d %H:%M"))).collect::<Vec<_>>()
        };
        assert_eq!(named(&decision.start), ["a daily 03 05:00", "b daily 03 06:00"]);
        assert_eq!(decision.dropped.len(), 2 + 2 + 59);
        // The hourly one is still due: it waits for the daily run.
        let busy = BTreeSet::new();
        let next = decide(&slots, &decision.past, &busy, &since, &now);
        assert_eq!(named(&next.start), ["a hourly 03 12:00"]);
        assert!(next.dropped.is_empty());
        let last = decide(&slots, &next.past, &busy, &since, &now);
        assert!(last.start.is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_starts_nothing_again() {
        let projects = [project("a", Some("0 5 * * *"), None, None)];
        let slots = slots(&projects);
        let since = zoned("2026-06-01T04:00:00[Europe/Berlin]");
        let busy = BTreeSet::new();
        let first = decide(&slots, &Past::new(), &busy, &since, &zoned("2026-06-01T05:00:10[Europe/Berlin]"));
        assert_eq!(first.start.len(), 1);
        for now in ["2026-06-01T04:59:50", "2026-06-01T05:00:00", "2026-06-01T05:00:30"] {
            let again = decide(&slots, &first.past, &busy, &since, &zoned(&format!("{now}[Europe/Berlin]")));
            assert!(again.start.is_empty(), "{now}");
        }
        // A clock that was a year ahead does not silence the slot for a year.
        let wrong =
            Past::from([("a/daily".to_owned(), zoned("2027-06-01T05:00:00[Europe/Berlin]").timestamp())]);
        let mended = decide(&slots, &wrong, &busy, &since, &zoned("2026-06-01T04:59:00[Europe/Berlin]"));
        let next = decide(&slots, &mended.past, &busy, &since, &zoned("2026-06-01T05:00:00[Europe/Berlin]"));
        assert_eq!(next.start.len(), 1);
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 24, failure_persistence: None, ..Default::default() })]

        /// Whatever the ticks of the clock and however long runs last: never two of a project at once,
        /// no slot twice, none out of order, and with time enough none is lost.
        #[test]
        fn nothing_runs_twice_or_out_of_order(
            minute in 0..60u32, hour in 0..24u32, step in 1..30u32, tick in 1..90i64, lasts in 1..200i64, day in 1..28u32, month in 1..13u32,
        ) {
            let daily = format!("{minute} {hour} * * *");
            let hourly = format!("*/{step} * * * *");
            let projects = [project("a", Some(&daily), Some(&hourly), Some("15 7 * * *")), project("b", Some(&daily), None, None)];
            let from = format!("2026-{month:02}-{day:02}T00:00:00[Europe/Berlin]");
            let until = (&zoned(&from) + SignedDuration::from_hours(72)).to_string();
            let starts = simulate(&projects, (&from, &until), SignedDuration::from_mins(tick), SignedDuration::from_mins(lasts));
            for name in ["a/daily", "a/hourly", "a/financial", "b/daily"] {
                let own: Vec<&Zoned> = starts.iter().filter(|(n, _)| n == name).map(|(_, at)| at).collect();
                proptest::prop_assert!(own.windows(2).all(|w| w[0] < w[1]), "{} {:?}", name, own);
            }
            let b = starts.iter().filter(|(n, _)| n == "b/daily").count();
            proptest::prop_assert!((2..=4).contains(&b), "{}", b);
        }
    }
}
