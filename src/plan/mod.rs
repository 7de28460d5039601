//! What a run will do, as a list of small records: each step with its final SQL and what it waits
//! for. One reader acts on a plan, another prints it; neither decides anything.

mod asked;
mod build;
mod contract;
mod depends;
mod left;
mod leftovers;
mod load;
mod publish;
mod resume;
mod rules;
mod step;

use std::collections::{BTreeMap, HashSet};

pub use asked::Asked;
pub use build::{build, publication};
pub use left::{Left, checksum, left};
pub use load::Past;
pub use publish::{Release, financial_scripts, loads_behind, outputs, publish, source};
pub use resume::{Choice, Record, Unfinished, Wanted, choose};
pub use rules::{Day, Refusal, judge};
pub use step::{
    CommandFetch, Fetch, LoadMode, Loading, Origin, Phase, Plan, Step, StepKind, Text, Transcode,
};

use crate::graph::{Graph, Index};
use crate::nouns::{Kind, Pipeline, Track};

/// What a plan is made for.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of the command line's")]
#[derive(Debug, Clone)]
pub struct Options {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Tests alone: the `test` command.
    pub tests_only: bool,
    /// Incremental models are rebuilt.
    pub full_refresh: bool,
    /// Loads are left out.
    pub no_load: bool,
    /// Whether financial gold may be touched.
    pub publishes: bool,
    /// What the warehouse knows of loads from before, by node id.
    pub past: BTreeMap<String, Past>,
    /// The present, in the platform's time zone, for what must be fresh.
    pub now: Option<jiff::Zoned>,
    /// What is known of the publications that end in it.
    pub release: Release,
}

impl Options {
    /// Whether a node has a step in this plan, if it is selected.
    #[must_use]
    pub fn includes(&self, graph: &Graph, index: Index) -> bool {
        use crate::nouns::{Body, Materialization, Origin};
        let analyzed = graph.node(index);
        let kind = analyzed.node.kind();
        if self.tests_only {
            return kind == Kind::Test;
        }
        // Financial gold stands still all day; its tests would compare it with what moves.
        let financial = |index: Index| graph.node(index).node.track == Some(Track::Financial);
        let of_financial = kind == Kind::Test && graph.parents(index).any(financial);
        if !self.publishes && (financial(index) || of_financial) {
            return false;
        }
        if self.release.rehearses && publication(graph, index).is_none() {
            return false;
        }
        match &analyzed.node.body {
            Body::Load(load) => {
                let hourly = self.pipeline == Pipeline::Hourly;
                !self.no_load && (!hourly || load.is_hourly() || matches!(load.origin, Origin::External))
            }
            Body::Script { init, .. } => !init || self.pipeline == Pipeline::Init,
            // A model that could not be rendered stays in, so that its error stops the run.
            Body::Model => {
                analyzed.config.as_ref().is_none_or(|c| c.materialized != Materialization::Ephemeral)
            }
            Body::Seed => self.pipeline != Pipeline::Hourly,
            Body::Test(_) => true,
            // Its script makes it.
            Body::Definition(_) => false,
        }
    }
}

/// The selected nodes together with the ancestors of every import whose origin the warehouse
/// lacks and the selection does not make. Gives the nodes that were added.
#[must_use]
pub fn with_missing_origins(
    graph: &Graph,
    selected: &mut HashSet<Index>,
    exists: impl Fn(&crate::words::RelationName) -> bool,
) -> Vec<Index> {
    let mut added = Vec::new();
    let mut open: Vec<Index> = selected.iter().copied().collect();
    open.sort();
    while let Some(index) = open.pop() {
        let is_elsewhere = graph.streams_from(index).is_some();
        for touch in &graph.node(index).touches {
            if touch.via != crate::analysis::Via::Import || is_elsewhere || exists(&touch.relation) {
                continue;
            }
            for writer in graph.writers(&touch.relation) {
                let mut wanted: Vec<Index> =
                    graph.ancestors(*writer, None).into_iter().chain([*writer]).collect();
                wanted.sort();
                for index in wanted {
                    if selected.insert(index) {
                        added.push(index);
                        open.push(index);
                    }
                }
            }
        }
    }
    added.sort();
    added
}
