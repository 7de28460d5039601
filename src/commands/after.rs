//! Runs the program that `publications: { after: [..] }` names, for each publication that was committed:
//! to refresh a report, say. What becomes of it never changes how the run ended.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::session::Session;
use crate::execute::{Process, RunResults};

/// How long such a program may take.
const LIMIT: Duration = Duration::from_mins(1);
/// How often one looks whether it has ended.
const LOOK: Duration = Duration::from_millis(50);

/// Runs the programs, and tells on standard error what went wrong.
pub(super) fn after(session: &Session, results: &RunResults) {
    let platform = &session.graph.analysis().platform;
    for step in &results.steps {
        let Some(published) = step.published.as_ref().filter(|p| !p.rehearsed) else { continue };
        let project = platform.projects.iter().find(|p| p.name == step.project);
        let settings = project.map(|p| p.publications.over(&platform.publications));
        let Some(program) = settings.and_then(|s| s.after) else { continue };
        let [name, arguments @ ..] = program.as_slice() else { continue };
        let folder = project.map_or_else(|| session.root().to_owned(), |p| session.root().join(&p.folder));
        let name = if name.contains('/') { folder.join(name).into_string() } else { name.clone() };
        let mut command = Command::new(name);
        command
            .args(arguments)
            .current_dir(&folder)
            .env("GOLDSMITH_PUBLICATION", &published.id)
            .env("GOLDSMITH_PROJECT", &step.project)
            .env("GOLDSMITH_TARGET", &results.target)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Err(problem) = carry_out(&mut command) {
            let told = format!(
                "warning: {} is published, but the program behind it (`after`) {problem}",
                published.id
            );
            let _ = writeln!(session.err.stderr(), "{}", session.err.masker.mask(&told));
        }
    }
}

fn carry_out(command: &mut Command) -> Result<(), String> {
    let began = Instant::now();
    let mut process = Process::start(command).map_err(|error| format!("could not be started: {error}"))?;
    loop {
        match process.ended() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("failed: {status}")),
            Ok(None) if began.elapsed() > LIMIT => {
                process.end();
                return Err("was ended: it took longer than a minute".into());
            }
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => return Err(format!("is out of sight: {error}")),
        }
    }
}
