//! Who reads the columns that a source has lost or changed, in a line for each column.

use super::session::Session;
use crate::execute::SchemaChange;
use crate::lineage::{self, Use};
use crate::nouns::Kind;
use crate::report::joined;

/// How many readers are named for a column.
const NAMED: usize = 8;

/// `amount is read by shop.total (silver/total.sql:2) and fin.revenue (..)`, for each column.
pub(super) fn affected(session: &Session, change: &SchemaChange) -> Vec<String> {
    let platform = session.lineage(&session.graph.order());
    let relations = [change.relation.clone()];
    change
        .lost()
        .map(|column| {
            let found = lineage::impact(&session.graph, &platform, &relations, Some(column));
            let readers: Vec<String> = found
                .iter()
                .filter(|a| session.graph.node(a.node).node.kind() != Kind::Test)
                .map(|a| {
                    let id = &session.graph.node(a.node).node.id;
                    let perhaps = if a.how == Use::Perhaps { ", perhaps" } else { "" };
                    format!("{id} ({}:{}{perhaps})", a.file.path(), a.file.position(a.span.start).line)
                })
                .collect();
            let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
            if readers.is_empty() {
                format!("{column} is read by nothing downstream")
            } else {
                format!("{column} is read by {}", joined(&readers, NAMED))
            }
        })
        .collect()
}
