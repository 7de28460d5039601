//! What happens in the body of a definition is told twice: at the definition, and where it is
//! called or read, with the place in the body beside it.

use crate::analysis::Touch;
use crate::graph::{Graph, Index};
use crate::words::Diagnostic;

/// What the nodes touch, each at the node that answers for it.
pub(super) fn touches(graph: &Graph) -> impl Iterator<Item = (Index, &Touch)> {
    graph.touches().filter(|(_, touch)| !touch.is_own_body())
}

/// ` through procedure fin.x`, or nothing.
pub(super) fn words(touch: &Touch) -> String {
    touch.through.as_ref().map(|t| format!(" through {} {}", t.kind, t.name)).unwrap_or_default()
}

/// The diagnostic with the place in the definition's body, where there is one.
pub(super) fn label(told: Diagnostic, touch: &Touch) -> Diagnostic {
    match &touch.through {
        Some(through) => told.label(&through.file, through.span, "it is named here"),
        None => told,
    }
}
