//! GS301: a financial relation is written by anything but a financial script.

use crate::analysis::Owner;
use crate::graph::Graph;
use crate::nouns::{Kind, Track};
use crate::words::{Code, Diagnostic};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let placement = &graph.analysis().placement;
    graph
        .touches()
        .filter(|(_, touch)| touch.access.is_write() && !touch.deferred && !touch.is_own_body())
        .filter_map(|(index, touch)| {
            let node = &graph.node(index).node;
            if node.kind() == Kind::Script && node.track == Some(Track::Financial) {
                return None;
            }
            let Owner::Project(owner) = placement.owner(&touch.relation) else { return None };
            let financial = &placement.schemas(owner)?.financial;
            let schema = touch.relation.schema.as_deref()?;
            schema.eq_ignore_ascii_case(financial).then(|| {
                Diagnostic::new(
                    Code::FinancialOutsideTrack,
                    format!("`{}` writes `{}`, which is financial gold", node.name, touch.written),
                )
                .at(&touch.file, touch.span)
                .node(&node.id)
                .relation(touch.relation.to_string())
                .help("only scripts in gold/financial/ write the financial schema: it stands still all day")
            })
        })
        .collect()
}
