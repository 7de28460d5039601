//! The edges of definitions: from the script that makes one to those who call it. A definition's
//! own body makes no edges, since what it touches is touched where it is called.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use super::{Edge, Index, position};
use crate::analysis::{Access, Analysis, AnalyzedNode};
use crate::nouns::{Body, DefinitionKind, Kind};
use crate::words::RelationName;

/// An edge to be: from, to, and the place that says so.
pub(super) type Link = (Index, Index, Edge);

/// The definitions by name, and the scripts that make each.
pub(super) struct Definitions {
    by_name: HashMap<RelationName, Index>,
    scripts: HashMap<Index, Vec<Index>>,
}

impl Definitions {
    pub(super) fn new(analysis: &Analysis, ids: &HashMap<String, Index>) -> Self {
        let mut all = Self { by_name: HashMap::new(), scripts: HashMap::new() };
        for (i, node) in analysis.nodes.iter().enumerate() {
            let Body::Definition(definition) = &node.node.body else { continue };
            all.by_name.insert(definition.name.clone(), Index(i));
            let scripts = definition.scripts.iter().filter_map(|id| ids.get(id).copied());
            all.scripts.insert(Index(i), scripts.collect());
        }
        all
    }

    /// Whom a reader of a relation waits for: the view or synonym instead of its script.
    pub(super) fn before(&self, relation: &RelationName, creators: &[Index]) -> Vec<Index> {
        let Some(definition) = self.by_name.get(relation) else { return creators.to_vec() };
        let scripts = self.makers(*definition);
        creators.iter().copied().filter(|c| !scripts.contains(c)).chain([*definition]).collect()
    }

    fn makers(&self, definition: Index) -> &[Index] {
        self.scripts.get(&definition).map_or(&[], Vec::as_slice)
    }

    /// From each script to what it defines.
    pub(super) fn made(&self, analysis: &Analysis) -> Vec<Link> {
        let mut links = Vec::new();
        for (definition, scripts) in &self.scripts {
            let node = &analysis.nodes[definition.0].node;
            let edge = Edge { file: Arc::clone(&node.file), span: node.span, written: node.name.clone() };
            links.extend(scripts.iter().map(|script| (*script, *definition, edge.clone())));
        }
        sorted(links)
    }

    /// From each definition to the nodes that call it, but not to the script that makes it.
    pub(super) fn called(&self, analysis: &Analysis) -> Vec<Link> {
        let nodes = analysis.nodes.iter().enumerate();
        let callers = nodes.filter(|(_, n)| n.node.kind() != Kind::Definition);
        let links = callers.flat_map(|(i, node)| self.uses(node).map(move |(d, edge)| (d, Index(i), edge)));
        links.filter(|(definition, caller, _)| !self.makers(*definition).contains(caller)).collect()
    }

    /// From each definition to the definitions whose bodies call it or read it.
    pub(super) fn nested(&self, analysis: &Analysis) -> Vec<Link> {
        let mut links = Vec::new();
        for (i, node) in analysis.nodes.iter().enumerate() {
            if node.node.kind() != Kind::Definition {
                continue;
            }
            let read = node.touches.iter().filter(|t| t.access == Access::Read && t.through.is_none());
            let read = read.filter_map(|t| {
                let edge = Edge { file: Arc::clone(&t.file), span: t.span, written: t.written.clone() };
                Some((*self.by_name.get(&t.relation)?, edge))
            });
            links.extend(self.uses(node).chain(read).map(|(d, edge)| (d, Index(i), edge)));
        }
        links.retain(|(from, to, _)| from != to);
        links
    }

    /// The definitions that a node's SQL calls by name.
    fn uses<'a>(&'a self, node: &'a AnalyzedNode) -> impl Iterator<Item = (Index, Edge)> + 'a {
        node.calls.iter().filter_map(|call| {
            let edge = Edge { file: Arc::clone(&call.file), span: call.span, written: call.written.clone() };
            Some((*self.by_name.get(&call.name)?, edge))
        })
    }

    /// The table of each trigger with the scripts that define it: it has to be there before.
    pub(super) fn triggered<'a>(&self, analysis: &'a Analysis) -> Vec<(&'a RelationName, Index, Edge)> {
        let mut found = Vec::new();
        for (i, node) in analysis.nodes.iter().enumerate() {
            let Body::Definition(definition) = &node.node.body else { continue };
            let Some(table) =
                definition.target.as_ref().filter(|_| definition.kind == DefinitionKind::Trigger)
            else {
                continue;
            };
            let place = &node.node;
            let edge = Edge { file: Arc::clone(&place.file), span: place.span, written: table.name.clone() };
            found.extend(self.makers(Index(i)).iter().map(|script| (table, *script, edge.clone())));
        }
        found
    }

    /// Edges in place of nested ones that were `left_out`: from the definition straight to all
    /// who reach it that way.
    pub(super) fn around(&self, analysis: &Analysis, left_out: &HashSet<(Index, Index)>) -> Vec<Link> {
        // More definitions in one chain of calls than any person wrote.
        const FARTHEST: usize = 1000;
        let mut inner: HashMap<Index, Vec<Index>> = HashMap::new();
        for (from, to, _) in self.nested(analysis) {
            inner.entry(to).or_default().push(from);
        }
        let mut links = Vec::new();
        for (first, caller, edge) in self.called(analysis) {
            let mut seen = HashSet::from([first]);
            let mut open = vec![first];
            while let Some(outer) = open.pop() {
                for next in inner
                    .get(&outer)
                    .into_iter()
                    .flatten()
                    .filter(|n| seen.len() < FARTHEST && seen.insert(**n))
                {
                    if left_out.contains(&(*next, outer)) && !self.makers(*next).contains(&caller) {
                        links.push((*next, caller, edge.clone()));
                    }
                    open.push(*next);
                }
            }
        }
        links
    }
}

/// Those of the links that would close a circle with the edges that are there.
pub(super) fn closing(edges: &DiGraph<(), Edge, u32>, links: &[Link]) -> HashSet<(Index, Index)> {
    if links.is_empty() {
        return HashSet::new();
    }
    let mut all = edges.map(|_, ()| (), |_, _| ());
    for (from, to, _) in links {
        all.add_edge(position(*from), position(*to), ());
    }
    let mut component = vec![0; all.node_count()];
    for (nth, members) in kosaraju_scc(&all).into_iter().enumerate() {
        for member in members {
            component[member.index()] = nth;
        }
    }
    let closes = links.iter().filter(|(from, to, _)| component[from.0] == component[to.0]);
    closes.map(|(from, to, _)| (*from, *to)).collect()
}

fn sorted(mut links: Vec<Link>) -> Vec<Link> {
    links.sort_by_key(|(from, to, _)| (*from, *to));
    links
}
