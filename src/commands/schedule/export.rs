//! `goldsmith schedule export`

use std::io::Write;

use super::{open, projects};
use crate::cli::{Global, ScheduleExportArgs, Scheduler};
use crate::commands::{CommandError, Exit};
use crate::report::ignore_broken_pipe;
use crate::schedule::export::{File, Place, adf, crontab, github_actions, systemd};
use crate::schedule::slots;

pub(super) fn export(global: &Global, args: &ScheduleExportArgs) -> Result<Exit, CommandError> {
    let session = open(global)?;
    let platform = &session.graph.analysis().platform;
    let slots = slots(projects(&session, &args.select)?);
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
    match (&args.output, files.as_slice()) {
        (Some(folder), files) => write(folder, files, args.force, &session),
        (None, [file]) => {
            let mut out = session.out.stdout();
            ignore_broken_pipe(out.write_all(file.text.as_bytes()).and_then(|()| out.flush()))?;
            Ok(Exit::Done)
        }
        (None, files) => Err(CommandError::Usage {
            message: format!("these are {} files: name a folder for them", files.len()),
            help: Some("goldsmith schedule export --to systemd --output deploy/".into()),
        }),
    }
}

/// Writes all files, or none when one of them is there.
fn write(
    folder: &camino::Utf8Path,
    files: &[File],
    force: bool,
    session: &super::Session,
) -> Result<Exit, CommandError> {
    if let Some(there) = files.iter().map(|f| folder.join(&f.name)).find(|path| !force && path.exists()) {
        return Err(CommandError::Usage {
            message: format!("`{there}` is there already, nothing was written"),
            help: Some("overwrite it with --force".into()),
        });
    }
    fs_err::create_dir_all(folder)?;
    let mut err = session.err.stderr();
    for file in files {
        fs_err::write(folder.join(&file.name), &file.text)?;
        writeln!(err, "wrote {}", folder.join(&file.name))?;
    }
    Ok(Exit::Done)
}
