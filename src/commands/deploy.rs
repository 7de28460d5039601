//! `goldsmith deploy`

use std::io::Write;

use camino::Utf8Path;

use super::schedule::{open, slots_of};
use super::session::Session;
use super::{CommandError, Exit, files};
use crate::cli::{DeployArgs, Deployer, Global};
use crate::schedule::deploy::{Deployment, compose, dockerfile, kubernetes, terraform};
use crate::schedule::export::File;
use crate::words::Diagnostic;

pub(super) fn deploy(global: &Global, args: &DeployArgs) -> Result<Exit, CommandError> {
    let session = open(global)?;
    let analysis = session.graph.analysis();
    let slots = slots_of(&session, &args.select)?;
    if slots.is_empty() && args.to != Deployer::Dockerfile {
        return Err(CommandError::Usage {
            message: "no project has a schedule: there is nothing to deploy".into(),
            help: Some("add `schedule: { daily: \"0 5 * * *\" }` to a project.yml".into()),
        });
    }
    let refused = |error: Box<Diagnostic>| CommandError::Files(vec![*error]);
    let deployment = Deployment::new(&analysis.platform, &analysis.target, &slots).map_err(refused)?;
    let files = match args.to {
        Deployer::Dockerfile => Ok(dockerfile(&deployment)),
        Deployer::Compose => Ok(compose(&deployment)),
        Deployer::Kubernetes => kubernetes(&deployment),
        Deployer::Terraform => terraform(&deployment),
    };
    let files = files.map_err(refused)?;
    match &args.output {
        Some(folder) if args.check => check(folder, &files, &session),
        output => files::give(output.as_deref(), &files, args.force, &session),
    }
}

/// Says which files are not as they would be written.
fn check(folder: &Utf8Path, files: &[File], session: &Session) -> Result<Exit, CommandError> {
    let mut err = session.err.stderr();
    let mut exit = Exit::Done;
    for file in files {
        let path = folder.join(&file.name);
        let problem = match fs_err::read_to_string(&path) {
            Ok(text) if text == file.text => continue,
            Ok(_) => "is not as the platform says now",
            Err(_) => "is not there",
        };
        writeln!(err, "`{path}` {problem}: write it with --force")?;
        exit = Exit::Failed;
    }
    Ok(exit)
}
