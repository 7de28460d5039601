//! Makes edges of touches: who creates a relation comes before who changes it, who changes it
//! before who reads it, and files in the order of their names where that leaves a choice.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use petgraph::algo::has_path_connecting;
use petgraph::graph::DiGraph;

use super::definitions::{Definitions, closing};
use super::{Edge, Graph, Index, position};
use crate::analysis::{Access, Analysis, Touch, Via};
use crate::nouns::{Kind, node_id};
use crate::words::RelationName;

/// Who does what to one relation.
#[derive(Default)]
struct Users {
    creators: Vec<Index>,
    modifiers: Vec<Index>,
}

pub(super) fn build(analysis: Analysis) -> Graph {
    let ids = analysis.nodes.iter().enumerate().map(|(i, n)| (n.node.id.clone(), Index(i))).collect();
    let users = users(&analysis);
    let mut edges = DiGraph::with_capacity(analysis.nodes.len(), analysis.nodes.len() * 2);
    for _ in &analysis.nodes {
        edges.add_node(());
    }
    let definitions = Definitions::new(&analysis, &ids);
    let mut builder = Builder {
        analysis: &analysis,
        ids: &ids,
        users: &users,
        definitions: &definitions,
        edges,
        seen: HashSet::new(),
    };
    builder.reads();
    builder.connect_definitions();
    builder.order_modifiers();
    let edges = builder.edges;
    let writers = users
        .into_iter()
        .map(|(relation, users)| {
            let mut all = users.creators;
            all.extend(users.modifiers);
            all.dedup();
            (relation.clone(), all)
        })
        .collect();
    Graph { analysis, edges, ids, writers }
}

fn users(analysis: &Analysis) -> HashMap<&RelationName, Users> {
    let mut users: HashMap<&RelationName, Users> = HashMap::new();
    for (i, node) in analysis.nodes.iter().enumerate() {
        for touch in node
            .touches
            .iter()
            .filter(|t| !t.deferred && matches!(t.access, Access::Create | Access::CreateIfMissing))
        {
            let creators = &mut users.entry(&touch.relation).or_default().creators;
            if !creators.contains(&Index(i)) {
                creators.push(Index(i));
            }
        }
    }
    for (i, node) in analysis.nodes.iter().enumerate() {
        for touch in node.touches.iter().filter(|t| !t.deferred && t.access == Access::Modify) {
            let users = users.entry(&touch.relation).or_default();
            if !users.creators.contains(&Index(i)) && !users.modifiers.contains(&Index(i)) {
                users.modifiers.push(Index(i));
            }
        }
    }
    users
}

struct Builder<'a> {
    analysis: &'a Analysis,
    ids: &'a HashMap<String, Index>,
    users: &'a HashMap<&'a RelationName, Users>,
    definitions: &'a Definitions,
    edges: DiGraph<(), Edge, u32>,
    seen: HashSet<(Index, Index)>,
}

impl Builder<'_> {
    /// Edges from those who write a relation to those who read it, and from creators to modifiers.
    fn reads(&mut self) {
        for i in 0..self.analysis.nodes.len() {
            let node = &self.analysis.nodes[i];
            let reader = Index(i);
            for touch in node.touches.iter().filter(|t| !t.deferred) {
                let Some(users) = self.users.get(&touch.relation) else { continue };
                let own = node.relation.as_ref() == Some(&touch.relation);
                let writes = users.creators.contains(&reader) || users.modifiers.contains(&reader);
                match touch.access {
                    Access::Read if !writes => {
                        let makers = self.definitions.before(&touch.relation, &users.creators);
                        self.connect(&makers, reader, touch);
                        self.connect(&users.modifiers, reader, touch);
                    }
                    Access::Read if touch.via == Via::Ref && own => self.connect(&[reader], reader, touch),
                    Access::Read | Access::Modify if users.modifiers.contains(&reader) => {
                        self.connect(&users.creators, reader, touch);
                    }
                    _ => {}
                }
            }
            if node.node.kind() == Kind::Test
                && let Some(touch) = node.touches.first()
                && let Some(tested) = self.ids.get(&node_id(&node.node.project, &touch.written))
            {
                self.connect(&[*tested], reader, touch);
            }
        }
    }

    fn connect(&mut self, from: &[Index], to: Index, touch: &Touch) {
        for writer in from {
            if *writer != to || touch.via == Via::Ref {
                let edge =
                    Edge { file: Arc::clone(&touch.file), span: touch.span, written: touch.written.clone() };
                self.link(*writer, to, edge);
            }
        }
    }

    fn link(&mut self, from: Index, to: Index, edge: Edge) {
        if self.seen.insert((from, to)) {
            self.edges.add_edge(position(from), position(to), edge);
        }
    }

    /// Edges from scripts to what they define and from there to those who call it.
    fn connect_definitions(&mut self) {
        for (from, to, edge) in self.definitions.made(self.analysis) {
            self.link(from, to, edge);
        }
        for (from, to, edge) in self.definitions.called(self.analysis) {
            self.link(from, to, edge);
        }
        for (table, script, edge) in self.definitions.triggered(self.analysis) {
            for creator in self.users.get(table).map(|u| u.creators.clone()).unwrap_or_default() {
                if creator != script {
                    self.link(creator, script, edge.clone());
                }
            }
        }
        // Definitions that call each other in a circle don't wait for each other: whoever calls one
        // of them waits for all.
        let nested = self.definitions.nested(self.analysis);
        let left_out = closing(&self.edges, &nested);
        for (from, to, edge) in nested {
            if !left_out.contains(&(from, to)) {
                self.link(from, to, edge);
            }
        }
        if !left_out.is_empty() {
            for (from, to, edge) in self.definitions.around(self.analysis, &left_out) {
                self.link(from, to, edge);
            }
        }
    }

    /// Those who change one relation run one after the other, by file name, unless what else they
    /// read demands another order.
    fn order_modifiers(&mut self) {
        let mut shared: Vec<(&RelationName, Vec<Index>)> = self
            .users
            .iter()
            .filter(|(_, u)| u.modifiers.len() > 1 || u.creators.len() > 1)
            .map(|(relation, u)| {
                let mut all = u.creators.clone();
                all.sort_by_key(|i| self.analysis.nodes[i.0].node.file.path());
                let mut modifiers = u.modifiers.clone();
                modifiers.sort_by_key(|i| self.analysis.nodes[i.0].node.file.path());
                all.extend(modifiers);
                (*relation, all)
            })
            .collect();
        shared.sort();
        for (relation, users) in shared {
            for pair in users.windows(2) {
                let (first, second) = (pair[0], pair[1]);
                let scripts =
                    [first, second].iter().all(|i| self.analysis.nodes[i.0].node.kind() == Kind::Script);
                if !scripts || has_path_connecting(&self.edges, position(second), position(first), None) {
                    continue;
                }
                let touch =
                    self.analysis.nodes[second.0].touches.iter().find(|t| t.relation == *relation).cloned();
                if let Some(touch) = touch {
                    self.connect(&[first], second, &touch);
                }
            }
        }
    }
}
