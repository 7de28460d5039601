//! Says what was proposed for a folder of scripts.

use std::collections::BTreeMap;
use std::io::Write;

use camino::Utf8Path;

use crate::cli::Global;
use crate::commands::CommandError;
use crate::commands::session::{Session, facts};
use crate::report::{Look, Table, count, ignore_broken_pipe};
use crate::scaffold::Proposal;
use crate::words::Severity;

/// Names the projects with what is in them.
pub(super) fn tell(
    look: &Look,
    folder: &Utf8Path,
    proposal: &Proposal,
    files: usize,
) -> Result<(), CommandError> {
    let mut out = look.stdout();
    let mut table = Table::new(["PROJECT", "DATABASE", "SCRIPTS", "TABLES IT IS GIVEN", "READS OF OTHERS"]);
    for project in &proposal.projects {
        table.row(vec![
            project.name.clone(),
            project.database.clone(),
            project.scripts.len().to_string(),
            project.loads.len().to_string(),
            project.crossings.len().to_string(),
        ]);
    }
    let written = writeln!(out, "Created platform in {folder}: {}", count(files, "file"))
        .and_then(|()| table.write(look, &mut out))
        .and_then(|()| {
            if proposal.passed_over > 0 {
                writeln!(out, "not taken, for want of .sql: {}", count(proposal.passed_over, "file"))?;
            }
            writeln!(out, "Look it over in PROPOSAL.md.")
        });
    ignore_broken_pipe(written)?;
    Ok(())
}

/// Counts what the lint finds, which is the work that is left.
pub(super) fn tell_findings(global: &Global, folder: &Utf8Path) -> Result<(), CommandError> {
    let there = Global { platform: Some(folder.to_owned()), target: None, color: global.color };
    let session = Session::open(&there, |platform| facts(platform, "daily", None, false))?;
    let mut codes: BTreeMap<(bool, &str, &str), usize> = BTreeMap::new();
    for found in &session.diagnostics {
        let is_warning = found.severity != Severity::Error;
        *codes.entry((is_warning, found.code.id(), found.code.name())).or_default() += 1;
    }
    let mut out = session.out.stdout();
    let mut written = writeln!(out, "The lint finds:");
    if codes.is_empty() {
        written = written.and_then(|()| writeln!(out, "  nothing"));
    }
    for ((is_warning, code, name), times) in codes {
        let what = if is_warning { "warning" } else { "error" };
        written = written.and_then(|()| writeln!(out, "  {code} {name:<22} {}", count(times, what)));
    }
    let next = [
        "goldsmith lint --boundaries                      who reads whom",
        "goldsmith lint                                   each finding, with what to do",
        "goldsmith lint --baseline lint-baseline.json --write-baseline    accept what stands today",
    ];
    written = written.and_then(|()| writeln!(out, "Next:\n  cd {folder}\n  {}", next.join("\n  ")));
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(())
}
