//! Who imports a relation, for messages to those who change it.

use std::collections::BTreeSet;

use super::Graph;
use crate::analysis::Via;
use crate::words::RelationName;

/// How many are named.
const NAMED: usize = 20;

impl Graph {
    /// The imports of a relation (given in full), each with the owner of its project, in one line.
    #[must_use]
    pub fn consumers(&self, relation: &RelationName) -> Option<String> {
        let projects = &self.analysis().platform.projects;
        let imports = self.touches().filter(|(_, t)| t.via == Via::Import && t.relation == *relation);
        let told: BTreeSet<String> = imports
            .map(|(index, _)| {
                let node = &self.node(index).node;
                let owner = projects.iter().find(|p| p.name == node.project).and_then(|p| p.owner.as_ref());
                owner.map_or_else(|| node.id.clone(), |owner| format!("{} ({owner})", node.id))
            })
            .collect();
        let more = told.len().saturating_sub(NAMED);
        let mut names: Vec<String> = told.into_iter().take(NAMED).collect();
        if more > 0 {
            names.push(format!("and {more} more"));
        }
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// What to do about a broken contract of a relation, with the names of all who import it.
    #[must_use]
    pub fn agreement(&self, relation: &RelationName) -> String {
        match self.consumers(relation) {
            None => "nobody imports it yet: change the declared columns with it".to_owned(),
            Some(who) => format!("agree with those who import it, then change the declared columns: {who}"),
        }
    }
}
