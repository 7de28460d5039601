//! How long the runs of slots last, by what earlier ones took.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::commands::CommandError;
use crate::commands::session::Session;
use crate::commands::warehouse::look_at;
use crate::history::{Books, Run};
use crate::plan::Asked;
use crate::schedule::{Slot, SlotKind};

/// How many ended runs of a database are read, and how many of a slot count: the last ones.
const READ: usize = 500;
const COUNT: usize = 20;

/// What a slot's runs took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lasted {
    /// The median.
    pub(super) median: Duration,
    /// Of how many runs.
    pub(super) runs: usize,
}

/// What the last successful runs of slots on the target took, by [`Slot::name`]. Only runs of just
/// what the slot runs count; a slot without any is left out.
///
/// # Errors
/// The databases are there and can't be read.
pub(super) fn lasted(
    session: &Session,
    slots: &[Slot<'_>],
) -> Result<BTreeMap<String, Lasted>, CommandError> {
    let analysis = session.graph.analysis();
    let database = |slot: &Slot<'_>| analysis.placement.database(&slot.project.name).to_lowercase();
    let databases: BTreeSet<String> = slots.iter().map(database).collect();
    let opened = look_at(session, databases.clone(), Duration::ZERO)?;
    let mut all = BTreeMap::new();
    for name in databases.iter().filter(|name| opened.catalog.has_database(name)) {
        let mut books = Books::open(opened.warehouse.as_ref(), name)?;
        let runs = books.runs(READ)?.unwrap_or_default();
        let asked: BTreeMap<String, Asked> = books
            .attempts(READ)?
            .unwrap_or_default()
            .into_iter()
            .filter_map(|begun| Some((begun.run_id, serde_json::from_str(&begun.arguments?).ok()?)))
            .collect();
        for slot in slots.iter().filter(|slot| database(slot) == *name) {
            let took: Vec<Duration> = runs
                .iter()
                .filter(|run| run.target == analysis.target.name && is_of(slot, run, asked.get(&run.run_id)))
                .filter_map(Run::duration)
                .take(COUNT)
                .collect();
            if let Some(lasted) = median(took) {
                all.insert(slot.name(), lasted);
            }
        }
    }
    Ok(all)
}

/// Whether a run did what the slot does, and all of it.
fn is_of(slot: &Slot<'_>, run: &Run, asked: Option<&Asked>) -> bool {
    let Some(asked) = asked else { return false };
    let (select, exclude) = slot.selection();
    let is_same = asked.select == [select] && asked.exclude.iter().map(String::as_str).eq(exclude);
    // By hand one says it shorter; of financial gold alone only the slot's own words will do.
    let is_whole = slot.kind != SlotKind::Financial
        && asked.exclude.is_empty()
        && (asked.select.is_empty() || asked.select == [slot.project.name.as_str()]);
    run.status == "success"
        && run.pipeline == slot.pipeline().word()
        && asked.projects == [slot.project.name.as_str()]
        && !asked.no_load
        && asked.continues.is_none()
        && (is_same || is_whole)
}

fn median(mut took: Vec<Duration>) -> Option<Lasted> {
    took.sort();
    let median = *took.get(took.len() / 2)?;
    Some(Lasted { median, runs: took.len() })
}
