//! `goldsmith lint`

mod baseline;
mod boundaries;
mod explain;

use std::collections::HashSet;
use std::io::Write;

use super::accept::Accept;
use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, LintArgs};
use crate::lint::{Suppressed, has_errors};
use crate::nouns::Kind;
use crate::report::diagnostics::Format;
use crate::report::{Look, Masker, count, diagnostics, ignore_broken_pipe};
use crate::words::{Code, Diagnostic};

pub(super) fn lint(global: &Global, args: &LintArgs) -> Result<Exit, CommandError> {
    if !args.explain.is_empty() {
        return explain::explain(global, &args.explain, args.format);
    }
    let rules = rules(&args.rule)?;
    if args.write_baseline {
        return baseline::write(global, args);
    }
    let accept = args.baseline.as_deref().map_or(Accept::Configured, Accept::File);
    let opened = Session::open_accepting(global, accept, |platform| facts(platform, "daily", None, false));
    let mut session = match opened {
        Ok(session) if args.boundaries => return boundaries::boundaries(&session, args.format),
        Ok(session) => session,
        // A platform that can't be understood at all is told in the same form as everything else.
        Err(CommandError::Files(found)) => {
            let out = Look::of_stdout(global.color, Masker::default());
            return tell(&found, &[], args.format, &out);
        }
        Err(error) => return Err(error),
    };
    let mut found = std::mem::take(&mut session.diagnostics);
    let mut suppressed = std::mem::take(&mut session.suppressed);
    if !args.nodes.select.is_empty() || !args.nodes.exclude.is_empty() {
        narrow(&session, args, &mut found, &mut suppressed)?;
    }
    if !rules.is_empty() {
        found.retain(|d| rules.contains(&d.code));
        suppressed.retain(|s| rules.contains(&s.diagnostic.code));
    }
    if args.format == Format::Text {
        remark(&session, &found, &suppressed);
    }
    tell(&found, &suppressed, args.format, &session.out)
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
fn narrow(
    session: &Session,
    args: &LintArgs,
    found: &mut Vec<Diagnostic>,
    suppressed: &mut Vec<Suppressed>,
) -> Result<(), CommandError> {
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
    let concerns = session.concerns(&selected);
    found.retain(&concerns);
    suppressed.retain(|s| concerns(&s.diagnostic));
    Ok(())
}

/// What a person wants to know beside the findings.
fn remark(session: &Session, found: &[Diagnostic], suppressed: &[Suppressed]) {
    let mut err = session.err.stderr();
    if session.mended > 0 {
        let _ = writeln!(
            err,
            "{} in the baseline {} gone: write it anew with --write-baseline",
            count(session.mended, "accepted finding"),
            if session.mended == 1 { "is" } else { "are" }
        );
    }
    if found.is_empty() {
        let graph = &session.graph;
        let nodes = graph.indices().filter(|i| graph.node(*i).node.kind() != Kind::Test).count();
        let projects = graph.analysis().platform.projects.len();
        let accepted = match suppressed.len() {
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
