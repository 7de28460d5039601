//! Who depends on whom: nodes connected by the relations that they touch. The only user of the
//! graph library. Decides order; judges nothing but circles (the lint does the rest).

mod build;
mod consumers;
mod cycle;
mod definitions;
mod walk;

use std::collections::HashMap;
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::analysis::{Analysis, AnalyzedNode, Touch};
use crate::nouns::{Body, TargetName};
use crate::words::{Diagnostic, RelationName, SourceFile, Span};

/// The place of a node in the graph, stable for the graph's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Index(usize);

/// Why one node depends on another: the place where it says so.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The user's file.
    pub file: Arc<SourceFile>,
    /// The place.
    pub span: Span,
    /// How the relation was written there.
    pub written: String,
}

/// The nodes of a platform and what they depend on.
pub struct Graph {
    analysis: Analysis,
    edges: DiGraph<(), Edge, u32>,
    ids: HashMap<String, Index>,
    writers: HashMap<RelationName, Vec<Index>>,
}

impl Graph {
    /// Connects the nodes of an analysis. Circles are told, and stay in the graph.
    #[must_use]
    pub fn new(analysis: Analysis) -> (Self, Vec<Diagnostic>) {
        let graph = build::build(analysis);
        let cycles = cycle::tell(&graph);
        (graph, cycles)
    }

    /// What the graph was made of.
    #[must_use]
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// A node.
    #[must_use]
    pub fn node(&self, index: Index) -> &AnalyzedNode {
        &self.analysis.nodes[index.0]
    }

    /// The target that a load's rows are streamed from, on the target that the graph is of.
    #[must_use]
    pub fn streams_from(&self, index: Index) -> Option<&TargetName> {
        match &self.node(index).node.body {
            Body::Load(load) => load.streams_from(&self.analysis.target.name),
            _ => None,
        }
    }

    /// All nodes, in the order in which they were read.
    pub fn indices(&self) -> impl Iterator<Item = Index> + use<> {
        (0..self.analysis.nodes.len()).map(Index)
    }

    /// The node of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Index> {
        self.ids.get(id).copied()
    }

    /// The nodes that make or change a relation (given in full).
    #[must_use]
    pub fn writers(&self, relation: &RelationName) -> &[Index] {
        self.writers.get(relation).map_or(&[], Vec::as_slice)
    }

    /// All relations that some node makes or changes.
    pub fn relations(&self) -> impl Iterator<Item = &RelationName> {
        self.writers.keys()
    }

    /// All nodes with what they touch.
    pub fn touches(&self) -> impl Iterator<Item = (Index, &Touch)> {
        self.indices().flat_map(|i| self.node(i).touches.iter().map(move |t| (i, t)))
    }
}

fn position(index: Index) -> NodeIndex<u32> {
    NodeIndex::new(index.0)
}
