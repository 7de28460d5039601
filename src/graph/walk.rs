//! Walks along the edges: parents, children, ancestors, order.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use petgraph::Direction;

use super::{Graph, Index, position};

impl Graph {
    /// What a node depends on directly.
    pub fn parents(&self, index: Index) -> impl Iterator<Item = Index> + '_ {
        self.neighbours(index, Direction::Incoming)
    }

    /// What depends on a node directly.
    pub fn children(&self, index: Index) -> impl Iterator<Item = Index> + '_ {
        self.neighbours(index, Direction::Outgoing)
    }

    /// What a node depends on, `depth` steps far (`None`: all the way), without the node.
    #[must_use]
    pub fn ancestors(&self, index: Index, depth: Option<usize>) -> HashSet<Index> {
        self.reach(index, Direction::Incoming, depth)
    }

    /// What depends on a node, `depth` steps far (`None`: all the way), without the node.
    #[must_use]
    pub fn descendants(&self, index: Index, depth: Option<usize>) -> HashSet<Index> {
        self.reach(index, Direction::Outgoing, depth)
    }

    /// All nodes so that each comes behind what it depends on; among equals in the order of
    /// reading. Nodes in circles are left out.
    #[must_use]
    pub fn order(&self) -> Vec<Index> {
        let mut open: Vec<usize> = self.indices().map(|i| self.parents(i).count()).collect();
        let mut ready: BinaryHeap<Reverse<Index>> =
            self.indices().filter(|i| open[i.0] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(open.len());
        while let Some(Reverse(next)) = ready.pop() {
            order.push(next);
            for child in self.children(next) {
                open[child.0] -= 1;
                if open[child.0] == 0 {
                    ready.push(Reverse(child));
                }
            }
        }
        order
    }

    fn neighbours(&self, index: Index, direction: Direction) -> impl Iterator<Item = Index> + '_ {
        self.edges.neighbors_directed(position(index), direction).map(|n| Index(n.index()))
    }

    fn reach(&self, index: Index, direction: Direction, depth: Option<usize>) -> HashSet<Index> {
        let mut found = HashSet::new();
        let mut edge = vec![index];
        let mut steps = 0;
        while !edge.is_empty() && depth.is_none_or(|d| steps < d) {
            edge = edge
                .iter()
                .flat_map(|i| self.neighbours(*i, direction))
                .collect::<Vec<_>>()
                .into_iter()
                .filter(|i| *i != index && found.insert(*i))
                .collect();
            steps += 1;
        }
        found
    }
}
