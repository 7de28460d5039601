//! `goldsmith show`

use std::collections::HashSet;
use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::columns::{Shown, told};
use super::ls::{as_json, relation};
use super::session::{Session, facts};
use super::warehouse::{Purpose, open};
use super::{CommandError, Exit};
use crate::analysis::Access;
use crate::cli::{DataFormat, Global, ShowArgs};
use crate::ddl;
use crate::graph::Index;
use crate::lineage::{Column, Flow};
use crate::nouns::{Kind, Layer, Track};
use crate::report::{Table, ignore_broken_pipe};
use crate::sql::deps::ColumnDeps;
use crate::sql::quote_name;
use crate::warehouse::Rows;
use crate::words::nearest;

pub(super) fn show(global: &Global, args: &ShowArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    let index = find(&session, &args.node)?;
    let rows = if args.rows > 0 { Some(preview(&session, index, args.rows)?) } else { None };
    let mut out = session.out.stdout();
    let written = match args.format {
        DataFormat::Json => serde_json::to_writer_pretty(&mut out, &json(&session, index, rows.as_ref()))
            .map_err(Into::into)
            .and_then(|()| writeln!(out)),
        DataFormat::Text => text(&session, index, rows.as_ref(), &mut out),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// The one node of a name or id.
fn find(session: &Session, name: &str) -> Result<Index, CommandError> {
    let graph = &session.graph;
    if let Some(index) = graph.find(name) {
        return Ok(index);
    }
    let named: Vec<Index> = graph.indices().filter(|i| graph.node(*i).node.name == name).collect();
    match named.as_slice() {
        [one] => Ok(*one),
        [] => {
            let known: Vec<&str> = graph.indices().map(|i| graph.node(i).node.name.as_str()).collect();
            Err(CommandError::Usage {
                message: format!("there is no node `{name}`"),
                help: Some(nearest(name, known).map_or_else(
                    || "`goldsmith ls` lists them all".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                )),
            })
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|i| graph.node(*i).node.id.as_str()).collect();
            Err(CommandError::Usage {
                message: format!("several projects have a node `{name}`"),
                help: Some(format!("name one of {}", ids.join(", "))),
            })
        }
    }
}

fn preview(session: &Session, index: Index, limit: usize) -> Result<Rows, CommandError> {
    let node = session.graph.node(index);
    let opened = open(session, &HashSet::from([index]), Purpose::Look, Duration::ZERO)?;
    let database = session.graph.analysis().placement.database(&node.node.project).to_owned();
    let dialect = session.graph.analysis().target.engine.dialect();
    let from = match (node.node.kind(), &node.relation, &node.sql) {
        (Kind::Test, _, Some(sql)) => format!("({}\n)", sql.sql().trim_end().trim_end_matches(';')),
        (Kind::Script, ..) => {
            let made = node.touches.iter().find(|t| t.access != Access::Read && t.access != Access::Drop);
            let Some(made) = made else {
                return Err(CommandError::usage(format!("`{}` writes no relation to show", node.node.id)));
            };
            quote_name(dialect, &made.relation)
        }
        (_, Some(relation), _) if opened.catalog.get(relation).is_some() => quote_name(dialect, relation),
        _ => {
            return Err(super::warehouse::missing(&relation(session, index).unwrap_or(node.node.id.clone())));
        }
    };
    let mut connection = opened.warehouse.connect(&database)?;
    Ok(connection.query(&ddl::preview(connection.dialect(), &from, limit))?)
}

fn names(session: &Session, found: impl Iterator<Item = Index>) -> Vec<String> {
    let mut ids: Vec<String> = found.map(|i| session.graph.node(i).node.id.clone()).collect();
    ids.sort();
    ids
}

/// What the node touches: relation, place.
fn touched(session: &Session, index: Index, writes: bool) -> Vec<(String, String)> {
    let node = session.graph.node(index);
    let mut found: Vec<(String, String)> = Vec::new();
    for touch in node.touches.iter().filter(|t| t.access.is_write() == writes) {
        let place = format!("{}:{}", touch.file.path(), touch.file.position(touch.span.start).line);
        let name = touch.relation.to_string();
        if found.iter().all(|(n, _)| *n != name) {
            found.push((name, place));
        }
    }
    found
}

/// The columns that the node gives to relations that last, with where they come from.
fn columns(session: &Session, index: Index) -> Vec<ColumnDeps> {
    let graph = &session.graph;
    let above = graph.ancestors(index, None);
    let order: Vec<Index> = graph.order().into_iter().filter(|i| *i == index || above.contains(i)).collect();
    let platform = session.lineage(&order);
    let node = graph.node(index);
    let line = |column: &Column| {
        let span = node.sql.as_ref().map_or(column.span, |sql| sql.place(column.span));
        node.node.file.position(span.start).line
    };
    let flows = platform.lineage(index).into_iter().flat_map(|l| &l.flows);
    let lasts = |f: &&Flow| f.relation.as_ref().is_some_and(|r| r.full.schema.is_some());
    flows.filter(lasts).flat_map(|f| Shown::Full.columns(f, line)).collect()
}

fn json(session: &Session, index: Index, rows: Option<&Rows>) -> Value {
    let node = session.graph.node(index);
    let mut value = as_json(session, index);
    let places = |writes| -> Vec<Value> {
        touched(session, index, writes)
            .into_iter()
            .map(|(relation, place)| json!({"relation": relation, "place": place}))
            .collect()
    };
    if let Value::Object(map) = &mut value {
        map.insert("description".into(), node.node.description.clone().into());
        map.insert("tags".into(), json!(node.node.tags));
        map.insert("reads".into(), places(false).into());
        map.insert("writes".into(), places(true).into());
        map.insert("columns".into(), json!(columns(session, index)));
        map.insert("depended_on_by".into(), json!(names(session, session.graph.children(index))));
        let sql = node.sql.as_ref().map(|s| session.out.masker.mask(s.sql()).into_owned());
        map.insert("sql".into(), json!(sql));
        if let Some(rows) = rows {
            map.insert("rows".into(), json!({"columns": rows.columns, "rows": rows.rows}));
        }
    }
    value
}

fn text(session: &Session, index: Index, rows: Option<&Rows>, out: &mut dyn Write) -> std::io::Result<()> {
    let node = session.graph.node(index);
    let what = match &node.config {
        Some(config) => format!("{} model", config.materialized),
        None => node.node.kind().word().to_owned(),
    };
    let place: Vec<&str> =
        [node.node.layer.map(Layer::word), node.node.track.map(Track::word)].into_iter().flatten().collect();
    writeln!(out, "{} ({})", node.node.id, [vec![what.as_str()], place].concat().join(", "))?;
    if !node.node.description.is_empty() {
        writeln!(out, "  {}", crate::report::neutral(node.node.description.trim()))?;
    }
    let owners = session.owners();
    let facts = [
        ("file", node.node.file.path().to_string()),
        ("relation", relation(session, index).unwrap_or_default()),
        ("owner", owners.get(&node.node.project).cloned().unwrap_or_default()),
        ("tags", node.node.tags.join(", ")),
    ];
    for (label, value) in facts.iter().filter(|(_, v)| !v.is_empty()) {
        writeln!(out, "  {label:<12} {value}")?;
    }
    for (label, writes) in [("reads", false), ("writes", true)] {
        for (nth, (name, place)) in touched(session, index, writes).into_iter().enumerate() {
            writeln!(out, "  {:<12} {name}  ({place})", if nth == 0 { label } else { "" })?;
        }
    }
    for (label, ids) in [
        ("depends on", names(session, session.graph.parents(index))),
        ("needed by", names(session, session.graph.children(index))),
    ] {
        for (nth, id) in ids.iter().enumerate() {
            writeln!(out, "  {:<12} {id}", if nth == 0 { label } else { "" })?;
        }
    }
    let own = relation(session, index);
    for (nth, column) in columns(session, index).iter().enumerate() {
        let label = if nth == 0 { "columns" } else { "" };
        let other = column.relation.as_ref().filter(|r| own.as_ref() != Some(r));
        let of = other.map_or(String::new(), |r| format!("{r}."));
        let told = format!("{of}{}", told(column));
        writeln!(out, "  {label:<12} {}  ({})", crate::report::neutral_line(&told), column.line)?;
    }
    if let Some(rows) = rows {
        let mut table = Table::new(rows.columns.clone());
        for row in &rows.rows {
            table.row(row.iter().map(|c| c.clone().unwrap_or_default()));
        }
        writeln!(out)?;
        table.write(&session.out, out)?;
    }
    Ok(())
}
