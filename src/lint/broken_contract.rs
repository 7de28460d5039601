//! GS109: a model does not give the columns that its contract promises to those who import it.

use std::collections::{BTreeSet, HashSet};

use crate::analysis::AnalyzedNode;
use crate::graph::{Graph, Index};
use crate::lineage;
use crate::nouns::ModelConfig;
use crate::words::{Code, Diagnostic, Span};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let held: Vec<Index> = graph
        .indices()
        .filter(|i| graph.node(*i).config.as_ref().is_some_and(ModelConfig::holds_contract))
        .collect();
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
    Some(told(format!("`{}` breaks its contract: it {what}", node.node.name), graph.agreement(relation)))
}
