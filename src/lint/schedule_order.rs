//! GS401: a project starts before a project that it imports from can have finished.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan, Zoned, tz::TimeZone};

use crate::graph::Graph;
use crate::nouns::{Body, Origin, Project, Timing};
use crate::words::{Code, Diagnostic};

/// Starts that are compared: a month of days, and an end to expressions that start each minute.
const MOST_STARTS: usize = 800;
const DAYS: i64 = 35;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let projects = &graph.analysis().platform.projects;
    let find = |name: &str| projects.iter().find(|p| p.name == name);
    let mut imports = BTreeSet::new();
    for index in graph.indices() {
        let node = &graph.node(index).node;
        let Body::Load(load) = &node.body else { continue };
        if let Origin::Import { project: owner, .. } = &load.origin
            && *owner != node.project
        {
            imports.insert((node.project.as_str(), owner.as_str()));
        }
    }
    let mut found: Vec<Diagnostic> = projects.iter().filter_map(too_early).collect();
    for (reader, owner) in imports {
        let (Some(reader), Some(owner)) = (find(reader), find(owner)) else { continue };
        let Some(before) = &owner.schedule.daily else { continue };
        for (slot, own) in [("daily", &reader.schedule.daily), ("financial", &reader.schedule.financial)] {
            if let Some(own) = own {
                found.extend(tell(reader, slot, own, owner, before));
            }
        }
    }
    found
}

/// A financial slot of a project that starts before its own daily run can have finished.
fn too_early(project: &Project) -> Option<Diagnostic> {
    let (daily, own) = (project.schedule.daily.as_ref()?, project.schedule.financial.as_ref()?);
    let lasts = Span::try_from(project.schedule.duration()).ok()?;
    let (start, end) = first_early(&starts(own, 7), &starts(daily, 0), lasts)?;
    let clock = |at: &Zoned| at.strftime("%H:%M").to_string();
    let (name, start, end) = (&project.name, clock(&start), clock(&end));
    let message =
        format!("financial of `{name}` starts at {start}, before its own daily can have finished at {end}");
    Some(
        Diagnostic::new(Code::ScheduleOrder, message)
            .at(&project.file, own.span)
            .label(&project.file, daily.span, format!("daily of `{name}`"))
            .help("start it later, or say how long the daily run lasts: `schedule: { expected: 20m }`"),
    )
}

fn tell(reader: &Project, slot: &str, own: &Timing, owner: &Project, before: &Timing) -> Option<Diagnostic> {
    let lasts = Span::try_from(owner.schedule.duration()).ok()?;
    let (start, end) = first_clash(&starts(own, 7), &starts(before, 0), lasts)?;
    let clock = |at: &Zoned| at.strftime("%H:%M").to_string();
    Some(
        Diagnostic::new(
            Code::ScheduleOrder,
            format!(
                "{slot} of `{}` starts at {}, before `{}`, which it imports from, can have finished at {}",
                reader.name,
                clock(&start),
                owner.name,
                clock(&end)
            ),
        )
        .at(&reader.file, own.span)
        .label(&owner.file, before.span, format!("daily of `{}`", owner.name))
        .help("start it later, or say how long the other's daily run lasts: `schedule: { expected: 20m }`"),
    )
}

/// The first start that falls before the end of the other's run: of its first one on the same
/// day, or of the last one before.
fn first_clash(starts: &[Zoned], others: &[Zoned], lasts: Span) -> Option<(Zoned, Zoned)> {
    starts.iter().find_map(|start| {
        let behind = others.partition_point(|o| o <= start);
        let today = others.partition_point(|o| o.date() < start.date());
        let same = others.get(today).filter(|o| o.date() == start.date());
        let last = behind.checked_sub(1).and_then(|i| others.get(i));
        [same, last].into_iter().flatten().find_map(|other| {
            let end = other.checked_add(lasts).ok()?;
            (end > *start).then(|| (start.clone(), end))
        })
    })
}

/// The first start that falls into a run of the same project, or before that day's run where the
/// one before is farther away: what starts behind midnight may well belong to the evening.
fn first_early(starts: &[Zoned], runs: &[Zoned], lasts: Span) -> Option<(Zoned, Zoned)> {
    starts.iter().find_map(|start| {
        let behind = runs.partition_point(|run| run <= start);
        let last = behind.checked_sub(1).and_then(|i| runs.get(i));
        let away = |run: &Zoned| start.duration_since(run).abs();
        let next = runs
            .get(behind)
            .filter(|next| next.date() == start.date() && last.is_none_or(|last| away(next) < away(last)));
        [last, next].into_iter().flatten().find_map(|run| {
            let end = run.checked_add(lasts).ok()?;
            (end > *start).then(|| (start.clone(), end))
        })
    })
}

/// When a schedule starts, from some days behind a fixed Monday. All schedules are in the
/// platform's time zone, so the clock on the wall is enough; UTC has no hour twice.
fn starts(timing: &Timing, after_days: i64) -> Vec<Zoned> {
    let monday: Date = date(2026, 1, 5);
    let zoned = |days: i64| monday.checked_add(days.days()).ok()?.to_zoned(TimeZone::UTC).ok();
    let (Some(from), Some(until)) = (zoned(after_days), zoned(DAYS)) else { return Vec::new() };
    let mut starts = Vec::new();
    let mut at = from;
    let mut inclusive = true;
    while starts.len() < MOST_STARTS {
        match timing.cron.find_next_occurrence(&at, inclusive) {
            Ok(next) if next < until => {
                starts.push(next.clone());
                at = next;
                inclusive = false;
            }
            _ => break,
        }
    }
    starts
}
