//! Takes a platform through rendering and reading, projects and nodes side by side.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::ephemeral::{Ephemerals, cte_name, inject};
use super::resolver::Resolver;
use super::touch::{Access, Touch, Via};
use super::{Analysis, AnalyzedNode, Compiled, Placement, config, generic, reading};
use crate::nouns::{Body, Hook, Kind, Materialization, ModelConfig, Node, Origin, Platform, Project, Target};
use crate::render::{Rendered, Resolve, Resolved, Scope, Settings, TargetFacts, Templates};
use crate::words::{Diagnostic, Dialect, RelationName, SourceFile, Span};

/// What a run fixes before anything is rendered.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The pipeline's word.
    pub pipeline: String,
    /// The business date, `YYYY-MM-DD`.
    pub date: String,
    /// Whether incremental models are rebuilt.
    pub full_refresh: bool,
    /// Names the run.
    pub run_id: String,
    /// When it began (RFC 3339).
    pub started_at: String,
}

/// Renders and reads everything.
#[must_use]
pub fn analyze(mut platform: Platform, target: Target, facts: &Facts) -> (Analysis, Vec<Diagnostic>) {
    let placement = Placement::new(&platform, &target);
    let foreign = foreign(&platform, &placement);
    let mut out = Vec::new();
    let mut nodes = Vec::new();
    let mut secrets = Vec::new();
    let default_dialect = platform.targets.get(&platform.default_target).unwrap_or(&target).engine.dialect();
    for index in 0..platform.projects.len() {
        let own = std::mem::take(&mut platform.projects[index].nodes);
        let project = &platform.projects[index];
        let dialect = project.dialect.unwrap_or(default_dialect);
        let settings = settings(&platform, project, &target, &placement, facts, dialect);
        let (templates, told) = Templates::new(settings, &project.macros);
        out.extend(told);
        let resolver = resolver(project, &own, &placement, &foreign);
        let mut work =
            Work { target: &target, placement: &placement, templates: &templates, dialect, facts, resolver };
        let (found, told) = work.analyze(own);
        out.extend(told);
        nodes.extend(found);
        secrets.extend(templates.secrets());
    }
    (Analysis { platform, target, placement, nodes, secrets }, out)
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
        date: facts.date.clone(),
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
fn default_relation(node: &Node, placement: &Placement) -> Option<RelationName> {
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
            .collect()
    };
    Resolver {
        project: project.name.clone(),
        references: named(&[Kind::Model, Kind::Seed]),
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
struct Work<'a> {
    target: &'a Target,
    placement: &'a Placement,
    templates: &'a Templates,
    dialect: Dialect,
    facts: &'a Facts,
    resolver: Resolver,
}

/// A model on its way.
struct Draft {
    node: Node,
    relation: Option<RelationName>,
    rendered: Option<Rendered>,
    config: Option<ModelConfig>,
}

impl Work<'_> {
    fn analyze(&mut self, nodes: Vec<Node>) -> (Vec<AnalyzedNode>, Vec<Diagnostic>) {
        let mut out = Vec::new();
        let (models, others): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|n| n.kind() == Kind::Model);
        let mut drafts = self.draft(models, &mut out);
        self.take_up_overrides(&drafts);
        let resolver: Arc<dyn Resolve> = Arc::new(self.resolver.clone());
        self.render_again(&mut drafts, &resolver, &mut out);
        let ephemerals = ephemerals(&drafts);
        let relations = relations(&drafts, &others, self.placement);
        let (mut found, told): (Vec<_>, Vec<_>) =
            drafts.into_par_iter().map(|draft| self.model(draft, &resolver, &ephemerals, &relations)).unzip();
        out.extend(told.into_iter().flatten());
        let (more, told): (Vec<_>, Vec<_>) = others
            .into_par_iter()
            .filter(is_enabled)
            .map(|node| {
                let mut out = Vec::new();
                let node = self.other(node, &resolver, &relations, &ephemerals, &mut out);
                (node, out)
            })
            .unzip();
        out.extend(told.into_iter().flatten());
        found.extend(more.into_iter().map(Some));
        let mut found: Vec<AnalyzedNode> = found.into_iter().flatten().collect();
        super::calls::resolve(&mut found);
        (found, out)
    }

    /// Renders every model with the names that YAML and folders give, to learn its `config()`.
    fn draft(&self, models: Vec<Node>, out: &mut Vec<Diagnostic>) -> Vec<Draft> {
        let resolver: Arc<dyn Resolve> = Arc::new(self.resolver.clone());
        let drafts: Vec<(Draft, Vec<Diagnostic>)> = models
            .into_par_iter()
            .map(|node| {
                let mut told = Vec::new();
                let relation = default_relation(&node, self.placement);
                let scope = self.scope(&node, relation.as_ref(), &resolver, false);
                let rendered = self.templates.render(&node.file, &scope).map_err(|e| told.push(*e)).ok();
                let Some(rendered) = rendered else {
                    return (Draft { node, relation, rendered: None, config: None }, told);
                };
                let all = config::merge(&node, &rendered.config);
                let text = |key: &str| all.get(key).and_then(Value::as_str);
                let relation = self.placement.relation(&node, text("schema"), text("alias"));
                let mut node = node;
                for tag in all.get("tags").cloned().map(config::as_list).unwrap_or_default() {
                    node.tags.extend(tag.as_str().map(str::to_owned));
                }
                if let Some(Value::Object(meta)) = all.get("meta") {
                    node.meta.extend(meta.clone());
                }
                let config = config::resolve(&node, &rendered, all, &mut told);
                (Draft { node, relation, rendered: Some(rendered), config: Some(config) }, told)
            })
            .collect();
        drafts
            .into_iter()
            .map(|(draft, told)| {
                out.extend(told);
                draft
            })
            .collect()
    }

    /// Tells the resolver of the names that `config()` changed.
    fn take_up_overrides(&mut self, drafts: &[Draft]) {
        for draft in drafts {
            let Some(config) = &draft.config else { continue };
            let name = &draft.node.name;
            if config.all.get("enabled") == Some(&Value::Bool(false)) {
                self.resolver.references.remove(name);
            } else if config.materialized == Materialization::Ephemeral {
                self.resolver.references.insert(name.clone(), Resolved::Ephemeral(cte_name(name)));
            } else if let Some(relation) = &draft.relation {
                self.resolver.references.insert(name.clone(), Resolved::Relation(relation.clone()));
            }
        }
    }

    /// Renders those again whose own or whose references' names turned out otherwise.
    fn render_again(&self, drafts: &mut [Draft], resolver: &Arc<dyn Resolve>, out: &mut Vec<Diagnostic>) {
        let told: Vec<Diagnostic> = drafts
            .par_iter_mut()
            .filter_map(|draft| {
                let rendered = draft.rendered.as_ref()?;
                let stale = rendered.refs.iter().any(|r| lookup(&self.resolver, r) != r.resolved)
                    || draft.relation != default_relation(&draft.node, self.placement);
                if !stale {
                    return None;
                }
                let scope = self.scope(&draft.node, draft.relation.as_ref(), resolver, false);
                match self.templates.render(&draft.node.file, &scope) {
                    Ok(again) => {
                        draft.rendered = Some(again);
                        None
                    }
                    Err(error) => Some(*error),
                }
            })
            .collect();
        out.extend(told);
    }

    fn model(
        &self,
        draft: Draft,
        resolver: &Arc<dyn Resolve>,
        ephemerals: &Ephemerals,
        relations: &HashMap<String, RelationName>,
    ) -> (Option<AnalyzedNode>, Vec<Diagnostic>) {
        let mut out = Vec::new();
        let Draft { node, relation, rendered, config } = draft;
        let (Some(rendered), Some(mut config)) = (rendered, config) else {
            return (Some(self.broken(node, relation)), out);
        };
        if config.all.get("enabled") == Some(&Value::Bool(false)) {
            return (None, out);
        }
        let scope = self.scope(&node, relation.as_ref(), resolver, false);
        let mut seen = reading::Found::default();
        let sql = self.take(&node, &rendered, relations, ephemerals, &mut seen, &mut out);
        let incremental_sql = if config.materialized == Materialization::Incremental {
            let scope = self.scope(&node, relation.as_ref(), resolver, true);
            match self.templates.render(&node.file, &scope) {
                Ok(again) => Some(self.take(&node, &again, relations, ephemerals, &mut seen, &mut out)),
                Err(error) => {
                    out.push(*error);
                    None
                }
            }
        } else {
            None
        };
        let ModelConfig { pre_hook, post_hook, .. } = &mut config;
        for hook in pre_hook.iter_mut().chain(post_hook) {
            self.hook(&node, hook, &scope, &mut seen.touches, &mut out);
        }
        let reading::Found { mut touches, allows, calls, .. } = seen;
        touches.retain(|t| t.access.is_write() || Some(&t.relation) != relation.as_ref());
        if let Some(relation) = &relation {
            let file = Arc::clone(&node.file);
            touches.push(made(relation.clone(), file, Span::default()));
        }
        let dialect = self.dialect;
        let node = AnalyzedNode {
            node,
            relation,
            config: Some(config),
            dialect,
            sql: Some(sql),
            incremental_sql,
            touches,
            transaction: true,
            allows,
            calls,
            defines: Vec::new(),
            hidden: Vec::new(),
        };
        (Some(node), out)
    }

    /// Takes up one rendering: its SQL, what it reads, and names that nobody knows.
    fn take(
        &self,
        node: &Node,
        rendered: &Rendered,
        relations: &HashMap<String, RelationName>,
        ephemerals: &Ephemerals,
        seen: &mut reading::Found,
        out: &mut Vec<Diagnostic>,
    ) -> Arc<Compiled> {
        let compiled = Compiled::new(rendered.sql.clone(), rendered.map.clone());
        reading::unknown(node, rendered, &self.resolver, out);
        let mut found = reading::read(node, &compiled, self.dialect, self.placement, out);
        reading::references(node, rendered, relations, &mut found.touches);
        seen.allows.append(&mut found.allows);
        seen.calls.append(&mut found.calls);
        let touches = &mut seen.touches;
        for touch in found.touches {
            let known = |t: &Touch| t.relation == touch.relation && t.access == touch.access;
            if !touches.iter().any(known) {
                touches.push(touch);
            }
        }
        let reads: Vec<String> = ephemeral_reads(rendered);
        if reads.is_empty() { Arc::new(compiled) } else { Arc::new(inject(&compiled, &reads, ephemerals)) }
    }

    fn hook(
        &self,
        node: &Node,
        hook: &mut Hook,
        scope: &Arc<Scope>,
        touches: &mut Vec<Touch>,
        out: &mut Vec<Diagnostic>,
    ) {
        match self.templates.expression(&hook.sql, &node.file, Span::default(), scope) {
            Ok(rendered) => {
                hook.sql.clone_from(&rendered.sql);
                reading::unknown(node, &rendered, &self.resolver, out);
                let compiled = Compiled::new(rendered.sql, rendered.map);
                let found = reading::read(node, &compiled, self.dialect, self.placement, out);
                touches.extend(found.touches.into_iter().filter(|t| t.access == Access::Read));
            }
            Err(error) => out.push(*error),
        }
    }

    /// Everything but models.
    fn other(
        &self,
        node: Node,
        resolver: &Arc<dyn Resolve>,
        relations: &HashMap<String, RelationName>,
        ephemerals: &Ephemerals,
        out: &mut Vec<Diagnostic>,
    ) -> AnalyzedNode {
        let mut found = self.broken(node, None);
        match &found.node.body {
            Body::Load(_) | Body::Seed => {
                found.relation = default_relation(&found.node, self.placement);
                if let Some(relation) = found.relation.clone() {
                    found.touches.push(made(relation, Arc::clone(&found.node.file), found.node.span));
                }
                found.touches.extend(self.import(&found.node));
            }
            Body::Script { variants, .. } => {
                let wanted = self.target.engine.dialect();
                let variant = variants.iter().find(|(d, _)| *d == wanted);
                let file: Arc<SourceFile> = variant.map_or(&found.node.file, |(_, file)| file).clone();
                found.dialect = variant.map_or(self.dialect, |(d, _)| *d);
                found.node.file = Arc::clone(&file);
                let compiled = Compiled::verbatim(&file);
                let read = reading::read(&found.node, &compiled, found.dialect, self.placement, out);
                found.transaction = read.transaction;
                found.touches = read.touches;
                found.allows = read.allows;
                found.calls = read.calls;
                found.defines = read.defines;
                found.hidden = read.hidden.into_iter().map(|span| (span, "dynamic SQL".to_owned())).collect();
                found.sql = Some(Arc::new(compiled));
            }
            Body::Test(spec) => {
                let scope = self.scope(&found.node, None, resolver, false);
                match &spec.generic {
                    None => match self.templates.render(&found.node.file, &scope) {
                        Ok(rendered) => {
                            let mut seen = reading::Found::default();
                            let sql =
                                self.take(&found.node, &rendered, relations, ephemerals, &mut seen, out);
                            found.sql = Some(sql);
                            found.touches.extend(seen.touches);
                            found.allows = seen.allows;
                        }
                        Err(error) => out.push(*error),
                    },
                    Some(test) => {
                        let Some(relation) = relations.get(&test.on) else { return found };
                        let written = generic::write(
                            &found.node,
                            spec,
                            test,
                            relation,
                            self.templates,
                            &scope,
                            self.dialect,
                        );
                        match written {
                            Ok(written) => {
                                found.touches.push(Touch {
                                    relation: relation.clone(),
                                    written: test.on.clone(),
                                    access: Access::Read,
                                    via: Via::Yaml,
                                    deferred: false,
                                    file: Arc::clone(&found.node.file),
                                    span: test.span,
                                });
                                for rendered in &written.rendered {
                                    reading::unknown(&found.node, rendered, &self.resolver, out);
                                    reading::references(&found.node, rendered, relations, &mut found.touches);
                                }
                                found.sql = Some(Arc::new(written.compiled));
                            }
                            Err(error) => out.push(*error),
                        }
                    }
                }
            }
            Body::Model => {}
        }
        found
    }

    /// What an import takes from its owner.
    fn import(&self, node: &Node) -> Option<Touch> {
        let Body::Load(load) = &node.body else { return None };
        let Origin::Import { project, relation } = &load.origin else { return None };
        let database = match self.placement.database(project) {
            "" => self.target.databases.get(project).cloned().unwrap_or_else(|| format!("{project}_dwh")),
            database => database.to_owned(),
        };
        Some(Touch {
            relation: relation.resolved(&database, ""),
            written: format!("{project}: {relation}"),
            access: Access::Read,
            via: Via::Import,
            deferred: false,
            file: Arc::clone(&node.file),
            span: load.origin_span,
        })
    }

    /// A node of which nothing more is known.
    fn broken(&self, node: Node, relation: Option<RelationName>) -> AnalyzedNode {
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
        }
    }

    fn scope(
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

fn made(relation: RelationName, file: Arc<SourceFile>, span: Span) -> Touch {
    Touch {
        written: relation.to_string(),
        relation,
        access: Access::Create,
        via: Via::Yaml,
        deferred: false,
        file,
        span,
    }
}

fn is_enabled(node: &Node) -> bool {
    node.config.get("enabled") != Some(&Value::Bool(false))
}

fn lookup(resolver: &Resolver, reference: &crate::render::Reference) -> Option<Resolved> {
    use crate::render::ReferenceKind::{Ref, Source};
    match (reference.kind, reference.args.as_slice()) {
        (Ref, [name]) => resolver.reference(None, name),
        (Ref, [package, name]) => resolver.reference(Some(package), name),
        (Source, [source, table]) => resolver.source(source, table),
        _ => None,
    }
}

/// The CTE names of the ephemeral models that a rendering reads.
fn ephemeral_reads(rendered: &Rendered) -> Vec<String> {
    let names = rendered.refs.iter().filter_map(|r| match &r.resolved {
        Some(Resolved::Ephemeral(cte)) => Some(cte.clone()),
        _ => None,
    });
    let mut seen = HashSet::new();
    names.filter(|n| seen.insert(n.clone())).collect()
}

fn ephemerals(drafts: &[Draft]) -> Ephemerals {
    drafts
        .iter()
        .filter(|d| d.config.as_ref().is_some_and(|c| c.materialized == Materialization::Ephemeral))
        .filter_map(|d| {
            let rendered = d.rendered.as_ref()?;
            let compiled = Arc::new(Compiled::new(rendered.sql.clone(), rendered.map.clone()));
            Some((cte_name(&d.node.name), (compiled, ephemeral_reads(rendered))))
        })
        .collect()
}

/// The relation of every name of the project, ephemeral models included: what edges are made of.
fn relations(drafts: &[Draft], others: &[Node], placement: &Placement) -> HashMap<String, RelationName> {
    let models = drafts.iter().filter_map(|d| Some((d.node.name.clone(), d.relation.clone()?)));
    let others = others
        .iter()
        .filter(|n| matches!(n.kind(), Kind::Load | Kind::Seed))
        .filter_map(|n| Some((n.name.clone(), default_relation(n, placement)?)));
    let mut all: HashMap<_, _> = models.chain(others).collect();
    let ctes: Vec<_> =
        drafts.iter().filter_map(|d| Some((cte_name(&d.node.name), d.relation.clone()?))).collect();
    all.extend(ctes);
    all
}
