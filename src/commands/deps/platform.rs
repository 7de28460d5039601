//! The platform that `deps` stands in: its models are rendered, and it knows the columns of relations.

use std::collections::HashMap;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::super::session::{Session, facts};
use super::input::{full, is_sql};
use crate::analysis::Compiled;
use crate::cli::Global;
use crate::graph::{Graph, Index};
use crate::lineage;
use crate::nouns::Kind;
use crate::words::SourceFile;

/// A platform with what `deps` asks of it.
pub(super) struct Around {
    session: Session,
    /// The nodes whose SQL a file holds.
    files: HashMap<Utf8PathBuf, Index>,
    /// Where columns come from, if that was asked for.
    pub(super) lineage: lineage::Platform,
}

impl Around {
    /// The platform that we stand in, if it can be read.
    pub(super) fn open(global: &Global, columns: bool) -> Option<Self> {
        let session = Session::open(global, |platform| facts(platform, "daily", None, false)).ok()?;
        let root = session.root();
        let graph = &session.graph;
        let holds = |i: &Index| {
            let node = &graph.node(*i).node;
            matches!(node.kind(), Kind::Model | Kind::Script | Kind::Test) && is_sql(node.file.path())
        };
        let files = graph
            .indices()
            .filter(holds)
            .filter_map(|i| Some((full(&root.join(graph.node(i).sql.as_ref()?.file().path())), i)))
            .collect();
        let order = if columns { graph.order() } else { Vec::new() };
        let lineage = session.lineage(&order);
        Some(Self { session, files, lineage })
    }

    pub(super) fn graph(&self) -> &Graph {
        &self.session.graph
    }

    /// The project whose folder holds a file.
    pub(super) fn project(&self, file: &SourceFile) -> Option<&str> {
        let file = full(file.path());
        let projects = &self.graph().analysis().platform.projects;
        let own = projects.iter().find(|p| file.starts_with(full(&self.session.root().join(&p.folder))))?;
        Some(&own.name)
    }

    /// The node whose SQL a file holds, and that SQL.
    pub(super) fn node(&self, file: &SourceFile) -> Option<(Index, &Arc<Compiled>)> {
        let index = *self.files.get(&full(file.path()))?;
        Some((index, self.graph().node(index).sql.as_ref()?))
    }
}
