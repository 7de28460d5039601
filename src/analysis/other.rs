//! Loads, seeds, scripts and tests: everything but models.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::analyze::{Work, default_relation, made};
use super::ephemeral::Ephemerals;
use super::touch::{Access, Touch, Via};
use super::{AnalyzedNode, Compiled, config, generic, reading};
use crate::nouns::{Body, GenericTest, Node, Origin, TestSeverity, TestSpec};
use crate::render::{Resolve, Scope};
use crate::words::{Code, Diagnostic, Dialect, RelationName, SourceFile};

impl Work<'_> {
    /// Everything but models. `None` for a test that its own `config()` disables.
    pub(super) fn other(
        &self,
        node: Node,
        resolver: &Arc<dyn Resolve>,
        relations: &HashMap<String, RelationName>,
        ephemerals: &Ephemerals,
        out: &mut Vec<Diagnostic>,
    ) -> Option<AnalyzedNode> {
        let mut found = self.broken(node, None);
        let scope = self.scope(&found.node, None, resolver, false);
        match found.node.body.clone() {
            Body::Load(_) | Body::Seed => {
                found.relation = default_relation(&found.node, self.placement);
                if let Some(relation) = found.relation.clone() {
                    found.touches.push(made(relation, Arc::clone(&found.node.file), found.node.span));
                }
                found.touches.extend(self.import(&found.node));
            }
            Body::Script { variants, .. } => self.script(&mut found, &variants, out),
            Body::Test(spec) => match &spec.generic {
                Some(test) => {
                    if let Some(relation) = relations.get(&test.on) {
                        self.generic_test(&mut found, &spec, test, relation, (&scope, relations), out);
                    } else if self.scripts.contains(&test.on) {
                        out.push(of_no_relation(&found.node, test));
                    }
                }
                None => match self.templates.render(&found.node.file, &scope) {
                    Ok(rendered) => {
                        let all = config::merge(&found.node, &rendered.config);
                        if all.get("enabled") == Some(&Value::Bool(false)) {
                            return None;
                        }
                        found.node.body = Body::Test(Box::new(configured(*spec, &all)));
                        for tag in all.get("tags").cloned().map(config::as_list).unwrap_or_default() {
                            found.node.tags.extend(tag.as_str().map(str::to_owned));
                        }
                        let mut seen = reading::Found::default();
                        let sql = self.take(&found.node, &rendered, relations, ephemerals, &mut seen, out);
                        found.sql = Some(sql);
                        found.touches.extend(seen.touches);
                        found.allows = seen.allows;
                        found.calls = seen.calls;
                        found.hidden = seen.hidden;
                        found.servers = seen.servers;
                    }
                    Err(error) => out.push(*error),
                },
            },
            Body::Model | Body::Definition(_) => {}
        }
        Some(found)
    }

    /// The SQL of a script, in the variant for the target.
    fn script(
        &self,
        found: &mut AnalyzedNode,
        variants: &[(Dialect, Arc<SourceFile>)],
        out: &mut Vec<Diagnostic>,
    ) {
        let wanted = self.target.engine.dialect();
        let variant = variants.iter().find(|(d, _)| *d == wanted);
        let file: Arc<SourceFile> = variant.map_or(&found.node.file, |(_, file)| file).clone();
        found.dialect = variant.map_or(self.dialect, |(d, _)| *d);
        let written = std::mem::replace(&mut found.node.file, Arc::clone(&file));
        if let Body::Script { variants, .. } = &mut found.node.body
            && !Arc::ptr_eq(&written, &file)
            && !variants.iter().any(|(_, variant)| Arc::ptr_eq(variant, &written))
        {
            // What it is for all other targets.
            variants.push((self.dialect, written));
        }
        let compiled = Compiled::verbatim(&file);
        let read = reading::read(&found.node, &compiled, found.dialect, self.placement, out);
        found.transaction = read.transaction;
        found.touches = read.touches;
        found.allows = read.allows;
        found.calls = read.calls;
        found.defines = read.defines;
        found.hidden = read.hidden;
        found.servers = read.servers;
        found.uses = read.uses;
        found.sql = Some(Arc::new(compiled));
    }

    /// The SQL of a use of a generic test, and what it reads.
    fn generic_test(
        &self,
        found: &mut AnalyzedNode,
        spec: &TestSpec,
        test: &GenericTest,
        relation: &RelationName,
        (scope, relations): (&Arc<Scope>, &HashMap<String, RelationName>),
        out: &mut Vec<Diagnostic>,
    ) {
        let used = generic::Use {
            node: &found.node,
            spec,
            test,
            relation,
            relations,
            placement: self.placement,
            templates: self.templates,
            scope,
            written_in: self.dialect,
            dialect: self.target.engine.dialect(),
        };
        let written = match used.write() {
            Ok(written) => written,
            Err(error) => return out.push(*error),
        };
        let read = |relation: RelationName, written: String| Touch {
            relation,
            written,
            access: Access::Read,
            via: Via::Yaml,
            deferred: false,
            through: None,
            file: Arc::clone(&found.node.file),
            span: test.span,
        };
        let mut touches = vec![read(relation.clone(), test.on.clone())];
        touches.extend(written.names.map(|(other, name)| read(other, name)));
        found.touches.extend(touches);
        for rendered in &written.rendered {
            reading::unknown(&found.node, rendered, &self.resolver, out);
            reading::references(&found.node, rendered, relations, &mut found.touches);
        }
        if written.reads_more {
            let read = reading::read(&found.node, &written.compiled, written.dialect, self.placement, out);
            let known: Vec<RelationName> = found.touches.iter().map(|t| t.relation.clone()).collect();
            found.touches.extend(read.touches.into_iter().filter(|t| !known.contains(&t.relation)));
        }
        found.dialect = written.dialect;
        found.totals = written.totals;
        found.sql = Some(Arc::new(written.compiled));
    }

    /// What an import takes from its owner.
    pub(super) fn import(&self, node: &Node) -> Option<Touch> {
        let Body::Load(load) = &node.body else { return None };
        let Origin::Import { project, relation, .. } = &load.origin else { return None };
        let elsewhere = load.streams_from(&self.target.name).map(|t| &t.name);
        let target = elsewhere.and_then(|name| self.platform.targets.get(name)).unwrap_or(self.target);
        // A project without a folder here is known by its name alone, unless the target says more.
        let declared = || self.platform.projects.iter().find(|p| p.name == *project).map(|p| &p.database);
        let database = target.databases.get(project).or_else(declared).cloned();
        let database = database.unwrap_or_else(|| format!("{project}_dwh"));
        Some(Touch {
            relation: relation.resolved(&database, ""),
            written: format!("{project}: {relation}"),
            access: Access::Read,
            via: Via::Import,
            deferred: false,
            through: None,
            file: Arc::clone(&node.file),
            span: load.origin_span,
        })
    }
}

/// A test of a script that makes no relation of its name, or several of other names.
fn of_no_relation(node: &Node, test: &GenericTest) -> Diagnostic {
    Diagnostic::new(
        Code::UnknownRef,
        format!("nobody can tell which relation the test `{}` of the script `{}` is about", test.test, test.on),
    )
    .at(&node.file, test.span)
    .node(&node.id)
    .help(format!(
        "a test in YAML is about the relation `{}` or the only one that the script writes: write it as a query in tests/ instead",
        test.on
    ))
}

/// A singular test with what its `config()` says.
fn configured(mut spec: TestSpec, all: &Map<String, Value>) -> TestSpec {
    let text = |key: &str| all.get(key).and_then(Value::as_str);
    if let Some(word) = text("severity") {
        spec.severity =
            if word.eq_ignore_ascii_case("warn") { TestSeverity::Warn } else { TestSeverity::Error };
    }
    spec
}
