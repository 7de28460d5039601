//! GS301: a financial relation is written by anything but a financial script.

use super::financial::{is_financial, is_published};
use crate::analysis::Touch;
use crate::graph::{Graph, Index};
use crate::sql::DefinitionKind;
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let written = graph
        .touches()
        .filter(|(index, touch)| {
            touch.access.is_write()
                && !touch.deferred
                && !touch.is_own_body()
                && !is_financial(graph.node(*index))
        })
        .filter(|(_, touch)| is_published(graph, &touch.relation))
        .map(|(index, touch)| {
            let node = &graph.node(index).node;
            diagnostic(graph, index, touch, &format!("`{}` writes", node.name))
        });
    written.chain(triggers(graph)).collect()
}

/// Triggers on other tables than financial ones: they fire whenever somebody changes those.
fn triggers(graph: &Graph) -> impl Iterator<Item = Diagnostic> {
    graph.indices().flat_map(move |index| {
        let others = graph.node(index).defines.iter().filter(move |defined| {
            defined.kind == DefinitionKind::Trigger
                && defined.target.as_ref().is_some_and(|table| !is_published(graph, table))
        });
        others.flat_map(move |defined| {
            let name =
                format!("{}.{}", defined.name.schema.as_deref().unwrap_or_default(), defined.name.name);
            let written = defined.touches.iter().filter(|touch| touch.access.is_write());
            written
                .filter(|touch| is_published(graph, &touch.relation))
                .map(move |touch| diagnostic(graph, index, touch, &format!("the trigger `{name}` writes")))
        })
    })
}

fn diagnostic(graph: &Graph, index: Index, touch: &Touch, who: &str) -> Diagnostic {
    Diagnostic::new(
        Code::FinancialOutsideTrack,
        format!("{who} `{}`, which is financial gold", touch.written),
    )
    .at(&touch.file, touch.span)
    .node(&graph.node(index).node.id)
    .relation(touch.relation.to_string())
    .help("only scripts in gold/financial/ write the financial schema: it stands still all day")
}
