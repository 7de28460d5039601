//! `goldsmith lint --baseline FILE --write-baseline`: accepts what stands today.

use std::io::Write;

use crate::cli::{Global, LintArgs};
use crate::commands::accept::Accept;
use crate::commands::session::{Session, facts};
use crate::commands::{CommandError, Exit};
use crate::lint::{accept, has_errors};
use crate::report::diagnostics::Format;
use crate::report::{count, diagnostics};
use crate::words::{Diagnostic, write_atomically};

pub(super) fn write(global: &Global, args: &LintArgs) -> Result<Exit, CommandError> {
    if !args.rule.is_empty() || !args.nodes.select.is_empty() || !args.nodes.exclude.is_empty() {
        return Err(CommandError::usage(
            "a baseline holds all findings: leave out --select, --exclude and --rule".to_owned(),
        ));
    }
    let session =
        Session::open_accepting(global, Accept::Nothing, |platform| facts(platform, "daily", None, false))?;
    let platform = &session.graph.analysis().platform;
    let path = match (&args.baseline, &platform.lint.baseline) {
        (Some(path), _) => path.clone(),
        (None, Some((path, _))) => platform.root.join(path),
        (None, None) => {
            return Err(CommandError::Usage {
                message: "--write-baseline does not know where to write".into(),
                help: Some("add --baseline FILE, or `lint: { baseline: FILE }` to goldsmith.yml".into()),
            });
        }
    };
    let baseline = accept(&session.graph, &session.diagnostics);
    // In one go: a baseline that breaks off would accept less than it says.
    write_atomically(&path, |out| out.write_all(baseline.to_text().as_bytes()))?;
    let _ = writeln!(session.err.stderr(), "{path} accepts {}", count(baseline.len(), "finding"));
    // What can't be accepted is told all the same.
    let is_left = |d: &&Diagnostic| accept(&session.graph, std::slice::from_ref(*d)).is_empty();
    let left: Vec<Diagnostic> = session.diagnostics.iter().filter(is_left).cloned().collect();
    let mut stderr = session.err.stderr();
    diagnostics::write(&left, Format::Text, &session.err, &mut stderr)?;
    Ok(if has_errors(&left) { Exit::Failed } else { Exit::Done })
}
