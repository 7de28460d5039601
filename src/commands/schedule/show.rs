//! `goldsmith schedule show`

use std::io::Write;

use jiff::{ToSpan, Zoned};
use serde_json::json;

use super::{now, open, projects};
use crate::cli::{DataFormat, Global, ScheduleShowArgs};
use crate::commands::{CommandError, Exit};
use crate::nouns::{Body, Origin, Project};
use crate::report::{Day, Entry, ignore_broken_pipe, write_day};
use crate::schedule::{Run, SlotKind, between, slots};
use crate::words::Code;

pub(super) fn show(global: &Global, args: &ScheduleShowArgs) -> Result<Exit, CommandError> {
    let session = open(global)?;
    let projects = projects(&session, &args.select)?;
    let today = now(&session);
    let date = args.date.unwrap_or_else(|| today.date());
    let impossible = |e: jiff::Error| CommandError::usage(format!("{date} is no day to show: {e}"));
    let from = date.to_zoned(today.time_zone().clone()).map_err(impossible)?;
    let until = from.checked_add(1.day()).map_err(impossible)?;
    let before = from.checked_sub(1.nanosecond()).map_err(impossible)?;
    let mut runs = between(&slots(projects.iter().copied()), &before, &until);
    runs.retain(|run| run.at < until);
    let mut out = session.out.stdout();
    let clashes: Vec<String> = session
        .diagnostics
        .iter()
        .filter(|d| matches!(d.code, Code::ScheduleOrder | Code::Unscheduled))
        .map(|d| format!("{}: {}", d.code.id(), d.message))
        .collect();
    let written = match args.format {
        DataFormat::Json => {
            let runs: Vec<_> = runs
                .iter()
                .map(|run| {
                    json!({
                        "project": run.slot.project.name,
                        "slot": run.slot.kind.word(),
                        "pipeline": run.slot.pipeline().word(),
                        "at": run.at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
                        "cron": run.slot.timing.text,
                        "expected_seconds": expected(run),
                        "owner": run.slot.project.owner,
                        "waits_for": owners(run.slot.project),
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
                entries: runs.iter().map(|run| entry(run, &from)).collect(),
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

fn entry(run: &Run<'_>, from: &Zoned) -> Entry {
    let begins = run.at.duration_since(from).as_secs();
    let lasts = expected(run);
    let project = run.slot.project;
    Entry {
        project: project.name.clone(),
        slot: run.slot.kind.word(),
        time: run.at.strftime("%H:%M").to_string(),
        begins: u32::try_from(begins / 60).unwrap_or(0),
        lasts: u32::try_from(lasts / 60).unwrap_or(u32::MAX).max(1),
        is_declared: project.schedule.expected.is_some(),
        owner: project.owner.clone(),
        waits_for: if run.slot.kind == SlotKind::Hourly { Vec::new() } else { owners(project) },
    }
}

/// How long a run is expected to last, in seconds.
fn expected(run: &Run<'_>) -> u64 {
    run.slot.project.schedule.duration().as_secs()
}

/// The projects that a project imports from.
fn owners(project: &Project) -> Vec<String> {
    let mut owners: Vec<String> = project
        .nodes
        .iter()
        .filter_map(|node| match &node.body {
            Body::Load(load) => match &load.origin {
                Origin::Import { project, .. } => Some(project.clone()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    owners.sort();
    owners.dedup();
    owners
}
