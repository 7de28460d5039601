//! Asks before the init pipeline rebuilds a protected target.

use std::collections::{BTreeSet, HashSet};
use std::io::{BufRead, IsTerminal, Write};

use super::CommandError;
use super::session::Session;
use crate::graph::Index;
use crate::nouns::Pipeline;

/// Goes on at once, unless an init run would rebuild a protected target: that takes `--yes`, or the
/// target's name typed on a terminal.
pub(super) fn confirm(
    session: &Session,
    selected: &HashSet<Index>,
    pipeline: Pipeline,
    yes: bool,
) -> Result<(), CommandError> {
    let target = &session.graph.analysis().target;
    if pipeline != Pipeline::Init || !target.protected || yes {
        return Ok(());
    }
    let projects: BTreeSet<&str> =
        selected.iter().map(|i| session.graph.node(*i).node.project.as_str()).collect();
    let projects = projects.into_iter().collect::<Vec<_>>().join(", ");
    let what = format!(
        "init drops and recreates bronze, silver, views and procedures of {projects} on `{}`, a protected target",
        target.name
    );
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(CommandError::Refused(format!("{what}: say --yes if that is meant")));
    }
    let mut err = session.err.stderr();
    write!(err, "{what}.\nFinancial gold stays as it is. Type the target's name to go on: ")?;
    err.flush()?;
    drop(err);
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == target.name {
        return Ok(());
    }
    Err(CommandError::Refused("nothing was run".to_owned()))
}
