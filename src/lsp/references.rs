//! Every place that reads, writes, drops, executes or calls something.

use std::sync::Arc;

use rayon::prelude::*;

use super::definition;
use super::subject::Subject;
use super::view::{Place, Sheet, View};
use crate::analysis::{Access, AnalyzedNode, Compiled};
use crate::graph::Index;
use crate::nouns::Kind;
use crate::render;
use crate::sql;
use crate::words::RelationName;

/// The places that name a subject; with `declared`, those that make it too.
pub(super) fn places(view: &View, sheet: &Sheet, subject: &Subject, declared: bool) -> Vec<Place> {
    let mut found = match subject {
        Subject::Node(index) => {
            let relations = relations(view, *index);
            relations.iter().flat_map(|relation| mentions(view, relation)).collect()
        }
        Subject::Relation(relation) => mentions(view, relation),
        Subject::Routine(name) => calls(view, name),
        Subject::Macro(name) => uses(view, sheet, name),
    };
    let made = definition::places(view, sheet, subject);
    if declared {
        found.extend(made);
    } else if !matches!(subject, Subject::Relation(_)) {
        found.retain(|place| !made.iter().any(|m| m.0.path() == place.0.path() && m.1 == place.1));
    }
    closest(found)
}

/// What a node stands for: its own relation, or what its script makes.
fn relations(view: &View, index: Index) -> Vec<RelationName> {
    let node = view.graph().node(index);
    if let (Some(relation), true) = (&node.relation, node.node.kind() != Kind::Script) {
        return vec![relation.clone()];
    }
    let makes = |access| matches!(access, Access::Create | Access::CreateIfMissing);
    let mut made: Vec<RelationName> =
        node.touches.iter().filter(|t| makes(t.access) && !t.deferred).map(|t| t.relation.clone()).collect();
    made.sort();
    made.dedup();
    made
}

fn mentions(view: &View, relation: &RelationName) -> Vec<Place> {
    let graph = view.graph();
    let all: Vec<Index> = graph.indices().collect();
    all.par_iter()
        .map(|index| graph.node(*index))
        .filter(|node| node.touches.iter().any(|t| t.relation == *relation))
        .flat_map_iter(|node| {
            let told = node.touches.iter().filter(|t| t.relation == *relation && t.span.end > t.span.start);
            let mut places: Vec<Place> = told.map(|t| (Arc::clone(&t.file), t.span)).collect();
            for compiled in [&node.sql, &node.incremental_sql].into_iter().flatten() {
                places.extend(in_sql(view, node, compiled, relation));
            }
            places
        })
        .collect()
}

/// Every place in a node's SQL: the node itself knows the first one alone.
fn in_sql(view: &View, node: &AnalyzedNode, compiled: &Compiled, relation: &RelationName) -> Vec<Place> {
    let script = sql::read(compiled.sql(), node.dialect);
    let touches = script.batches.iter().map(|b| &b.touches).chain(script.defines().map(|d| &d.touches));
    touches
        .flat_map(|t| t.reads.iter().chain(&t.writes).chain(&t.drops))
        .filter(|r| view.full(r, &node.node.project, node.dialect) == *relation)
        .map(|r| {
            let (file, span) = compiled.origin(r.span);
            (Arc::clone(file), span)
        })
        .filter(|(_, span)| span.end > span.start)
        .collect()
}

fn calls(view: &View, name: &RelationName) -> Vec<Place> {
    let graph = view.graph();
    let of = |index: Index| {
        let node = graph.node(index);
        let inner = node.defines.iter().flat_map(|d| &d.calls);
        let calls = node.calls.iter().chain(inner).filter(|c| c.name == *name);
        calls.map(|c| (Arc::clone(&node.node.file), c.span)).collect::<Vec<_>>()
    };
    graph.indices().flat_map(of).collect()
}

fn uses(view: &View, sheet: &Sheet, name: &str) -> Vec<Place> {
    let graph = view.graph();
    let own = |index: &Index| graph.node(*index).node.project == sheet.project.name;
    let templates = |index: Index| {
        let node = &graph.node(index).node;
        (matches!(node.kind(), Kind::Model | Kind::Test)).then_some(&node.file)
    };
    let files = graph.indices().filter(own).filter_map(templates).chain(&sheet.project.macros);
    files.flat_map(|f| render::words(f.text(), name).into_iter().map(|s| (Arc::clone(f), s))).collect()
}

/// Each place once; of two that overlap the closer one.
fn closest(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by(|a, b| {
        let key = |p: &Place| (p.1.start, p.1.end);
        a.0.path().cmp(b.0.path()).then(key(a).cmp(&key(b)))
    });
    let mut kept: Vec<Place> = Vec::with_capacity(places.len());
    for place in places {
        match kept.last_mut() {
            Some(last) if last.0.path() == place.0.path() && place.1.start < last.1.end => {
                if place.1.end - place.1.start < last.1.end - last.1.start {
                    *last = place;
                }
            }
            Some(last) if last.0.path() == place.0.path() && last.1 == place.1 => {}
            _ => kept.push(place),
        }
    }
    kept
}
