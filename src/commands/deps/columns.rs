//! Puts the columns of statements with their batches and definitions.

use super::super::columns::Shown;
use crate::lineage::Lineage;
use crate::sql::Script;
use crate::sql::deps::{FileLineage, NotFollowed, Place};
use crate::words::Span;

/// What a lineage says, by batch and definition.
pub(super) fn told(script: &Script, lineage: &Lineage, place: Place) -> FileLineage {
    let mut told = FileLineage::default();
    for flow in &lineage.flows {
        let at = told.entry(at(script, flow.span)).or_default();
        at.columns.extend(Shown::Written.columns(flow, |c| place(c.span).line));
    }
    for unread in &lineage.unread {
        let position = place(unread.span);
        let why = unread.why.clone();
        let at = told.entry(at(script, unread.span)).or_default();
        at.not_followed.push(NotFollowed { line: position.line, column: position.column, why });
    }
    told
}

/// The batch, and the definition in it, that a place is in.
fn at(script: &Script, span: Span) -> (usize, Option<usize>) {
    let nth = script.batches.partition_point(|b| b.span.start <= span.start).saturating_sub(1);
    let inside = |s: Span| s.start <= span.start && span.start <= s.end;
    let definition = script.batches.get(nth).and_then(|b| b.defines.iter().position(|d| inside(d.extent)));
    (nth, definition)
}
