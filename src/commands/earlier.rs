//! What `--select` and `--exclude` say, with the earlier state and results that they compare with.

use std::io::Write;

use camino::Utf8Path;

use super::CommandError;
use super::manifest::TARGET;
use super::session::Session;
use crate::cli::SelectArgs;
use crate::report::artifacts::{Unreadable, read_results, read_state};
use crate::select::{Earlier, Method, Selection};

/// The selection of the arguments. Files of an earlier call are read only if it asks for them.
///
/// # Errors
/// A file that is asked for is missing or can't be compared with.
pub(super) fn selection(session: &Session, args: &SelectArgs) -> Result<Selection, CommandError> {
    let mut selection =
        Selection { select: args.select.clone(), exclude: args.exclude.clone(), earlier: Earlier::default() };
    let own = session.root().join(TARGET);
    if let Some(folder) = args.state.as_deref().filter(|_| selection.asks(&Method::State)) {
        selection.earlier.state = Some(read_state(folder)?);
    }
    if selection.asks(&Method::Result) {
        let folder = args.state.as_deref().unwrap_or(&own);
        selection.earlier.results = Some(read_results(folder)?);
    }
    Ok(selection)
}

/// Says that a command is about to overwrite the very state that it compared with.
pub(super) fn tell_overwritten(session: &Session, args: &SelectArgs) {
    let Some(folder) = &args.state else { return };
    let asks =
        Selection { select: args.select.clone(), exclude: args.exclude.clone(), ..Selection::default() }
            .asks(&Method::State);
    if asks && is_same(folder, &session.root().join(TARGET)) {
        let _ = writeln!(
            session.err.stderr(),
            "warning: `{folder}` is the state to compare with, and this call writes its own state there: what \
             does not succeed now will not count as modified next time. Keep a copy, or select \
             `state:modified result:error result:skipped`"
        );
    }
}

fn is_same(one: &Utf8Path, other: &Utf8Path) -> bool {
    match (one.canonicalize_utf8(), other.canonicalize_utf8()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

impl From<Unreadable> for CommandError {
    fn from(error: Unreadable) -> Self {
        Self::Usage { message: error.to_string(), help: Some(error.help) }
    }
}
