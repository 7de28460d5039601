//! Which nodes a criterion matches, and what the user may have meant when none does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Criterion, Method, SelectError};
use crate::graph::{Graph, Index};
use crate::nouns::{Kind, Node};
use crate::words::{glob, nearest};

pub(super) fn matched(graph: &Graph, criterion: &Criterion) -> Result<Vec<Index>, SelectError> {
    let found: Vec<Index> = graph.indices().filter(|i| matches(graph, *i, criterion)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known = candidates(graph, &criterion.method);
    let help = nearest(&criterion.value, known.iter().map(String::as_str)).map_or_else(
        || {
            let few: Vec<&str> = known.iter().take(12).map(String::as_str).collect();
            let more = if known.len() > few.len() { ", .." } else { "" };
            (!few.is_empty()).then(|| format!("there is: {}{more}", few.join(", ")))
        },
        |near| Some(format!("did you mean `{near}`?")),
    );
    Err(SelectError {
        flag: "--select",
        word: criterion.word.clone(),
        message: "nothing matches it".into(),
        help,
    })
}

fn matches(graph: &Graph, index: Index, criterion: &Criterion) -> bool {
    let analyzed = graph.node(index);
    let node = &analyzed.node;
    let value = criterion.value.as_str();
    match &criterion.method {
        Method::Any => {
            glob(value, &node.name)
                || glob(value, &node.id)
                || glob(value, &node.project)
                || (value.contains(['/', '\\']) || has_sql_ending(value)) && path(value, node)
        }
        Method::Name => glob(value, &node.name) || glob(value, &node.id),
        Method::Tag => node.tags.iter().any(|t| glob(value, t)),
        Method::Path => path(value, node),
        Method::Source => {
            node.kind() == Kind::Load
                && match value.split_once('.') {
                    Some((project, name)) => glob(project, &node.project) && glob(name, &node.name),
                    None => glob(value, &node.project) || glob(value, &node.name),
                }
        }
        Method::Config(key) => config(graph, index, key).is_some_and(|v| match v {
            Value::Array(items) => items.iter().any(|i| is(i, value)),
            other => is(&other, value),
        }),
        Method::Project => glob(value, &node.project),
        Method::Layer => node.layer.is_some_and(|l| glob(value, l.word())),
        Method::Track => node.track.is_some_and(|t| glob(value, t.word())),
        Method::Owner => owner(graph, node).is_some_and(|o| glob(value, o)),
        Method::Kind => glob(value, node.kind().word()),
        // These compare with what is kept outside of the graph, see `earlier`.
        Method::State | Method::Result => false,
    }
}

fn owner<'a>(graph: &'a Graph, node: &Node) -> Option<&'a str> {
    let projects = &graph.analysis().platform.projects;
    projects.iter().find(|p| p.name == node.project).and_then(|p| p.owner.as_deref())
}

fn config(graph: &Graph, index: Index, key: &str) -> Option<Value> {
    let analyzed = graph.node(index);
    match &analyzed.config {
        Some(config) if key == "materialized" => Some(config.materialized.word().into()),
        Some(config) => config.all.get(key).cloned(),
        None => analyzed.node.config.get(key).cloned(),
    }
}

fn is(found: &Value, wanted: &str) -> bool {
    match found {
        Value::String(text) => glob(wanted, text),
        other => glob(wanted, &other.to_string()),
    }
}

fn has_sql_ending(value: &str) -> bool {
    let ending = value.len().checked_sub(4).filter(|at| *at > 0).and_then(|at| value.get(at..));
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case(".sql"))
}

/// A file, a folder above it, or a pattern.
fn path(value: &str, node: &Node) -> bool {
    let value = value.replace('\\', "/");
    let value = value.trim_start_matches("./").trim_end_matches('/');
    node.file.path().starts_with(value) || glob(value, node.file.path().as_str())
}

/// The words that a method could have matched.
fn candidates(graph: &Graph, method: &Method) -> BTreeSet<String> {
    let nodes = graph.indices().map(|i| graph.node(i));
    match method {
        Method::Any | Method::Name => {
            let names = nodes.filter(|n| n.node.kind() != Kind::Test);
            names.flat_map(|n| [n.node.name.clone(), n.node.project.clone()]).collect()
        }
        Method::Tag => nodes.flat_map(|n| n.node.tags.clone()).collect(),
        Method::Path => nodes.map(|n| n.node.file.path().to_string()).collect(),
        Method::Source => {
            let loads = nodes.filter(|n| n.node.kind() == Kind::Load);
            loads.map(|n| format!("{}.{}", n.node.project, n.node.name)).collect()
        }
        Method::Config(_) | Method::State | Method::Result => BTreeSet::new(),
        Method::Project => nodes.map(|n| n.node.project.clone()).collect(),
        Method::Layer => nodes.filter_map(|n| n.node.layer).map(|l| l.word().into()).collect(),
        Method::Track => nodes.filter_map(|n| n.node.track).map(|t| t.word().into()).collect(),
        Method::Owner => nodes.filter_map(|n| owner(graph, &n.node)).map(str::to_owned).collect(),
        Method::Kind => nodes.map(|n| n.node.kind().word().into()).collect(),
    }
}
