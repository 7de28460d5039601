//! `goldsmith lint --since REV`: what others import, compared with an earlier state of the platform.

use crate::cli::Global;
use crate::commands::CommandError;
use crate::commands::before::Before;
use crate::commands::session::Session;
use crate::lint::{State, at_level, behind_imports, public_changes};
use crate::words::Diagnostic;

/// What is told of changes since `since`. Nothing where there was no platform then.
pub(super) fn changes(
    session: &Session,
    since: &str,
    global: &Global,
) -> Result<Vec<Diagnostic>, CommandError> {
    let Some(before) = Before::at(since, session, global)?.session else { return Ok(Vec::new()) };
    let (now, then) = (columns(session), columns(&before));
    let now = State { graph: &session.graph, columns: &now };
    let then = State { graph: &before.graph, columns: &then };
    Ok(at_level(&session.graph, public_changes(&now, &then, since)))
}

fn columns(session: &Session) -> crate::lineage::Platform {
    session.lineage(&behind_imports(&session.graph))
}
