//! What the artifacts of a command are made of.

use std::collections::{BTreeSet, HashSet};
use std::io;

use camino::Utf8PathBuf;
use serde_json::{Map, Value};

use super::session::Session;
use crate::graph::Index;
use crate::nouns::{Kind, Materialization};
use crate::report::artifacts::{Invocation, ManifestNode, write_manifest};
use crate::sql::quote_name;

/// The folder for everything that goldsmith writes beside the warehouse.
pub(super) const TARGET: &str = "target";

/// The nodes of the manifest.
pub(super) fn nodes(session: &Session) -> Vec<ManifestNode<'_>> {
    // dbt's schema has no room for definitions.
    let kept = session.graph.indices().filter(|i| !is_definition(session, *i));
    kept.map(|i| node(session, i)).collect()
}

fn node(session: &Session, index: Index) -> ManifestNode<'_> {
    let analyzed = session.graph.node(index);
    let depends_on = parents(session, index);
    let mut node = ManifestNode::new(&analyzed.node);
    node.relation.clone_from(&analyzed.relation);
    node.relation_sql = analyzed.relation.as_ref().map(|r| quote_name(analyzed.dialect, r));
    node.depends_on = depends_on;
    node.state = session.graph.analysis().fingerprint(analyzed);
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

fn is_definition(session: &Session, index: Index) -> bool {
    session.graph.node(index).node.kind() == Kind::Definition
}

/// The ids that a node depends on, those beyond a definition in its place.
fn parents(session: &Session, index: Index) -> Vec<String> {
    let mut ids = BTreeSet::new();
    let mut seen = HashSet::new();
    let mut open: Vec<Index> = session.graph.parents(index).collect();
    while let Some(parent) = open.pop() {
        if !seen.insert(parent) {
            continue;
        }
        if is_definition(session, parent) {
            open.extend(session.graph.parents(parent));
        } else {
            ids.insert(session.graph.node(parent).node.id.clone());
        }
    }
    ids.into_iter().collect()
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

/// Writes `target/manifest.json`.
pub(super) fn write(session: &Session, run_id: &str, args: Map<String, Value>) -> io::Result<()> {
    let invocation = invocation(session, run_id, args);
    write_manifest(&path(session, "manifest.json")?, &nodes(session), &invocation, &session.out.masker)
}

/// A file in `target/`.
pub(super) fn path(session: &Session, name: &str) -> io::Result<Utf8PathBuf> {
    let folder = session.root().join(TARGET);
    fs_err::create_dir_all(&folder)?;
    Ok(folder.join(name))
}
