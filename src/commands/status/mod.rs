//! `goldsmith status`

mod gather;
mod json;

use std::io::Write;

use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{DataFormat, Global, StatusArgs};
use crate::nouns::Verdict;
use crate::report::{ignore_broken_pipe, status};

pub(super) fn status(global: &Global, args: &StatusArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    super::ls::tell_unread(&session)?;
    let selected = session.select(&args.nodes)?;
    let wait = std::time::Duration::try_from(args.wait).unwrap_or_default();
    let now = session.now();
    let projects = gather::projects(&session, &selected, wait, &now)?;
    let mut out = session.out.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let text = serde_json::to_string_pretty(&json::status(&projects, &now)).unwrap_or_default();
            writeln!(out, "{}", session.out.masker.mask(&text))
        }
        DataFormat::Text => status::write_status(&projects, &now, &session.out, &mut out),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(if status::worst(&projects) == Verdict::Error { Exit::Failed } else { Exit::Done })
}
