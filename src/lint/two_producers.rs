//! GS202: two nodes make the same relation.

use std::collections::BTreeMap;

use crate::analysis::{Access, Touch};
use crate::graph::{Graph, Index};
use crate::words::{Code, Diagnostic, RelationName};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut makers: BTreeMap<&RelationName, Vec<(Index, &Touch)>> = BTreeMap::new();
    for (index, touch) in graph.touches().filter(|(_, t)| t.access == Access::Create) {
        let all = makers.entry(&touch.relation).or_default();
        if all.iter().all(|(i, _)| *i != index) {
            all.push((index, touch));
        }
    }
    let mut found = Vec::new();
    for (relation, all) in makers {
        let Some(((first, first_touch), others)) = all.split_first() else { continue };
        for (index, touch) in others {
            let (node, first) = (&graph.node(*index).node, &graph.node(*first).node);
            found.push(
                Diagnostic::new(
                    Code::TwoProducers,
                    format!("`{}` and `{}` both make `{relation}`", first.id, node.id),
                )
                .at(&touch.file, touch.span)
                .label(&first_touch.file, first_touch.span, "made here as well")
                .node(&node.id)
                .relation(relation.to_string())
                .help("let one of them make it and the other add to it, or give one another name"),
            );
        }
    }
    found
}
