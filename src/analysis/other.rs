//! Loads, seeds, scripts and tests: everything but models.

use std::collections::HashMap;
use std::sync::Arc;

use super::analyze::{Work, default_relation, made};
use super::ephemeral::Ephemerals;
use super::touch::{Access, Touch, Via};
use super::{AnalyzedNode, Compiled, generic, reading};
use crate::nouns::{Body, Node, Origin};
use crate::render::Resolve;
use crate::words::{Diagnostic, RelationName, SourceFile};

impl Work<'_> {
    /// Everything but models.
    pub(super) fn other(
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
                                if spec.filter.is_some() || !written.builtin {
                                    let read = reading::read(
                                        &found.node,
                                        &written.compiled,
                                        self.dialect,
                                        self.placement,
                                        out,
                                    );
                                    let tested = found.touches[0].relation.clone();
                                    found
                                        .touches
                                        .extend(read.touches.into_iter().filter(|t| t.relation != tested));
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
    pub(super) fn import(&self, node: &Node) -> Option<Touch> {
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
}
