//! `state:` and `result:`: what has changed since another state of the platform, and how the last
//! run's nodes ended.

use std::collections::HashMap;

use super::{Criterion, SelectError};
use crate::analysis::Fingerprint;
use crate::graph::{Graph, Index};
use crate::words::nearest;

/// What is known of earlier, by the nodes' ids.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// What nodes were made of in the state to compare with, where one is given.
    pub state: Option<HashMap<String, Fingerprint>>,
    /// How they ended in the last run, in dbt's words, where that is known.
    pub results: Option<HashMap<String, String>>,
}

/// The words behind `state:`.
const STATES: [&str; 9] = [
    "modified",
    "modified.body",
    "modified.configs",
    "modified.relation",
    "modified.macros",
    "modified.vars",
    "new",
    "old",
    "unmodified",
];

/// The words behind `result:`.
const RESULTS: [&str; 6] = ["error", "fail", "skipped", "success", "pass", "warn"];

/// Nodes by how they compare with the earlier state. None at all is an answer, too.
pub(super) fn by_state(
    graph: &Graph,
    criterion: &Criterion,
    earlier: &Earlier,
) -> Result<Vec<Index>, SelectError> {
    let wanted = known(criterion, &STATES)?;
    let Some(state) = &earlier.state else {
        return Err(wrong(
            criterion,
            "there is no state to compare with".into(),
            "name the folder of an earlier manifest.json: --state DIR".into(),
        ));
    };
    let compares = |index: &Index| {
        let node = graph.node(*index);
        // dbt's artifacts have no room for a definition: it is as its scripts are.
        if let Some(definition) = node.node.body.definition() {
            let scripts: Vec<Index> = definition.scripts.iter().filter_map(|id| graph.find(id)).collect();
            return if matches!(wanted, "unmodified" | "old") {
                scripts.iter().all(|s| is(graph, *s, wanted, state))
            } else {
                scripts.iter().any(|s| is(graph, *s, wanted, state))
            };
        }
        is(graph, *index, wanted, state)
    };
    Ok(graph.indices().filter(compares).collect())
}

fn is(graph: &Graph, index: Index, wanted: &str, state: &HashMap<String, Fingerprint>) -> bool {
    let node = graph.node(index);
    let Some(before) = state.get(&node.node.id) else {
        return matches!(wanted, "modified" | "new");
    };
    if matches!(wanted, "new" | "old") {
        return wanted == "old";
    }
    let now = graph.analysis().fingerprint(node);
    match wanted {
        "modified.body" => now.body != before.body,
        "modified.configs" => now.configs != before.configs,
        "modified.relation" => now.relation != before.relation,
        "modified.macros" => now.macros != before.macros,
        "modified.vars" => now.vars != before.vars,
        "unmodified" => now == *before,
        _ => now != *before,
    }
}

/// Nodes by how they ended in the last run.
pub(super) fn by_result(
    graph: &Graph,
    criterion: &Criterion,
    earlier: &Earlier,
) -> Result<Vec<Index>, SelectError> {
    let wanted = known(criterion, &RESULTS)?;
    let Some(results) = &earlier.results else {
        return Err(wrong(
            criterion,
            "there are no results of a run".into(),
            "name the folder of a run_results.json: --state DIR".into(),
        ));
    };
    let ended = |index: &Index| results.get(&graph.node(*index).node.id).is_some_and(|r| r == wanted);
    Ok(graph.indices().filter(ended).collect())
}

fn known(criterion: &Criterion, words: &[&'static str]) -> Result<&'static str, SelectError> {
    let value = criterion.value.to_lowercase();
    // dbt's spelling of the one, and what one might take it for.
    let value = match value.as_str() {
        "modified.config" => "modified.configs",
        "modified.macro" => "modified.macros",
        other => other,
    };
    words.iter().find(|w| **w == value).copied().ok_or_else(|| {
        let help = match nearest(value, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is: {}", words.join(", ")),
        };
        wrong(criterion, format!("`{value}` is nothing that it knows"), help)
    })
}

fn wrong(criterion: &Criterion, message: String, help: String) -> SelectError {
    SelectError { flag: "--select", word: criterion.word.clone(), message, help: Some(help) }
}
