//! When slots come up. A time that a change to summer time leaves out comes right behind the gap,
//! one that it repeats comes once; what runs every so many minutes runs through both.

use jiff::Zoned;

use super::{Slot, SlotKind};
use crate::nouns::Project;

/// How many times one slot comes up at most before a period is taken as too long to list.
const MOST: usize = 100_000;

/// A slot that comes up.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// The slot.
    pub slot: Slot<'a>,
    /// When.
    pub at: Zoned,
}

/// All slots of some projects.
#[must_use]
pub fn slots<'a>(projects: impl IntoIterator<Item = &'a Project>) -> Vec<Slot<'a>> {
    let mut slots = Vec::new();
    for project in projects {
        let schedule = &project.schedule;
        for (kind, timing) in [
            (SlotKind::Daily, &schedule.daily),
            (SlotKind::Financial, &schedule.financial),
            (SlotKind::Hourly, &schedule.hourly),
        ] {
            if let Some(timing) = timing {
                slots.push(Slot { project, kind, timing });
            }
        }
    }
    slots
}

/// When slots come up behind `after`, up to and including `until`; in order.
#[must_use]
pub fn between<'a>(slots: &[Slot<'a>], after: &Zoned, until: &Zoned) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    for slot in slots {
        let mut at = after.clone();
        for _ in 0..MOST {
            let Ok(next) = slot.timing.cron.find_next_occurrence(&at, false) else { break };
            if next > *until || next <= at {
                break;
            }
            runs.push(Run { slot: slot.clone(), at: next.clone() });
            at = next;
        }
    }
    runs.sort_by(|a, b| {
        (&a.at, a.slot.kind, &a.slot.project.name).cmp(&(&b.at, b.slot.kind, &b.slot.project.name))
    });
    runs
}
