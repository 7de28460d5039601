//! `goldsmith changed`

use std::collections::{BTreeSet, HashSet};
use std::io::Write;

use serde_json::{Value, json};

use super::before::Before;
use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{ChangedArgs, ChangedFormat, Global};
use crate::graph::Index;
use crate::report::{Table, count, ignore_broken_pipe, neutral_line};
use crate::select::{Changed, Why, changed as find};

/// How many reasons the text shows for a project; JSON has all.
const SHOWN: usize = 4;

pub(super) fn changed(global: &Global, args: &ChangedArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    super::ls::tell_unread(&session)?;
    let before = Before::at(&args.since, &session, global)?;
    let found = find(&session.graph, before.session.as_ref().map(|b| &b.graph), &before.files);
    let mut out = session.out.stdout();
    let written = match args.format {
        ChangedFormat::Text => text(&session, &args.since, &found, &mut out),
        ChangedFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &as_json(&session, &before.base, &found))
                .map_err(Into::into)
                .and_then(|()| writeln!(out))
        }
        ChangedFormat::Github => github(&session, &found, &mut out),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// `direct` or `import`.
fn how(reasons: &BTreeSet<Why>) -> &'static str {
    if reasons.iter().all(Why::is_import) { "import" } else { "direct" }
}

fn sentence(why: &Why) -> String {
    match why {
        Why::NothingBefore => "there is nothing to compare with".to_owned(),
        Why::File(path, happened) => format!("{} {path}", happened.word()),
        Why::Shared(path, happened) => format!("{} {path}, which it uses", happened.word()),
        Why::Node(id) => format!("{id} is modified"),
        Why::Import(reader, read) => format!("{reader} reads {read}"),
    }
}

fn text(session: &Session, since: &str, found: &Changed, out: &mut dyn Write) -> std::io::Result<()> {
    let owners = session.owners();
    let mut table = Table::new(["PROJECT", "OWNER", "HOW", "WHY"]);
    for (project, reasons) in &found.projects {
        let shown: Vec<String> = reasons.iter().take(SHOWN).map(sentence).collect();
        let more = reasons.len().saturating_sub(SHOWN);
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        table.row([
            project.clone(),
            owners.get(project).cloned().unwrap_or_default(),
            how(reasons).to_owned(),
            neutral_line(&format!("{}{more}", shown.join("; "))).into_owned(),
        ]);
    }
    if !table.is_empty() {
        table.write(&session.out, out)?;
        writeln!(out)?;
    }
    let all = session.graph.analysis().platform.projects.len();
    let since = neutral_line(since);
    match found.projects.len() {
        0 => writeln!(out, "since {since}: no project is touched")?,
        n => writeln!(out, "since {since}: {} of {all} touched", count(n, "project"))?,
    }
    if !found.gone.is_empty() {
        let gone: Vec<&str> = found.gone.iter().map(String::as_str).collect();
        writeln!(out, "gone: {}", neutral_line(&gone.join(", ")))?;
    }
    if !found.outside.is_empty() {
        writeln!(
            out,
            "{} outside of all projects: no project uses them",
            count(found.outside.len(), "file")
        )?;
    }
    Ok(())
}

fn as_json(session: &Session, base: &str, found: &Changed) -> Value {
    let owners = session.owners();
    let reason = |why: &Why| match why {
        Why::NothingBefore => json!({ "why": "nothing_before" }),
        Why::File(path, happened) => {
            json!({ "why": "file", "path": path.as_str(), "change": happened.word() })
        }
        Why::Shared(path, happened) => {
            json!({ "why": "shared_file", "path": path.as_str(), "change": happened.word() })
        }
        Why::Node(id) => json!({ "why": "node", "node": id }),
        Why::Import(reader, read) => json!({ "why": "import", "node": reader, "reads": read }),
    };
    let projects: Vec<Value> = found
        .projects
        .iter()
        .map(|(project, reasons)| {
            json!({
                "project": project,
                "owner": owners.get(project),
                "how": how(reasons),
                "reasons": reasons.iter().map(reason).collect::<Vec<_>>(),
            })
        })
        .collect();
    let outside: Vec<Value> = found
        .outside
        .iter()
        .map(|(path, happened)| json!({ "path": path.as_str(), "change": happened.word() }))
        .collect();
    json!({ "base": base, "projects": projects, "gone": found.gone, "outside": outside })
}

/// Lines for `$GITHUB_OUTPUT`: a matrix with an entry for each project, and whether it has any, as GitHub
/// refuses an empty one.
fn github(session: &Session, found: &Changed, out: &mut dyn Write) -> std::io::Result<()> {
    let include: Vec<Value> = found
        .projects
        .iter()
        .map(|(project, reasons)| {
            json!({
                "project": project,
                "owner": session.owner(project).unwrap_or_default(),
                "how": how(reasons),
                "select": with_origins(session, project),
            })
        })
        .collect();
    writeln!(out, "any={}", !include.is_empty())?;
    writeln!(out, "matrix={}", json!({ "include": include }))
}

/// Selects a project with all that it imports from, whole: a few nodes of another project would bring tests
/// that need the rest of it.
fn with_origins(session: &Session, project: &str) -> String {
    let graph = &session.graph;
    let own = graph.indices().filter(|i| graph.node(*i).node.project == project);
    let all: HashSet<Index> = own.flat_map(|i| graph.ancestors(i, None)).collect();
    let origins: BTreeSet<&str> = all.iter().map(|i| graph.node(*i).node.project.as_str()).collect();
    let others = origins.into_iter().filter(|name| *name != project);
    let words: Vec<String> = std::iter::once(project).chain(others).map(|p| format!("project:{p}")).collect();
    words.join(" ")
}
