//! GS203: a load that nothing reads.

use std::collections::HashSet;

use crate::analysis::Access;
use crate::graph::Graph;
use crate::nouns::Kind;
use crate::words::{Code, Diagnostic, RelationName};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let projects = &graph.analysis().platform.projects;
    // What a procedure reads is read, though nothing here executes it: somebody else may.
    let in_bodies: HashSet<&RelationName> = graph
        .touches()
        .filter(|(index, touch)| {
            touch.access == Access::Read && graph.node(*index).node.kind() == Kind::Definition
        })
        .map(|(_, touch)| &touch.relation)
        .collect();
    graph
        .indices()
        .filter(|i| graph.node(*i).node.kind() == Kind::Load)
        .filter(|i| graph.children(*i).all(|c| graph.node(c).node.kind() == Kind::Test))
        .filter_map(|i| {
            let analyzed = graph.node(i);
            let relation = analyzed.relation.as_ref().filter(|relation| !in_bodies.contains(relation))?;
            let project = projects.iter().find(|p| p.name == analyzed.node.project)?;
            let short = format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name);
            let public =
                project.public.as_ref().is_some_and(|p| p.iter().any(|n| n.eq_ignore_ascii_case(&short)));
            (!public).then(|| {
                Diagnostic::new(
                    Code::NeverReadLoad,
                    format!("the load `{}` is read by nothing", analyzed.node.name),
                )
                .at(&analyzed.node.file, analyzed.node.span)
                .node(&analyzed.node.id)
                .relation(relation.to_string())
                .help("remove it, or name it in `public:` of project.yml if others import it")
            })
        })
        .collect()
}
