//! The statement that holds a contract: the last one of the transaction that makes the relation.

use super::build::{Planner, text};
use super::step::Step;
use crate::analysis::AnalyzedNode;
use crate::ddl;

impl Planner<'_> {
    /// Adds the question whether the relation is as promised, if the node promises anything.
    pub(super) fn hold_contract(&self, node: &AnalyzedNode, step: &mut Step) {
        let columns = &node.node.columns;
        let (Some(relation), Some(phase)) = (node.gives(), step.phases.last_mut()) else { return };
        if !node.holds_contract() || columns.is_empty() {
            return;
        }
        let promised: Vec<(String, Option<String>)> =
            columns.iter().map(|c| (c.name.clone(), c.data_type.clone())).collect();
        let whom = self.graph.agreement(relation);
        let check = ddl::refuse_broken_contract(self.dialect, relation, &promised, &whom);
        phase.statements.push(text(check, None, node));
    }
}
