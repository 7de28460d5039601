//! Where a text names a column, whatever for: in a condition, a join, an order.

use std::collections::HashMap;

use crate::analysis::AnalyzedNode;
use crate::graph::Index;
use crate::sql::{Keyword, Kind, tokens};
use crate::words::Span;

/// The names in the SQL of nodes that were asked for, with the first place of each.
#[derive(Default)]
pub(super) struct Mentions {
    nodes: HashMap<Index, HashMap<String, Span>>,
}

impl Mentions {
    /// The first place in a node's SQL that names a column so. A definition's SQL is its part of the file.
    pub(super) fn first(&mut self, index: Index, node: &AnalyzedNode, column: &str) -> Option<Span> {
        self.nodes.entry(index).or_insert_with(|| names(node)).get(column).copied()
    }
}

fn names(node: &AnalyzedNode) -> HashMap<String, Span> {
    let (text, from) = match (&node.sql, node.node.body.definition()) {
        (Some(sql), _) => (sql.sql(), 0),
        (None, Some(definition)) => {
            let extent = definition.extent;
            (node.node.file.text().get(extent.start..extent.end).unwrap_or_default(), extent.start)
        }
        (None, None) => return HashMap::new(),
    };
    let tokens = tokens(text, node.dialect);
    let mut names = HashMap::new();
    for (nth, token) in tokens.iter().enumerate() {
        let next = tokens.get(nth + 1).map(|t| t.kind);
        // `a.b` is qualified by `a`; behind AS a name is given, not read.
        let names_column = token.is_name()
            && next != Some(Kind::Dot)
            && !nth.checked_sub(1).is_some_and(|before| tokens[before].is(Keyword::As));
        if names_column {
            let bare = token.text(text).trim_matches(['"', '[', ']', '`']).to_lowercase();
            let span = Span::new(from + token.start as usize, from + token.end());
            names.entry(bare).or_insert(span);
        }
    }
    names
}
