//! Models: SQL in full and, where the table can grow, for what is new; hooks; what all of it reads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::analyze::{Work, made};
use super::draft::Draft;
use super::ephemeral::{Ephemerals, inject, reads};
use super::touch::{Touch, Via};
use super::{AnalyzedNode, Compiled, reading};
use crate::nouns::{Hook, Materialization, ModelConfig, Node};
use crate::render::{Rendered, Resolve, Scope};
use crate::words::{Diagnostic, RelationName, Span};

impl Work<'_> {
    pub(super) fn model(
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
            self.hook(&node, hook, &scope, &mut seen, &mut out);
        }
        let reading::Found { mut touches, allows, calls, hidden, servers, .. } = seen;
        // Its own rows are its own affair, unless it asks for them by `ref()`, which is a circle.
        touches.retain(|t| t.via == Via::Ref || Some(&t.relation) != relation.as_ref());
        if let Some(relation) = &relation {
            let file = Arc::clone(&node.file);
            touches.push(made(relation.clone(), file, Span::default()));
        }
        let node = AnalyzedNode {
            relation,
            config: Some(config),
            sql: Some(sql),
            incremental_sql,
            touches,
            allows,
            calls,
            hidden,
            servers,
            ..self.broken(node, None)
        };
        (Some(node), out)
    }

    /// Takes up one rendering: its SQL, what it reads, and names that nobody knows.
    pub(super) fn take(
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
        for hidden in found.hidden {
            if !seen.hidden.contains(&hidden) {
                seen.hidden.push(hidden);
            }
        }
        for server in found.servers {
            if !seen.servers.contains(&server) {
                seen.servers.push(server);
            }
        }
        // The second rendering of an incremental model finds most of the first again.
        let key = |t: &Touch| (t.relation.clone(), t.access, t.span);
        let mut known: HashSet<_> = seen.touches.iter().map(key).collect();
        seen.touches.extend(found.touches.into_iter().filter(|t| known.insert(key(t))));
        reading::single(node, &compiled, self.dialect, out);
        let reads = reads(rendered);
        if reads.is_empty() { Arc::new(compiled) } else { Arc::new(inject(&compiled, &reads, ephemerals)) }
    }

    pub(super) fn hook(
        &self,
        node: &Node,
        hook: &mut Hook,
        scope: &Arc<Scope>,
        seen: &mut reading::Found,
        out: &mut Vec<Diagnostic>,
    ) {
        match self.templates.expression(&hook.sql, &node.file, hook.span, scope) {
            Ok(rendered) => {
                hook.sql.clone_from(&rendered.sql);
                reading::unknown(node, &rendered, &self.resolver, out);
                let compiled = Compiled::new(rendered.sql, rendered.map);
                let found = reading::read(node, &compiled, self.dialect, self.placement, out);
                seen.touches.extend(found.touches);
                seen.calls.extend(found.calls);
                seen.hidden.extend(found.hidden);
                seen.servers.extend(found.servers);
            }
            Err(error) => out.push(*error),
        }
    }
}
