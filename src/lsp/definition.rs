//! Where things are made: the model's file, the load's line, the script's statement, the macro's
//! tag, the routine's `CREATE`.

use std::sync::Arc;

use super::subject::Subject;
use super::view::{Place, Sheet, View};
use crate::analysis::{Access, Via};
use crate::graph::Index;
use crate::nouns::{Kind, Project};
use crate::render;
use crate::sql::{self, Definition};
use crate::words::{RelationName, SourceFile};

/// Where a subject is made.
pub(super) fn places(view: &View, sheet: &Sheet, subject: &Subject) -> Vec<Place> {
    match subject {
        Subject::Node(index) => vec![start(view, *index)],
        Subject::Relation(relation) => makers(view, relation),
        Subject::Routine(name) => routines(view, name).into_iter().map(|(_, _, place)| place).collect(),
        Subject::Macro(name) => macros(sheet.project, name),
    }
}

/// Where a node's file or entry begins.
fn start(view: &View, index: Index) -> Place {
    let node = &view.graph().node(index).node;
    (Arc::clone(&node.file), node.span)
}

/// The places that make a relation; where nobody makes it, those that change it.
fn makers(view: &View, relation: &RelationName) -> Vec<Place> {
    let graph = view.graph();
    let place = |index: Index, makes: bool| {
        let node = graph.node(index);
        if node.node.kind() != Kind::Script {
            return Some(start(view, index));
        }
        let wanted = |access| match access {
            Access::Create | Access::CreateIfMissing => makes,
            Access::Modify => !makes,
            Access::Drop | Access::Read => false,
        };
        let touches = node.touches.iter().filter(|t| t.relation == *relation && wanted(t.access));
        let first = touches.filter(|t| t.via == Via::Sql).min_by_key(|t| (t.access, t.span));
        first.map(|t| (Arc::clone(&t.file), t.span))
    };
    let writers = graph.writers(relation);
    let found: Vec<Place> = writers.iter().filter_map(|i| place(*i, true)).collect();
    if found.is_empty() { writers.iter().filter_map(|i| place(*i, false)).collect() } else { found }
}

/// The definitions of a routine: whose, what, and the place of the name.
pub(super) fn routines(view: &View, name: &RelationName) -> Vec<(Index, Definition, Place)> {
    let graph = view.graph();
    let mut found = Vec::new();
    for index in graph.indices() {
        let node = graph.node(index);
        let Some(compiled) = node.sql.as_ref().filter(|_| node.defines.iter().any(|d| d.name == *name))
        else {
            continue;
        };
        for definition in sql::read(compiled.sql(), node.dialect).defines() {
            if view.defined(definition, &node.node.project, node.dialect) == *name {
                let (file, span) = compiled.origin(definition.span);
                found.push((index, definition.clone(), (Arc::clone(file), span)));
            }
        }
    }
    found
}

/// The tags that define a macro.
pub(super) fn macros(project: &Project, name: &str) -> Vec<Place> {
    let places = |file: &Arc<SourceFile>| -> Vec<Place> {
        let all = render::macros(file.text()).into_iter();
        all.filter(|(known, _)| known == name).map(|(_, span)| (Arc::clone(file), span)).collect()
    };
    project.macros.iter().flat_map(places).collect()
}
