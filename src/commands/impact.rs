//! `goldsmith impact`

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Value, json};

use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{DataFormat, Global, ImpactArgs};
use crate::graph::Index;
use crate::lineage::{self, Affected, NoSubject, Subject};
use crate::nouns::{Kind, Layer, Track};
use crate::report::{Table, count, ignore_broken_pipe};
use crate::words::nearest;

pub(super) fn impact(global: &Global, args: &ImpactArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    super::ls::tell_unread(&session)?;
    let subject = Subject::find(&session.graph, &args.relation)?;
    let platform = match &subject.column {
        Some(_) => session.lineage(&session.graph.order()),
        None => lineage::Platform::default(),
    };
    refuse_unknown_column(&platform, &subject)?;
    if let Some(note) = &subject.note {
        writeln!(session.err.stderr(), "note: {note}")?;
    }
    let found = lineage::impact(&session.graph, &platform, &subject.relations, subject.column.as_deref());
    let mut out = session.out.stdout();
    let written = match args.format {
        DataFormat::Json => serde_json::to_writer_pretty(&mut out, &as_json(&session, &subject, &found))
            .map_err(Into::into)
            .and_then(|()| writeln!(out)),
        DataFormat::Text => text(&session, &subject, &found, &mut out),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

impl From<NoSubject> for CommandError {
    fn from(error: NoSubject) -> Self {
        Self::Usage { message: error.message, help: Some(error.help) }
    }
}

/// A column that none of the relations has, where all columns of all of them are known.
fn refuse_unknown_column(platform: &lineage::Platform, subject: &Subject) -> Result<(), CommandError> {
    let Some(column) = &subject.column else { return Ok(()) };
    let known: Option<Vec<Vec<&str>>> = subject.relations.iter().map(|r| platform.known.columns(r)).collect();
    let Some(known) = known else { return Ok(()) };
    let known: Vec<&str> = known.concat();
    if known.contains(&column.as_str()) {
        return Ok(());
    }
    let relations: Vec<String> = subject.relations.iter().map(|r| format!("`{r}`")).collect();
    let help = nearest(column, known.iter().copied())
        .map_or_else(|| format!("it has {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
    Err(CommandError::Usage {
        message: format!("{} has no column `{column}`", relations.join(", ")),
        help: Some(help),
    })
}

/// What the nodes are together.
struct Summary<'a> {
    nodes: usize,
    tests: usize,
    projects: BTreeSet<&'a str>,
    financial: usize,
    owners: BTreeSet<&'a str>,
}

impl<'a> Summary<'a> {
    fn new(session: &'a Session, found: &[Affected]) -> Self {
        let node = |a: &Affected| &session.graph.node(a.node).node;
        let projects: BTreeSet<&str> = found.iter().map(|a| node(a).project.as_str()).collect();
        let all = &session.graph.analysis().platform.projects;
        let owners = all.iter().filter(|p| projects.contains(p.name.as_str()));
        let tests = found.iter().filter(|a| node(a).kind() == Kind::Test).count();
        Self {
            nodes: found.len() - tests,
            tests,
            financial: found.iter().filter(|a| node(a).track == Some(Track::Financial)).count(),
            owners: owners.filter_map(|p| p.owner.as_deref()).collect(),
            projects,
        }
    }

    fn line(&self) -> String {
        if self.nodes + self.tests == 0 {
            return "nothing reads it".to_owned();
        }
        let financial = match self.financial {
            0 => "none of them in financial gold".to_owned(),
            1 => "1 of them in financial gold".to_owned(),
            n => format!("{n} of them in financial gold"),
        };
        let owners: Vec<&str> = self.owners.iter().copied().collect();
        let owners =
            if owners.is_empty() { String::new() } else { format!("; owners: {}", owners.join(", ")) };
        let tests = match self.tests {
            0 => String::new(),
            n => format!("; {} too", count(n, "test")),
        };
        format!(
            "{} in {}, {financial}{owners}{tests}",
            count(self.nodes, "node"),
            count(self.projects.len(), "project")
        )
    }
}

fn asked(subject: &Subject) -> String {
    let relations: Vec<String> = subject.relations.iter().map(ToString::to_string).collect();
    let column = subject.column.as_ref().map(|c| format!(".{c}")).unwrap_or_default();
    format!("{}{column}", relations.join(", "))
}

fn reads(affected: &Affected) -> String {
    let column = affected.column.as_ref().map(|c| format!(".{c}")).unwrap_or_default();
    format!("{}{column}", affected.relation)
}

fn id(session: &Session, index: Option<Index>) -> Option<&str> {
    index.map(|i| session.graph.node(i).node.id.as_str())
}

fn text(
    session: &Session,
    subject: &Subject,
    found: &[Affected],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let summary = Summary::new(session, found);
    if found.is_empty() {
        return writeln!(out, "{}: {}", asked(subject), summary.line());
    }
    let owners = session.owners();
    let mut table = Table::new(["NODE", "KIND", "TRACK", "OWNER", "AWAY", "HOW", "READS", "THROUGH", "AT"]);
    for affected in found {
        let node = &session.graph.node(affected.node).node;
        // Tests would drown the rest: they are counted below, and listed as JSON.
        if node.kind() == Kind::Test {
            continue;
        }
        table.row([
            node.id.clone(),
            node.kind().word().to_owned(),
            node.track.map(Track::word).unwrap_or_default().to_owned(),
            owners.get(&node.project).cloned().unwrap_or_default(),
            affected.distance.to_string(),
            affected.how.word().to_owned(),
            reads(affected),
            id(session, affected.through).unwrap_or_default().to_owned(),
            format!("{}:{}", affected.file.path(), affected.file.position(affected.span.start).line),
        ]);
    }
    if !table.is_empty() {
        table.write(&session.out, out)?;
        writeln!(out)?;
    }
    writeln!(out, "{}: {}", asked(subject), summary.line())
}

fn as_json(session: &Session, subject: &Subject, found: &[Affected]) -> Value {
    let owners = session.owners();
    let nodes: Vec<Value> = found
        .iter()
        .map(|affected| {
            let node = &session.graph.node(affected.node).node;
            let place = affected.file.position(affected.span.start);
            json!({
                "node": node.id,
                "kind": node.kind().word(),
                "layer": node.layer.map(Layer::word),
                "track": node.track.map(Track::word),
                "project": node.project,
                "owner": owners.get(&node.project),
                "distance": affected.distance,
                "how": affected.how.word(),
                "reads": affected.relation.to_string(),
                "reads_column": affected.column.as_deref(),
                "through": id(session, affected.through),
                "file": affected.file.path().as_str(),
                "line": place.line,
                "column": place.column,
            })
        })
        .collect();
    let summary = Summary::new(session, found);
    json!({
        "relations": subject.relations.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "column": subject.column,
        "nodes": nodes,
        "summary": {
            "nodes": summary.nodes,
            "tests": summary.tests,
            "projects": summary.projects,
            "financial": summary.financial,
            "owners": summary.owners,
        },
    })
}
