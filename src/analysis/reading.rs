//! Turns what the SQL reader finds in a node's SQL into touches with full names and places in the
//! user's file.

use std::collections::HashMap;
use std::sync::Arc;

use super::resolver::Resolver;
use super::touch::{Access, Touch, Via};
use super::{Compiled, Placement};
use crate::nouns::Node;
use crate::render::{Reference, ReferenceKind, Rendered, Resolved, UNKNOWN_PREFIX};
use crate::sql;
use crate::words::{Code, Diagnostic, Dialect, RelationName, nearest};

/// What a model's (or test's) rendered SQL reads.
pub(super) fn model(
    node: &Node,
    compiled: &Compiled,
    dialect: Dialect,
    placement: &Placement,
    touches: &mut Vec<Touch>,
    out: &mut Vec<Diagnostic>,
) {
    let mut found = Vec::new();
    script(node, compiled, dialect, placement, &mut found, out);
    touches.extend(found.into_iter().filter(|t| {
        !t.relation.name.starts_with("__dbt__cte__") && !t.relation.name.starts_with(UNKNOWN_PREFIX)
    }));
}

/// What a script's SQL reads, writes and drops. Gives whether it runs in a transaction.
pub(super) fn script(
    node: &Node,
    compiled: &Compiled,
    dialect: Dialect,
    placement: &Placement,
    touches: &mut Vec<Touch>,
    _out: &mut Vec<Diagnostic>,
) -> bool {
    for r in sql::read(compiled.sql()) {
        touches.push(Touch {
            relation: placement.resolve(&r.name, &node.project, dialect),
            written: r.name.to_string(),
            access: match r.write {
                None => Access::Read,
                Some(sql::WriteKind::Create) => Access::Create,
                Some(sql::WriteKind::Insert) => Access::Modify,
            },
            via: Via::Sql,
            file: Arc::clone(compiled.file()),
            span: compiled.place(r.span),
        });
    }
    true
}

/// The relations that a template names by `ref()` and `source()`.
pub(super) fn references(
    node: &Node,
    rendered: &Rendered,
    relations: &HashMap<String, RelationName>,
    touches: &mut Vec<Touch>,
) {
    for reference in &rendered.refs {
        let relation = match &reference.resolved {
            Some(Resolved::Relation(relation)) => relation,
            Some(Resolved::Ephemeral(cte)) => match relations.get(cte) {
                Some(relation) => relation,
                None => continue,
            },
            None => continue,
        };
        let via = match reference.kind {
            ReferenceKind::Ref => Via::Ref,
            ReferenceKind::Source => Via::Source,
        };
        let touch = Touch {
            relation: relation.clone(),
            written: written(reference),
            access: Access::Read,
            via,
            file: Arc::clone(&node.file),
            span: reference.span,
        };
        match touches.iter_mut().find(|t| t.relation == touch.relation && t.access == Access::Read) {
            // The scan has found the name that the call printed: the call is the better place.
            Some(same) => *same = touch,
            None => touches.push(touch),
        }
    }
}

/// Tells of every `ref()` and `source()` that names nothing.
pub(super) fn unknown(node: &Node, rendered: &Rendered, resolver: &Resolver, out: &mut Vec<Diagnostic>) {
    for reference in rendered.refs.iter().filter(|r| r.resolved.is_none()) {
        let Some(name) = reference.args.last() else { continue };
        let call = written(reference);
        let (message, near, otherwise) = match reference.kind {
            ReferenceKind::Ref => (
                format!("`{call}` names no model or seed of project `{}`", node.project),
                nearest(name, resolver.reference_names()).map(|n| format!("ref('{n}')")),
                resolver
                    .load_names()
                    .find(|l| *l == name)
                    .map(|l| format!("`{l}` is a load: write source('{}', '{l}')", node.project)),
            ),
            ReferenceKind::Source => (
                format!("`{call}` names no load of project `{}`", node.project),
                nearest(name, resolver.load_names()).map(|n| format!("source('{}', '{n}')", node.project)),
                resolver
                    .reference_names()
                    .find(|r| *r == name)
                    .map(|r| format!("`{r}` is a model: write ref('{r}')")),
            ),
        };
        let told = Diagnostic::new(Code::UnknownRef, message).at(&node.file, reference.span).node(&node.id);
        if out.iter().any(|d| d.code == Code::UnknownRef && d.span == told.span && d.node == told.node) {
            continue;
        }
        out.push(match otherwise.or_else(|| near.map(|n| format!("did you mean `{n}`?"))) {
            Some(help) => told.help(help),
            None => told.help("names are those of files, without `.sql`"),
        });
    }
}

fn written(reference: &Reference) -> String {
    let word = match reference.kind {
        ReferenceKind::Ref => "ref",
        ReferenceKind::Source => "source",
    };
    let args: Vec<String> = reference.args.iter().map(|a| format!("'{a}'")).collect();
    format!("{word}({})", args.join(", "))
}
