//! The step that ends a publication: what it measures, archives and records.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::step::{Phase, Step, StepKind, Text};
use crate::analysis::{Access, AnalyzedNode};
use crate::ddl::BOOKKEEPING;
use crate::ddl::{Act, Commit, Input, Output, Publish, Root, RootLoad, ScriptText};
use crate::graph::{Graph, Index};
use crate::nouns::{Body, GenericTest, Kind, Publications, Track};
use crate::words::{RelationName, SourceFile};

/// What is known of a publication beside the graph.
#[derive(Debug, Clone, Default)]
pub struct Release {
    /// Whether it is only tried.
    pub rehearses: bool,
    /// Why rules are set aside: the rule's word and the reason.
    pub reasons: Vec<(String, String)>,
    /// Who approved a change of a closed period.
    pub approved_by: Option<String>,
    /// The state of the files.
    pub commit: Option<Commit>,
    /// The SHA-256 of each script's file, by node id.
    pub hashes: BTreeMap<String, String>,
    /// How many publications of the business date there are already, by project.
    pub editions: BTreeMap<String, u32>,
    /// How the loads behind inputs ended last, by node id.
    pub roots: BTreeMap<String, RootLoad>,
}

/// The financial scripts of a project, in the order of reading; those of `init/` are not among them.
#[must_use]
pub fn financial_scripts(graph: &Graph, project: &str) -> Vec<Index> {
    let is_one = |i: &Index| {
        let node = &graph.node(*i).node;
        node.project == project
            && node.track == Some(Track::Financial)
            && matches!(node.body, Body::Script { init: false, .. })
    };
    graph.indices().filter(is_one).collect()
}

/// What ends the publication of a project whose scripts these are.
#[must_use]
pub fn publish(graph: &Graph, project: &str, scripts: &[Index], release: &Release) -> Publish {
    let analysis = graph.analysis();
    let database = analysis.placement.database(project).to_lowercase();
    let settings = analysis.platform.projects.iter().find(|p| p.name == project).map_or_else(
        || analysis.platform.publications.clone(),
        |p| p.publications.over(&analysis.platform.publications),
    );
    let outputs = outputs_of(graph, &database, scripts);
    let made: HashSet<&RelationName> = outputs.iter().map(|o| &o.relation).collect();
    let read: BTreeSet<&RelationName> =
        touched(graph, scripts, |access| !access.is_write()).filter(|r| !made.contains(r)).collect();
    let inputs = read
        .into_iter()
        .map(|relation| Input { relation: relation.clone(), ignored: ignored_of(graph, relation) })
        .collect();
    Publish {
        project: project.to_owned(),
        edition: release.editions.get(project).copied().unwrap_or(0) + 1,
        inputs,
        roots: loads_behind(graph, scripts)
            .into_iter()
            .map(|load| {
                let node = &graph.node(load).node;
                let database = analysis.placement.database(&node.project).to_lowercase();
                Root { load: node.id.clone(), database, before: release.roots.get(&node.id).cloned() }
            })
            .collect(),
        scripts: scripts
            .iter()
            .map(|script| {
                let node = graph.node(*script);
                ScriptText {
                    node: node.node.id.clone(),
                    path: source(node).path().to_string(),
                    sha256: release.hashes.get(&node.node.id).cloned().unwrap_or_default(),
                }
            })
            .collect(),
        outputs,
        database,
        commit: release.commit.clone(),
        reasons: release.reasons.clone(),
        approved_by: release.approved_by.clone(),
        keep: Publications::keep(&settings),
        keeps_period_ends: settings.keeps_period_ends(),
        rehearses: release.rehearses,
    }
}

/// The file that a script's SQL comes from on this target.
#[must_use]
pub fn source(node: &AnalyzedNode) -> &Arc<SourceFile> {
    node.sql.as_ref().map_or(&node.node.file, |compiled| compiled.file())
}

/// The loads behind nodes, imports and what lies behind those included, in the order of reading.
#[must_use]
pub fn loads_behind(graph: &Graph, nodes: &[Index]) -> Vec<Index> {
    let mut behind: Vec<Index> = nodes
        .iter()
        .flat_map(|n| graph.ancestors(*n, None))
        .filter(|i| graph.node(*i).node.kind() == Kind::Load)
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    behind.sort();
    behind
}

/// The step itself, behind the scripts and tests of its publication.
pub(super) fn step(publish: Publish, depends_on: Vec<usize>) -> Step {
    let (project, database) = (publish.project.clone(), publish.database.clone());
    let label = if publish.rehearses { "rehearsal" } else { "publication" };
    let sql = told(&publish);
    let text = Text { sql, origin: None, act: Act::Publish(Box::new(publish)), at: None, careful: None };
    Step {
        id: format!("{project}:publish"),
        node: None,
        publication: Some(project.clone()),
        project,
        database,
        kind: StepKind::Publish,
        label: label.into(),
        depends_on,
        fetch: None,
        loading: None,
        phases: vec![Phase { transaction: true, statements: vec![text] }],
        fails: true,
    }
}

/// What the step does, as comments: its statements follow from the columns that the scripts leave.
fn told(publish: &Publish) -> String {
    let name = |r: &RelationName| format!("{}.{}", r.schema.as_deref().unwrap_or_default(), r.name);
    let list = |names: Vec<String>| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let mut lines = vec![
        format!(
            "-- checksum, rows and totals of {}",
            list(publish.inputs.iter().map(|i| name(&i.relation)).collect())
        ),
        format!(
            "-- checksum, rows and totals of {}, and a copy of their rows in {}",
            list(publish.outputs.iter().map(|o| name(&o.relation)).collect()),
            crate::ddl::ledger::ARCHIVE
        ),
        format!("-- a row in {BOOKKEEPING}.publications"),
    ];
    if publish.rehearses {
        lines.push("-- then all is rolled back".to_owned());
    }
    lines.join("\n")
}

/// The relations that nodes touch in one way, when they run.
fn touched<'a>(
    graph: &'a Graph,
    nodes: &'a [Index],
    wanted: impl Fn(Access) -> bool + 'a,
) -> impl Iterator<Item = &'a RelationName> {
    let touches = nodes.iter().flat_map(|n| &graph.node(*n).touches);
    touches
        .filter(move |t| !t.deferred && wanted(t.access) && t.relation.schema.as_deref() != Some(BOOKKEEPING))
        .map(|t| &t.relation)
}

/// What a project publishes, as its scripts say.
#[must_use]
pub fn outputs(graph: &Graph, project: &str) -> Vec<Output> {
    let database = graph.analysis().placement.database(project).to_lowercase();
    outputs_of(graph, &database, &financial_scripts(graph, project))
}

fn outputs_of(graph: &Graph, database: &str, scripts: &[Index]) -> Vec<Output> {
    let written = |access: Access| access.is_write() && access != Access::Drop;
    let relations: BTreeSet<&RelationName> = touched(graph, scripts, written)
        .filter(|r| r.database.as_deref().is_some_and(|d| d.eq_ignore_ascii_case(database)))
        .collect();
    relations
        .into_iter()
        .map(|relation| {
            let makers: Vec<Index> = scripts
                .iter()
                .copied()
                .filter(|s| touched(graph, std::slice::from_ref(s), written).any(|r| r == relation))
                .collect();
            let config = |key: &str| {
                makers.iter().find_map(|m| graph.node(*m).node.config.get(key)).cloned().unwrap_or_default()
            };
            let mut ignored = ignored_of(graph, relation);
            for maker in &makers {
                ignored.extend(ignored_columns(graph.node(*maker)));
            }
            Output {
                relation: relation.clone(),
                ignored,
                period: config("period").as_str().map(str::to_owned),
                key: key(&config("unique_key"), graph, &makers),
            }
        })
        .collect()
}

/// `unique_key` of the config, or else the one column that a test says is unique.
fn key(configured: &serde_json::Value, graph: &Graph, makers: &[Index]) -> Vec<String> {
    match configured {
        serde_json::Value::String(column) => return vec![column.clone()],
        serde_json::Value::Array(columns) => {
            return columns.iter().filter_map(|c| c.as_str().map(str::to_owned)).collect();
        }
        _ => {}
    }
    let tests = makers.iter().flat_map(|m| graph.children(*m));
    let mut unique = tests.filter_map(|t| match &graph.node(t).node.body {
        Body::Test(spec) => match &spec.generic {
            Some(GenericTest { test, column: Some(column), .. }) if test == "unique" => Some(column.clone()),
            _ => None,
        },
        _ => None,
    });
    unique.next().into_iter().collect()
}

fn ignored_of(graph: &Graph, relation: &RelationName) -> Vec<String> {
    let named = graph.writers(relation).iter().map(|w| graph.node(*w));
    named.filter(|n| n.relation.as_ref() == Some(relation)).flat_map(ignored_columns).collect()
}

fn ignored_columns(node: &AnalyzedNode) -> Vec<String> {
    node.node.columns.iter().filter(|c| c.is_ignored).map(|c| c.name.clone()).collect()
}
