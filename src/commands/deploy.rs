//! `goldsmith deploy`

use std::collections::BTreeSet;
use std::io::Write;

use camino::Utf8Path;

use super::schedule::{open, slots_of};
use super::session::Session;
use super::{CommandError, Exit, files};
use crate::cli::{DeployArgs, Deployer, Global};
use crate::schedule::deploy::{Deployment, compose, dockerfile, kubernetes, terraform};
use crate::schedule::export::File;

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
    let deployment = Deployment::new(&analysis.platform, &analysis.target, &slots, asked(&session));
    let files = match args.to {
        Deployer::Dockerfile => Ok(dockerfile(&deployment)),
        Deployer::Compose => Ok(compose(&deployment)),
        Deployer::Kubernetes => kubernetes(&deployment),
        Deployer::Terraform => terraform(&deployment),
    };
    let files = files.map_err(|error| CommandError::Files(vec![*error]))?;
    match &args.output {
        Some(folder) if args.check => check(folder, &files, &session),
        output => files::give(output.as_deref(), &files, args.force, &session),
    }
}

/// The environment variables that the platform's files ask for, beside goldsmith's own.
fn asked(session: &Session) -> BTreeSet<String> {
    let platform = &session.graph.analysis().platform;
    let projects = platform.projects.iter().flat_map(|project| {
        let own = std::iter::once(&project.file).chain(&project.yaml).chain(&project.macros);
        own.chain(project.nodes.iter().map(|node| &node.file))
    });
    std::iter::once(&platform.file).chain(projects).flat_map(|file| variables(file.text())).collect()
}

/// The names in `env_var('NAME', ..)`.
fn variables(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("env_var(").skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (name, _) = rest[1..].split_once(quote)?;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then(|| name.to_owned())
    })
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

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn names_are_found() {
        let text = "{{ env_var('A') }} {{ env_var( \"B_2\", 'x') }} env_var(name) env_var('') env_var('a b')";
        assert_eq!(variables(text).collect::<Vec<_>>(), ["A", "B_2"]);
    }
}
