//! The steps of loads: where the rows come from, which of them, and what is checked on the way.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::build::{Planner, sent};
use super::step::{
    CommandFetch, Fetch, LoadMode, Loading, Origin as Place, Phase, Step, StepKind, Transcode,
};
use crate::analysis::{AnalyzedNode, Via};
use crate::ddl::duckdb::{Filling, Guard, Rows, Sample};
use crate::ddl::{Figures, Shape, Statement, Typed, duckdb};
use crate::nouns::{Column, CommandOrigin, FileFormat, FileOrigin, Load, OnSchemaChange, Origin, Pipeline};
use crate::warehouse::{Relation, RelationKind};
use crate::words::RelationName;

/// The watermark of a table without rows.
const BEGINNING: &str = "2010-01-01T00:00:00Z";

/// What the warehouse knows of a load from before.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The newest `modified` that the table holds, as text.
    pub newest: Option<String>,
    /// From where on the hourly pipeline asks for rows: `newest` less the lookback.
    pub from: Option<String>,
    /// The STATE that a Singer tap left last.
    pub state: Option<String>,
}

/// Where a load's rows come from, and how they are looked at before they are taken.
struct Source {
    rows: Rows,
    /// The query whose description is the shape, where the engine can tell it beforehand.
    shape: Option<String>,
    typed: Typed,
    before: Vec<Statement>,
    arrived: Vec<Statement>,
    fetch: Option<Fetch>,
}

impl Planner<'_> {
    pub(super) fn load(&self, node: &AnalyzedNode, load: &Load, step: &mut Step) {
        step.kind = StepKind::Load;
        let Some(relation) = &node.relation else { return };
        let mut place = load.origin_span;
        let statements = if matches!(load.origin, Origin::External) {
            step.label = "external load".into();
            place = node.node.span;
            vec![duckdb::external_check(relation, &node.node.columns)]
        } else {
            self.filling(node, load, relation, step)
        };
        let place = Place::Place { file: Arc::clone(&node.node.file), span: place };
        let statements = statements.into_iter().map(|s| sent(s, Some(place.clone()))).collect();
        step.phases.push(Phase { transaction: true, statements });
    }

    fn filling(
        &self,
        node: &AnalyzedNode,
        load: &Load,
        relation: &RelationName,
        step: &mut Step,
    ) -> Vec<Statement> {
        let existing = self.catalog.get(relation);
        let table = existing.filter(|r| r.kind == RelationKind::Table);
        let is_delta = self.options.pipeline == Pipeline::Hourly && load.is_hourly() && table.is_some();
        // The init pipeline accepts whatever shape the source has now.
        let held = table.filter(|_| self.options.pipeline != Pipeline::Init);
        let past = self.options.past.get(&node.node.id).cloned().unwrap_or_default();
        let modified = held.zip(load.modified.as_deref()).and_then(|(held, m)| held.kind_of(m));
        // Where changes are numbered, an empty table takes them all.
        let is_time = modified.is_none_or(|m| m.starts_with("TIMESTAMP") || matches!(m, "DATE" | "VARCHAR"));
        let from = past.from.clone().or_else(|| is_time.then(|| BEGINNING.to_owned())).filter(|_| is_delta);
        let mut source = self.source(node, load, held, from.as_deref(), &past, step);
        step.fetch = source.fetch.take();
        step.loading = Some(Loading { mode: if is_delta { LoadMode::Delta } else { LoadMode::Full } });
        let appends = load.on_schema_change == OnSchemaChange::Append;
        let filling = Filling {
            relation,
            held: held.map(|r| r.columns.as_slice()),
            takes_new: appends && !is_delta,
            rows: source.rows,
            key: &load.key,
            modified: load.modified.as_deref(),
            deleted: load.deleted.as_deref(),
        };
        if let Some(held) = held {
            let shape = Shape {
                relation: relation.clone(),
                held: held.columns.clone(),
                typed: source.typed,
                absent_is_null: is_delta && is_json(&load.origin),
                on_schema_change: load.on_schema_change,
            };
            match &source.shape {
                Some(query) => {
                    source.before.push(duckdb::shape_of_query(query, &node.node.columns, shape));
                }
                None => source.arrived.insert(0, duckdb::shape_of_arrived(&filling, shape)),
            }
        }
        if is_delta {
            // A program was told the watermark, and may deliver deleted rows without a `modified`.
            let own = &self.graph.analysis().target.name;
            let chosen_there = load.streams_from(own).is_some() || matches!(load.origin, Origin::Command(_));
            let filter = from.filter(|_| !chosen_there);
            return filling.upsert(filter.as_deref(), source.before, source.arrived);
        }
        let guard = table.map(|_| Guard { max_shrink: load.max_shrink, allow_empty: load.allow_empty });
        let mut statements = Vec::new();
        if existing.is_some_and(|r| r.kind == RelationKind::View) {
            statements.push(duckdb::drop(relation, true));
        }
        statements.extend(filling.reload(guard, source.before, source.arrived));
        statements
    }

    fn source(
        &self,
        node: &AnalyzedNode,
        load: &Load,
        held: Option<&Relation>,
        from: Option<&str>,
        past: &Past,
        step: &mut Step,
    ) -> Source {
        let columns = &node.node.columns;
        match &load.origin {
            Origin::Import { .. } => {
                step.label = "import".into();
                let touch = node.touches.iter().find(|t| t.via == Via::Import);
                let query = touch.map(|t| duckdb::import_query(&t.relation)).unwrap_or_default();
                match load.streams_from(&self.graph.analysis().target.name) {
                    Some(target) => elsewhere(node, &target.name, &query, load, from),
                    None => Source {
                        shape: Some(query.clone()),
                        rows: Rows::Query { sql: query.clone(), careful: None },
                        typed: Typed::All,
                        before: Vec::new(),
                        arrived: control(node, load, &query)
                            .filter(|_| from.is_none())
                            .map(|figures| duckdb::compare(&figures))
                            .into_iter()
                            .collect(),
                        fetch: None,
                    },
                }
            }
            Origin::Query { target, query } => elsewhere(node, &target.name, query, load, from),
            Origin::File(origin) => {
                let mut path = format!("{}/{}", self.folder(&node.node.project), origin.path);
                let mut fetch = None;
                if let Some(label) = origin.encoding.as_deref().filter(|l| !is_utf8(l)) {
                    let to =
                        Utf8PathBuf::from(format!("target/utf8/{}/{}", node.node.project, node.node.name));
                    fetch = Some(Fetch::Transcode(Transcode {
                        from: path.clone(),
                        encoding: label.to_owned(),
                        to: to.clone(),
                    }));
                    path = format!("{to}/*");
                }
                let mut source = file(origin, &path, columns, held, load.on_schema_change);
                source.fetch = fetch;
                let guessed = origin.format == FileFormat::Csv && origin.delimiter.is_none();
                if let Some(relation) = node.relation.as_ref().filter(|_| guessed) {
                    source.arrived.push(duckdb::refuse_one_wide_column(&duckdb::beside(relation)));
                }
                source
            }
            Origin::Command(command) => self.command(node, command, load, held, (from, past)),
            Origin::External => elsewhere(node, "", "", load, None),
        }
    }

    fn command(
        &self,
        node: &AnalyzedNode,
        command: &CommandOrigin,
        load: &Load,
        held: Option<&Relation>,
        (from, past): (Option<&str>, &Past),
    ) -> Source {
        let to = Utf8PathBuf::from(format!("target/fetched/{}/{}.jsonl", node.node.project, node.node.name));
        let origin = FileOrigin::new(to.as_str(), FileFormat::JsonLines);
        let mut source = file(&origin, to.as_str(), &node.node.columns, held, load.on_schema_change);
        // A delta without rows is nothing to worry about; a full load is looked at by its guard.
        source.before.clear();
        source.fetch = Some(Fetch::Command(CommandFetch {
            load: node.node.id.clone(),
            command: command.command.clone(),
            folder: self.folder(&node.node.project).into(),
            stream: command.stream.clone().unwrap_or_else(|| node.node.name.clone()),
            time_limit: command.time_limit,
            watermark: from.map(str::to_owned),
            state: past.state.clone().filter(|_| from.is_some()),
            holds: held.is_some(),
            to,
        }));
        source
    }
}

/// A query on another target; the rows of a delta are chosen there.
fn elsewhere(node: &AnalyzedNode, target: &str, query: &str, load: &Load, from: Option<&str>) -> Source {
    let query = query.trim().trim_end_matches(';');
    let sql = match (from, &load.modified) {
        (Some(from), Some(modified)) => duckdb::rows_since(query, modified, from),
        _ => query.to_owned(),
    };
    Source {
        rows: Rows::Elsewhere {
            target: target.to_owned(),
            control: control(node, load, &sql).filter(|_| from.is_none()),
            sql,
            declared: declared_types(&node.node.columns),
        },
        shape: None,
        typed: Typed::All,
        before: Vec::new(),
        arrived: Vec::new(),
        fetch: None,
    }
}

/// What is compared with the source after a full load.
fn control(node: &AnalyzedNode, load: &Load, query: &str) -> Option<Figures> {
    let wanted = load.control.rows || load.control.sum.is_some();
    let relation = node.relation.as_ref().filter(|_| wanted)?;
    Some(duckdb::figures(query, relation, load.control.sum.as_deref()))
}

/// Files of this machine, read by the engine.
fn file(
    origin: &FileOrigin,
    path: &str,
    columns: &[Column],
    held: Option<&Relation>,
    on_schema_change: OnSchemaChange,
) -> Source {
    let declared = declared_types(columns);
    let known: Option<Vec<(String, String)>> = held.map(|held| {
        let in_file = |name: &str| origin.filename.as_deref().is_none_or(|f| !f.eq_ignore_ascii_case(name));
        held.columns.iter().filter(|(name, _)| in_file(name)).cloned().collect()
    });
    let rows = match known {
        // New columns of JSON files can't be taken up without looking for them.
        Some(known) if on_schema_change == OnSchemaChange::Fail || origin.format == FileFormat::Csv => {
            Rows::Query { sql: duckdb::known_file_query(origin, path, &known), careful: None }
        }
        Some(known) => {
            Rows::Query { sql: duckdb::file_query(origin, path, &known, Sample::All), careful: None }
        }
        None => Rows::Query {
            sql: duckdb::file_query(origin, path, &declared, Sample::Some),
            careful: (origin.format == FileFormat::Csv)
                .then(|| duckdb::file_query(origin, path, &declared, Sample::All)),
        },
    };
    Source {
        rows,
        shape: Some(duckdb::file_shape_query(origin, path)),
        typed: match origin.format {
            FileFormat::Parquet => Typed::All,
            _ => Typed::Declared(declared.into_iter().map(|(name, _)| name).collect()),
        },
        before: vec![duckdb::refuse_empty_files(path)],
        arrived: Vec::new(),
        fetch: None,
    }
}

fn is_json(origin: &Origin) -> bool {
    match origin {
        Origin::Command(_) => true,
        Origin::File(file) => file.format == FileFormat::JsonLines,
        _ => false,
    }
}

/// The columns whose types are declared.
pub(super) fn declared_types(columns: &[Column]) -> Vec<(String, String)> {
    columns.iter().filter_map(|c| Some((c.name.clone(), c.data_type.clone()?))).collect()
}

fn is_utf8(label: &str) -> bool {
    encoding_rs::Encoding::for_label(label.as_bytes()).is_some_and(|e| e == encoding_rs::UTF_8)
}
