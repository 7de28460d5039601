//! `goldsmith test`

use super::run::{carry_out, settings};
use super::session::{Session, facts};
use super::warehouse::{Purpose, missing, open};
use super::{CommandError, Exit, earlier};
use crate::analysis::Facts;
use crate::cli::{Global, TestArgs};
use crate::nouns::Pipeline;
use crate::plan::{self, Options};

pub(super) fn test(global: &Global, args: &TestArgs) -> Result<Exit, CommandError> {
    let mut known = Facts::default();
    let session = Session::open(global, |platform| {
        known = facts(platform, "test", args.date, false);
        known.clone()
    })?;
    let options = Options {
        pipeline: Pipeline::Daily,
        tests_only: true,
        full_refresh: false,
        no_load: true,
        publishes: true,
        past: std::collections::BTreeMap::new(),
        now: None,
        release: plan::Release::default(),
    };
    let mut selected = session.select(&args.nodes)?;
    selected.retain(|i| options.includes(&session.graph, *i));
    session.refuse_errors(&selected)?;
    let wait = std::time::Duration::try_from(args.wait).unwrap_or_default();
    let opened = open(&session, &selected, Purpose::Look, wait)?;
    let placement = &session.graph.analysis().placement;
    for index in &selected {
        let database = placement.database(&session.graph.node(*index).node.project);
        if !opened.catalog.has_database(database) {
            return Err(missing(database));
        }
    }
    let plan =
        plan::build(&session.graph, &selected, &opened.catalog, &options).map_err(CommandError::Files)?;
    earlier::tell_overwritten(&session, &args.nodes);
    let settings = settings(&session, &args.execute, &known, "test", false);
    Ok(carry_out(&session, &plan, &opened, &settings, &args.execute).exit)
}
