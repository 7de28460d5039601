//! `goldsmith workflow`

use std::io::Write;

use super::git::Git;
use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, WorkflowArgs};
use crate::nouns::{Platform, Target};
use crate::report::{WorkflowPlace, ignore_broken_pipe, workflow as text};
use crate::words::Dialect;

pub(super) fn workflow(global: &Global, args: &WorkflowArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    let analysis = session.graph.analysis();
    let dry = dry(&analysis.platform, args.dry_run.as_deref())?;
    // Outside of a repository the platform's folder is taken to be one.
    let below = Git(session.root()).told(&["rev-parse", "--show-prefix"]).unwrap_or_default();
    let place = WorkflowPlace {
        branch: &args.branch,
        below: below.trim_end_matches('/'),
        dry,
        target: &analysis.target.name,
    };
    let mut out = session.out.stdout();
    ignore_broken_pipe(out.write_all(text(&place).as_bytes()).and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// The DuckDB target of the dry run: the one that is named, else the default one, else the first.
fn dry<'a>(platform: &'a Platform, named: Option<&str>) -> Result<&'a str, CommandError> {
    let is_duckdb = |target: &&Target| target.engine.dialect() == Dialect::DuckDb;
    let targets: Vec<&Target> = platform.targets.values().filter(is_duckdb).collect();
    let find = |name: &str| targets.iter().find(|t| t.name == name).map(|t| t.name.as_str());
    let usage = |message: String| CommandError::Usage {
        message,
        help: Some("add one to `targets:` of goldsmith.yml: dry: { type: duckdb, path: warehouse }".into()),
    };
    match named {
        Some(name) => find(name).ok_or_else(|| usage(format!("there is no DuckDB target `{name}`"))),
        None => find(&platform.default_target)
            .or_else(|| targets.first().map(|t| t.name.as_str()))
            .ok_or_else(|| usage("there is no DuckDB target for the dry run".into())),
    }
}
