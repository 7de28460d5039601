//! GS307: a financial view, synonym or function that reads anything but financial relations.

use std::collections::HashSet;

use super::financial::{definitions, is_published};
use crate::analysis::{Access, Touch};
use crate::graph::Graph;
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
                    let name = format!(
                        "{}.{}",
                        defined.name.schema.as_deref().unwrap_or_default(),
                        defined.name.name
                    );
                    found.push(
                        Diagnostic::new(
                            Code::MovingGold,
                            format!(
                                "the financial {} `{name}` reads `{}`, which changes during the day",
                                kind.word(),
                                touch.written
                            ),
                        )
                        .at(&touch.file, touch.span)
                        .node(&graph.node(at).node.id)
                        .relation(touch.relation.to_string())
                        .help("let a financial script write a table in the financial schema, and read that"),
                    );
                }
                let calls = body.calls.iter().filter_map(|c| definitions.get(&c.name)).flatten();
                open.extend(calls.filter(|place| seen.insert(**place)));
            }
        }
    }
    found
}

fn is_moving(graph: &Graph, touch: &Touch) -> bool {
    touch.access == Access::Read && !is_published(graph, &touch.relation)
}
