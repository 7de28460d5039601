//! `goldsmith lint`

mod baseline;
mod boundaries;
mod explain;
mod fix;
mod since;

use std::collections::HashSet;
use std::io::Write;

use super::accept::Accept;
use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, LintArgs};
use crate::lint::{Suppressed, has_errors, hold_back};
use crate::nouns::Kind;
use crate::report::diagnostics::Format;
use crate::report::{Look, Masker, count, diagnostics, ignore_broken_pipe};
use crate::words::{Code, Diagnostic};

pub(super) fn lint(global: &Global, args: &LintArgs) -> Result<Exit, CommandError> {
    if !args.explain.is_empty() {
        explain::explain(global, &args.explain, args.format)
    } else if args.write_baseline {
        baseline::write(global, args)
    } else if args.fix || args.diff {
        fix::fix(global, args)
    } else {
        show(global, args)
    }
}

/// The platform with what is found in it, as far as it was asked for.
fn find(global: &Global, args: &LintArgs) -> Result<Session, CommandError> {
    let rules = rules(&args.rule)?;
    let accept = args.baseline.as_deref().map_or(Accept::Configured, Accept::File);
    let mut session =
        Session::open_accepting(global, accept, |platform| facts(platform, "daily", None, false))?;
    if let Some(since) = args.since.as_deref().filter(|s| !s.is_empty()) {
        let told = since::changes(&session, since, global)?;
        session.diagnostics.extend(told);
    }
    if !args.nodes.select.is_empty() || !args.nodes.exclude.is_empty() {
        narrow(&mut session, args)?;
    }
    if !rules.is_empty() {
        session.diagnostics.retain(|d| rules.contains(&d.code));
        session.suppressed.retain(|s| rules.contains(&s.diagnostic.code));
    }
    Ok(session)
}

/// What is found, on standard output.
fn show(global: &Global, args: &LintArgs) -> Result<Exit, CommandError> {
    let mut session = match find(global, args) {
        Ok(session) if args.boundaries => return boundaries::boundaries(&session, args.format),
        Ok(session) => session,
        // A platform that can't be understood at all is told in the same form as everything else.
        Err(CommandError::Files(found)) => {
            let out = Look::of_stdout(global.color, Masker::default());
            return tell(&found, &[], args.format, &out);
        }
        Err(error) => return Err(error),
    };
    remark(&session, args);
    let found = hold_back(std::mem::take(&mut session.diagnostics));
    tell(&found, &session.suppressed, args.format, &session.out)
}

fn tell(
    found: &[Diagnostic],
    suppressed: &[Suppressed],
    format: Format,
    out: &Look,
) -> Result<Exit, CommandError> {
    let mut stdout = out.stdout();
    let written =
        diagnostics::write_all(found, suppressed, format, out, &mut stdout).and_then(|()| stdout.flush());
    ignore_broken_pipe(written)?;
    Ok(if has_errors(found) { Exit::Failed } else { Exit::Done })
}

/// The rules that `--rule` names.
fn rules(words: &[String]) -> Result<HashSet<Code>, CommandError> {
    let mut rules = HashSet::new();
    for word in words {
        rules.extend(explain::codes(word)?);
    }
    Ok(rules)
}

/// Leaves what is about the selected nodes, or about files of their projects that belong to no node.
fn narrow(session: &mut Session, args: &LintArgs) -> Result<(), CommandError> {
    let all = args.nodes.select.iter().chain(&args.nodes.exclude);
    if let Some(word) = all
        .flat_map(|s| s.split([' ', ',']))
        .find(|w| w.to_ascii_lowercase().starts_with("gs") && Code::named(w).is_ok())
    {
        return Err(CommandError::Usage {
            message: format!("`{word}` is a rule, and `--select` takes nodes"),
            help: Some(format!("write `--rule {word}`")),
        });
    }
    let selected = session.select(&args.nodes)?;
    let mut found = std::mem::take(&mut session.diagnostics);
    let mut suppressed = std::mem::take(&mut session.suppressed);
    let concerns = session.concerns(&selected);
    found.retain(&concerns);
    suppressed.retain(|s| concerns(&s.diagnostic));
    drop(concerns);
    (session.diagnostics, session.suppressed) = (found, suppressed);
    Ok(())
}

/// What a person wants to know beside the findings.
fn remark(session: &Session, args: &LintArgs) {
    let mut err = session.err.stderr();
    if session.mended > 0 {
        let _ = writeln!(
            err,
            "{} in the baseline {} gone: write it anew with --write-baseline",
            count(session.mended, "accepted finding"),
            if session.mended == 1 { "is" } else { "are" }
        );
    }
    let narrowed = !(args.rule.is_empty() && args.nodes.select.is_empty() && args.nodes.exclude.is_empty());
    if session.diagnostics.is_empty() && narrowed && args.format == Format::Text {
        let _ = writeln!(err, "no problems in what was asked for");
    } else if session.diagnostics.is_empty() && args.format == Format::Text {
        let graph = &session.graph;
        let nodes = graph.indices().filter(|i| graph.node(*i).node.kind() != Kind::Test).count();
        let projects = graph.analysis().platform.projects.len();
        let accepted = match session.suppressed.len() {
            0 => String::new(),
            n => format!(" ({n} accepted)"),
        };
        let _ = writeln!(
            err,
            "no problems in {}, {}{accepted}",
            count(projects, "project"),
            count(nodes, "node")
        );
    }
}
