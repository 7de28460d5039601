//! `goldsmith lint --fix` and `--diff`: carries out, or shows, what the lint plans.

mod apply;

use std::io::{self, Write};

use camino::Utf8Path;

use super::super::session::Session;
use super::super::{CommandError, Exit};
use crate::cli::{Global, LintArgs};
use crate::lint::fix::{self, ByHand, Plan};
use crate::report::{Look, count, diff, ignore_broken_pipe, neutral_line};
use crate::words::{Edit, changes};

pub(super) fn fix(global: &Global, args: &LintArgs) -> Result<Exit, CommandError> {
    let session = match super::find(global, args) {
        Ok(session) => session,
        // A platform that can't be understood at all has nothing to fix, and all to tell.
        Err(CommandError::Files(_)) => return super::show(global, args),
        Err(error) => return Err(error),
    };
    let plan = fix::plan(&session.graph, &session.diagnostics);
    let mut err = session.err.stderr();
    if args.diff {
        ignore_broken_pipe(show(&plan, &session.out))?;
        tell_by_hand(&plan.by_hand, &session.err, &mut err)?;
        let nothing = plan.edits.is_empty() && plan.by_hand.is_empty();
        return Ok(if nothing { Exit::Done } else { Exit::Failed });
    }
    carry_out(&session, &plan, &mut err)?;
    tell_by_hand(&plan.by_hand, &session.err, &mut err)?;
    drop(session);
    super::show(global, args)
}

/// What would be written, on standard output.
fn show(plan: &Plan, out: &Look) -> io::Result<()> {
    let mut stdout = out.stdout();
    for change in changes(&plan.edits) {
        diff::write(&change, out, &mut stdout)?;
    }
    stdout.flush()
}

/// Writes the files, those with imports first: without its imports a project stays as it is.
fn carry_out(session: &Session, plan: &Plan, err: &mut dyn Write) -> io::Result<()> {
    let is_import = |path: &Utf8Path| plan.imports.iter().any(|i| i.file.as_deref() == Some(path));
    let (imports, others): (Vec<_>, Vec<_>) =
        changes(&plan.edits).into_iter().partition(|c| is_import(c.file.path()));
    let prepared: Vec<_> =
        imports.iter().chain(&others).map(|c| (c, apply::prepare(session.root(), c))).collect();
    let mut kept: Vec<Option<&str>> = Vec::new();
    for (change, prepared) in prepared {
        let path = change.file.path();
        let shown = neutral_line(path.as_str()).into_owned();
        let project = session.project_of(path);
        if kept.contains(&project) {
            writeln!(err, "not written: {shown}: its imports could not be written")?;
            continue;
        }
        match prepared.and_then(apply::Prepared::write) {
            Err(why) => {
                writeln!(err, "not written: {shown}: {}", neutral_line(&why))?;
                if is_import(path) {
                    kept.push(project);
                }
            }
            Ok(()) if is_import(path) => {
                for import in plan.imports.iter().filter(|i| i.file.as_deref() == Some(path)) {
                    let (name, origin) = (neutral_line(&import.name), neutral_line(&import.origin));
                    writeln!(err, "fixed: {shown}: imports {origin} as {name}")?;
                }
            }
            Ok(()) => writeln!(err, "fixed: {shown}: {}", count(change.edits.len(), "edit"))?,
        }
    }
    Ok(())
}

/// What is left to people: each place with what to do, and for each file its edits and a diff.
fn tell_by_hand(by_hand: &[ByHand], look: &Look, err: &mut dyn Write) -> io::Result<()> {
    for one in by_hand {
        let at = one.file.position(one.span.start);
        let why = look.masker.mask(&one.why);
        let path = neutral_line(one.file.path().as_str());
        writeln!(err, "{path}:{}:{}: {}", at.line, at.column, neutral_line(&why))?;
    }
    let edits: Vec<Edit> = by_hand.iter().flat_map(|one| one.edits.iter().cloned()).collect();
    for change in changes(&edits) {
        let path = neutral_line(change.file.path().as_str());
        for (span, new) in &change.edits {
            let at = change.file.position(span.start);
            let old = change.file.text().get(span.start..span.end).unwrap_or_default();
            let (old, new) = (look.masker.mask(old), look.masker.mask(new));
            let (old, new) = (neutral_line(&old), neutral_line(&new));
            writeln!(err, "{path}:{}:{}: `{old}` -> `{new}`", at.line, at.column)?;
        }
        diff::write(&change, look, err)?;
    }
    Ok(())
}
