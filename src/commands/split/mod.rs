//! `goldsmith split`

mod history;
mod stubs;

use std::collections::BTreeSet;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use self::stubs::{Imported, imported};
use super::git::Git;
use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, SplitArgs};
use crate::load::PLATFORM_FILE;
use crate::nouns::{Body, Origin, Project};
use crate::report::neutral_line;

/// The target that the stubs are made in, and its place from the new platform.
const STUB: (&str, &str) = ("stub", "stubs/warehouse");

pub(super) fn split(global: &Global, args: &SplitArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    super::ls::tell_unread(&session)?;
    let project = session.project(&args.project)?;
    let git = Git(session.root());
    let repository = Utf8PathBuf::from(git.inside()?);
    let below = git.told(&["rev-parse", "--show-prefix"])?;
    let below = Utf8Path::new(below.trim_end_matches('/')).to_owned();
    let kept = kept(&session, project, &below);
    refuse_uncommitted(&git, &repository, &kept)?;
    let to = place(&args.folder, &repository)?;
    let imported = imported(&session, &project.name);
    let commits = history::carry(&repository, &kept, &to)?;
    let root = to.join(&below);
    let has_target = write(&session, project, &imported, &root)?;
    tell(&session, project, &imported, &Made { folder: &args.folder, commits, has_target })?;
    Ok(Exit::Done)
}

/// What comes along: the project, and the files that make its folder a platform.
fn kept(session: &Session, project: &Project, below: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut kept = vec![below.join(&project.folder), below.join(PLATFORM_FILE)];
    for folder in [Utf8Path::new(""), below, &below.join("projects")] {
        kept.extend([folder.join(".gitattributes"), folder.join(".gitignore")]);
    }
    kept.extend(session.graph.analysis().platform.lint.baseline.iter().map(|(file, _)| below.join(file)));
    kept.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// What is not committed would be missing in the new repository without a word.
fn refuse_uncommitted(
    git: &Git<'_>,
    repository: &Utf8Path,
    kept: &[Utf8PathBuf],
) -> Result<(), CommandError> {
    let mut arguments = vec!["--literal-pathspecs", "status", "--porcelain", "--untracked-files=all", "--"];
    let paths: Vec<String> = kept.iter().map(|path| repository.join(path).into_string()).collect();
    arguments.extend(paths.iter().map(String::as_str));
    let told = git.told(&arguments)?;
    let Some(first) = told.lines().next() else { return Ok(()) };
    Err(CommandError::Usage {
        message: format!(
            "not committed: {}{}",
            first.get(3..).unwrap_or(first),
            if told.lines().count() > 1 { " and more" } else { "" }
        ),
        help: Some(
            "only what is committed comes along: commit it, or put it aside with `git stash -u`".into(),
        ),
    })
}

/// The new repository's folder, absolute: not there or empty, and outside of the present repository.
fn place(folder: &Utf8Path, repository: &Utf8Path) -> Result<Utf8PathBuf, CommandError> {
    let usage = |message: String, help: &str| CommandError::Usage { message, help: Some(help.to_owned()) };
    let absolute = std::path::absolute(folder)?;
    let absolute = Utf8PathBuf::try_from(absolute)
        .map_err(|e| CommandError::usage(format!("the name of this folder is not valid Unicode: {e}")))?;
    if absolute.exists() && !(absolute.is_dir() && absolute.read_dir_utf8()?.next().is_none()) {
        return Err(usage(
            format!("`{folder}` is there already, nothing was written"),
            "name a folder that is not there",
        ));
    }
    let real = absolute.ancestors().find_map(|above| {
        let behind = absolute.strip_prefix(above).ok()?;
        Some(above.canonicalize_utf8().ok()?.join(behind))
    });
    let inside = repository.canonicalize_utf8().unwrap_or_else(|_| repository.to_owned());
    if real.is_some_and(|real| real.components().any(|c| c.as_str() == "..") || real.starts_with(&inside)) {
        return Err(usage(
            format!("`{folder}` lies in the repository that is split"),
            "name a folder outside of it, such as ../NAME",
        ));
    }
    Ok(absolute)
}

/// Writes the stubs beside the project, to be reviewed and committed. Whether `goldsmith.yml` has a target for them.
fn write(
    session: &Session,
    project: &Project,
    imported: &[Imported],
    root: &Utf8Path,
) -> Result<bool, CommandError> {
    if imported.is_empty() {
        return Ok(true);
    }
    for (path, text) in stubs::files(session, &project.name, imported) {
        let path = root.join("stubs").join(path);
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(path, text)?;
    }
    let platform = &session.graph.analysis().platform;
    if platform.targets.contains_key(STUB.0) {
        return Ok(false);
    }
    let settings = root.join(PLATFORM_FILE);
    let text = fs_err::read_to_string(&settings)?;
    let Some(text) = with_target(&text) else { return Ok(false) };
    fs_err::write(settings, text)?;
    Ok(true)
}

/// The settings with one target more, where they list targets in lines of their own.
fn with_target(text: &str) -> Option<String> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim_end() != "targets:" {
            continue;
        }
        let mut following =
            text[at..].lines().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
        let next = following.next()?;
        let indent = &next[..next.len() - next.trim_start().len()];
        let end = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
        let target = format!("{indent}{}: {{ type: duckdb, path: {} }}{end}", STUB.0, STUB.1);
        return (!indent.is_empty()).then(|| format!("{}{target}{}", &text[..at], &text[at..]));
    }
    None
}

/// What was made.
struct Made<'a> {
    folder: &'a Utf8Path,
    commits: usize,
    has_target: bool,
}

/// Says what was made and what is left to people.
fn tell(
    session: &Session,
    project: &Project,
    imported: &[Imported],
    made: &Made<'_>,
) -> Result<(), CommandError> {
    let mut out = session.out.stdout();
    let (name, folder) = (&project.name, neutral_line(made.folder.as_str()));
    let commits = crate::report::count(made.commits, "commit");
    writeln!(out, "{name} is a repository of its own: {folder}, with {commits} of its history")?;
    for one in imported {
        let owner = session.owner(&one.owner).map(|o| format!(" ({o})")).unwrap_or_default();
        writeln!(out, "it imports {} of {}{owner}", neutral_line(&one.relation.to_string()), one.owner)?;
    }
    if imported.iter().any(|one| one.columns.is_empty()) {
        writeln!(out, "without a stub: what neither the warehouse nor the files tell the columns of")?;
    }
    if !made.has_target {
        writeln!(
            out,
            "goldsmith.yml there needs a target for the stubs: {{ type: duckdb, path: {} }}",
            STUB.1
        )?;
    }
    let readers = readers(session, name);
    if !readers.is_empty() {
        let readers: Vec<&str> = readers.iter().copied().collect();
        writeln!(
            out,
            "{} import from it, and go on reading its relations in the warehouse",
            readers.join(", ")
        )?;
    }
    for (whose, there) in databases(session, project, imported, &readers) {
        writeln!(out, "{there}")?;
        writeln!(out, "  set it in the target of {whose}: databases")?;
    }
    writeln!(out, "next, there: goldsmith lint; git add -A; git commit")?;
    writeln!(out, "next, here, once it runs there: git rm -r {}", neutral_line(project.folder.as_str()))?;
    Ok(())
}

/// The projects that import from one.
fn readers<'a>(session: &'a Session, name: &str) -> BTreeSet<&'a str> {
    let nodes = session.graph.indices().map(|i| &session.graph.node(i).node);
    let imports = nodes.filter(|n| match &n.body {
        Body::Load(load) => matches!(&load.origin, Origin::Import { project, .. } if project == name),
        _ => false,
    });
    imports.map(|n| n.project.as_str()).collect()
}

/// Databases that can't be told from a project's name once its folder is gone.
fn databases(
    session: &Session,
    project: &Project,
    imported: &[Imported],
    readers: &BTreeSet<&str>,
) -> Vec<(&'static str, String)> {
    let analysis = session.graph.analysis();
    let odd = |name: &str| {
        let database = analysis.placement.database(name);
        let is_mapped = analysis.target.databases.contains_key(name);
        (!is_mapped && database != format!("{name}_dwh"))
            .then(|| format!("the database of {name} is {database}, which can't be told without its folder"))
    };
    let owners: BTreeSet<&str> = imported.iter().map(|one| one.owner.as_str()).collect();
    let mut found: Vec<(&str, String)> =
        owners.into_iter().filter_map(|o| Some(("the new platform", odd(o)?))).collect();
    if !readers.is_empty() {
        found.extend(odd(&project.name).map(|text| ("this platform", text)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::with_target;

    #[test]
    fn a_target_is_added_as_the_others_stand() {
        let added = with_target("a: 1\ntargets:\n\n    dev: {}\nb: 2\n").unwrap();
        assert_eq!(
            added,
            "a: 1\ntargets:\n    stub: { type: duckdb, path: stubs/warehouse }\n\n    dev: {}\nb: 2\n"
        );
        assert!(with_target("targets:\r\n  dev: {}").unwrap().contains("warehouse }\r\n  dev"));
        assert_eq!(with_target("targets: { dev: {} }\n"), None);
        assert_eq!(with_target("targets:\nb: 1\n"), None);
        assert_eq!(with_target(""), None);
    }
}
