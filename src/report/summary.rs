//! What a person reads after a run: what failed, why and where, what was skipped because of it,
//! whom to tell, and the counts. Owns the words; the results come from the run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::look::{BAD, DIM, GOOD, STRONG, WARN};
use super::progress::word;
use super::publications::write_published;
use super::{Look, count, diagnostics, duration, joined, neutral, neutral_line, thousands};
use crate::execute::{RunResults, SchemaChange, Status, StepResult};

/// How many failures are told in full.
const FAILURES: usize = 20;
/// How many lines of what a script printed are shown.
const PRINTED: usize = 10;
/// How many skipped steps are named for each cause.
const NAMED: usize = 6;

/// What the summary can't learn from the results.
pub struct Facts<'a> {
    /// The owner of each project.
    pub owners: &'a BTreeMap<String, String>,
    /// Where a node's compiled SQL lies, relative to the platform.
    pub sql_path: &'a dyn Fn(&str) -> Option<String>,
    /// Who reads the columns that a source has lost or changed, in lines.
    pub affected: &'a dyn Fn(&SchemaChange) -> Vec<String>,
}

/// Writes the summary of a run.
pub fn write_summary(
    results: &RunResults,
    facts: &Facts,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ended =
        |statuses: &'static [Status]| results.steps.iter().filter(move |s| statuses.contains(&s.status));
    let failed: Vec<&StepResult> = ended(&[Status::Fail, Status::Error]).collect();
    for step in failed.iter().take(FAILURES) {
        write_failure(step, facts, look, out)?;
    }
    if failed.len() > FAILURES {
        writeln!(out, "and {} more failed; run_results.json has them all\n", failed.len() - FAILURES)?;
    }
    let mut told = false;
    for step in ended(&[Status::Warn]) {
        writeln!(out, "{}", headline(step, look))?;
        if let Some(remark) = step.remark() {
            write_indented(remark, look, out)?;
        }
        told = true;
    }
    told |= write_notes(ended(&[Status::Success]).filter(|s| s.load.is_some()), look, out)?;
    told |= write_drift(&results.steps, look, out)?;
    told |= write_published(results.steps.iter(), look, out)?;
    told |= write_groups(ended(&[Status::Skipped]), "skipped", look, out)?;
    told |= write_groups(ended(&[Status::Cancelled]), "stopped", look, out)?;
    if told {
        writeln!(out)?;
    }
    writeln!(out, "{}", closing(results, look))
}

fn headline(step: &StepResult, look: &Look) -> String {
    let (word, style) = word(step.status);
    let name = line(&step.node, look);
    let rows = match step.failures {
        Some(1) => ": 1 failing row".to_owned(),
        Some(n) if n > 1 => format!(": {} failing rows", thousands(n)),
        _ => String::new(),
    };
    let head = format!("{} {}", line(&step.label, look), look.paint(STRONG, &name));
    format!("{} {head}{rows}", look.paint(style, word))
}

fn write_failure(step: &StepResult, facts: &Facts, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", headline(step, look))?;
    let said = step.message.as_deref().map(str::trim).filter(|m| !m.is_empty());
    if let Some(diagnostic) = &step.diagnostic {
        diagnostics::write_one(diagnostic, look, out)?;
    }
    let told = step.diagnostic.as_ref().is_some_and(|d| said.is_some_and(|m| d.message.contains(m)));
    if let (false, Some(message)) = (told, said) {
        write_indented(message, look, out)?;
    }
    for reader in step.schema_change.iter().flat_map(|change| (facts.affected)(change)) {
        writeln!(out, "  {}", line(&reader, look))?;
    }
    if !step.messages.is_empty() {
        writeln!(out, "  before that it printed:")?;
        let from = step.messages.len().saturating_sub(PRINTED);
        if from > 0 {
            writeln!(out, "    ({} earlier)", count(from, "line"))?;
        }
        for message in &step.messages[from..] {
            writeln!(out, "    {}", look.paint(DIM, &line(message, look)))?;
        }
    }
    if let Some(path) = (facts.sql_path)(&step.node) {
        writeln!(out, "  the SQL: {}", line(&path, look))?;
    }
    if let Some(owner) = facts.owners.get(&step.project) {
        writeln!(out, "  tell {}", line(owner, look))?;
    }
    writeln!(out)
}

fn write_indented(text: &str, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    for line in neutral(&look.masker.mask(text)).lines() {
        writeln!(out, "  {}", line.trim_end())?;
    }
    Ok(())
}

/// What loads had to tell though they succeeded. Says whether there was anything to say.
fn write_notes<'a>(
    steps: impl Iterator<Item = &'a StepResult>,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut told = false;
    for step in steps {
        for message in &step.messages {
            writeln!(
                out,
                "{} {}: {}",
                look.paint(WARN, "note"),
                line(&step.node, look),
                line(message, look)
            )?;
            told = true;
        }
    }
    Ok(told)
}

/// What daily loads found that hourly ones had missed, in one line. Says whether there was any.
fn write_drift(steps: &[StepResult], look: &Look, out: &mut dyn Write) -> io::Result<bool> {
    let (mut vanished, mut differing, mut nodes) = (0, 0, Vec::new());
    for step in steps.iter().filter(|s| s.status == Status::Success) {
        let Some(load) = &step.load else { continue };
        let drift = (load.vanished.unwrap_or(0), load.differing.unwrap_or(0));
        if drift != (0, 0) {
            vanished += drift.0;
            differing += drift.1;
            nodes.push(line(&step.node, look));
        }
    }
    if nodes.is_empty() {
        return Ok(false);
    }
    let names: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let rows = |n: u64| format!("{} {}", thousands(n), if n == 1 { "row" } else { "rows" });
    let parts = [(vanished, "removed"), (differing, "corrected")];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", rows(n)));
    let parts = parts.collect::<Vec<_>>().join(" and ");
    writeln!(
        out,
        "{}: {parts} that no watermark told of, in {}",
        look.paint(WARN, "drift"),
        joined(&names, NAMED)
    )?;
    Ok(true)
}

/// `2 steps skipped because datev.pnl failed: datev.budget and datev.receivables`, for each cause in the
/// order in which it came up. Says whether there was anything to say.
fn write_groups<'a>(
    steps: impl Iterator<Item = &'a StepResult>,
    done: &str,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for step in steps {
        let cause = step.message.as_deref().map_or("", cause);
        let name = line(&step.node, look);
        match groups.iter_mut().find(|(c, _)| *c == cause) {
            Some((_, names)) => names.push(name),
            None => groups.push((cause, vec![name])),
        }
    }
    for (cause, names) in &groups {
        let because =
            if cause.is_empty() { String::new() } else { format!(" because {}", line(cause, look)) };
        let refs: Vec<&str> = names.iter().map(String::as_str).collect();
        writeln!(out, "{} {done}{because}: {}", count(names.len(), "step"), joined(&refs, NAMED))?;
    }
    Ok(!groups.is_empty())
}

/// The clause behind "because", whichever way the message begins.
fn cause(message: &str) -> &str {
    let message = message.trim().trim_end_matches('.');
    let message = message.strip_prefix("skipped").unwrap_or(message).trim_start_matches([' ', ':']);
    message.strip_prefix("because ").unwrap_or(message)
}

/// `Finished daily on dev in 3.2s: 41 built, 63 tests passed, 1 warning, 0 failed, 0 skipped`
fn closing(results: &RunResults, look: &Look) -> String {
    let counted = |status| results.count(status);
    let failed = counted(Status::Fail) + counted(Status::Error);
    let (built, passed, warned) = (counted(Status::Success), counted(Status::Pass), counted(Status::Warn));
    let published = results.steps.iter().filter(|s| s.published.is_some()).count();
    let built = built - published;
    let mut parts = Vec::new();
    if built > 0 || passed + warned == 0 {
        parts.push(format!("{} built", thousands(built)));
    }
    if published > 0 {
        let rehearsed = results.steps.iter().filter_map(|s| s.published.as_ref()).all(|p| p.rehearsed);
        parts.push(format!("{} {}", thousands(published), if rehearsed { "rehearsed" } else { "published" }));
    }
    if passed > 0 {
        parts.push(format!("{} passed", count(passed, "test")));
    }
    parts.push(count(warned, "warning"));
    parts.push(format!("{} failed", thousands(failed)));
    parts.push(format!("{} skipped", thousands(counted(Status::Skipped))));
    if counted(Status::Cancelled) > 0 {
        parts.push(format!("{} stopped", thousands(counted(Status::Cancelled))));
    }
    let (verb, join) = if results.interrupted { ("Stopped", "after") } else { ("Finished", "in") };
    let style = match (results.succeeded(), warned) {
        (true, 0) => GOOD,
        (true, _) => WARN,
        (false, _) => BAD,
    };
    let time = duration(results.duration);
    let head =
        format!("{verb} {} on {} {join} {time}", line(&results.what, look), line(&results.target, look));
    format!("{}: {}", look.paint(style, &head), parts.join(", "))
}

fn line(text: &str, look: &Look) -> String {
    neutral_line(&look.masker.mask(text)).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Facts, write_summary};
    use crate::execute::{RunResults, Status};
    use crate::report::testing::{eventful, step};
    use crate::report::{Look, Masker};

    fn shown(results: &RunResults, look: &Look) -> String {
        let owners = BTreeMap::from([
            ("sfdc".to_owned(), "sales-operations".to_owned()),
            ("datev".to_owned(), "finance".to_owned()),
        ]);
        let sql_path = |node: &str| node.starts_with("sfdc").then(|| format!("target/compiled/{node}.sql"));
        let mut out = Vec::new();
        write_summary(
            results,
            &Facts { owners: &owners, sql_path: &sql_path, affected: &|_| Vec::new() },
            look,
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn says_what_failed_and_why() {
        insta::assert_snapshot!(shown(&eventful(), &Look::plain()));
    }

    #[test]
    fn is_brief_when_all_is_well() {
        let mut good = eventful();
        good.steps.retain(|s| s.status.lets_pass() && s.status != Status::Warn);
        let closing =
            "Finished daily on dev in 3.2s: 2 built, 1 test passed, 0 warnings, 0 failed, 0 skipped\n";
        assert_eq!(shown(&good, &Look::plain()), closing);
    }

    #[test]
    fn says_when_it_was_stopped() {
        let stopped = RunResults { interrupted: true, steps: Vec::new(), ..eventful() };
        let closing = "Stopped daily on dev after 3.2s: 0 built, 0 warnings, 0 failed, 0 skipped\n";
        assert_eq!(shown(&stopped, &Look::plain()), closing);
    }

    #[test]
    fn many_failures_are_cut_short() {
        let mut many = eventful();
        many.steps = (0..50).map(|i| step(&format!("sfdc.m{i}"), "table model", Status::Error)).collect();
        let shown = shown(&many, &Look::plain());
        assert!(shown.contains("and 30 more failed;"), "{shown}");
        assert!(!shown.contains("m20\n"));
    }

    #[test]
    fn hides_secrets_and_escape_codes() {
        let look = Look { masker: Masker::new(["amont", "finance"]), ..Look::plain() };
        let shown = shown(&eventful(), &look);
        assert!(!shown.contains("amont") && !shown.contains("finance") && !shown.contains('\x1b'), "{shown}");
    }
}
