//! GS103 and GS204 of imports: the relation is private, or its owner does not have it.

use super::offer::Offer;
use crate::analysis::{Touch, Via};
use crate::graph::{Graph, Index};
use crate::nouns::Origin;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let imports = graph.touches().filter(|(_, t)| t.via == Via::Import);
    imports.filter_map(|(index, touch)| tell(graph, index, touch)).collect()
}

fn tell(graph: &Graph, index: Index, touch: &Touch) -> Option<Diagnostic> {
    let node = &graph.node(index).node;
    let crate::nouns::Body::Load(load) = &node.body else { return None };
    let Origin::Import { project: owner, relation } = &load.origin else { return None };
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
    let project = graph.analysis().platform.projects.iter().find(|p| p.name == *owner)?;
    let wanted = relation.to_string();
    match Offer::of(graph, project, &touch.relation, &wanted) {
        Offer::Public => None,
        Offer::Missing(help) => {
            say(Code::UnknownRef, format!("project `{owner}` has no relation `{wanted}`"), help)
        }
        Offer::Private(help) => {
            say(Code::PrivateImport, format!("`{wanted}` of project `{owner}` is not public"), help)
        }
    }
}
