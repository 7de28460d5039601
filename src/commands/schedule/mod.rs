//! `goldsmith schedule`

mod book;
mod export;
mod health;
mod heartbeat;
mod lasted;
mod run;
mod show;

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, ScheduleCommand};
use crate::nouns::{Project, Track};
use crate::schedule::{Slot, slots};

pub(super) fn schedule(global: &Global, command: &ScheduleCommand) -> Result<Exit, CommandError> {
    match command {
        ScheduleCommand::Show(args) => show::show(global, args),
        ScheduleCommand::Run(args) => run::run(global, args),
        ScheduleCommand::Export(args) => export::export(global, args),
        ScheduleCommand::Health(args) => health::health(global, args),
    }
}

pub(super) fn open(global: &Global) -> Result<Session, CommandError> {
    Session::open(global, |platform| facts(platform, "daily", None, false))
}

/// The platform's time zone.
fn zone(session: &Session) -> TimeZone {
    TimeZone::get(&session.graph.analysis().platform.timezone).unwrap_or(TimeZone::UTC)
}

fn now(session: &Session) -> Zoned {
    jiff::Timestamp::now().to_zoned(zone(session))
}

/// The slots of the named projects, or of all.
pub(super) fn slots_of<'a>(session: &'a Session, names: &[String]) -> Result<Vec<Slot<'a>>, CommandError> {
    let financial = |project: &Project| has_financial(session, &project.name);
    Ok(slots(projects(session, names)?, financial))
}

fn has_financial(session: &Session, project: &str) -> bool {
    let nodes = session.graph.indices().map(|index| &session.graph.node(index).node);
    nodes.into_iter().any(|node| node.project == project && node.track == Some(Track::Financial))
}

/// The named projects, or all.
fn projects<'a>(session: &'a Session, names: &[String]) -> Result<Vec<&'a Project>, CommandError> {
    let all = &session.graph.analysis().platform.projects;
    for name in names {
        session.project(name)?;
    }
    Ok(all.iter().filter(|p| names.is_empty() || names.contains(&p.name)).collect())
}
