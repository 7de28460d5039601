//! What a subject is, in Markdown: relation, layer, owner, what it reads and writes, who reads it.

use std::fmt::Write as _;

use super::definition;
use super::subject::Subject;
use super::view::{Place, Sheet, View};
use crate::analysis::{Access, Owner, Touch};
use crate::graph::Index;
use crate::nouns::{Body, Kind, Layer, Origin, Track};
use crate::words::RelationName;

/// How many names a list shows.
const LONGEST_LIST: usize = 20;

/// What to say of a subject.
pub(super) fn text(view: &View, sheet: &Sheet, subject: &Subject) -> Option<String> {
    let text = match subject {
        Subject::Node(index) => node(view, *index),
        Subject::Relation(relation) => self::relation(view, sheet, relation),
        Subject::Routine(name) => routine(view, name)?,
        Subject::Macro(name) => {
            let (file, span) = definition::macros(sheet.project, name).into_iter().next()?;
            format!("macro **{name}**\n\n{}\n", place(&(file, span)))
        }
    };
    Some(view.known.masker.mask(&text).into_owned())
}

fn node(view: &View, index: Index) -> String {
    let graph = view.graph();
    let node = graph.node(index);
    let kind = match (&node.config, &node.node.body) {
        (Some(config), _) => format!("{} model", config.materialized),
        (None, Body::Load(load)) => match &load.origin {
            Origin::Import { project, relation, .. } => format!("import of `{relation}` from `{project}`"),
            Origin::File(file) => format!("load of `{}`", file.path),
            Origin::Query { target, .. } => format!("load by a query on `{}`", target.name),
            Origin::Command(command) => format!("load by the command `{}`", command.command.join(" ")),
            Origin::External => "load by another tool".to_owned(),
        },
        (None, _) => node.node.kind().word().to_owned(),
    };
    let place: Vec<&str> =
        [node.node.layer.map(Layer::word), node.node.track.map(Track::word)].into_iter().flatten().collect();
    let mut text = format!("**{}**: {}\n\n", node.node.id, [vec![kind.as_str()], place].concat().join(", "));
    let description = node.node.description.trim();
    if !description.is_empty() {
        let _ = write!(text, "{description}\n\n");
    }
    if let Some(relation) = &node.relation {
        let _ = writeln!(text, "- relation: `{relation}`");
    }
    let project = view.projects().iter().find(|p| p.name == node.node.project);
    if let Some(owner) = project.and_then(|p| p.owner.as_ref()) {
        let _ = writeln!(text, "- owner: {owner}");
    }
    list(&mut text, "reads", touched(&node.touches, |t| t.access == Access::Read));
    if node.node.kind() == Kind::Script {
        list(&mut text, "writes", touched(&node.touches, |t| t.access.is_write()));
    }
    let is_test = |i: &Index| graph.node(*i).node.kind() == Kind::Test;
    let (tests, readers): (Vec<Index>, Vec<Index>) = graph.children(index).partition(is_test);
    let names = |of: Vec<Index>| of.into_iter().map(|i| graph.node(i).node.id.clone()).collect();
    list(&mut text, "read by", names(readers));
    list(&mut text, "tests", names(tests));
    text
}

fn relation(view: &View, sheet: &Sheet, relation: &RelationName) -> String {
    let graph = view.graph();
    let owner = graph.analysis().placement.owner(relation);
    let mut text = String::new();
    match owner {
        Owner::Project(name) if name != sheet.project.name => {
            let _ =
                write!(text, "`{relation}` belongs to project **{name}**: read it through an import.\n\n");
        }
        Owner::Nobody => {
            let _ = write!(text, "`{relation}` belongs to no project of this platform.\n\n");
        }
        Owner::Project(_) => {}
    }
    let writers = graph.writers(relation);
    if let [only] = writers
        && graph.node(*only).relation.as_ref() == Some(relation)
    {
        return text + &node(view, *only);
    }
    let _ = write!(text, "relation **{relation}**\n\n");
    if writers.is_empty() {
        text.push_str("Nothing in this platform makes it.\n\n");
    }
    let id = |i: Index| graph.node(i).node.id.clone();
    list(&mut text, "written by", writers.iter().map(|i| id(*i)).collect());
    let reads = |t: &Touch| t.relation == *relation && t.access == Access::Read && !t.deferred;
    let readers = graph.indices().filter(|i| graph.node(*i).touches.iter().any(reads));
    list(&mut text, "read by", readers.map(id).collect());
    text
}

/// A routine: what its body does when it runs, and what it runs in turn.
fn routine(view: &View, name: &RelationName) -> Option<String> {
    let found = definition::routines(view, name);
    let (index, first, at) = found.first()?;
    let node = view.graph().node(*index);
    let mut text = format!("{} **{name}**\n\n{} in `{}`\n\n", first.kind.word(), place(at), node.node.id);
    let bodies = || node.defines.iter().filter(|d| d.name == *name);
    let touches: Vec<Touch> = bodies().flat_map(|d| &d.touches).cloned().collect();
    list(&mut text, "reads", touched(&touches, |t| t.access == Access::Read));
    list(&mut text, "writes", touched(&touches, |t| t.access.is_write()));
    let mut calls: Vec<String> = bodies().flat_map(|d| &d.calls).map(|c| c.name.to_string()).collect();
    calls.dedup();
    list(&mut text, "executes", calls);
    if touches.is_empty() && !first.touches.dynamic {
        text.push_str("It touches no relation itself.\n");
    }
    if first.touches.dynamic {
        text.push_str("It runs SQL that can't be seen.\n");
    }
    Some(text)
}

fn place((file, span): &Place) -> String {
    format!("`{}:{}`", file.path(), file.position(span.start).line)
}

fn touched(touches: &[Touch], wanted: impl Fn(&Touch) -> bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for touch in touches.iter().filter(|t| wanted(t)) {
        let name = touch.relation.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn list(text: &mut String, label: &str, mut names: Vec<String>) {
    names.sort();
    if names.is_empty() {
        return;
    }
    let more = names.len().saturating_sub(LONGEST_LIST);
    let shown: Vec<String> = names.into_iter().take(LONGEST_LIST).map(|n| format!("`{n}`")).collect();
    let _ = write!(text, "- {label}: {}", shown.join(", "));
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text.push('\n');
}
