//! Whether a node reads one column of a relation that it reads, and what it gives on of it.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Given, Named, Place, Reached, Use, Walk};
use crate::analysis::{Access, Touch, Via};
use crate::graph::Index;
use crate::lineage::{Column, Flow, Origin};
use crate::nouns::DefinitionKind;
use crate::words::{RelationName, Span};

/// A node that reads the column.
pub(super) struct Judged {
    pub(super) how: Use,
    /// Where, if that can be told better than the place at which the relation is read.
    pub(super) place: Option<Place>,
    pub(super) given: Vec<Given>,
}

impl Walk<'_> {
    /// `None` when the node does not read the column of the relation that it touches.
    pub(super) fn judge(
        &mut self,
        index: Index,
        touch: &Touch,
        reached: &Reached,
        column: &Arc<str>,
    ) -> Option<Judged> {
        let node = self.graph.node(index);
        let definition = node.node.body.definition();
        let is_synonym = definition.is_some_and(|d| d.kind == DefinitionKind::Synonym);
        if touch.via == Via::Import || is_synonym {
            let own = (reached.relation.clone(), Arc::clone(column));
            let root = is_synonym.then(|| reached.root.clone().unwrap_or(own));
            let relation = node.relation.clone()?;
            let given = Given { relation, column: Some(Arc::clone(column)), root, how: Use::Reads };
            return Some(Judged { how: Use::Reads, place: None, given: vec![given] });
        }
        self.read(index, reached, column)
    }

    /// The flows of a node; a definition's stand in the script that makes it.
    fn flows(&self, index: Index) -> Vec<&Flow> {
        let node = self.graph.node(index);
        let of = |i: Index| self.lineage.lineage(i).into_iter().flat_map(|l| &l.flows);
        let Some(definition) = node.node.body.definition() else { return of(index).collect() };
        let inside =
            |f: &&Flow| definition.extent.start <= f.span.start && f.span.end <= definition.extent.end;
        let scripts = definition.scripts.iter().filter_map(|s| self.graph.find(s));
        let same_file = |i: &Index| Arc::ptr_eq(&self.graph.node(*i).node.file, &node.node.file);
        scripts.filter(same_file).flat_map(of).filter(inside).collect()
    }

    /// Whether something in the node can't be followed.
    fn is_unclear(&self, index: Index) -> bool {
        let node = self.graph.node(index);
        let definition = node.node.body.definition();
        let scripts = definition.into_iter().flat_map(|d| &d.scripts).filter_map(|s| self.graph.find(s));
        let unread = |i: Index| self.lineage.lineage(i).is_some_and(|l| !l.unread.is_empty());
        !node.hidden.is_empty() || scripts.chain([index]).any(unread)
    }

    fn read(&mut self, index: Index, reached: &Reached, column: &Arc<str>) -> Option<Judged> {
        let node = self.graph.node(index);
        let own = (reached.relation.clone(), Arc::clone(column));
        let view = node.node.body.definition().filter(|d| d.kind.is_read()).map(|d| &d.name);
        let mut found: Option<(Use, Span)> = None;
        let mut given: HashSet<Given> = HashSet::new();
        for flow in self.flows(index) {
            for output in &flow.columns {
                let root = reached.root.iter().find_map(|root| Some((root, origin(output, root)?)));
                let Some((from, how)) = origin(output, &own).map(|how| (&own, how)).or(root) else {
                    continue;
                };
                let span = if output.span == Span::default() { flow.span } else { output.span };
                if found.is_none_or(|(before, _)| how < before) {
                    found = Some((how, span));
                }
                let Some(target) = flow.relation.as_ref().filter(|r| r.full.schema.is_some()) else {
                    continue;
                };
                given.insert(Given {
                    relation: target.full.clone(),
                    column: if output.is_rows() { Some(Arc::clone(column)) } else { output.name.clone() },
                    root: (view == Some(&target.full)).then(|| from.clone()),
                    how,
                });
            }
        }
        let place = |walk: &Self, span: Span| walk.place(index, span);
        let mention = self.mentions.first(index, node, column);
        if let Some((how @ (Use::Reads | Use::Rows), span)) = found {
            // An INSERT names what it fills first, and what it reads behind.
            let span = mention.unwrap_or(span);
            return Some(Judged { how, place: Some(place(self, span)), given: given.into_iter().collect() });
        }
        let unclear = self.is_unclear(index);
        let (how, span) = match (mention, found) {
            (Some(span), _) if !unclear && self.is_alone(index, &reached.relation, column) => {
                (Use::Rows, Some(span))
            }
            (Some(span), _) => (Use::Perhaps, Some(span)),
            (None, Some((how, span))) => {
                let place = Some(place(self, span));
                return Some(Judged { how, place, given: given.into_iter().collect() });
            }
            (None, None) if unclear => (Use::Perhaps, None),
            (None, None) => return None,
        };
        let place = span.map(|s| place(self, s));
        Some(Judged { how, place, given: self.all(index, how) })
    }

    /// The user's place of a place in a node's SQL.
    fn place(&self, index: Index, span: Span) -> Place {
        let node = self.graph.node(index);
        match &node.sql {
            Some(sql) => {
                let (file, span) = sql.origin(span);
                (Arc::clone(file), span)
            }
            None => (Arc::clone(&node.node.file), span),
        }
    }

    /// Whether no other relation that the node reads can have a column of that name.
    fn is_alone(&self, index: Index, relation: &RelationName, column: &str) -> bool {
        let reads = self.graph.node(index).touches.iter().filter(|t| t.access == Access::Read);
        let mut others = reads.map(|t| &t.relation).filter(|r| *r != relation);
        others.all(|other| self.lineage.known.columns(other).is_some_and(|all| !all.contains(&column)))
    }
}

/// How a column of a result comes from a column of a relation, if it may at all.
fn origin(output: &Column, (relation, column): &Named) -> Option<Use> {
    let from = |origin: &Origin| match origin {
        Origin::Column { relation: of, column: name } => {
            (of.full == *relation && name == column).then_some(Use::Reads)
        }
        Origin::Rows(of) => (of.full == *relation).then_some(Use::Perhaps),
        Origin::Unsure { column: name, candidates } => (name == column
            && (candidates.is_empty() || candidates.iter().any(|c| c.full == *relation)))
        .then_some(Use::Perhaps),
    };
    output.from.iter().filter_map(from).min()
}
