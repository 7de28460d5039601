//! Which steps wait for which: the graph's edges, bridged over nodes that have no step, and the
//! tests of a node, which hold back what depends on it.

use std::collections::{HashMap, HashSet};

use crate::graph::{Graph, Index};
use crate::nouns::{Body, Kind, TestSeverity};

/// The nodes with steps in running order, each with the nodes that it waits for.
pub(super) fn order(graph: &Graph, included: &HashSet<Index>) -> Vec<(Index, Vec<Index>)> {
    let order = graph.order();
    let direct = bridged(graph, included, &order);
    let gates = gates(graph, included);
    let mut waits: HashMap<Index, Vec<Index>> = HashMap::with_capacity(direct.len());
    for (index, mut parents) in direct {
        if let Some(tests) = gates.get(&index) {
            parents.extend(tests);
        }
        parents.sort();
        parents.dedup();
        waits.insert(index, parents);
    }
    sorted(&order, &waits)
}

/// The nearest included ancestors of every included node.
fn bridged(graph: &Graph, included: &HashSet<Index>, order: &[Index]) -> HashMap<Index, Vec<Index>> {
    let mut reached: HashMap<Index, Vec<Index>> = HashMap::new();
    let mut direct = HashMap::new();
    for index in order {
        let mut nearest: Vec<Index> = Vec::new();
        for parent in graph.parents(*index) {
            if included.contains(&parent) {
                nearest.push(parent);
            } else if let Some(beyond) = reached.get(&parent) {
                nearest.extend(beyond);
            }
        }
        nearest.sort();
        nearest.dedup();
        if included.contains(index) {
            direct.insert(*index, nearest);
        } else if !nearest.is_empty() {
            reached.insert(*index, nearest);
        }
    }
    direct
}

/// The tests that hold back each node: those of its parents whose every tested node is an ancestor
/// of it, so that no circle can arise.
fn gates(graph: &Graph, included: &HashSet<Index>) -> HashMap<Index, Vec<Index>> {
    let mut gates: HashMap<Index, Vec<Index>> = HashMap::new();
    for test in included.iter().copied().filter(|i| holds_back(graph, *i)) {
        let tested: Vec<Index> = graph.parents(test).collect();
        for parent in &tested {
            for child in graph.children(*parent) {
                if graph.node(child).node.kind() == Kind::Test || !included.contains(&child) {
                    continue;
                }
                let all_before = tested.len() == 1 || {
                    let before = graph.ancestors(child, None);
                    tested.iter().all(|t| before.contains(t))
                };
                if all_before {
                    gates.entry(child).or_default().push(test);
                }
            }
        }
    }
    gates
}

fn holds_back(graph: &Graph, index: Index) -> bool {
    matches!(&graph.node(index).node.body, Body::Test(spec) if spec.severity == TestSeverity::Error)
}

/// A running order that honours the tests as well.
fn sorted(order: &[Index], waits: &HashMap<Index, Vec<Index>>) -> Vec<(Index, Vec<Index>)> {
    let mut open: HashMap<Index, usize> = waits.iter().map(|(i, w)| (*i, w.len())).collect();
    let mut behind: HashMap<Index, Vec<Index>> = HashMap::new();
    for (index, parents) in waits {
        for parent in parents {
            behind.entry(*parent).or_default().push(*index);
        }
    }
    let rank: HashMap<Index, usize> = order.iter().enumerate().map(|(rank, i)| (*i, rank)).collect();
    let mut ready: std::collections::BinaryHeap<std::cmp::Reverse<(usize, Index)>> =
        open.iter().filter(|(_, n)| **n == 0).map(|(i, _)| std::cmp::Reverse((rank[i], *i))).collect();
    let mut done = Vec::with_capacity(open.len());
    while let Some(std::cmp::Reverse((_, index))) = ready.pop() {
        done.push((index, waits[&index].clone()));
        for next in behind.remove(&index).unwrap_or_default() {
            if let Some(count) = open.get_mut(&next) {
                *count -= 1;
                if *count == 0 {
                    ready.push(std::cmp::Reverse((rank[&next], next)));
                }
            }
        }
    }
    done
}
