//! Models on their way: rendered once to learn what their `config()` says, and again where that
//! changes a name that they or others print.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use super::analyze::{Work, default_relation};
use super::ephemeral::{Ephemerals, cte_name, reads};
use super::resolver::Resolver;
use super::{Compiled, Placement, config};
use crate::nouns::{Kind, Materialization, ModelConfig, Node};
use crate::render::{Rendered, Resolve, Resolved};
use crate::words::{Diagnostic, RelationName};

/// A model on its way.
pub(super) struct Draft {
    pub(super) node: Node,
    pub(super) relation: Option<RelationName>,
    pub(super) rendered: Option<Rendered>,
    pub(super) config: Option<ModelConfig>,
}

impl Work<'_> {
    /// Renders every model with the names that YAML and folders give, to learn its `config()`.
    pub(super) fn draft(&self, models: Vec<Node>, out: &mut Vec<Diagnostic>) -> Vec<Draft> {
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
    pub(super) fn take_up_overrides(&mut self, drafts: &[Draft]) {
        for draft in drafts {
            let Some(config) = &draft.config else { continue };
            let name = &draft.node.name;
            if config.all.get("enabled") == Some(&Value::Bool(false)) {
                self.resolver.references.remove(name);
                self.resolver.disabled.insert(name.clone());
            } else if config.materialized == Materialization::Ephemeral {
                self.resolver.references.insert(name.clone(), Resolved::Ephemeral(cte_name(name)));
            } else if let Some(relation) = &draft.relation {
                self.resolver.references.insert(name.clone(), Resolved::Relation(relation.clone()));
            }
        }
    }

    /// Renders those again whose own or whose references' names turned out otherwise.
    pub(super) fn render_again(
        &self,
        drafts: &mut [Draft],
        resolver: &Arc<dyn Resolve>,
        out: &mut Vec<Diagnostic>,
    ) {
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

pub(super) fn ephemerals(drafts: &[Draft]) -> Ephemerals {
    drafts
        .iter()
        .filter(|d| d.config.as_ref().is_some_and(|c| c.materialized == Materialization::Ephemeral))
        .filter_map(|d| {
            let rendered = d.rendered.as_ref()?;
            let compiled = Arc::new(Compiled::new(rendered.sql.clone(), rendered.map.clone()));
            Some((cte_name(&d.node.name), (compiled, reads(rendered))))
        })
        .collect()
}

/// The relation of every name of the project, ephemeral models included: what edges are made of.
pub(super) fn relations(
    drafts: &[Draft],
    others: &[Node],
    placement: &Placement,
) -> HashMap<String, RelationName> {
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
