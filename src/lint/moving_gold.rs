//! GS307: a financial view, synonym or function that reads anything but financial relations.

use std::collections::HashSet;

use super::financial::{definitions, is_published};
use crate::analysis::{Access, Defined, Touch};
use crate::graph::{Graph, Index};
use crate::sql::DefinitionKind;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let definitions = definitions(graph);
    let mut found = Vec::new();
    for index in graph.indices() {
        let holder = graph.node(index);
        for (i, defined) in holder.defines.iter().enumerate() {
            let kind = defined.kind;
            let moves =
                matches!(kind, DefinitionKind::View | DefinitionKind::Synonym | DefinitionKind::Function);
            if !moves || !is_published(graph, &defined.name) {
                continue;
            }
            // Through the functions that it calls, each body once.
            let mut seen = HashSet::from([(index, i)]);
            let mut told = HashSet::new();
            let mut open = vec![(index, i)];
            while let Some((at, i)) = open.pop() {
                let body = &graph.node(at).defines[i];
                for touch in body.touches.iter().filter(|t| is_moving(graph, t) && told.insert(&t.relation)) {
                    found.push(
                        diagnostic(graph, defined, at, &touch.written)
                            .at(&touch.file, touch.span)
                            .relation(touch.relation.to_string()),
                    );
                }
                if let Some(sql) = &graph.node(at).sql {
                    let files = body.files.iter();
                    found.extend(
                        files.map(|(path, span)| diagnostic(graph, defined, at, path).at(sql.file(), *span)),
                    );
                }
                let calls = body.calls.iter().filter_map(|c| definitions.get(&c.name)).flatten();
                open.extend(calls.filter(|place| seen.insert(**place)));
            }
        }
    }
    found
}

/// That a definition reads something, told of the node `at` in which that stands.
fn diagnostic(graph: &Graph, defined: &Defined, at: Index, read: &str) -> Diagnostic {
    let name = format!("{}.{}", defined.name.schema.as_deref().unwrap_or_default(), defined.name.name);
    let kind = defined.kind.word();
    let message = format!("the financial {kind} `{name}` reads `{read}`, which changes during the day");
    Diagnostic::new(Code::MovingGold, message)
        .node(&graph.node(at).node.id)
        .help("let a financial script write a table in the financial schema, and read that")
}

fn is_moving(graph: &Graph, touch: &Touch) -> bool {
    touch.access == Access::Read && !is_published(graph, &touch.relation)
}
