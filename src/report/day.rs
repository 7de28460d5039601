//! A day's schedule as a timeline: hours across, a line for each project, then the list.

use std::io::{self, Write};

use super::look::{BAD, DIM, STRONG};
use super::{Look, Table, joined, neutral_line};

/// What a day holds.
pub struct Day {
    /// The date and the time zone.
    pub title: String,
    /// The hours of the day by the clock on the wall.
    pub hours: Vec<i8>,
    /// The runs, in order.
    pub entries: Vec<Entry>,
    /// What is wrong with the schedule.
    pub problems: Vec<String>,
}

/// A run of the day.
pub struct Entry {
    /// The project.
    pub project: String,
    /// `daily`, `financial` or `hourly`.
    pub slot: &'static str,
    /// By the clock on the wall.
    pub time: String,
    /// Minutes since the day began.
    pub begins: u32,
    /// Minutes that it is expected to last.
    pub lasts: u32,
    /// Whether that was declared, or is only usual.
    pub is_declared: bool,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The projects that it imports from.
    pub waits_for: Vec<String>,
}

/// How many characters an hour takes.
const WIDTH: u32 = 3;

/// Writes a day.
pub fn write_day(day: &Day, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if day.entries.is_empty() {
        writeln!(out, "Nothing is scheduled on {}.", day.title)?;
        return problems(day, look, out);
    }
    writeln!(out, "{}\n", look.paint(STRONG, &day.title))?;
    let mut projects: Vec<&str> = Vec::new();
    for entry in &day.entries {
        if !projects.contains(&entry.project.as_str()) {
            projects.push(&entry.project);
        }
    }
    let margin = projects.iter().map(|p| p.chars().count()).max().unwrap_or(0).min(24) + 2;
    let hours: String = day.hours.iter().map(|h| format!("{h:02} ")).collect();
    writeln!(out, "{:margin$}{}", "", look.paint(DIM, hours.trim_end()))?;
    for project in projects {
        let name: String = neutral_line(project).chars().take(margin - 2).collect();
        writeln!(out, "{name:margin$}{}", lane(day, project).trim_end())?;
    }
    writeln!(out, "{:margin$}{}\n", "", look.paint(DIM, "D daily  F financial  h hourly  - lasting"))?;
    list(day, look, out)?;
    problems(day, look, out)
}

/// `D---  h  h  h`: a letter where a run begins, dashes as long as it is expected to last.
fn lane(day: &Day, project: &str) -> String {
    let cells = day.hours.len() * WIDTH as usize;
    let mut lane = vec![' '; cells];
    let cell = |minutes: u32| (minutes * WIDTH / 60) as usize;
    for entry in day.entries.iter().filter(|e| e.project == project && e.slot != "hourly") {
        let end = cell(entry.begins.saturating_add(entry.lasts)).min(cells);
        for place in &mut lane[cell(entry.begins).min(cells)..end] {
            *place = '-';
        }
    }
    // What happens once a day is not hidden by what happens every hour.
    for (slot, letter) in [("hourly", 'h'), ("daily", 'D'), ("financial", 'F')] {
        for entry in day.entries.iter().filter(|e| e.project == project && e.slot == slot) {
            if let Some(place) = lane.get_mut(cell(entry.begins)) {
                *place = letter;
            }
        }
    }
    lane.into_iter().collect()
}

/// The runs one by one; hourly ones of a project in one line.
fn list(day: &Day, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(["AT", "PROJECT", "SLOT", "LASTS", "WAITS FOR", "OWNER"]);
    for (nth, entry) in day.entries.iter().enumerate() {
        let same = |e: &&Entry| e.project == entry.project && e.slot == entry.slot;
        if day.entries[..nth].iter().any(|e| same(&e)) {
            continue;
        }
        let all: Vec<&Entry> = day.entries.iter().filter(same).collect();
        let at = match all.last() {
            Some(last) if all.len() > 1 => format!("{} to {}, {} times", entry.time, last.time, all.len()),
            _ => entry.time.clone(),
        };
        let lasts = match (entry.slot, entry.is_declared) {
            ("daily", true) => minutes(entry.lasts),
            ("daily", false) => format!("{} (assumed)", minutes(entry.lasts)),
            _ => String::new(),
        };
        let waits: Vec<&str> = entry.waits_for.iter().map(String::as_str).collect();
        table.row([
            at,
            entry.project.clone(),
            entry.slot.to_owned(),
            lasts,
            joined(&waits, 4),
            entry.owner.clone().unwrap_or_default(),
        ]);
    }
    table.write(look, out)
}

fn minutes(n: u32) -> String {
    if n < 60 { format!("{n}m") } else { format!("{}h {:02}m", n / 60, n % 60) }
}

fn problems(day: &Day, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if !day.problems.is_empty() {
        writeln!(out)?;
    }
    for problem in &day.problems {
        writeln!(out, "{} {}", look.paint(BAD, "!"), neutral_line(&look.masker.mask(problem)))?;
    }
    Ok(())
}
