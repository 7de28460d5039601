//! What people read of publications: one line in a run's summary, differences, the ledger itself.

mod comparison;
mod difference;
mod evidence;
mod page;

pub use comparison::{Compared, Comparison, comparison_json, write_comparison};
pub use difference::{as_json, write_difference};
pub use evidence::{
    Evidence, Standing, Verdict, evidence_json, publication_json, publication_table, verdict_json,
    write_evidence, write_verdict,
};
pub use page::page;

use std::io::{self, Write};

use super::look::{GOOD, WARN};
use super::{Look, count, neutral_line, thousands};
use crate::execute::{Published, StepResult};

/// What a run has published, a line each; of rehearsals what they would have changed. Says whether there
/// was anything to say.
pub(super) fn write_published<'a>(
    steps: impl Iterator<Item = &'a StepResult>,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut told = false;
    for published in steps.filter_map(|step| step.published.as_ref()) {
        told = true;
        for note in &published.notes {
            writeln!(out, "{} {}: {}", look.paint(WARN, "note"), published.id, neutral_line(note))?;
        }
        let word = if published.rehearsed { "rehearsed" } else { "published" };
        writeln!(
            out,
            "{} {}: {} rows in {}{}",
            look.paint(GOOD, word),
            published.id,
            thousands(published.rows),
            count(published.relations, "relation"),
            if published.rehearsed { ", all rolled back" } else { "" }
        )?;
        write_differences(published, look, out)?;
    }
    Ok(told)
}

fn write_differences(published: &Published, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    for (relation, difference) in &published.differences {
        write_difference(relation, difference, look, out)?;
    }
    Ok(())
}
