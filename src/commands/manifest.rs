//! What the artifacts of a command are made of.

use std::io;

use camino::Utf8PathBuf;
use serde_json::{Map, Value};

use super::session::Session;
use crate::graph::Index;
use crate::nouns::Materialization;
use crate::report::artifacts::{Invocation, ManifestNode};
use crate::sql::quote_name;

/// The folder for everything that goldsmith writes beside the warehouse.
pub(super) const TARGET: &str = "target";

/// The nodes of the manifest.
pub(super) fn nodes(session: &Session) -> Vec<ManifestNode<'_>> {
    session.graph.indices().map(|i| node(session, i)).collect()
}

fn node(session: &Session, index: Index) -> ManifestNode<'_> {
    let analyzed = session.graph.node(index);
    let mut depends_on: Vec<String> =
        session.graph.parents(index).map(|p| session.graph.node(p).node.id.clone()).collect();
    depends_on.sort();
    let mut node = ManifestNode::new(&analyzed.node);
    node.relation.clone_from(&analyzed.relation);
    node.relation_sql = analyzed.relation.as_ref().map(|r| quote_name(analyzed.dialect, r));
    node.depends_on = depends_on;
    node.compiled_code = analyzed.sql.as_ref().map(|s| s.sql().to_owned());
    if let Some(config) = &analyzed.config {
        node.config.clone_from(&config.all);
        node.config.insert("materialized".into(), config.materialized.word().into());
        if config.materialized == Materialization::Ephemeral {
            node.relation_sql = None;
        }
    }
    node
}

/// How the command was called, as the artifacts tell it.
pub(super) fn invocation(session: &Session, run_id: &str, args: Map<String, Value>) -> Invocation {
    let analysis = session.graph.analysis();
    Invocation {
        id: run_id.to_owned(),
        generated_at: jiff::Timestamp::now(),
        platform: analysis.platform.name.clone(),
        adapter_type: analysis.target.engine.word().to_owned(),
        args,
    }
}

/// A file in `target/`.
pub(super) fn path(session: &Session, name: &str) -> io::Result<Utf8PathBuf> {
    let folder = session.root().join(TARGET);
    fs_err::create_dir_all(&folder)?;
    Ok(folder.join(name))
}
