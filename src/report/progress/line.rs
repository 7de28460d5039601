//! The line that tells of one event, shared by the terminal and plain lines.

use std::time::Duration;

use anstyle::Style;

use crate::execute::{LoadCounts, Status, StepResult};
use crate::report::look::{BAD, DIM, GOOD, Look, WARN};
use crate::report::{count, duration, neutral_line, thousands};

/// A message in a line is cut after so many characters; the summary has the whole.
const MESSAGE: usize = 160;

/// The word for how a step ended, and its colour.
pub fn word(status: Status) -> (&'static str, Style) {
    match status {
        Status::Success | Status::Pass => ("ok", GOOD),
        Status::Warn => ("warn", WARN),
        Status::Fail => ("FAIL", BAD),
        Status::Error => ("ERROR", BAD),
        Status::Skipped => ("skip", DIM),
        Status::Cancelled => ("stop", WARN),
    }
}

/// `ok     3/104  table model  sfdc.account  1,234 rows, 0.31s`
pub fn finished(step: &StepResult, done: usize, total: usize, look: &Look) -> String {
    let (word, style) = word(step.status);
    let width = total.to_string().len();
    let word = look.paint(style, &format!("{word:<5}"));
    let name = shown(&step.node, look);
    let label = shown(&step.label, look);
    let mut line = format!("{word}  {done:>width$}/{total}  {label:<11}  {name}");
    let facts = facts(step);
    if !facts.is_empty() {
        line.push_str("  ");
        line.push_str(&look.paint(DIM, &facts));
    }
    if let (false, Some(message)) = (matches!(step.status, Status::Success | Status::Pass), &step.message) {
        line.push_str(": ");
        line.push_str(&shown(message, look));
    }
    line
}

fn facts(step: &StepResult) -> String {
    let rows = match (step.failures, step.rows) {
        (Some(n), _) if n > 0 => {
            Some(format!("{} failing {}", thousands(n), if n == 1 { "row" } else { "rows" }))
        }
        (_, Some(n)) => Some(format!("{} {}", thousands(n), if n == 1 { "row" } else { "rows" })),
        _ => None,
    };
    let rows = rows.map(|rows| match step.load.as_ref().and_then(changes) {
        Some(changes) => format!("{rows} ({changes})"),
        None => rows,
    });
    let took = (!matches!(step.status, Status::Skipped)).then(|| duration(step.duration));
    rows.into_iter().chain(took).collect::<Vec<_>>().join(", ")
}

/// `3 inserted, 1 deleted`; nothing for a load that made its table, or that can't tell.
fn changes(load: &LoadCounts) -> Option<String> {
    if load.inserted == load.rows && load.rows != Some(0) {
        return None;
    }
    if load.changed()? == 0 {
        return Some("unchanged".to_owned());
    }
    let parts = [(load.inserted, "inserted"), (load.updated, "updated"), (load.deleted, "deleted")];
    let parts = parts
        .into_iter()
        .filter_map(|(n, word)| n.filter(|n| *n > 0).map(|n| format!("{} {word}", thousands(n))));
    Some(parts.collect::<Vec<_>>().join(", "))
}

/// `Running daily on dev: 104 steps, 4 at a time`
pub fn started(what: &str, target: &str, steps: usize, threads: usize) -> String {
    let side = if threads > 1 { format!(", {threads} at a time") } else { String::new() };
    format!("Running {what} on {target}: {}{side}", count(steps, "step"))
}

/// `1,234,000 rows so far, 411,333 a second`
pub fn arrived(rows: u64, since: Duration) -> String {
    let rate = u128::from(rows) * 1000 / since.as_millis().max(1);
    let rate = u64::try_from(rate).unwrap_or(u64::MAX);
    format!("{} rows so far, {} a second", thousands(rows), thousands(rate))
}

/// A step that begins anew.
pub fn retried(id: &str, attempt: u32, message: &str, look: &Look) -> String {
    format!(
        "{}  {}  attempt {attempt} begins: {}",
        look.paint(WARN, "retry"),
        shown(id, look),
        shown(message, look)
    )
}

/// Something that went wrong beside the steps.
pub fn warned(message: &str, look: &Look) -> String {
    format!("{}   {}", look.paint(WARN, "warn"), shown(message, look))
}

/// A wait for something outside the run.
pub fn waiting(message: &str, since: Duration, look: &Look) -> String {
    let so_far = if since.as_secs() > 0 { format!(" ({} so far)", duration(since)) } else { String::new() };
    format!("{}   {}{so_far}", look.paint(WARN, "wait"), shown(message, look))
}

/// Text from outside, harmless, without secrets, on one line, and not too long.
pub fn shown(text: &str, look: &Look) -> String {
    let masked = look.masker.mask(text);
    let line = neutral_line(masked.trim());
    match line.char_indices().nth(MESSAGE) {
        Some((cut, _)) => format!("{}...", &line[..cut]),
        None => line.into_owned(),
    }
}
