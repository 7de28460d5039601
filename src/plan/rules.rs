//! The rules of the day: when a project may publish financial gold on a protected target. Judges facts;
//! finds none out.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Release;
use super::publish::{financial_scripts, loads_behind};
use crate::graph::{Graph, Index};
use crate::history::LoadRecord;
use crate::ledger::{ClosedPeriod, Publication};
use crate::nouns::{Body, Freshness, Origin};

/// What the rules are judged by.
#[derive(Debug)]
pub struct Day<'a> {
    /// The business date.
    pub date: Date,
    /// The nodes that the run includes.
    pub included: &'a HashSet<Index>,
    /// The last full and the last delta load of each load, by node id.
    pub loads: &'a BTreeMap<String, Vec<LoadRecord>>,
    /// The same of loads that no project here knows, by the load that imports what they fill.
    pub beyond: &'a BTreeMap<String, Vec<LoadRecord>>,
    /// The project's publications, the newest first.
    pub publications: &'a [Publication],
    /// Its closed periods.
    pub closed: &'a [ClosedPeriod],
    /// What was asked for.
    pub release: &'a Release,
}

/// Why a publication is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// The particulars, a line each.
    pub because: Vec<String>,
    /// What to do.
    pub help: String,
}

impl fmt::Display for Refusal {
    /// What is wrong, and the particulars below it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.because.iter().try_for_each(|line| write!(f, "\n  - {line}"))
    }
}

/// Judges the publication of a project. Nothing to say means that it may publish.
#[must_use]
pub fn judge(graph: &Graph, project: &str, day: &Day<'_>) -> Vec<Refusal> {
    let scripts = financial_scripts(graph, project);
    let mut refusals = Vec::new();
    refusals.extend(part(graph, project, &scripts, day));
    refusals.extend(published(day));
    refusals.extend(closed(day));
    let (stale, hourly) = stale(graph, &scripts, day);
    if !stale.is_empty() && !given(day, "allow-stale") {
        refusals.push(Refusal {
            message: format!("{project} can't be published for {}: what it is made of was not reloaded in full", day.date),
            because: stale,
            help: format!(
                "run their daily pipeline first: `goldsmith run --select {}`; or, when it is meant: --allow-stale \"reason\"",
                projects(graph, &scripts).join(" ")
            ),
        });
    }
    if !hourly.is_empty() && !given(day, "allow-hourly-inputs") {
        refusals.push(Refusal {
            message: format!("{project} can't be published for {}: hourly loads have changed what it is made of", day.date),
            because: hourly,
            help: "reload them in full with the daily pipeline; or, when it is meant: --allow-hourly-inputs \"reason\"".into(),
        });
    }
    refusals
}

fn given(day: &Day<'_>, rule: &str) -> bool {
    day.release.reasons.iter().any(|(word, _)| word == rule)
}

/// A part of the track is no publication.
fn part(graph: &Graph, project: &str, scripts: &[Index], day: &Day<'_>) -> Option<Refusal> {
    let left_out: Vec<String> = scripts
        .iter()
        .filter(|s| !day.included.contains(s))
        .map(|s| format!("{} is not selected", graph.node(*s).node.id))
        .collect();
    if left_out.is_empty() {
        return None;
    }
    Some(Refusal {
        message: format!("the financial gold of {project} is published whole, or not at all"),
        because: left_out,
        help: format!(
            "select all of it: --select project:{project},track:financial; or try a part on a target that is not protected"
        ),
    })
}

/// One publication for each business date.
fn published(day: &Day<'_>) -> Option<Refusal> {
    if given(day, "republish") {
        return None;
    }
    let stands = day.publications.iter().find(|p| p.business_date == day.date)?;
    let by = if stands.by.is_empty() { String::new() } else { format!(" by {}", stands.by) };
    Some(Refusal {
        message: format!("{stands} has been published already"),
        because: vec![format!("at {}{by} on {}, run {}", stands.published_at, stands.host, stands.run_id)],
        help: "one publication stands for each business date; to publish another: --republish \"reason\""
            .into(),
    })
}

/// A date in a closed period.
fn closed(day: &Day<'_>) -> Option<Refusal> {
    if given(day, "restate") {
        return None;
    }
    let month = day.date.strftime("%Y-%m").to_string();
    let period = day.closed.iter().find(|p| p.period == month)?;
    Some(Refusal {
        message: format!("the period {month} is closed"),
        because: vec![format!("since {} by {}", period.closed_at, period.closed_by)],
        help: "a business date in it can't be published any more, unless: --restate \"reason\" --approved-by NAME".into(),
    })
}

/// The loads behind the scripts that were not reloaded in full on the day, and those that deltas have
/// changed since.
fn stale(graph: &Graph, scripts: &[Index], day: &Day<'_>) -> (Vec<String>, Vec<String>) {
    let (mut stale, mut hourly) = (Vec::new(), Vec::new());
    for load in loads_behind(graph, scripts) {
        let node = &graph.node(load).node;
        let Body::Load(spec) = &node.body else { continue };
        if matches!(spec.origin, Origin::External) {
            // One that promises something is checked by its own step, which holds the publication back.
            if !(day.included.contains(&load) && spec.freshness.is_some_and(Freshness::is_promised)) {
                stale.push(format!("{}: another tool loads it, and nothing checks how fresh it is", node.id));
            }
            continue;
        }
        // What is loaded in this run is fresh when the scripts read it.
        if day.included.contains(&load) {
            stale.extend(beyond(&node.id, &spec.origin, day));
            continue;
        }
        let records = day.loads.get(&node.id).map_or(&[][..], Vec::as_slice);
        let before = taken_over(graph, load, scripts, day);
        if let Some(why) = not_full(records, day.date) {
            stale.push(format!("{}: {why}", node.id));
        } else if let Some(why) = changed_since(records, before) {
            hourly.push(format!("{}: {why}", node.id));
        }
        stale.extend(beyond(&node.id, &spec.origin, day));
    }
    (stale, hourly)
}

/// What the owner of an import has recorded, whose folder is not here.
fn beyond(load: &str, origin: &Origin, day: &Day<'_>) -> Vec<String> {
    if !matches!(origin, Origin::Import { .. }) {
        return Vec::new();
    }
    let records = day.beyond.get(load).map_or(&[][..], Vec::as_slice);
    let mut by_load: BTreeMap<&str, Vec<LoadRecord>> = BTreeMap::new();
    for record in records {
        by_load.entry(&record.load).or_default().push(record.clone());
    }
    by_load
        .into_iter()
        .filter_map(|(name, records)| {
            Some(format!("{name}, behind {load}: {}", not_full(&records, day.date)?))
        })
        .collect()
}

/// Why a load is not of the day.
fn not_full(records: &[LoadRecord], date: Date) -> Option<String> {
    let full = records.iter().filter(|r| r.mode == "full").max_by_key(|r| r.finished_at);
    match full {
        None => Some("never reloaded in full".into()),
        // A past date is published from what was loaded since.
        Some(full) if full.business_date.parse::<Date>().is_ok_and(|of| of >= date) => None,
        Some(full) => Some(format!("last reloaded in full for {}", full.business_date)),
    }
}

/// Why a load is not as its full reload left it, before a point in time.
fn changed_since(records: &[LoadRecord], before: Option<Timestamp>) -> Option<String> {
    let full = records.iter().filter(|r| r.mode == "full").map(|r| r.finished_at).max()?;
    let delta = records
        .iter()
        .filter(|r| r.mode == "delta" && r.finished_at > full)
        .filter(|r| {
            r.inserted.is_none_or(|n| n > 0)
                || r.updated.is_none_or(|n| n > 0)
                || r.deleted.is_none_or(|n| n > 0)
        })
        .filter(|r| before.is_none_or(|b| r.started_at < b))
        .max_by_key(|r| r.finished_at)?;
    Some(format!("an hourly load at {} changed it", delta.finished_at))
}

/// When the project's own imports took over what a load of another project fills; `None` while they
/// still may, or for the project's own loads.
fn taken_over(graph: &Graph, load: Index, scripts: &[Index], day: &Day<'_>) -> Option<Timestamp> {
    let own = &graph.node(*scripts.first()?).node.project;
    if graph.node(load).node.project == *own {
        return None;
    }
    let below = graph.descendants(load, None);
    let imports = loads_behind(graph, scripts)
        .into_iter()
        .filter(|i| below.contains(i) && graph.node(*i).node.project == *own)
        .collect::<Vec<_>>();
    if imports.iter().any(|i| day.included.contains(i)) {
        return None;
    }
    let records = imports.iter().filter_map(|i| day.loads.get(&graph.node(*i).node.id));
    records.flatten().map(|r| r.started_at).max()
}

fn projects(graph: &Graph, scripts: &[Index]) -> Vec<String> {
    let names: std::collections::BTreeSet<String> =
        loads_behind(graph, scripts).into_iter().map(|l| graph.node(l).node.project.clone()).collect();
    names.into_iter().collect()
}
