//! `goldsmith debug`

use std::io::Write;

use serde_json::json;

use super::place::Place;
use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{DataFormat, DebugArgs, Global};
use crate::report::{ignore_broken_pipe, neutral_line};
use crate::warehouse::{Finding, Health};

pub(super) fn debug(global: &Global, args: &DebugArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    super::ls::tell_unread(&session)?;
    let analysis = session.graph.analysis();
    let mut databases: Vec<String> = analysis
        .platform
        .projects
        .iter()
        .map(|p| analysis.placement.database(&p.name).to_lowercase())
        .collect();
    databases.sort();
    databases.dedup();
    let place = Place::of(&session, &analysis.target)?;
    let mut findings = vec![Finding::good(
        "target",
        format!("{}, of type {}", analysis.target.name, analysis.target.engine.word()),
    )];
    findings.extend(place.examine(session.root(), &databases));
    let mut out = session.out.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let list: Vec<_> = findings
                .iter()
                .map(|f| json!({ "what": f.what, "health": f.health.word().to_lowercase(), "said": f.said, "help": f.help }))
                .collect();
            let text = serde_json::to_string_pretty(&json!({ "findings": list })).unwrap_or_default();
            writeln!(out, "{}", session.out.masker.mask(&text))
        }
        DataFormat::Text => findings.iter().try_for_each(|f| {
            let line = |text: &str| neutral_line(&session.out.masker.mask(text)).into_owned();
            writeln!(out, "{:<4}  {}: {}", f.health.word(), line(&f.what), line(&f.said))?;
            f.help.iter().try_for_each(|help| writeln!(out, "      help: {}", line(help)))
        }),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    let is_bad = findings.iter().any(|f| f.health == Health::Bad);
    Ok(if is_bad { Exit::Failed } else { Exit::Done })
}
