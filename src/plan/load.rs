//! The steps of loads: where the rows come from, which of them, and what is checked on the way.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::build::{Planner, sent};
use super::step::{
    CommandFetch, Fetch, LoadMode, Loading, Origin as Place, Phase, Step, StepKind, Transcode,
};
use crate::analysis::{AnalyzedNode, Via};
use crate::ddl::{
    self, Check, Elsewhere, FILES, Figures, Filling, Guard, Rows, Sample, Shape, Statement, Typed,
};
use crate::nouns::{Column, CommandOrigin, FileFormat, FileOrigin, Load, OnSchemaChange, Origin, Pipeline};
use crate::warehouse::{Relation, RelationKind};
use crate::words::{Dialect, RelationName};

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
            self.external(node, load, relation)
        } else {
            self.filling(node, load, relation, step)
        };
        let place = Place::Place { file: Arc::clone(&node.node.file), span: place };
        let statements = statements.into_iter().map(|s| sent(s, Some(place.clone()))).collect();
        step.phases.push(Phase { transaction: true, statements });
    }

    /// That a table which another tool loads is there, has its columns, and is as fresh as promised.
    fn external(&self, node: &AnalyzedNode, load: &Load, relation: &RelationName) -> Vec<Statement> {
        let mut statements = vec![ddl::external_check(self.dialect, relation, &node.node.columns)];
        let projects = &self.graph.analysis().platform.projects;
        let project = projects.iter().find(|p| p.name == node.node.project);
        let promised = load.freshness.or(project.map(|p| p.freshness)).unwrap_or_default();
        let held = self.catalog.get(relation).map(|r| r.columns.as_slice()).unwrap_or_default();
        let column = load.modified.as_deref().and_then(|modified| {
            let (name, kind) = held.iter().find(|(name, _)| name.eq_ignore_ascii_case(modified))?;
            Some((name.as_str(), kind.as_str()))
        });
        let (Some(column), Some(now)) = (column, &self.options.now) else { return statements };
        for (name, limit, check) in [
            ("error_after", promised.error_after, Check::Refuse),
            ("warn_after", promised.warn_after, Check::Tell),
        ] {
            let stale = limit
                .and_then(|l| ddl::freshness::stale(self.dialect, relation, column, (name, l), now, check));
            statements.extend(stale);
        }
        statements
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
        let is_time = modified.is_none_or(|m| ddl::freshness::is_time(m) || is_text(m));
        let from = past.from.clone().or_else(|| is_time.then(|| BEGINNING.to_owned())).filter(|_| is_delta);
        let mut source = self.source(node, load, held, from.as_deref(), &past, step);
        step.fetch = source.fetch.take();
        step.loading = Some(Loading { mode: if is_delta { LoadMode::Delta } else { LoadMode::Full } });
        let appends = load.on_schema_change == OnSchemaChange::Append;
        let filling = Filling {
            dialect: self.dialect,
            relation,
            held: held.map(|r| r.columns.as_slice()),
            takes_new: appends && !is_delta,
            rows: source.rows,
            key: &load.key,
            modified: load.modified.as_deref(),
            deleted: load.deleted.as_deref(),
            old: self.old(relation, RelationKind::Table),
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
                Some(query) if self.dialect == Dialect::DuckDb => {
                    source.before.push(ddl::shape_of_query(query, &node.node.columns, shape));
                }
                Some(query) => {
                    // The files are described in DuckDB's types, and so is the table then.
                    let shape = Shape { held: ddl::types_of_files(self.dialect, &shape.held), ..shape };
                    let declared: Vec<Column> = node
                        .node
                        .columns
                        .iter()
                        .map(|c| Column {
                            data_type: c
                                .data_type
                                .as_deref()
                                .map(|kind| ddl::type_of_files(self.dialect, kind)),
                            ..c.clone()
                        })
                        .collect();
                    source.before.push(ddl::shape_of_query(query, &declared, shape).at(FILES));
                }
                None => source.arrived.insert(0, ddl::shape_of_arrived(&filling, shape)),
            }
        }
        if is_delta {
            // A program was told the watermark, and may deliver deleted rows without a `modified`.
            let own = &self.graph.analysis().target.name;
            let streams = load.streams_from(own).is_some()
                || self.dialect != Dialect::DuckDb && matches!(load.origin, Origin::Import { .. });
            let chosen_there = streams || matches!(load.origin, Origin::Command(_));
            let filter = from.filter(|_| !chosen_there);
            return filling.upsert(filter.as_deref(), source.before, source.arrived);
        }
        let guard = table.map(|_| Guard { max_shrink: load.max_shrink, allow_empty: load.allow_empty });
        let mut statements = Vec::new();
        if existing.is_some_and(|r| r.kind == RelationKind::View) {
            statements.extend(ddl::drop_other_kind(self.dialect, relation, true));
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
                let from_there = load.streams_from(&self.graph.analysis().target.name);
                let dialect = from_there.map_or(self.dialect, |target| self.dialect_of(&target.name));
                let query = touch.map(|t| ddl::import_query(dialect, &t.relation)).unwrap_or_default();
                let own = &self.graph.analysis().target.name;
                let there = touch.and_then(|t| t.relation.database.clone());
                match load.streams_from(own) {
                    Some(target) => self.elsewhere(node, (&target.name, there), &query, load, from),
                    // Nobody sees two databases of a server at once, or not on every server: that is seen there.
                    None if self.dialect != Dialect::DuckDb => {
                        let mut source = self.elsewhere(node, (own, there), &query, load, from);
                        if let Rows::Elsewhere { from, .. } = &mut source.rows {
                            from.within = touch.map(|t| t.relation.clone());
                        }
                        source
                    }
                    None => Source {
                        shape: Some(query.clone()),
                        rows: Rows::Query { sql: query.clone(), careful: None },
                        typed: Typed::All,
                        before: Vec::new(),
                        arrived: self
                            .control(node, load, (&query, self.dialect))
                            .filter(|_| from.is_none())
                            .map(|figures| ddl::compare(&figures))
                            .into_iter()
                            .collect(),
                        fetch: None,
                    },
                }
            }
            Origin::Query { target, query } => self.elsewhere(node, (&target.name, None), query, load, from),
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
                let mut source = self.file(origin, &path, columns, held, load.on_schema_change);
                source.fetch = fetch;
                let guessed = origin.format == FileFormat::Csv && origin.delimiter.is_none();
                if let Some(relation) = node.relation.as_ref().filter(|_| guessed) {
                    source.arrived.push(ddl::refuse_one_wide_column(self.dialect, &ddl::beside(relation)));
                }
                source
            }
            Origin::Command(command) => self.command(node, command, load, held, (from, past)),
            Origin::External => self.elsewhere(node, ("", None), "", load, None),
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
        let mut source = self.file(&origin, to.as_str(), &node.node.columns, held, load.on_schema_change);
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

impl Planner<'_> {
    /// The dialect of another target.
    fn dialect_of(&self, target: &str) -> Dialect {
        let targets = &self.graph.analysis().platform.targets;
        targets.get(target).map_or(self.dialect, |t| t.engine.dialect())
    }

    /// A query on another target, or in another database; the rows of a delta are chosen there.
    fn elsewhere(
        &self,
        node: &AnalyzedNode,
        (target, database): (&str, Option<String>),
        query: &str,
        load: &Load,
        from: Option<&str>,
    ) -> Source {
        let dialect = self.dialect_of(target);
        let query = query.trim().trim_end_matches(';');
        let sql = match (from, &load.modified) {
            (Some(from), Some(modified)) => ddl::rows_since(dialect, query, modified, from),
            _ => query.to_owned(),
        };
        Source {
            rows: Rows::Elsewhere {
                from: Box::new(Elsewhere {
                    target: target.to_owned(),
                    // A file of DuckDB's is found by its name in the query.
                    database: database.filter(|_| dialect != Dialect::DuckDb),
                    within: None,
                    declared: declared_types(&node.node.columns),
                    control: self.control(node, load, (&sql, dialect)).filter(|_| from.is_none()),
                }),
                sql,
                careful: None,
            },
            shape: None,
            typed: Typed::All,
            before: Vec::new(),
            arrived: Vec::new(),
            fetch: None,
        }
    }

    /// What is compared with the source after a full load.
    fn control(&self, node: &AnalyzedNode, load: &Load, query: (&str, Dialect)) -> Option<Figures> {
        let wanted = load.control.rows || load.control.sum.is_some();
        let relation = node.relation.as_ref().filter(|_| wanted)?;
        Some(ddl::figures(self.dialect, query, relation, load.control.sum.as_deref()))
    }

    /// Files of this machine: the engine reads them itself, or `DuckDB` does it for it.
    fn file(
        &self,
        origin: &FileOrigin,
        path: &str,
        columns: &[Column],
        held: Option<&Relation>,
        on_schema_change: OnSchemaChange,
    ) -> Source {
        let declared = declared_types(columns);
        let read = ddl::types_of_files(self.dialect, &declared);
        let known: Option<Vec<(String, String)>> = held.map(|held| {
            let in_file =
                |name: &str| origin.filename.as_deref().is_none_or(|f| !f.eq_ignore_ascii_case(name));
            held.columns.iter().filter(|(name, _)| in_file(name)).cloned().collect()
        });
        let types = known.as_ref().map(|known| ddl::types_of_files(self.dialect, known));
        let (sql, careful) = match types {
            // It has types of its own: only what is declared is another one, each time.
            _ if origin.format == FileFormat::Parquet => {
                (ddl::file_query(origin, path, &read, Sample::Some), None)
            }
            // New columns of JSON files can't be taken up without looking for them.
            Some(types) if on_schema_change == OnSchemaChange::Fail || origin.format == FileFormat::Csv => {
                (ddl::known_file_query(origin, path, &types), None)
            }
            Some(types) => (ddl::file_query(origin, path, &types, Sample::All), None),
            None => {
                let careful = || ddl::file_query(origin, path, &read, Sample::All);
                let is_guessed = origin.format == FileFormat::Csv;
                (ddl::file_query(origin, path, &read, Sample::Some), is_guessed.then(careful))
            }
        };
        let typed = match origin.format {
            FileFormat::Parquet => Typed::All,
            _ => Typed::Declared(declared.iter().map(|(name, _)| name.clone()).collect()),
        };
        let is_elsewhere = self.dialect != Dialect::DuckDb;
        let empty = ddl::refuse_empty_files(path);
        Source {
            rows: if is_elsewhere {
                // What the table holds keeps its types; a Parquet file has types of its own.
                let declared = match known {
                    Some(known) if origin.format != FileFormat::Parquet => known,
                    _ => declared,
                };
                let from = Elsewhere { target: FILES.to_owned(), declared, ..Elsewhere::default() };
                Rows::Elsewhere { from: Box::new(from), sql, careful }
            } else {
                Rows::Query { sql, careful }
            },
            // A file that has types of its own is compared when its rows have become the target's.
            shape: (!is_elsewhere || origin.format != FileFormat::Parquet)
                .then(|| ddl::file_shape_query(origin, path)),
            typed,
            before: vec![if is_elsewhere { empty.at(FILES) } else { empty }],
            arrived: Vec::new(),
            fetch: None,
        }
    }
}

/// Whether a type is one of text.
fn is_text(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind == "varchar" || kind == "text" || kind.starts_with("character varying")
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
