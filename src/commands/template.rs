//! `goldsmith template`

use std::collections::BTreeMap;
use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::git::Git;
use super::new::refused;
use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, TemplateCommand, TemplateDiffArgs, TemplateInitArgs, TemplateUpdateArgs};
use crate::nouns::Project;
use crate::report::{count, diff, ignore_broken_pipe};
use crate::scaffold::{
    self, LOCK_FILE, Lock, Merged, Origin, Outcome, Sibling, TEMPLATE_FOLDER, Template, built_in_template,
    place,
};
use crate::words::{Code, Diagnostic, Edit, Encoding, SourceFile, Span, changes};

pub(super) fn template(global: &Global, command: &TemplateCommand) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    match command {
        TemplateCommand::Init(args) => init(&session, args),
        TemplateCommand::Diff(args) => show(&session, args),
        TemplateCommand::Update(args) => update(&session, args),
    }
}

fn init(session: &Session, args: &TemplateInitArgs) -> Result<Exit, CommandError> {
    let folder = Utf8Path::new(TEMPLATE_FOLDER);
    let files = built_in_template();
    place(&session.root().join(folder), &files, args.force).map_err(|error| refused(error, folder))?;
    let mut out = session.out.stdout();
    let told = writeln!(
        out,
        "Wrote {} into {folder}/; `goldsmith new project` makes projects of them from now on",
        count(files.len(), "file")
    );
    ignore_broken_pipe(told)?;
    Ok(Exit::Done)
}

/// A project that was made from a template, and what the template says of it now.
struct Made<'a> {
    project: &'a Project,
    lock: Lock,
    now: Lock,
    merged: Vec<Merged>,
}

impl Made<'_> {
    fn folder(&self, session: &Session) -> Utf8PathBuf {
        session.root().join(&self.project.folder)
    }

    fn is_current(&self) -> bool {
        self.lock == self.now
    }
}

fn show(session: &Session, args: &TemplateDiffArgs) -> Result<Exit, CommandError> {
    let all = made(session, &args.projects)?;
    let mut out = session.out.stdout();
    let mut shown = Ok(());
    for made in &all {
        for merged in &made.merged {
            shown = shown.and_then(|()| show_one(session, made, merged, &mut out));
        }
    }
    ignore_broken_pipe(shown.and_then(|()| out.flush()))?;
    let is_behind = all.iter().any(|made| !made.is_current());
    Ok(if args.check && is_behind { Exit::Failed } else { Exit::Done })
}

fn show_one(session: &Session, made: &Made<'_>, merged: &Merged, out: &mut dyn Write) -> io::Result<()> {
    let path = made.project.folder.join(&merged.path);
    let old = fs_err::read(session.root().join(&path)).unwrap_or_default();
    let new: &[u8] = match &merged.outcome {
        Outcome::Taken(new) | Outcome::Merged(new) | Outcome::Conflict(new) => new,
        Outcome::Removed => return writeln!(out, "{path}: the template has dropped it"),
        Outcome::Kept(why) => return writeln!(out, "{path}: it stays as it is: {why}"),
    };
    let (Ok(old), Ok(new)) = (std::str::from_utf8(&old), std::str::from_utf8(new)) else {
        return writeln!(out, "{path}: other bytes");
    };
    let source = SourceFile::new(path, old, Encoding::Utf8);
    let creates = old.is_empty();
    let edit = Edit { creates, ..Edit::new(&source, Span::new(0, old.len()), new) };
    changes(&[edit]).iter().try_for_each(|change| diff::write(change, &session.out, out))
}

fn update(session: &Session, args: &TemplateUpdateArgs) -> Result<Exit, CommandError> {
    let all = made(session, &args.projects)?;
    let behind: Vec<&Made<'_>> = all.iter().filter(|made| !made.is_current()).collect();
    if !args.force {
        behind.iter().try_for_each(|made| refuse_uncommitted(session, made.project))?;
    }
    let mut out = session.out.stdout();
    let mut conflicts = 0;
    for made in &behind {
        let folder = made.folder(session);
        let name = &made.project.name;
        for Merged { path, outcome } in &made.merged {
            let shown = made.project.folder.join(path);
            let (word, done) = match outcome {
                Outcome::Taken(bytes) => ("taken", scaffold::replace(&folder, path, bytes)),
                Outcome::Merged(bytes) => ("merged", scaffold::replace(&folder, path, bytes)),
                Outcome::Conflict(bytes) => {
                    conflicts += 1;
                    ("CONFLICT", scaffold::replace(&folder, path, bytes))
                }
                Outcome::Removed => ("removed", scaffold::remove(&folder, path)),
                Outcome::Kept(why) => {
                    ignore_broken_pipe(writeln!(out, "kept      {shown}: {why}"))?;
                    continue;
                }
            };
            done.map_err(|error| refused(error, &shown))?;
            ignore_broken_pipe(writeln!(out, "{word:<9} {shown}"))?;
        }
        // Last: as long as it is the old one, the same can be done again.
        let lock = made.now.write();
        scaffold::replace(&folder, Utf8Path::new(LOCK_FILE), lock.as_bytes())
            .map_err(|error| refused(error, &made.project.folder.join(LOCK_FILE)))?;
        if made.merged.is_empty() {
            ignore_broken_pipe(writeln!(out, "{name} has it all already"))?;
        }
    }
    if behind.is_empty() {
        ignore_broken_pipe(writeln!(out, "{} as the template has it", count(all.len(), "project")))?;
    }
    out.flush()?;
    if conflicts == 0 {
        return Ok(Exit::Done);
    }
    writeln!(
        session.err.stderr(),
        "{}: settle what stands between <<<<<<< and >>>>>>>, then lint",
        count(conflicts, "conflict")
    )?;
    Ok(Exit::Failed)
}

/// What is not committed could not be told from what the template brings.
fn refuse_uncommitted(session: &Session, project: &Project) -> Result<(), CommandError> {
    let git = Git(session.root());
    if git.inside().is_err() {
        return Ok(());
    }
    let folder = session.root().join(&project.folder);
    let arguments =
        ["--literal-pathspecs", "status", "--porcelain", "--untracked-files=all", "--", folder.as_str()];
    if git.told(&arguments)?.trim().is_empty() {
        return Ok(());
    }
    Err(CommandError::Usage {
        message: format!("`{}` has changes that are not committed, nothing was written", project.folder),
        help: Some("commit them first, so that what the template brings can be reviewed; or --force".into()),
    })
}

/// The projects that were made from a template, or those that are named.
fn made<'a>(session: &'a Session, names: &[String]) -> Result<Vec<Made<'a>>, CommandError> {
    let projects = &session.graph.analysis().platform.projects;
    for name in names {
        let project = session.project(name)?;
        if !session.root().join(&project.folder).join(LOCK_FILE).is_file() {
            return Err(CommandError::Usage {
                message: format!("`{name}` was not made from a template: it has no {LOCK_FILE}"),
                help: Some("`goldsmith new project` makes projects that remember theirs".into()),
            });
        }
    }
    let mut templates: BTreeMap<String, Template> = BTreeMap::new();
    let mut all = Vec::new();
    for project in projects.iter().filter(|p| names.is_empty() || names.contains(&p.name)) {
        let path = project.folder.join(LOCK_FILE);
        let text = match fs_err::read_to_string(session.root().join(&path)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        let lock = Lock::read(&text).ok_or_else(|| {
            let what = Diagnostic::new(Code::UnreadableFile, format!("`{path}` is not what goldsmith wrote"));
            CommandError::Files(vec![
                what.help("take it back from git, or remove it to part from the template"),
            ])
        })?;
        let key = format!("{:?}", lock.origin);
        if !templates.contains_key(&key) {
            templates.insert(key.clone(), template_of(session, &lock.origin)?);
        }
        let Some(template) = templates.get(&key) else { continue };
        let mut answers = lock.answers.clone();
        // A variable that the template has learned since has its usual value.
        for (name, usual) in &template.variables {
            answers.more.entry(name.clone()).or_insert_with(|| usual.clone());
        }
        let files = template.fill(&answers).map_err(CommandError::Files)?;
        let folder = session.root().join(&project.folder);
        let merged = scaffold::merge(&lock, &files, |path| match fs_err::read(folder.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })?;
        let now = Lock::new(&lock.origin, &answers, &files);
        all.push(Made { project, lock, now, merged });
    }
    Ok(all)
}

fn template_of(session: &Session, origin: &Origin) -> Result<Template, CommandError> {
    match origin {
        Origin::BuiltIn => Ok(Template::built_in()),
        Origin::Folder(folder) => Template::of_folder(session.root(), folder).map_err(CommandError::Files),
        Origin::Project(name) => {
            let projects = &session.graph.analysis().platform.projects;
            let project = projects.iter().find(|p| p.name == *name).ok_or_else(|| CommandError::Usage {
                message: format!("there is no project `{name}` any more, which others were made from"),
                help: Some(format!("remove their {LOCK_FILE} to part from it")),
            })?;
            Template::of_sibling(session.root(), Sibling::new(project)).map_err(CommandError::Files)
        }
    }
}
