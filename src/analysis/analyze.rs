//! Takes a platform through rendering and reading, projects and nodes side by side.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::ToSpan;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::draft::{ephemerals, relations};
use super::resolver::Resolver;
use super::touch::{Access, Touch, Via};
use super::{Analysis, AnalyzedNode, Placement, calls, definitions};
use crate::nouns::{BusinessDate, Kind, Node, Platform, Project, Target};
use crate::render::{Resolve, Resolved, Scope, Settings, TargetFacts, Templates};
use crate::words::{Diagnostic, Dialect, RelationName, SourceFile, Span};

/// What a run fixes before anything is rendered.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The pipeline's word.
    pub pipeline: String,
    /// The business date, `YYYY-MM-DD`, of projects that do not say otherwise.
    pub date: String,
    /// Whether it was named, and so holds for all projects.
    pub is_date_given: bool,
    /// Whether incremental models are rebuilt.
    pub full_refresh: bool,
    /// Names the run.
    pub run_id: String,
    /// When it began (RFC 3339).
    pub started_at: String,
}

impl Facts {
    /// The business date of a project.
    #[must_use]
    pub fn date_of(&self, project: &Project) -> String {
        let date = self.date.parse::<jiff::civil::Date>();
        match (project.business_date, date) {
            (BusinessDate::PreviousDay, Ok(date)) if !self.is_date_given => {
                date.saturating_sub(1.day()).to_string()
            }
            _ => self.date.clone(),
        }
    }
}

/// Renders and reads everything.
#[must_use]
pub fn analyze(mut platform: Platform, target: Target, facts: &Facts) -> (Analysis, Vec<Diagnostic>) {
    let placement = Placement::new(&platform, &target);
    let foreign = foreign(&platform, &placement);
    let mut out = Vec::new();
    let mut nodes = Vec::new();
    let mut secrets = Vec::new();
    let mut all_templates = BTreeMap::new();
    let mut names = HashSet::new();
    let default_dialect = platform.targets.get(&platform.default_target).unwrap_or(&target).engine.dialect();
    for index in 0..platform.projects.len() {
        let own = std::mem::take(&mut platform.projects[index].nodes);
        names.extend(own.iter().map(|node| node.id.clone()));
        let project = &platform.projects[index];
        let dialect = project.dialect.unwrap_or(default_dialect);
        let settings = settings(&platform, project, &target, &placement, facts, dialect);
        let (templates, told) = Templates::new(settings, &project.macros);
        out.extend(told);
        let resolver = resolver(project, &own, &placement, &foreign);
        let mut work = Work {
            platform: &platform,
            target: &target,
            placement: &placement,
            templates: &templates,
            dialect,
            facts,
            resolver,
            scripts: HashSet::new(),
        };
        let (found, told) = work.analyze(own);
        out.extend(told);
        nodes.extend(found);
        secrets.extend(templates.secrets());
        all_templates.insert(project.name.clone(), templates);
    }
    definitions::lift(&mut nodes, &placement);
    calls::resolve(&mut nodes, &placement);
    (Analysis { platform, target, placement, nodes, names, secrets, templates: all_templates }, out)
}

fn settings(
    platform: &Platform,
    project: &Project,
    target: &Target,
    placement: &Placement,
    facts: &Facts,
    dialect: Dialect,
) -> Settings {
    let mut vars = platform.vars.clone();
    vars.extend(project.vars.clone());
    Settings {
        target: TargetFacts {
            name: target.name.clone(),
            kind: target.engine.word().to_owned(),
            database: placement.database(&project.name).to_owned(),
            schema: placement.schemas(&project.name).map(|s| s.silver.clone()).unwrap_or_default(),
            threads: target.threads.unwrap_or(1),
        },
        vars,
        pipeline: facts.pipeline.clone(),
        date: facts.date_of(project),
        started_at: facts.started_at.clone(),
        invocation_id: facts.run_id.clone(),
        ..Settings::new(&project.name, dialect)
    }
}

/// What every project has under a name, for those who name it from outside.
fn foreign(platform: &Platform, placement: &Placement) -> HashMap<String, HashMap<String, RelationName>> {
    let mut foreign = HashMap::new();
    for project in &platform.projects {
        let names = project
            .nodes
            .iter()
            .filter(|n| matches!(n.kind(), Kind::Load | Kind::Seed | Kind::Model))
            .filter_map(|n| Some((n.name.clone(), default_relation(n, placement)?)))
            .collect();
        foreign.insert(project.name.clone(), names);
    }
    foreign
}

/// A node's relation as far as YAML tells.
pub(super) fn default_relation(node: &Node, placement: &Placement) -> Option<RelationName> {
    let text = |key: &str| node.config.get(key).and_then(Value::as_str);
    placement.relation(node, text("schema"), text("alias"))
}

fn resolver(
    project: &Project,
    nodes: &[Node],
    placement: &Placement,
    foreign: &HashMap<String, HashMap<String, RelationName>>,
) -> Resolver {
    let named = |kinds: &[Kind]| {
        nodes
            .iter()
            .filter(|n| kinds.contains(&n.kind()))
            .filter_map(|n| Some((n.name.clone(), Resolved::Relation(default_relation(n, placement)?))))
            .collect::<HashMap<_, _>>()
    };
    let is_off = |n: &&Node| n.kind() == Kind::Seed && !is_enabled(n);
    let disabled: HashSet<String> = nodes.iter().filter(is_off).map(|n| n.name.clone()).collect();
    let mut references = named(&[Kind::Model, Kind::Seed]);
    references.retain(|name, _| !disabled.contains(name));
    Resolver {
        project: project.name.clone(),
        references,
        disabled,
        loads: named(&[Kind::Load]),
        source_names: project.source_names.iter().cloned().collect(),
        foreign: foreign
            .iter()
            .filter(|(name, _)| **name != project.name)
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
    }
}

/// The analysis of one project.
pub(super) struct Work<'a> {
    pub(super) platform: &'a Platform,
    pub(super) target: &'a Target,
    pub(super) placement: &'a Placement,
    pub(super) templates: &'a Templates,
    pub(super) dialect: Dialect,
    pub(super) facts: &'a Facts,
    pub(super) resolver: Resolver,
    /// The names of its scripts.
    pub(super) scripts: HashSet<String>,
}

impl Work<'_> {
    fn analyze(&mut self, nodes: Vec<Node>) -> (Vec<AnalyzedNode>, Vec<Diagnostic>) {
        let mut out = Vec::new();
        self.scripts = nodes.iter().filter(|n| n.kind() == Kind::Script).map(|n| n.name.clone()).collect();
        let (models, others): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|n| n.kind() == Kind::Model);
        let mut drafts = self.draft(models, &mut out);
        self.take_up_overrides(&drafts);
        let resolver: Arc<dyn Resolve> = Arc::new(self.resolver.clone());
        self.render_again(&mut drafts, &resolver, &mut out);
        let ephemerals = ephemerals(&drafts);
        let mut relations = relations(&drafts, &others, self.placement);
        let (mut found, told): (Vec<_>, Vec<_>) =
            drafts.into_par_iter().map(|draft| self.model(draft, &resolver, &ephemerals, &relations)).unzip();
        out.extend(told.into_iter().flatten());
        let (tests, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|n| n.kind() == Kind::Test);
        // What a script makes is known once it is read, and tests may be of that.
        for nodes in [others, tests] {
            let (more, told): (Vec<_>, Vec<_>) = nodes
                .into_par_iter()
                .filter(is_enabled)
                .map(|node| {
                    let mut out = Vec::new();
                    let node = self.other(node, &resolver, &relations, &ephemerals, &mut out);
                    (node, out)
                })
                .unzip();
            out.extend(told.into_iter().flatten());
            let scripts = more.iter().flatten().filter(|n| n.node.kind() == Kind::Script);
            relations.extend(scripts.filter_map(|n| Some((n.node.name.clone(), n.gives()?.clone()))));
            found.extend(more);
        }
        (found.into_iter().flatten().collect(), out)
    }

    /// A node of which nothing more is known.
    pub(super) fn broken(&self, node: Node, relation: Option<RelationName>) -> AnalyzedNode {
        let touches =
            relation.iter().map(|r| made(r.clone(), Arc::clone(&node.file), Span::default())).collect();
        AnalyzedNode {
            node,
            relation,
            config: None,
            dialect: self.dialect,
            sql: None,
            incremental_sql: None,
            touches,
            transaction: true,
            allows: Vec::new(),
            calls: Vec::new(),
            defines: Vec::new(),
            hidden: Vec::new(),
            servers: Vec::new(),
            uses: Vec::new(),
            totals: None,
        }
    }

    pub(super) fn scope(
        &self,
        node: &Node,
        this: Option<&RelationName>,
        resolver: &Arc<dyn Resolve>,
        incremental: bool,
    ) -> Arc<Scope> {
        let model = json!({
            "name": node.name,
            "unique_id": format!("{}.{}", node.kind(), node.id),
            "schema": this.and_then(|t| t.schema.clone()),
            "database": this.and_then(|t| t.database.clone()),
            "alias": this.map(|t| t.name.clone()),
            "path": node.file.path().as_str(),
        });
        Arc::new(Scope {
            this: this.cloned(),
            model,
            incremental,
            full_refresh: self.facts.full_refresh,
            ..Scope::new(&node.id, Arc::clone(resolver))
        })
    }
}

pub(super) fn made(relation: RelationName, file: Arc<SourceFile>, span: Span) -> Touch {
    Touch {
        written: relation.to_string(),
        relation,
        access: Access::Create,
        via: Via::Yaml,
        deferred: false,
        through: None,
        file,
        span,
    }
}

fn is_enabled(node: &Node) -> bool {
    node.config.get("enabled") != Some(&Value::Bool(false))
}
