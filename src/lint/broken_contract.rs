//! GS109: a model does not give the columns that its contract promises to those who import it.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::analysis::{AnalyzedNode, Via};
use crate::graph::{Graph, Index};
use crate::lineage;
use crate::words::{Code, Diagnostic, RelationName, Span};

/// How many consumers a message names.
const NAMED: usize = 20;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let held: Vec<Index> = graph.indices().filter(|i| is_enforced(graph.node(*i))).collect();
    if held.is_empty() {
        return Vec::new();
    }
    // Columns cost time: only those of what contracts are made from are followed.
    let mut needed: HashSet<Index> = held.iter().flat_map(|i| graph.ancestors(*i, None)).collect();
    needed.extend(&held);
    let order: Vec<Index> = graph.order().into_iter().filter(|i| needed.contains(i)).collect();
    let platform = lineage::Platform::new(graph, &order, &|_| None);
    held.into_iter().filter_map(|index| broken(graph, graph.node(index), &platform)).collect()
}

/// `contract: enforced`, or dbt's `contract: { enforced: true }`.
fn is_enforced(node: &AnalyzedNode) -> bool {
    match node.config.as_ref().and_then(|config| config.all.get("contract")) {
        Some(Value::String(word)) => word == "enforced",
        Some(Value::Object(map)) => map.get("enforced") == Some(&Value::Bool(true)),
        _ => false,
    }
}

fn broken(graph: &Graph, node: &AnalyzedNode, platform: &lineage::Platform) -> Option<Diagnostic> {
    let relation = node.relation.as_ref()?;
    let told = |message: String, help: String| {
        Diagnostic::new(Code::BrokenContract, message)
            .at(&node.node.file, Span::default())
            .node(&node.node.id)
            .relation(relation.to_string())
            .help(help)
    };
    let promised: BTreeSet<String> = node.node.columns.iter().map(|c| c.name.to_lowercase()).collect();
    if promised.is_empty() {
        return Some(told(
            format!("the contract of `{}` promises no columns", node.node.name),
            "declare its columns in YAML, or leave `contract` out".to_owned(),
        ));
    }
    let given: BTreeSet<String> =
        platform.known.columns(relation)?.into_iter().map(str::to_lowercase).collect();
    let list = |names: Vec<&String>| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let lost = list(promised.difference(&given).collect());
    let new = list(given.difference(&promised).collect());
    let what = match (lost.is_empty(), new.is_empty()) {
        (true, true) => return None,
        (false, true) => format!("does not give {lost}"),
        (true, false) => format!("gives {new}, which is not declared"),
        (false, false) => format!("does not give {lost}, and gives {new}, which is not declared"),
    };
    Some(told(
        format!("`{}` breaks its contract: it {what}", node.node.name),
        match consumers(graph, relation) {
            None => "nobody imports it yet: change the declared columns with it".to_owned(),
            Some(who) => format!("agree with those who import it, then change the declared columns: {who}"),
        },
    ))
}

/// The imports of a relation, each with the owner of its project.
fn consumers(graph: &Graph, relation: &RelationName) -> Option<String> {
    let projects = &graph.analysis().platform.projects;
    let imports = graph.touches().filter(|(_, t)| t.via == Via::Import && t.relation == *relation);
    let told: BTreeSet<String> = imports
        .map(|(index, _)| {
            let node = &graph.node(index).node;
            let owner = projects.iter().find(|p| p.name == node.project).and_then(|p| p.owner.as_ref());
            owner.map_or_else(|| node.id.clone(), |owner| format!("{} ({owner})", node.id))
        })
        .collect();
    let more = told.len().saturating_sub(NAMED);
    let mut names: Vec<String> = told.into_iter().take(NAMED).collect();
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    (!names.is_empty()).then(|| names.join(", "))
}
