//! `goldsmith new project`

use std::collections::BTreeMap;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::ask::Asker;
use super::{check, made, refused, tell_lost};
use crate::cli::{Global, NewProjectArgs};
use crate::commands::session::{Session, facts};
use crate::commands::{CommandError, Exit};
use crate::config;
use crate::nouns::{Platform, Project};
use crate::report::{count, ignore_broken_pipe};
use crate::scaffold::{Answers, Dbt, LOCK_FILE, Sibling, TEMPLATE_FOLDER, Template, place};
use crate::schedule;
use crate::words::{machine, nearest};

pub(super) fn project(global: &Global, args: &NewProjectArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    let analysis = session.graph.analysis();
    let platform = &analysis.platform;
    let asker = Asker::new(&session.err, args.yes);
    let name = asker.ask("name of the source system", args.name.as_deref(), "")?;
    if name.is_empty() {
        return Err(CommandError::Usage {
            message: "the project needs a name".into(),
            help: Some("write it behind the command: goldsmith new project crm".into()),
        });
    }
    check(&name, "project")?;
    let folder = Utf8PathBuf::from(format!("projects/{name}"));
    refuse_taken(platform, &name, &folder, args.force)?;
    let source = source(&session, session.root(), args)?;
    let daily = schedule::free(&platform.projects).unwrap_or_else(|| "0 5 * * *".into());
    let owner =
        asker.ask("owner: the team that answers for it", args.owner.as_deref(), &machine::user_name())?;
    let database = asker.ask("database", args.database.as_deref(), &format!("{name}_dwh"))?;
    let timing = asker.ask("daily run, as a cron expression", args.daily.as_deref(), &daily)?;
    let description = format!("What {name} holds, as it delivers it.");
    let description = asker.ask("description", args.description.as_deref(), &description)?;
    let mut answers = Answers {
        dialect: analysis.target.engine.dialect().word().to_owned(),
        platform: platform.name.clone(),
        timezone: platform.timezone.clone(),
        more: BTreeMap::new(),
        daily: timing,
        name,
        database,
        owner,
        description,
    };
    check_answers(platform, &answers)?;
    let (files, lost) = match source {
        Source::Template(template) => {
            answers.more = variables(&template, &answers, args, &asker)?;
            (made(&template, &answers)?, None)
        }
        Source::Dbt(mut dbt) => (dbt.files(&answers), Some(dbt.told)),
    };
    place(&session.root().join(&folder), &files, args.force).map_err(|error| refused(error, &folder))?;
    let own = files.len() - usize::from(files.contains_key(Utf8Path::new(LOCK_FILE)));
    ignore_broken_pipe(tell(&session, &answers, own))?;
    if let Some(lost) = lost {
        tell_lost(global, session.root(), &folder, lost)?;
    }
    Ok(Exit::Done)
}

/// Refuses names, folders and databases that another project has, whatever their case: not every disk and
/// server tells one case from the other.
fn refuse_taken(platform: &Platform, name: &str, folder: &Utf8Path, force: bool) -> Result<(), CommandError> {
    let same = |other: &str| other.to_lowercase() == name.to_lowercase();
    let taken = platform.projects.iter().find(|p| same(&p.name) || p.folder.file_name().is_some_and(same));
    match taken {
        Some(taken) if !(force && taken.folder == folder) => Err(CommandError::Usage {
            message: format!("there is a project `{}` in `{}` already", taken.name, taken.folder),
            help: Some(if taken.folder == folder {
                "choose another name, or write over its files with --force".into()
            } else {
                "choose another name".into()
            }),
        }),
        _ => Ok(()),
    }
}

/// Refuses answers that the platform could not work with.
fn check_answers(platform: &Platform, answers: &Answers) -> Result<(), CommandError> {
    let usage = |message: String, help: &str| Err(CommandError::Usage { message, help: Some(help.into()) });
    let same = |p: &&Project| p.database.to_lowercase() == answers.database.to_lowercase();
    if let Some(owner) = platform.projects.iter().filter(|p| p.name != answers.name).find(same) {
        return usage(
            format!("the database `{}` is that of project `{}`", answers.database, owner.name),
            "each source system has a database of its own: --database NAME",
        );
    }
    if answers.database.is_empty()
        || answers.database.len() > 63
        || answers.database.contains(char::is_control)
    {
        return usage(
            format!("`{}` can't be a database's name", answers.database.escape_debug()),
            "engines take names of 1 to 63 bytes: --database NAME",
        );
    }
    if answers.owner.trim().is_empty() || answers.owner.contains(char::is_control) {
        return usage("the project needs an owner".into(), "name the team that answers for it: --owner TEAM");
    }
    config::cron(&answers.daily).map(drop).or_else(|message| usage(message, config::CRON_HELP))
}

/// What a project is made from.
enum Source {
    Template(Template),
    Dbt(Box<Dbt>),
}

fn source(session: &Session, root: &Utf8Path, args: &NewProjectArgs) -> Result<Source, CommandError> {
    if let Some(folder) = &args.from_dbt {
        return Ok(Source::Dbt(Box::new(Dbt::read(folder).map_err(CommandError::Files)?)));
    }
    template(session, root, args).map(Source::Template)
}

fn template(session: &Session, root: &Utf8Path, args: &NewProjectArgs) -> Result<Template, CommandError> {
    if let Some(from) = &args.from {
        let found = session.project(from)?;
        return Template::of_sibling(root, Sibling::new(found)).map_err(CommandError::Files);
    }
    match &args.template {
        Some(folder) => Template::of_folder(root, folder).map_err(CommandError::Files),
        None if root.join(TEMPLATE_FOLDER).is_dir() => {
            Template::of_folder(root, Utf8Path::new(TEMPLATE_FOLDER)).map_err(CommandError::Files)
        }
        None => Ok(Template::built_in()),
    }
}

/// What the template asks beside the usual.
fn variables(
    template: &Template,
    answers: &Answers,
    args: &NewProjectArgs,
    asker: &Asker<'_>,
) -> Result<BTreeMap<String, String>, CommandError> {
    let known: Vec<&str> = template.variables.keys().map(String::as_str).collect();
    if let Some(own) = known.iter().find(|name| !answers.is_free(name)) {
        return Err(CommandError::Usage {
            message: format!("template.yml has a variable `{own}`, which every template has"),
            help: Some("choose another name for it".into()),
        });
    }
    if let Some((unknown, _)) = args.set.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        let help = match nearest(unknown, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "`variables:` of template/template.yml would name them".into(),
            None => format!("it asks: {}", known.join(", ")),
        };
        return Err(CommandError::Usage {
            message: format!("the template asks no `{unknown}`"),
            help: Some(help),
        });
    }
    let mut more = BTreeMap::new();
    for (name, usual) in &template.variables {
        let given = args.set.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        more.insert(name.clone(), asker.ask(name, given, usual)?);
    }
    Ok(more)
}

fn tell(session: &Session, answers: &Answers, files: usize) -> std::io::Result<()> {
    let mut out = session.out.stdout();
    let name = &answers.name;
    writeln!(out, "Created project `{name}` in projects/{name}: {}", count(files, "file"))?;
    for (what, value) in
        [("owner", &answers.owner), ("database", &answers.database), ("daily", &answers.daily)]
    {
        writeln!(out, "  {what:<9} {value}")?;
    }
    writeln!(out, "Next:\n  goldsmith lint\n  goldsmith run --select {name}")?;
    if session.root().join(".github/CODEOWNERS").is_file() {
        writeln!(out, "  goldsmith owners --write")?;
    }
    if session.root().join("compose.yaml").is_file() {
        writeln!(out, "  goldsmith deploy --to compose --output . --force")?;
    }
    out.flush()
}
