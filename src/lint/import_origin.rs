//! GS103 and GS204 of imports: the relation is private, or its owner does not have it.

use super::offer::Offer;
use crate::analysis::{Touch, Via};
use crate::graph::{Graph, Index};
use crate::nouns::Origin;
use crate::words::{Code, Diagnostic, Severity, nearest};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let imports = graph.touches().filter(|(_, t)| t.via == Via::Import);
    imports.filter_map(|(index, touch)| tell(graph, index, touch)).collect()
}

pub(super) fn tell(graph: &Graph, index: Index, touch: &Touch) -> Option<Diagnostic> {
    let node = &graph.node(index).node;
    let crate::nouns::Body::Load(load) = &node.body else { return None };
    let Origin::Import { project: owner, relation, .. } = &load.origin else { return None };
    let say = |code, message: String, help: String| {
        Some(
            Diagnostic::new(code, message)
                .at(&touch.file, touch.span)
                .node(&node.id)
                .relation(touch.relation.to_string())
                .help(help),
        )
    };
    if *owner == node.project {
        let message = format!("`{}` imports from its own project", node.name);
        return say(
            Code::UnknownRef,
            message,
            "read the relation itself; imports are for other projects".into(),
        );
    }
    // A project that runs alone reads the other's database by its name.
    let projects = &graph.analysis().platform.projects;
    let Some(project) = projects.iter().find(|p| p.name == *owner) else {
        let others = projects.iter().map(|p| p.name.as_str()).filter(|p| *p != node.project);
        let near = nearest(owner, others)?;
        let message = format!("`{}` imports from project `{owner}`, which has no folder here", node.name);
        let mut told = say(Code::UnknownRef, message, format!("did you mean `{near}`?"))?;
        told.severity = Severity::Warning;
        return Some(told);
    };
    let wanted = relation.to_string();
    // In a database that the owner has by `owns:` alone, others may make relations.
    let elsewhere =
        relation.database.as_deref().is_some_and(|d| !graph.analysis().placement.is_named(d, owner));
    match Offer::of(graph, project, &touch.relation, &wanted) {
        Offer::Public => None,
        Offer::Missing(_) if elsewhere => None,
        Offer::Missing(help) => {
            say(Code::UnknownRef, format!("project `{owner}` has no relation `{wanted}`"), help)
        }
        Offer::Private(help) => {
            say(Code::PrivateImport, format!("`{wanted}` of project `{owner}` is not public"), help)
        }
    }
}
