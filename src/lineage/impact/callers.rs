//! Who runs a procedure, function or trigger: what its body reads, they read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Place;
use crate::analysis::Touch;
use crate::graph::{Graph, Index};
use crate::nouns::{DefinitionKind, Kind};
use crate::words::RelationName;

/// The definitions of a platform and who runs them.
pub(super) struct Callers<'a> {
    graph: &'a Graph,
    by_name: HashMap<&'a RelationName, Vec<(Index, Place)>>,
    /// Those that make a trigger fire, by the trigger's node.
    firing: HashMap<Index, Vec<(Index, Place)>>,
}

impl<'a> Callers<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let mut callers = Self { graph, by_name: HashMap::new(), firing: HashMap::new() };
        for index in graph.indices() {
            let node = graph.node(index);
            for call in &node.calls {
                let place = (Arc::clone(&call.file), call.span);
                callers.by_name.entry(&call.name).or_default().push((index, place));
            }
            for touch in &node.touches {
                let fires = touch.through.as_ref().is_some_and(|t| t.kind == DefinitionKind::Trigger);
                if let Some(trigger) = callers.definition(index, touch).filter(|_| fires) {
                    let place = (Arc::clone(&touch.file), touch.span);
                    callers.firing.entry(trigger).or_default().push((index, place));
                }
            }
        }
        callers
    }

    /// The definition that stands between a node and what it touches.
    pub(super) fn definition(&self, near: Index, touch: &Touch) -> Option<Index> {
        let name = &touch.through.as_ref()?.name;
        let id = crate::nouns::node_id(&self.graph.node(near).node.project, name);
        self.graph.find(&id).filter(|i| self.graph.node(*i).node.kind() == Kind::Definition)
    }

    /// Those that run a definition, directly or through other definitions. Views are read, not run.
    pub(super) fn of(&self, graph: &Graph, index: Index) -> Vec<(Index, Place)> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([index]);
        let mut open = vec![index];
        while let Some(next) = open.pop() {
            let Some(definition) = graph.node(next).node.body.definition() else { continue };
            if definition.kind.is_read() {
                continue;
            }
            let called = self.by_name.get(&definition.name).into_iter().flatten();
            for (caller, place) in called.chain(self.firing.get(&next).into_iter().flatten()) {
                if seen.insert(*caller) {
                    found.push((*caller, place.clone()));
                    open.push(*caller);
                }
            }
        }
        found
    }
}
