//! GS103 and GS204 of imports: the relation is private, or its owner does not have it.

use crate::analysis::{Touch, Via};
use crate::graph::{Graph, Index};
use crate::nouns::{Layer, Origin};
use crate::words::{Code, Diagnostic, nearest};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let imports = graph.touches().filter(|(_, t)| t.via == Via::Import);
    imports.filter_map(|(index, touch)| tell(graph, index, touch)).collect()
}

pub(super) fn tell(graph: &Graph, index: Index, touch: &Touch) -> Option<Diagnostic> {
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
    let writers = graph.writers(&touch.relation);
    // In a database that the owner has by `owns:` alone, others may make relations.
    let elsewhere =
        relation.database.as_deref().is_some_and(|d| !graph.analysis().placement.is_named(d, owner));
    if writers.is_empty() && !elsewhere {
        let has: Vec<String> = graph
            .relations()
            .filter(|r| r.database == touch.relation.database)
            .map(|r| format!("{}.{}", r.schema.as_deref().unwrap_or_default(), r.name))
            .collect();
        let help = nearest(&wanted, has.iter().map(String::as_str)).map_or_else(
            || format!("`goldsmith ls --select {owner}` lists what it has"),
            |n| format!("did you mean `{n}`?"),
        );
        return say(Code::UnknownRef, format!("project `{owner}` has no relation `{wanted}`"), help);
    }
    let public = match &project.public {
        Some(list) => list.iter().any(|name| name.eq_ignore_ascii_case(&wanted)),
        None => writers.iter().all(|w| graph.node(*w).node.layer != Some(Layer::Bronze)),
    };
    if public {
        return None;
    }
    let help = match &project.public {
        Some(list) if !list.is_empty() => {
            format!("`{owner}` offers {}; or ask its owner to add `{wanted}` to `public:`", list.join(", "))
        }
        _ => format!("ask the owner of `{owner}` to name `{wanted}` in `public:` of its project.yml"),
    };
    say(Code::PrivateImport, format!("`{wanted}` of project `{owner}` is not public"), help)
}
