//! `goldsmith new platform`

use std::collections::BTreeMap;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::ask::Asker;
use super::{check, made, proposed, refused, tell_lost};
use crate::cli::{Global, NewPlatformArgs};
use crate::commands::{CommandError, Exit};
use crate::report::schema::{Described, EDITOR, FOLDER, schema};
use crate::report::{Look, Masker, WorkflowPlace, count, ignore_broken_pipe, workflow};
use crate::scaffold::{self, Answers, Dbt, Files, Proposal, Template, near_name, place};
use crate::schedule::deploy::{Deployment, compose, dockerfile};
use crate::words::machine;
use crate::{load, schedule};

/// The target of a new platform.
const TARGET: &str = "dev";

pub(super) fn platform(global: &Global, args: &NewPlatformArgs) -> Result<Exit, CommandError> {
    let (out, err) =
        (Look::of_stdout(global.color, Masker::default()), Look::of_stderr(global.color, Masker::default()));
    let folder = &args.folder;
    let Some(name) = folder.file_name() else {
        return Err(CommandError::Usage {
            message: format!("`{folder}` names no folder to make"),
            help: Some("write a name: goldsmith new platform acme".into()),
        });
    };
    check(name, "platform")?;
    let asker = Asker::new(&err, args.yes);
    let first = First::read(args, name)?;
    let source = match &first {
        First::Sample => asker.ask("the first source system", args.source.as_deref(), "sample")?,
        First::Dbt(dbt) => {
            asker.ask("the first source system", args.source.as_deref(), &near_name(&dbt.name))?
        }
        First::Scripts(proposal) => proposal.projects.first().map(|p| p.name.clone()).unwrap_or_default(),
    };
    check(&source, "project")?;
    let owner =
        asker.ask("owner: the team that answers for it", args.owner.as_deref(), &machine::user_name())?;
    let here = jiff::tz::TimeZone::system();
    let timezone = asker.ask("time zone", args.timezone.as_deref(), here.iana_name().unwrap_or("UTC"))?;
    if jiff::tz::TimeZone::get(&timezone).is_err() {
        return Err(CommandError::Usage {
            message: format!("there is no time zone `{}`", timezone.escape_debug()),
            help: Some("write its IANA name, such as Europe/Berlin: --timezone NAME".into()),
        });
    }
    let answers = Answers {
        database: format!("{source}_dwh"),
        description: format!("What {source} holds, as it delivers it."),
        daily: "0 5 * * *".into(),
        dialect: "duckdb".into(),
        platform: name.to_owned(),
        more: BTreeMap::new(),
        name: source,
        owner,
        timezone,
    };
    let below = Utf8PathBuf::from(format!("projects/{}", answers.name));
    let in_repository = is_in_repository(folder)?;
    let write = |folder_of: &Utf8Path, project: Files, page: Option<String>| {
        let mut files = files(&answers, (folder_of, project), in_repository)?;
        files.extend(page.map(|page| ("PROPOSAL.md".into(), page.into_bytes())));
        add_containers(folder, &mut files);
        place(folder, &files, args.force).map_err(|error| refused(error, folder))?;
        Ok::<usize, CommandError>(files.len())
    };
    match first {
        First::Sample => {
            let count = write(&below, made(&Template::built_in(), &answers)?, None)?;
            ignore_broken_pipe(tell(&out, folder, &answers, count))?;
        }
        First::Dbt(mut dbt) => {
            let count = write(&below, dbt.files(&answers), None)?;
            ignore_broken_pipe(tell(&out, folder, &answers, count))?;
            tell_lost(global, folder, &below, dbt.told)?;
        }
        First::Scripts(proposal) => {
            let daily = |nth: usize| format!("{} {} * * *", nth % 2 * 30, (5 + nth / 2) % 24);
            let project = proposal.files(&answers.owner, daily);
            let count = write(Utf8Path::new("projects"), project, Some(proposal.page()))?;
            proposed::tell(&out, folder, &proposal, count)?;
            proposed::tell_findings(global, folder)?;
        }
    }
    Ok(Exit::Done)
}

/// What the platform begins with.
enum First {
    Sample,
    Dbt(Box<Dbt>),
    Scripts(Box<Proposal>),
}

impl First {
    fn read(args: &NewPlatformArgs, name: &str) -> Result<Self, CommandError> {
        if let Some(folder) = &args.from_dbt {
            return Ok(Self::Dbt(Box::new(Dbt::read(folder).map_err(CommandError::Files)?)));
        }
        let Some(folder) = &args.from_scripts else { return Ok(Self::Sample) };
        let usual = format!("{}_dwh", near_name(name));
        let proposal = Proposal::read(folder, args.dialect, &usual).map_err(CommandError::Files)?;
        Ok(Self::Scripts(Box::new(proposal)))
    }
}

fn files(
    answers: &Answers,
    (folder, project): (&Utf8Path, Files),
    is_in_repository: bool,
) -> Result<Files, CommandError> {
    let mut files = scaffold::Platform::files(answers).map_err(CommandError::Files)?;
    files.extend(project.into_iter().map(|(path, bytes)| (folder.join(path), bytes)));
    for of in Described::ALL {
        files.insert(Utf8Path::new(FOLDER).join(of.file()), schema(of).into());
    }
    files.insert(".vscode/settings.json".into(), EDITOR.into());
    if !is_in_repository {
        let place = WorkflowPlace { branch: "main", below: "", dry: TARGET, target: TARGET };
        files.insert(".github/workflows/changes.yml".into(), workflow(&place).into_bytes());
    }
    Ok(files)
}

/// Adds what builds and runs it in containers, made of the platform as it will be.
fn add_containers(folder: &Utf8Path, files: &mut Files) {
    let mut there = load::Files::on_disk(folder);
    for (path, bytes) in files.iter() {
        if let Ok(text) = std::str::from_utf8(bytes) {
            there.lay(path.clone(), text);
        }
    }
    let (Some(platform), _) = load::load(&there) else { return };
    let Some(target) = platform.targets.get(TARGET) else { return };
    let slots = schedule::slots(&platform.projects, |_| true);
    let Ok(deployment) = Deployment::new(&platform, target, &slots) else { return };
    for file in dockerfile(&deployment).into_iter().chain(compose(&deployment)) {
        files.entry(file.name.into()).or_insert(file.text.into_bytes());
    }
}

/// Whether the new folder would lie in a repository, whose workflows have another place.
fn is_in_repository(folder: &Utf8Path) -> std::io::Result<bool> {
    let absolute = std::path::absolute(folder)?;
    Ok(absolute.ancestors().skip(1).any(|above| above.join(".git").exists()))
}

fn tell(out: &Look, folder: &Utf8Path, answers: &Answers, files: usize) -> std::io::Result<()> {
    let mut out = out.stdout();
    let (platform, source) = (&answers.platform, &answers.name);
    writeln!(
        out,
        "Created platform `{platform}` in {folder} with the source `{source}`: {}",
        count(files, "file")
    )?;
    writeln!(out, "Next:\n  cd {folder}\n  goldsmith run\n  goldsmith new project NAME\n  git init")?;
    out.flush()
}
