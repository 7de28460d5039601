//! GS109: a node does not give the columns that its contract promises to those who import it.

use std::collections::{BTreeSet, HashSet};

use crate::analysis::AnalyzedNode;
use crate::graph::{Graph, Index};
use crate::lineage;
use crate::nouns::Body;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let held: Vec<Index> = graph.indices().filter(|i| graph.node(*i).holds_contract()).collect();
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

fn broken(graph: &Graph, node: &AnalyzedNode, platform: &lineage::Platform) -> Option<Diagnostic> {
    let told = |message: String, help: String| {
        let file = node.sql.as_ref().map_or(&node.node.file, |sql| sql.file());
        let told = Diagnostic::new(Code::BrokenContract, message).at(file, node.node.span);
        let told = told.node(&node.node.id).help(help);
        match node.gives() {
            Some(relation) => told.relation(relation.to_string()),
            None => told,
        }
    };
    let Some(relation) = node.gives() else {
        let is_script = matches!(node.node.body, Body::Script { .. });
        return is_script.then(|| {
            let message = format!("the contract of `{0}` is about no relation: the script makes none of the name `{0}`", node.node.name);
            told(message, "a script's contract is about the relation of its name, or the only one that it writes: move what makes that to a script of its own".to_owned())
        });
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
    Some(told(format!("`{}` breaks its contract: it {what}", node.node.name), graph.agreement(relation)))
}
