//! `goldsmith ls`

use std::io::Write;

use serde_json::{Value, json};

use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{DataFormat, Global, ListArgs};
use crate::graph::Index;
use crate::nouns::{Layer, Materialization, Track};
use crate::report::{Table, count, ignore_broken_pipe};
use crate::words::{Code, Severity};

pub(super) fn ls(global: &Global, args: &ListArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    let mut selected: Vec<Index> = session.select(&args.nodes)?.into_iter().collect();
    selected.sort_by(|a, b| session.graph.node(*a).node.id.cmp(&session.graph.node(*b).node.id));
    tell_unread(&session)?;
    let mut out = session.out.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let all: Vec<Value> = selected.iter().map(|i| as_json(&session, *i)).collect();
            serde_json::to_writer_pretty(&mut out, &all).map_err(Into::into).and_then(|()| writeln!(out))
        }
        DataFormat::Text => {
            let mut table = Table::new(["NODE", "KIND", "LAYER", "TRACK", "OWNER", "RELATION", "PATH"]);
            for index in selected {
                let node = session.graph.node(index);
                table.row([
                    node.node.id.clone(),
                    node.node.kind().word().to_owned(),
                    node.node.layer.map(Layer::word).unwrap_or_default().to_owned(),
                    node.node.track.map(Track::word).unwrap_or_default().to_owned(),
                    session.owner(&node.node.project).unwrap_or_default().to_owned(),
                    relation(&session, index).unwrap_or_default(),
                    node.node.file.path().to_string(),
                ]);
            }
            table.write(&session.out, &mut out)
        }
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// Says that the list is short of what could not be read: a list without a word would pass for whole.
pub(super) fn tell_unread(session: &Session) -> std::io::Result<()> {
    let unread = [Code::UnreadableFile, Code::Encoding, Code::InvalidYaml];
    let errors = session.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    match errors.filter(|d| unread.contains(&d.code)).count() {
        0 => Ok(()),
        n => writeln!(
            session.err.stderr(),
            "warning: nodes may be missing here: {} in reading files, see `goldsmith lint`",
            count(n, "error")
        ),
    }
}

/// A node as `ls --format json` gives it.
pub(super) fn as_json(session: &Session, index: Index) -> Value {
    let node = &session.graph.node(index).node;
    let mut depends_on: Vec<&str> =
        session.graph.parents(index).map(|p| session.graph.node(p).node.id.as_str()).collect();
    depends_on.sort_unstable();
    json!({
        "id": node.id,
        "name": node.name,
        "project": node.project,
        "owner": session.owner(&node.project),
        "kind": node.kind().word(),
        "layer": node.layer.map(Layer::word),
        "track": node.track.map(Track::word),
        "path": node.file.path().as_str(),
        "relation": relation(session, index),
        "depends_on": depends_on,
    })
}

/// The relation that a node makes; an ephemeral model makes none.
pub(super) fn relation(session: &Session, index: Index) -> Option<String> {
    let node = session.graph.node(index);
    let ephemeral = node.config.as_ref().is_some_and(|c| c.materialized == Materialization::Ephemeral);
    node.relation.as_ref().filter(|_| !ephemeral).map(ToString::to_string)
}
