//! `goldsmith lint`

mod explain;
mod fix;

use std::io::Write;

use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, LintArgs};
use crate::lint::has_errors;
use crate::report::{diagnostics, ignore_broken_pipe};

pub(super) fn lint(global: &Global, args: &LintArgs) -> Result<Exit, CommandError> {
    if !args.explain.is_empty() {
        return explain::explain(global, &args.explain, args.format);
    }
    if args.fix || args.diff {
        return fix::fix(global, args);
    }
    show(global, args)
}

/// What is found, on standard output.
fn show(global: &Global, args: &LintArgs) -> Result<Exit, CommandError> {
    let (found, out) = match Session::open(global, |platform| facts(platform, "daily", None, false)) {
        Ok(session) => (session.diagnostics, session.out),
        // A platform that can't be understood at all is told in the same form as everything else.
        Err(CommandError::Files(found)) => {
            (found, crate::report::Look::of_stdout(global.color, crate::report::Masker::default()))
        }
        Err(error) => return Err(error),
    };
    let mut stdout = out.stdout();
    let written = diagnostics::write(&found, args.format, &out, &mut stdout).and_then(|()| stdout.flush());
    ignore_broken_pipe(written)?;
    Ok(if has_errors(&found) { Exit::Failed } else { Exit::Done })
}
