//! Tells of circles: the whole circle, with the place of each of its edges.

use std::collections::{HashMap, HashSet, VecDeque};

use petgraph::algo::kosaraju_scc;

use super::{Edge, Graph, Index, position};
use crate::words::{Code, Diagnostic};

pub(super) fn tell(graph: &Graph) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for component in kosaraju_scc(&graph.edges) {
        let mut members: Vec<Index> = component.iter().map(|n| Index(n.index())).collect();
        members.sort();
        let first = members[0];
        if members.len() > 1 || graph.children(first).any(|c| c == first) {
            found.extend(describe(graph, &circle(graph, first, &members.into_iter().collect())));
        }
    }
    found.sort_by(|a, b| a.node.cmp(&b.node));
    found
}

/// The shortest way from a node back to itself, within its component: the nodes in order.
fn circle(graph: &Graph, start: Index, within: &HashSet<Index>) -> Vec<Index> {
    let mut from: HashMap<Index, Index> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in graph.children(at).filter(|n| within.contains(n)) {
            if next == start {
                let mut way = vec![at];
                while let Some(before) = from.get(way.last().unwrap_or(&start)) {
                    way.push(*before);
                }
                way.reverse();
                return way;
            }
            if next != start && !from.contains_key(&next) {
                from.insert(next, at);
                queue.push_back(next);
            }
        }
    }
    vec![start]
}

fn describe(graph: &Graph, circle: &[Index]) -> Option<Diagnostic> {
    let name = |i: &Index| graph.node(*i).node.id.clone();
    let edge = |from: Index, to: Index| -> Option<&Edge> {
        graph.edges.find_edge(position(from), position(to)).and_then(|e| graph.edges.edge_weight(e))
    };
    let mut names: Vec<String> = circle.iter().map(name).collect();
    names.push(name(circle.first()?));
    let pairs: Vec<(Index, Index)> =
        circle.iter().copied().zip(circle.iter().copied().cycle().skip(1)).take(circle.len()).collect();
    let (from, to) = *pairs.last()?;
    let first = edge(from, to)?;
    let message = if circle.len() == 1 {
        format!("`{}` depends on itself", names[0])
    } else {
        format!("these depend on each other in a circle: {}", names.join(" -> "))
    };
    let mut told = Diagnostic::new(Code::Cycle, message).at(&first.file, first.span).node(name(&to));
    for (from, to) in &pairs[..pairs.len() - 1] {
        if let Some(edge) = edge(*from, *to) {
            let text = format!("`{}` reads `{}` of `{}` here", name(to), edge.written, name(from));
            told = told.label(&edge.file, edge.span, text);
        }
    }
    Some(told.help("one of these must read something earlier; a model that needs its own rows reads `{{ this }}` under is_incremental()"))
}
