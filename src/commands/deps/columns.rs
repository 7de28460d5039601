//! Puts the columns of statements beside what their batches and definitions touch.

use super::super::columns::Shown;
use crate::lineage::Lineage;
use crate::sql::Script;
use crate::sql::deps::{FileDeps, LineageDeps, NotFollowed, Place};
use crate::words::Span;

/// Adds `lineage` to what a file touches.
pub(super) fn add(deps: &mut FileDeps, script: &Script, lineage: &Lineage, place: Place) {
    for batch in &mut deps.batches {
        batch.lineage = Some(LineageDeps::default());
        batch.defines.iter_mut().for_each(|d| d.lineage = Some(LineageDeps::default()));
    }
    for flow in &lineage.flows {
        if let Some(at) = at(deps, script, flow.span) {
            at.columns.extend(Shown::Written.columns(flow, |c| place(c.span).line));
        }
    }
    for unread in &lineage.unread {
        if let Some(at) = at(deps, script, unread.span) {
            let position = place(unread.span);
            let why = unread.why.clone();
            at.not_followed.push(NotFollowed { line: position.line, column: position.column, why });
        }
    }
}

/// The batch or definition that a place is in.
fn at<'d>(deps: &'d mut FileDeps, script: &Script, span: Span) -> Option<&'d mut LineageDeps> {
    let nth = script.batches.partition_point(|b| b.span.start <= span.start).saturating_sub(1);
    let (batch, found) = (script.batches.get(nth)?, deps.batches.get_mut(nth)?);
    let inside = |s: Span| s.start <= span.start && span.start <= s.end;
    match batch.defines.iter().position(|d| inside(d.extent)) {
        Some(definition) => found.defines.get_mut(definition)?.lineage.as_mut(),
        None => found.lineage.as_mut(),
    }
}
