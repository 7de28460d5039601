//! `goldsmith schedule health`

use std::io::Write;

use jiff::{SignedDuration, Timestamp};

use super::heartbeat::Heartbeat;
use crate::cli::{Global, ScheduleHealthArgs};
use crate::commands::session::root;
use crate::commands::{CommandError, Exit};
use crate::load;
use crate::report::{Look, Masker};

pub(super) fn health(global: &Global, args: &ScheduleHealthArgs) -> Result<Exit, CommandError> {
    let root = root(global)?;
    // The settings alone: a health check comes each minute.
    let platform = load::settings(&load::Files::on_disk(&*root));
    let target = global.target.clone().or_else(|| platform.map(|p| p.default_target)).unwrap_or_default();
    let last = Heartbeat::of(&root, &target).last();
    let ago = last.map(|at| Timestamp::now().duration_since(at));
    let mut err = Look::of_stderr(global.color, Masker::default()).stderr();
    match ago {
        Some(ago) if ago <= args.within => Ok(Exit::Done),
        Some(ago) => {
            let ago = SignedDuration::from_secs(ago.as_secs());
            writeln!(err, "the clock of `{target}` gave its last sign of life {ago:#} ago")?;
            Ok(Exit::Failed)
        }
        None => {
            writeln!(err, "no clock of `{target}` runs on {root}")?;
            Ok(Exit::Failed)
        }
    }
}
