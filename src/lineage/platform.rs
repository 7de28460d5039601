//! The columns of a platform: every node's, in the order in which nodes depend on each other, so that
//! each knows the columns of what it reads.

use std::collections::HashMap;
use std::sync::Arc;

use super::column::{Column, Flow, Lineage, Named};
use super::known::{Known, Names, Whole};
use super::{on_a_large_stack, script};
use crate::analysis::{AnalyzedNode, Via};
use crate::graph::{Graph, Index};
use crate::nouns::{Kind, Node};
use crate::sql;
use crate::words::RelationName;

/// The columns that files of data say they have, such as a CSV's heading.
pub type Headings<'a> = &'a (dyn Fn(&Node) -> Option<Vec<String>> + Sync);

/// Where the columns of a platform's nodes come from.
#[derive(Default)]
pub struct Platform {
    /// What is known of its relations.
    pub known: Known,
    nodes: HashMap<Index, Lineage>,
}

impl Platform {
    /// Follows the columns of nodes, given so that each comes behind what it depends on.
    #[must_use]
    pub fn new(graph: &Graph, order: &[Index], headings: Headings) -> Self {
        let work = || {
            let mut platform = Self::default();
            for &index in order {
                if let Some(lineage) = platform.node(graph, index, headings) {
                    platform.nodes.insert(index, lineage);
                }
            }
            platform
        };
        on_a_large_stack(work).unwrap_or_default()
    }

    /// The columns that a node gives.
    #[must_use]
    pub fn lineage(&self, node: Index) -> Option<&Lineage> {
        self.nodes.get(&node)
    }

    /// The columns of a relation (given in full) with where they come from: what each node that
    /// writes it puts there.
    pub fn columns<'p>(
        &'p self,
        graph: &'p Graph,
        relation: &'p RelationName,
    ) -> impl Iterator<Item = (Index, &'p Column)> {
        let flows = graph
            .writers(relation)
            .iter()
            .flat_map(|i| self.nodes.get(i).into_iter().flat_map(|l| &l.flows).map(move |flow| (*i, flow)));
        let writes = move |flow: &Flow| flow.relation.as_ref().is_some_and(|r| r.full == *relation);
        flows.filter(move |(_, f)| writes(f)).flat_map(|(i, f)| f.columns.iter().map(move |c| (i, c)))
    }

    fn node(&mut self, graph: &Graph, index: Index, headings: Headings) -> Option<Lineage> {
        let node = graph.node(index);
        match node.node.kind() {
            Kind::Load | Kind::Seed => self.data(node, headings),
            Kind::Model => Some(self.model(graph, node)),
            Kind::Script | Kind::Test => self.sql(graph, node),
            Kind::Definition => None,
        }
    }

    fn sql(&mut self, graph: &Graph, node: &AnalyzedNode) -> Option<Lineage> {
        let sql = node.sql.as_ref()?.sql();
        let placement = &graph.analysis().placement;
        let names = |name: &RelationName| placement.resolve(name, &node.node.project, node.dialect);
        let names: Names = &names;
        let read = sql::read(sql, node.dialect);
        Some(script::Reader::new(sql, node.dialect, names, &mut self.known).read(&read))
    }

    /// A model's answer is what its relation holds.
    fn model(&mut self, graph: &Graph, node: &AnalyzedNode) -> Lineage {
        let mut lineage = self.sql(graph, node).unwrap_or_default();
        let Some(relation) = &node.relation else { return lineage };
        let named = Arc::new(Named { written: relation.clone(), full: relation.clone() });
        let answer = lineage.flows.iter_mut().rev().find(|f| f.relation.is_none());
        let found = answer.map(|flow| {
            flow.relation = Some(named);
            flow.columns.iter().map(name).collect::<Option<Vec<String>>>().ok_or(&flow.columns)
        });
        match found {
            Some(Ok(all)) => self.known.declare(relation, &all, Whole::Yes),
            Some(Err(some)) => {
                let some: Vec<String> = some.iter().filter_map(name).collect();
                self.partly(relation, &some, node);
            }
            None => self.partly(relation, &[], node),
        }
        lineage
    }

    /// Columns of which there are others: those that YAML names are known, too.
    fn partly(&mut self, relation: &RelationName, found: &[String], node: &AnalyzedNode) {
        let declared = node.node.columns.iter().map(|c| c.name.to_lowercase());
        let mut all: Vec<String> = found.to_vec();
        all.extend(declared.filter(|d| !found.contains(d)));
        self.known.declare(relation, &all, Whole::No);
    }

    /// A load or seed: an import has its origin's columns, data have those of their heading.
    fn data(&mut self, node: &AnalyzedNode, headings: Headings) -> Option<Lineage> {
        let relation = node.relation.as_ref()?;
        if let Some(import) = node.touches.iter().find(|t| t.via == Via::Import) {
            return Some(self.import(relation, &import.relation, node));
        }
        match headings(&node.node) {
            Some(all) => self.known.declare(relation, &all, Whole::Yes),
            None => self.partly(relation, &[], node),
        }
        None
    }
}

impl Platform {
    /// An import has its origin's columns.
    fn import(&mut self, relation: &RelationName, origin: &RelationName, node: &AnalyzedNode) -> Lineage {
        let named = |name: &RelationName| Arc::new(Named { written: name.clone(), full: name.clone() });
        let known: Option<Vec<String>> =
            self.known.columns(origin).map(|all| all.into_iter().map(str::to_owned).collect());
        let from = named(origin);
        let columns = if let Some(all) = known {
            self.known.declare(relation, &all, Whole::Yes);
            all.iter().map(|c| Column::of(&from, c)).collect()
        } else {
            self.partly(relation, &[], node);
            vec![Column::rows(&from)]
        };
        let span = node.node.span;
        let columns = columns.into_iter().map(|c| Column { span, ..c }).collect();
        let flow = Flow { span, relation: Some(named(relation)), columns, by_position: false };
        Lineage { flows: vec![flow], unread: Vec::new() }
    }
}

fn name(column: &Column) -> Option<String> {
    column.name.as_deref().filter(|_| !column.is_rows()).map(str::to_owned)
}
