//! What is left to do of a run that did not finish, on the platform as it is now.

use std::collections::{BTreeSet, HashSet};

use super::{Unfinished, publication};
use crate::analysis::Fingerprint;
use crate::graph::{Graph, Index};
use crate::nouns::{Kind, Materialization};

/// What is left to do.
#[derive(Debug, Default)]
pub struct Left {
    /// The nodes to run.
    pub nodes: HashSet<Index>,
    /// The ids of nodes that were left to do and are there no more.
    pub gone: Vec<String>,
    /// The ids of nodes that succeeded and were changed since.
    pub changed: Vec<String>,
}

/// The planned nodes that did not succeed; those that were changed since they did, with what depends
/// on them; the tests of all these; and publications whole.
#[must_use]
pub fn left(graph: &Graph, run: &Unfinished, includes: impl Fn(Index) -> bool) -> Left {
    let mut left = Left::default();
    let mut planned = BTreeSet::new();
    for id in &run.record.planned {
        match (graph.find(id).filter(|i| includes(*i)), run.done.contains_key(id)) {
            (Some(index), is_done) => {
                planned.insert(index);
                if !is_done {
                    left.nodes.insert(index);
                }
            }
            (None, true) => {}
            (None, false) => left.gone.push(id.clone()),
        }
    }
    left.without_proven_tests(graph, &planned);
    left.with_changed(graph, run, &planned);
    // A test can draw in a publication, and a publication tests.
    loop {
        let before = left.nodes.len();
        left.with_tests(graph, &planned);
        left.with_publications(graph, &planned);
        if left.nodes.len() == before {
            return left;
        }
    }
}

/// What a node was made of, in one word: itself, and the ephemeral models that are put into it.
#[must_use]
pub fn checksum(graph: &Graph, index: Index) -> String {
    let mut parts = BTreeSet::from([index]);
    let mut open = vec![index];
    while let Some(next) = open.pop() {
        let ephemeral = |i: &Index| {
            graph.node(*i).config.as_ref().is_some_and(|c| c.materialized == Materialization::Ephemeral)
        };
        open.extend(graph.parents(next).filter(ephemeral).filter(|parent| parts.insert(*parent)));
    }
    let mut parts: Vec<(&str, Fingerprint)> = parts
        .into_iter()
        .map(|i| graph.node(i))
        .map(|node| (node.node.id.as_str(), graph.analysis().fingerprint(node)))
        .collect();
    parts.sort_unstable_by_key(|(id, _)| *id);
    Fingerprint::whole(parts.iter().map(|(_, part)| part))
}

impl Left {
    /// A publication that stands has passed its tests, though a run that was killed did not say so.
    fn without_proven_tests(&mut self, graph: &Graph, planned: &BTreeSet<Index>) {
        let is_script = |i: &Index| graph.node(*i).node.kind() == Kind::Script;
        let scripts = |name: &str| -> Vec<Index> {
            let own = planned.iter().filter(|i| is_script(i) && publication(graph, **i) == Some(name));
            own.copied().collect()
        };
        let proven: Vec<Index> = self.nodes.iter().copied().filter(|i| !is_script(i)).collect();
        for test in proven {
            let Some(name) = publication(graph, test) else { continue };
            let scripts = scripts(name);
            if !scripts.is_empty() && scripts.iter().all(|s| !self.nodes.contains(s)) {
                self.nodes.remove(&test);
            }
        }
    }

    fn with_changed(&mut self, graph: &Graph, run: &Unfinished, planned: &BTreeSet<Index>) {
        for index in planned.iter().filter(|i| !self.nodes.contains(i)).copied().collect::<Vec<_>>() {
            let node = graph.node(index);
            let Some(Some(before)) = run.done.get(&node.node.id) else { continue };
            if checksum(graph, index) != *before {
                self.changed.push(node.node.id.clone());
                self.nodes.insert(index);
                self.nodes.extend(graph.descendants(index, None).into_iter().filter(|i| planned.contains(i)));
            }
        }
        self.changed.sort_unstable();
    }

    fn with_tests(&mut self, graph: &Graph, planned: &BTreeSet<Index>) {
        let tests = planned.iter().copied().filter(|i| graph.node(*i).node.kind() == Kind::Test);
        let tests: Vec<Index> =
            tests.filter(|t| graph.parents(*t).any(|p| self.nodes.contains(&p))).collect();
        self.nodes.extend(tests);
    }

    fn with_publications(&mut self, graph: &Graph, planned: &BTreeSet<Index>) {
        let names: HashSet<&str> = self.nodes.iter().filter_map(|i| publication(graph, *i)).collect();
        let whole =
            planned.iter().copied().filter(|i| publication(graph, *i).is_some_and(|n| names.contains(n)));
        let whole: Vec<Index> = whole.collect();
        self.nodes.extend(whole);
    }
}
