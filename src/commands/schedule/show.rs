//! `goldsmith schedule show`

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use jiff::{SignedDuration, ToSpan, Zoned};
use serde_json::json;

use super::lasted::{Lasted, lasted};
use super::{has_financial, now, open, projects, slots_of};
use crate::cli::{DataFormat, Global, ScheduleShowArgs};
use crate::commands::session::Session;
use crate::commands::{CommandError, Exit};
use crate::nouns::{Body, Origin};
use crate::report::{Day, Entry, Lasts, ignore_broken_pipe, write_day};
use crate::schedule::{Run, Slot, SlotKind, between};
use crate::words::Code;

pub(super) fn show(global: &Global, args: &ScheduleShowArgs) -> Result<Exit, CommandError> {
    let session = open(global)?;
    let slots = slots_of(&session, &args.select)?;
    let today = now(&session);
    let date = args.date.unwrap_or_else(|| today.date());
    let impossible = |e: jiff::Error| CommandError::usage(format!("{date} is no day to show: {e}"));
    let from = date.to_zoned(today.time_zone().clone()).map_err(impossible)?;
    let until = from.checked_add(1.day()).map_err(impossible)?;
    let before = from.checked_sub(1.nanosecond()).map_err(impossible)?;
    let mut runs = between(&slots, &before, &until);
    runs.retain(|run| run.at < until);
    let known = Known { owners: owners(&session), lasted: history(&session, &slots)? };
    let mut out = session.out.stdout();
    let mut clashes: Vec<String> = session
        .diagnostics
        .iter()
        .filter(|d| matches!(d.code, Code::ScheduleOrder | Code::Unscheduled))
        .map(|d| format!("{}: {}", d.code.id(), d.message))
        .collect();
    clashes.extend(known.clashes(&runs));
    for project in projects(&session, &args.select)? {
        if project.schedule.financial.is_some() && !has_financial(&session, &project.name) {
            clashes.push(format!(
                "`{0}` has a slot for financial gold but none to run: it never comes up",
                project.name
            ));
        }
    }
    let written = match args.format {
        DataFormat::Json => {
            let runs: Vec<_> = runs
                .iter()
                .map(|run| {
                    let lasts = known.lasts(run);
                    json!({
                        "project": run.slot.project.name,
                        "slot": run.slot.kind.word(),
                        "pipeline": run.slot.pipeline().word(),
                        "at": run.at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
                        "cron": run.slot.timing.text,
                        "expected_seconds": lasts.map(|l| l.time().as_secs()),
                        "expected_from": lasts.map(Lasts::word),
                        "owner": run.slot.project.owner,
                        "waits_for": known.owners(run),
                    })
                })
                .collect();
            let all = json!({
                "date": date.to_string(),
                "timezone": session.graph.analysis().platform.timezone,
                "runs": runs,
                "problems": clashes,
            });
            writeln!(out, "{}", serde_json::to_string_pretty(&all).unwrap_or_default())
        }
        DataFormat::Text => {
            let day = Day {
                title: format!("{date} in {}", session.graph.analysis().platform.timezone),
                hours: hours(&from, &until),
                entries: runs.iter().map(|run| known.entry(run, &from)).collect(),
                problems: clashes,
            };
            write_day(&day, &session.out, &mut out)
        }
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// The hours of a day by the clock on the wall: 23, 24 or 25 of them.
fn hours(from: &Zoned, until: &Zoned) -> Vec<i8> {
    let mut hours = Vec::new();
    let mut at = from.clone();
    while at < *until {
        hours.push(at.hour());
        match at.checked_add(1.hour()) {
            Ok(next) => at = next,
            Err(_) => break,
        }
    }
    hours
}

/// What the runs of earlier days took; nothing, and why, when the warehouse can't be read.
fn history(session: &Session, slots: &[Slot<'_>]) -> Result<BTreeMap<String, Lasted>, CommandError> {
    match lasted(session, slots) {
        Ok(lasted) => Ok(lasted),
        Err(error) => {
            let reason = session.err.masker.mask(&error.to_string()).into_owned();
            writeln!(session.err.stderr(), "note: how long earlier runs took is not known: {reason}")?;
            Ok(BTreeMap::new())
        }
    }
}

/// What is known of the runs beside their times.
struct Known<'a> {
    owners: BTreeMap<&'a str, BTreeSet<String>>,
    lasted: BTreeMap<String, Lasted>,
}

impl Known<'_> {
    /// The projects that a run needs to have ended.
    fn owners(&self, run: &Run<'_>) -> Vec<String> {
        if run.slot.kind == SlotKind::Hourly {
            return Vec::new();
        }
        self.owners.get(run.slot.project.name.as_str()).into_iter().flatten().cloned().collect()
    }

    /// How long a run is expected to last.
    fn lasts(&self, run: &Run<'_>) -> Option<Lasts> {
        let schedule = &run.slot.project.schedule;
        let is_daily = run.slot.kind == SlotKind::Daily;
        match (schedule.expected.filter(|_| is_daily), self.lasted.get(&run.slot.name())) {
            (Some(time), _) => Some(Lasts::Declared(time)),
            (None, Some(lasted)) => Some(Lasts::Median(lasted.median, lasted.runs)),
            (None, None) => is_daily.then(|| Lasts::Assumed(schedule.duration())),
        }
    }

    fn entry(&self, run: &Run<'_>, from: &Zoned) -> Entry {
        let begins = run.at.duration_since(from).as_secs();
        Entry {
            project: run.slot.project.name.clone(),
            slot: run.slot.kind.word(),
            time: run.at.strftime("%H:%M").to_string(),
            begins: u32::try_from(begins / 60).unwrap_or(0),
            lasts: self.lasts(run),
            owner: run.slot.project.owner.clone(),
            waits_for: self.owners(run),
        }
    }

    /// Runs that begin while a project that they import from is still at it, as earlier runs of that
    /// one went. What is declared or assumed the lint tells.
    fn clashes(&self, runs: &[Run<'_>]) -> Vec<String> {
        let mut told = BTreeSet::new();
        for run in runs {
            for owner in self.owners(run) {
                let is_before = |r: &&Run<'_>| {
                    r.slot.project.name == owner && r.slot.kind == SlotKind::Daily && r.at <= run.at
                };
                let Some(before) = runs.iter().rfind(is_before) else { continue };
                let Some(Lasts::Median(time, count)) = self.lasts(before) else { continue };
                let ends = SignedDuration::try_from(time).ok().and_then(|t| before.at.checked_add(t).ok());
                let Some(ends) = ends.filter(|_| time > before.slot.project.schedule.duration()) else {
                    continue;
                };
                if ends > run.at {
                    told.insert(format!(
                        "{} starts at {}, before `{owner}`, which it imports from, has ended at {}: so long the last {count} daily runs of it took (median)",
                        run.slot,
                        run.at.strftime("%H:%M"),
                        ends.strftime("%H:%M"),
                    ));
                }
            }
        }
        told.into_iter().collect()
    }
}

/// The projects that each project imports from.
fn owners(session: &Session) -> BTreeMap<&str, BTreeSet<String>> {
    let mut owners: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for index in session.graph.indices() {
        let node = &session.graph.node(index).node;
        let Body::Load(load) = &node.body else { continue };
        if let Origin::Import { project: owner, .. } = &load.origin
            && *owner != node.project
        {
            owners.entry(&node.project).or_default().insert(owner.clone());
        }
    }
    owners
}
