//! Makes a plan of a graph, a selection, and what the warehouse holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::step::{Origin, Phase, Plan, Step, StepKind, Text};
use super::{Options, depends, leftovers, load, publish};
use crate::analysis::{AnalyzedNode, Compiled};
use crate::ddl::{self, Act, Sample, Statement};
use crate::graph::{Graph, Index};
use crate::nouns::{
    Body, FileFormat, FileOrigin, Hook, Kind, Materialization, ModelConfig, TestSeverity, Track,
};
use crate::sql;
use crate::warehouse::{Catalog, RelationKind};
use crate::words::{Code, Diagnostic, Dialect, RelationName, Span};

/// How many failing rows of a test on money are told.
const TOLD: usize = 5;

/// Makes the plan of the selected nodes, or says why there can be none.
pub fn build(
    graph: &Graph,
    selected: &HashSet<Index>,
    catalog: &Catalog,
    options: &Options,
) -> Result<Plan, Vec<Diagnostic>> {
    let included: HashSet<Index> = selected.iter().copied().filter(|i| options.includes(graph, *i)).collect();
    let dialect = graph.analysis().target.engine.dialect();
    let mut planner = Planner {
        graph,
        dialect,
        views: views(graph, &included),
        catalog,
        options,
        problems: Vec::new(),
        plan: Plan::default(),
    };
    planner.check_dialects(&included);
    let order = depends::order(graph, &included);
    let prepared = if options.tests_only { BTreeMap::new() } else { planner.prepare(&included) };
    let mut position: HashMap<Index, usize> = HashMap::new();
    for (index, waits) in order {
        let mut depends_on: Vec<usize> = waits.iter().filter_map(|w| position.get(w).copied()).collect();
        if let Some(first) = prepared.get(&graph.node(index).node.project) {
            depends_on.insert(0, *first);
        }
        let step = planner.step(index, depends_on);
        position.insert(index, planner.plan.steps.len());
        planner.plan.steps.push(step);
    }
    planner.check_publications();
    planner.publications(&included);
    planner.plan.tables = tables(graph);
    if planner.problems.is_empty() { Ok(planner.plan) } else { Err(planner.problems) }
}

pub(super) struct Planner<'a> {
    pub(super) graph: &'a Graph,
    /// The target's.
    pub(super) dialect: Dialect,
    /// The views that the plan builds.
    pub(super) views: Vec<RelationName>,
    pub(super) catalog: &'a Catalog,
    pub(super) options: &'a Options,
    problems: Vec<Diagnostic>,
    plan: Plan,
}

impl Planner<'_> {
    /// Refuses SQL that the target can't run.
    fn check_dialects(&mut self, included: &HashSet<Index>) {
        let target = &self.graph.analysis().target;
        let can = target.engine.dialect();
        let mut refused: Vec<&AnalyzedNode> = included
            .iter()
            .map(|i| self.graph.node(*i))
            .filter(|n| {
                n.sql.is_some() && n.dialect != can && matches!(n.node.kind(), Kind::Script | Kind::Model)
            })
            .collect();
        refused.sort_by(|a, b| a.node.id.cmp(&b.node.id));
        for node in refused {
            let stem = node.node.file.path().with_extension(format!("{can}.sql"));
            let help = if node.node.kind() == Kind::Script {
                format!("put a version for {can} beside it: `{stem}`; or run on another target")
            } else {
                format!("run on a target that speaks {}, or change `dialect:` in project.yml", node.dialect)
            };
            self.problems.push(
                Diagnostic::new(
                    Code::InvalidSql,
                    format!(
                        "`{}` is written in {}, which the target `{}` can't run",
                        node.node.id, node.dialect, target.name
                    ),
                )
                .at(&node.node.file, Span::default())
                .node(&node.node.id)
                .help(help),
            );
        }
    }

    /// One step for each project that makes what is missing. Gives their positions.
    fn prepare(&mut self, included: &HashSet<Index>) -> BTreeMap<String, usize> {
        let analysis = self.graph.analysis();
        let mut projects: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for index in included {
            let node = self.graph.node(*index);
            let schemas = projects.entry(node.node.project.clone()).or_default();
            if let Some(schema) = node.relation.as_ref().and_then(|r| r.schema.clone()) {
                schemas.insert(schema);
            }
            if node.node.track == Some(Track::Financial)
                && let Some(all) = analysis.placement.schemas(&node.node.project)
            {
                schemas.insert(all.financial.to_lowercase());
            }
        }
        let mut positions = BTreeMap::new();
        for (project, schemas) in projects {
            let database = analysis.placement.database(&project).to_owned();
            let mut statements = Vec::new();
            if !self.keeps_books(&database) {
                statements.extend(ddl::bookkeeping(self.dialect, &database));
            }
            statements.extend(
                schemas
                    .into_iter()
                    .filter(|schema| !self.catalog.has_schema(&database, schema))
                    .map(|schema| ddl::create_schema(self.dialect, &database, &schema)),
            );
            for (relation, is_view) in
                leftovers::leftovers(self.graph, &project, included, self.catalog, self.options)
            {
                statements.push(ddl::drop(self.dialect, &relation, is_view));
                self.plan.cleared.push(relation);
            }
            if statements.is_empty() {
                continue;
            }
            positions.insert(project.clone(), self.plan.steps.len());
            self.plan.steps.push(Step {
                id: format!("{project}:prepare"),
                node: None,
                project,
                database,
                kind: StepKind::Prepare,
                label: "prepare".into(),
                depends_on: Vec::new(),
                publication: None,
                fetch: None,
                loading: None,
                phases: vec![Phase {
                    transaction: true,
                    statements: statements.into_iter().map(|s| sent(s, None)).collect(),
                }],
                fails: true,
            });
        }
        positions
    }

    /// Whether a database holds all of goldsmith's own tables.
    fn keeps_books(&self, database: &str) -> bool {
        ddl::BOOKKEEPING_TABLES
            .iter()
            .all(|t| self.catalog.get(&RelationName::new(database, ddl::BOOKKEEPING, t)).is_some())
    }

    fn step(&mut self, index: Index, depends_on: Vec<usize>) -> Step {
        let node = self.graph.node(index);
        let project = node.node.project.clone();
        let database = self.graph.analysis().placement.database(&project).to_owned();
        let mut step = Step {
            id: node.node.id.clone(),
            node: Some(node.node.id.clone()),
            project,
            database,
            kind: StepKind::Model,
            label: node.node.kind().word().to_owned(),
            depends_on,
            publication: None,
            fetch: None,
            loading: None,
            phases: Vec::new(),
            fails: true,
        };
        match &node.node.body {
            Body::Load(load) => self.load(node, load, &mut step),
            Body::Seed => self.seed(node, &mut step),
            Body::Model => self.model(node, &mut step),
            Body::Script { .. } => script(node, &mut step),
            Body::Definition(_) => {}
            Body::Test(spec) => {
                step.kind = StepKind::Test;
                step.fails = spec.severity == TestSeverity::Error;
                if let Some(compiled) = &node.sql {
                    let query = query(compiled, node);
                    let told = node.totals.as_ref().map(|t| ddl::widest(self.dialect, query, t, TOLD));
                    let sent = [Some(ddl::count_rows(self.dialect, query)), told].into_iter().flatten();
                    let statements = sent.map(|s| text(s, Some(compiled), node)).collect();
                    step.phases.push(Phase { transaction: false, statements });
                }
            }
        }
        self.hold_contract(node, &mut step);
        if !self.options.tests_only {
            step.publication = publication(self.graph, index).map(str::to_owned);
        }
        step
    }

    /// Ends each publication of a whole financial track. A part of one is no publication.
    fn publications(&mut self, included: &HashSet<Index>) {
        if self.options.tests_only {
            return;
        }
        let projects: BTreeSet<String> =
            self.plan.steps.iter().filter_map(|s| s.publication.clone()).collect();
        for project in projects {
            let scripts = publish::financial_scripts(self.graph, &project);
            let selected = scripts.iter().filter(|s| included.contains(s)).count();
            if selected < scripts.len() || scripts.is_empty() {
                // Tests alone make no part.
                self.plan.parts.extend((selected > 0).then(|| format!("{project}'s financial gold")));
                continue;
            }
            let steps = &self.plan.steps;
            let depends_on: Vec<usize> = (0..steps.len())
                .filter(|s| steps[*s].publication.as_deref() == Some(project.as_str()))
                .collect();
            let publish = publish::publish(self.graph, &project, &scripts, &self.options.release);
            self.plan.steps.push(publish::step(publish, depends_on));
        }
    }

    pub(super) fn folder(&self, project: &str) -> String {
        let projects = &self.graph.analysis().platform.projects;
        projects.iter().find(|p| p.name == project).map(|p| p.folder.to_string()).unwrap_or_default()
    }

    fn seed(&self, node: &AnalyzedNode, step: &mut Step) {
        step.kind = StepKind::Seed;
        let Some(relation) = &node.relation else { return };
        let text =
            |key: &str| node.node.config.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
        let origin = FileOrigin {
            delimiter: text("delimiter"),
            ..FileOrigin::new(node.node.file.path().as_str(), FileFormat::Csv)
        };
        let mut columns = node.node.columns.clone();
        if let Some(types) = node.node.config.get("column_types").and_then(serde_json::Value::as_object) {
            columns.extend(types.iter().filter_map(|(name, kind)| {
                Some(crate::nouns::Column {
                    name: name.clone(),
                    data_type: Some(kind.as_str()?.to_owned()),
                    description: String::new(),
                    is_ignored: false,
                })
            }));
        }
        let types = ddl::types_of_files(self.dialect, &load::declared_types(&columns));
        let query = ddl::file_query(&origin, &origin.path, &types, Sample::All);
        let mut statements = ddl::table_of_files(
            self.dialect,
            relation,
            &origin.path,
            &query,
            self.old(relation, RelationKind::Table),
        );
        if origin.delimiter.is_none() {
            statements.push(ddl::refuse_one_wide_column(self.dialect, relation));
        }
        self.table(node, relation, statements, step);
    }

    fn model(&self, node: &AnalyzedNode, step: &mut Step) {
        let (Some(relation), Some(config), Some(full)) = (&node.relation, &node.config, &node.sql) else {
            return;
        };
        step.label = format!("{} model", config.materialized);
        let existing = self.catalog.get(relation).map(|r| r.kind);
        let (statements, body): (Vec<Statement>, &Arc<Compiled>) = match config.materialized {
            Materialization::View => (
                ddl::view_as(
                    self.dialect,
                    relation,
                    query(full, node),
                    self.old(relation, RelationKind::View),
                ),
                full,
            ),
            Materialization::Incremental if self.grows(config, existing) => match &node.incremental_sql {
                Some(body) => {
                    let held = self.catalog.get(relation).map(|r| r.columns.as_slice()).unwrap_or_default();
                    let (query, key) = (query(body, node), &config.unique_key);
                    (ddl::increment(self.dialect, relation, held, query, config.strategy, key), body)
                }
                None => (
                    ddl::table_as(
                        self.dialect,
                        relation,
                        query(full, node),
                        self.old(relation, RelationKind::Table),
                    ),
                    full,
                ),
            },
            _ => (
                ddl::table_as(
                    self.dialect,
                    relation,
                    query(full, node),
                    self.old(relation, RelationKind::Table),
                ),
                full,
            ),
        };
        let wanted = if config.materialized == Materialization::View {
            RelationKind::View
        } else {
            RelationKind::Table
        };
        let mut all = Vec::new();
        if let Some(existing) = existing.filter(|kind| *kind != wanted) {
            let drop = ddl::drop_other_kind(self.dialect, relation, existing == RelationKind::View);
            all.extend(drop.map(|drop| text(drop, None, node)));
        }
        let hook = |h: &Hook| {
            let origin = Origin::Place { file: Arc::clone(&node.node.file), span: h.span };
            sent(Statement::own(&h.sql), Some(origin))
        };
        all.extend(config.pre_hook.iter().map(hook));
        all.extend(statements.into_iter().map(|s| text(s, Some(body), node)));
        all.extend(config.post_hook.iter().map(hook));
        step.phases.push(Phase { transaction: true, statements: all });
    }

    /// What is known of the relation whose place another takes.
    pub(super) fn old(&self, relation: &RelationName, kind: RelationKind) -> ddl::Old<'_> {
        let held = self.catalog.get(relation);
        ddl::Old {
            stands: held.is_some(),
            is_relied_on: held.is_some_and(|r| r.is_relied_on || r.kind != kind),
            has_leftover: self.catalog.get(&ddl::beside(relation)).is_some(),
            rebuilt: &self.views,
        }
    }

    /// Whether an incremental model takes up new rows instead of being rebuilt.
    fn grows(&self, config: &ModelConfig, existing: Option<RelationKind>) -> bool {
        let refresh = config.full_refresh.unwrap_or(self.options.full_refresh);
        existing == Some(RelationKind::Table) && !refresh
    }

    fn table(
        &self,
        node: &AnalyzedNode,
        relation: &RelationName,
        statements: Vec<Statement>,
        step: &mut Step,
    ) {
        let mut all = Vec::new();
        if self.catalog.get(relation).is_some_and(|r| r.kind == RelationKind::View) {
            let drop = ddl::drop_other_kind(self.dialect, relation, true);
            all.extend(drop.map(|drop| text(drop, None, node)));
        }
        all.extend(statements.into_iter().map(|s| text(s, None, node)));
        step.phases.push(Phase { transaction: true, statements: all });
    }

    /// Refuses a node that stands between two scripts of one publication: it would have to run
    /// outside the transaction that it is in the middle of.
    fn check_publications(&mut self) {
        let steps = &self.plan.steps;
        let mut below: Vec<HashSet<&str>> = Vec::with_capacity(steps.len());
        for step in steps {
            let mut mine: HashSet<&str> = HashSet::new();
            for before in &step.depends_on {
                let other = &steps[*before];
                mine.extend(below[*before].iter().copied());
                if other.publication.is_some() && other.publication != step.publication {
                    mine.extend(other.publication.as_deref());
                }
            }
            if let Some(own) = step.publication.as_deref()
                && mine.contains(own)
            {
                self.problems.push(
                    Diagnostic::new(
                        Code::Cycle,
                        format!("`{}` reads something outside financial gold that itself reads financial gold of `{own}`", step.id),
                    )
                    .node(&step.id)
                    .help("financial gold is published in one transaction: make the node in between a financial script, or read something earlier"),
                );
            }
            below.push(mine);
        }
    }
}

/// The publication that a node belongs to, which is its project's: financial scripts, and tests of
/// what they make.
#[must_use]
pub fn publication(graph: &Graph, index: Index) -> Option<&str> {
    let node = &graph.node(index).node;
    let is_published = match node.kind() {
        Kind::Script => node.track == Some(Track::Financial),
        Kind::Test => graph.parents(index).any(|p| {
            let parent = &graph.node(p).node;
            matches!(parent.kind(), Kind::Script | Kind::Definition)
                && parent.track == Some(Track::Financial)
                && parent.project == node.project
        }),
        _ => false,
    };
    is_published.then_some(node.project.as_str())
}

/// The tables that loads fill.
fn tables(graph: &Graph) -> BTreeMap<RelationName, String> {
    let loads = graph.indices().map(|i| graph.node(i)).filter(|n| n.node.kind() == Kind::Load);
    loads.filter_map(|n| Some((n.relation.clone()?, n.node.id.clone()))).collect()
}

/// What a script sends, as written.
fn script(node: &AnalyzedNode, step: &mut Step) {
    step.kind = StepKind::Script;
    let Some(compiled) = &node.sql else { return };
    let statements = sql::sent(compiled.sql(), node.dialect)
        .into_iter()
        .map(|span| Text {
            sql: compiled.sql()[span.start..span.end].to_owned(),
            origin: Some(Origin::Body { compiled: Arc::clone(compiled), from: 0, at: span.start }),
            act: Act::Run,
            at: None,
            careful: None,
        })
        .collect();
    step.phases.push(Phase { transaction: node.transaction, statements });
}

/// A query without what stands behind its semicolon.
fn query<'a>(compiled: &'a Compiled, node: &AnalyzedNode) -> &'a str {
    let text = compiled.sql();
    if !text.contains(';') {
        return text;
    }
    let end = sql::statements(text, node.dialect).first().map_or(text.len(), |s| s.span.end);
    &text[..end]
}

/// A statement with the way back to the user's file.
pub(super) fn text(statement: Statement, body: Option<&Arc<Compiled>>, node: &AnalyzedNode) -> Text {
    let origin = match (statement.body_at, body) {
        (Some(from), Some(compiled)) => Origin::Body { compiled: Arc::clone(compiled), from, at: 0 },
        _ => Origin::Place { file: Arc::clone(&node.node.file), span: node.node.span },
    };
    sent(statement, Some(origin))
}

/// The views that the nodes make.
fn views(graph: &Graph, included: &HashSet<Index>) -> Vec<RelationName> {
    let mut views: Vec<RelationName> = included
        .iter()
        .map(|i| graph.node(*i))
        .filter(|n| n.config.as_ref().is_some_and(|c| c.materialized == Materialization::View))
        .filter_map(|n| n.relation.clone())
        .collect();
    views.sort();
    views
}

/// A statement as it is sent.
pub(super) fn sent(statement: Statement, origin: Option<Origin>) -> Text {
    Text { sql: statement.sql, origin, act: statement.act, at: statement.at, careful: statement.careful }
}
