//! `goldsmith compile`, and the compiled SQL of nodes that failed.

use std::io::Write;

use camino::Utf8PathBuf;
use serde_json::{Map, Value, json};

use super::manifest::TARGET;
use super::session::{Session, facts};
use super::{CommandError, Exit, earlier, manifest};
use crate::analysis::Facts;
use crate::cli::{DataFormat, Global, ListArgs};
use crate::execute::{RunResults, Status};
use crate::graph::Index;
use crate::nouns::Kind;
use crate::report::ignore_broken_pipe;

pub(super) fn compile(global: &Global, args: &ListArgs) -> Result<Exit, CommandError> {
    let mut known = Facts::default();
    let session = Session::open(global, |platform| {
        known = facts(platform, "daily", None, false);
        known.clone()
    })?;
    let selected = session.select(&args.nodes)?;
    let mut compiled: Vec<Index> =
        selected.iter().copied().filter(|i| session.graph.node(*i).sql.is_some()).collect();
    session.refuse_errors(&compiled.iter().copied().collect()).or_else(|error| match error {
        // What crosses a boundary can still be rendered and looked at.
        CommandError::Boundary(_) => Ok(()),
        other => Err(other),
    })?;
    compiled.sort_by(|a, b| session.graph.node(*a).node.id.cmp(&session.graph.node(*b).node.id));
    let mut files = Vec::new();
    for index in &compiled {
        if let Some(path) = write(&session, *index)? {
            files.push((*index, path));
        }
    }
    earlier::tell_overwritten(&session, &args.nodes);
    manifest::write(&session, &known.run_id, Map::from_iter([("which".to_owned(), json!("compile"))]))?;
    let mut out = session.out.stdout();
    let models: Vec<_> =
        files.iter().filter(|(i, _)| session.graph.node(*i).node.kind() != Kind::Test).collect();
    let written = match (args.format, models.as_slice()) {
        (DataFormat::Json, _) => {
            let all: Vec<Value> = files.iter().map(|(i, path)| as_json(&session, *i, path)).collect();
            serde_json::to_writer_pretty(&mut out, &all).map_err(Into::into).and_then(|()| writeln!(out))
        }
        (DataFormat::Text, [(index, _)]) if !args.nodes.select.is_empty() => {
            let sql = session.graph.node(*index).sql.as_ref().map(|s| s.sql().to_owned()).unwrap_or_default();
            writeln!(out, "{}", session.out.masker.mask(sql.trim_end()))
        }
        (DataFormat::Text, _) => {
            writeln!(session.err.stderr(), "{} files written to {TARGET}/compiled", files.len())
        }
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

fn as_json(session: &Session, index: Index, path: &Utf8PathBuf) -> Value {
    let node = session.graph.node(index);
    json!({
        "id": node.node.id,
        "path": node.node.file.path().as_str(),
        "compiled_path": path.as_str(),
        "sql": node.sql.as_ref().map(|s| session.out.masker.mask(s.sql()).into_owned()),
    })
}

/// Where a node's compiled SQL lies, relative to the platform.
fn relative(session: &Session, index: Index) -> Utf8PathBuf {
    let node = &session.graph.node(index).node;
    let folder = if node.kind() == Kind::Test { "tests" } else { node.layer.map_or("other", |l| l.word()) };
    Utf8PathBuf::from(format!("{TARGET}/compiled/{}/{folder}/{}.sql", node.project, node.name))
}

/// The compiled SQL's path of a node's id, where there is such a file.
pub(super) fn path_of(session: &Session, id: &str) -> Option<String> {
    let index = session.graph.find(id)?;
    let path = relative(session, index);
    session.root().join(&path).is_file().then(|| path.to_string())
}

fn write(session: &Session, index: Index) -> Result<Option<Utf8PathBuf>, CommandError> {
    let Some(sql) = &session.graph.node(index).sql else { return Ok(None) };
    let path = relative(session, index);
    let full = session.root().join(&path);
    if let Some(folder) = full.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::write(&full, session.out.masker.mask(sql.sql()).as_bytes())?;
    Ok(Some(path))
}

/// Leaves the SQL of what failed where a person can look at it.
pub(super) fn write_failed(session: &Session, results: &RunResults) -> Result<(), CommandError> {
    for step in
        results.steps.iter().filter(|s| matches!(s.status, Status::Fail | Status::Error | Status::Warn))
    {
        if let Some(index) = session.graph.find(&step.node) {
            write(session, index)?;
        }
    }
    Ok(())
}
