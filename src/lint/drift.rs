//! GS302: financial gold reads, on whatever way, rows that no daily full reload refreshes.

use std::collections::{HashMap, VecDeque};

use super::financial::is_financial;
use crate::analysis::{Access, AnalyzedNode, Touch};
use crate::graph::{Graph, Index};
use crate::nouns::{Body, Materialization, Origin};
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let stale: HashMap<Index, &'static str> =
        graph.indices().filter_map(|i| Some((i, why(graph, graph.node(i))?))).collect();
    if stale.is_empty() {
        return Vec::new();
    }
    let scripts = graph.indices().filter(|i| is_financial(graph.node(*i)));
    scripts.flat_map(|script| tell(graph, script, &stale)).collect()
}

/// Why a node's rows may differ from the source's after a daily run.
fn why(graph: &Graph, analyzed: &AnalyzedNode) -> Option<&'static str> {
    let node = &analyzed.node;
    if let Body::Load(load) = &node.body {
        let project = graph.analysis().platform.projects.iter().find(|p| p.name == node.project)?;
        let hourly_alone = project.schedule.hourly.is_some() && project.schedule.daily.is_none();
        return match load.origin {
            Origin::External => Some("which another tool loads: no daily run reloads it in full"),
            _ if hourly_alone => {
                Some("whose project runs hourly and never daily: nothing reloads it in full")
            }
            _ => None,
        };
    }
    let config = analyzed.config.as_ref()?;
    let grows = config.materialized == Materialization::Incremental && config.full_refresh != Some(true);
    grows.then_some("which is incremental: rows that are deleted or corrected at the source stay")
}

/// The nearest way from a script to each stale node; other financial scripts tell of their own.
fn tell(graph: &Graph, script: Index, stale: &HashMap<Index, &'static str>) -> Vec<Diagnostic> {
    let mut came: HashMap<Index, Index> = HashMap::from([(script, script)]);
    let mut open = VecDeque::from([script]);
    let mut found = Vec::new();
    while let Some(at) = open.pop_front() {
        if at != script && is_financial(graph.node(at)) {
            continue;
        }
        if let Some(why) = stale.get(&at) {
            found.push(diagnostic(graph, script, &way(script, at, &came), why));
        }
        let mut parents: Vec<Index> = graph.parents(at).filter(|p| !came.contains_key(p)).collect();
        parents.sort_unstable();
        parents.dedup();
        for parent in parents {
            came.insert(parent, at);
            open.push_back(parent);
        }
    }
    found
}

/// From the script to the node, both included.
fn way(script: Index, to: Index, came: &HashMap<Index, Index>) -> Vec<Index> {
    let mut way = vec![to];
    let mut at = to;
    while at != script {
        let Some(next) = came.get(&at) else { break };
        at = *next;
        way.push(at);
    }
    way.reverse();
    way
}

/// Whether the touch names what a node writes, or the view that it is.
fn is_of(graph: &Graph, node: Index, touch: &Touch) -> bool {
    let definition = graph.node(node).node.body.definition();
    graph.writers(&touch.relation).contains(&node) || definition.is_some_and(|d| d.name == touch.relation)
}

fn diagnostic(graph: &Graph, script: Index, way: &[Index], why: &str) -> Diagnostic {
    let analyzed = graph.node(script);
    let node = &analyzed.node;
    let names: Vec<&str> = way.iter().map(|i| graph.node(*i).node.id.as_str()).collect();
    let root = names.last().copied().unwrap_or_default();
    let message = format!("`{}` rests on `{root}`, {why}: {}", node.name, names.join(" <- "));
    let first = way.get(1);
    let touch = analyzed
        .touches
        .iter()
        .find(|t| t.access == Access::Read && first.is_some_and(|f| is_of(graph, *f, t)));
    let told = Diagnostic::new(Code::Drift, message).node(&node.id).help(
        "have a daily load read the source in full, and build what stands in between as a table; or allow it here with a reason",
    );
    match touch {
        Some(touch) => told.at(&touch.file, touch.span).relation(touch.relation.to_string()),
        None => told.at(&node.file, node.span),
    }
}
