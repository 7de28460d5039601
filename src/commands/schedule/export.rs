//! `goldsmith schedule export`

use super::{open, slots_of};
use crate::cli::{Global, ScheduleExportArgs, Scheduler};
use crate::commands::{CommandError, Exit, files};
use crate::schedule::export::{Place, adf, crontab, github_actions, systemd};

pub(super) fn export(global: &Global, args: &ScheduleExportArgs) -> Result<Exit, CommandError> {
    let session = open(global)?;
    let platform = &session.graph.analysis().platform;
    let slots = slots_of(&session, &args.select)?;
    if slots.is_empty() {
        return Err(CommandError::usage("no project has a schedule: there is nothing to export"));
    }
    let program = std::env::current_exe().ok().and_then(|p| p.to_str().map(str::to_owned));
    let place = Place {
        root: session.root().to_string(),
        program: program.unwrap_or_else(|| "goldsmith".to_owned()),
        target: session.graph.analysis().target.name.clone(),
    };
    let files = match args.to {
        Scheduler::Crontab => crontab(platform, &slots, &place),
        Scheduler::Systemd => systemd(platform, &slots, &place),
        Scheduler::GithubActions => github_actions(platform, &slots, &place),
        Scheduler::Adf => adf(platform, &slots, &place),
    };
    let files = files.map_err(|error| CommandError::Files(vec![*error]))?;
    files::give(args.output.as_deref(), &files, args.force, &session)
}
