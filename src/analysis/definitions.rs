//! Makes nodes of what scripts define. Several definitions of one name (CREATE, then ALTER) are
//! one node; what any of them touches, it touches.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::calls::Defined;
use super::touch::{Access, Through, Touch, Via};
use super::{AnalyzedNode, Owner, Placement};
use crate::nouns::{Body, Definition, DefinitionKind, Node, node_id};
use crate::words::RelationName;

/// Adds a node for each definition of the nodes' SQL, behind all others.
pub(super) fn lift(nodes: &mut Vec<AnalyzedNode>, placement: &Placement) {
    let mut taken: HashSet<String> = nodes.iter().map(|n| n.node.id.clone()).collect();
    let mut lifted: BTreeMap<(String, RelationName), AnalyzedNode> = BTreeMap::new();
    for maker in nodes.iter_mut() {
        for defined in maker.defines.iter().filter(|d| d.is_temporary()) {
            maker.touches.extend(defined.touches.iter().cloned());
        }
        let defines: Vec<&Defined> = maker.defines.iter().filter(|d| !d.is_temporary()).collect();
        let mut own = Vec::new();
        for defined in defines {
            let key = (maker.node.project.clone(), defined.name.clone());
            let node = lifted.remove(&key).map_or_else(
                || node(maker, defined, placement, &mut taken),
                |before| joined(before, maker, defined),
            );
            own.extend(made_here(maker, defined, &node));
            lifted.insert(key, node);
        }
        maker.touches.extend(own);
    }
    nodes.extend(lifted.into_values());
}

/// What making a definition touches: a synonym is made, and a view's inputs must be there.
fn made_here(maker: &AnalyzedNode, defined: &Defined, node: &AnalyzedNode) -> Vec<Touch> {
    let mut touches = Vec::new();
    match defined.kind {
        DefinitionKind::View => touches.extend(defined.touches.iter().map(|touch| {
            let (kind, name) = (defined.kind, node.node.name.clone());
            let through = Through { kind, name, file: Arc::clone(&touch.file), span: touch.span };
            Touch { deferred: false, through: Some(Arc::new(through)), ..touch.clone() }
        })),
        DefinitionKind::Synonym => touches.push(Touch {
            relation: defined.name.clone(),
            written: node.node.name.clone(),
            access: Access::Create,
            via: Via::Sql,
            deferred: false,
            through: None,
            file: Arc::clone(&maker.node.file),
            span: defined.span,
        }),
        DefinitionKind::Procedure | DefinitionKind::Function | DefinitionKind::Trigger => {}
    }
    touches
}

fn node(
    maker: &AnalyzedNode,
    defined: &Defined,
    placement: &Placement,
    taken: &mut HashSet<String>,
) -> AnalyzedNode {
    let relation = &defined.name;
    let schema = relation.schema.as_deref().unwrap_or_default();
    let mut name = format!("{schema}.{}", relation.name);
    if placement.owner(relation) != Owner::Project(&maker.node.project) {
        name = relation.to_string();
    }
    // A script is often named after the one thing that it defines.
    while !taken.insert(node_id(&maker.node.project, &name)) {
        name = format!("{name}.{}", defined.kind);
    }
    let definition = Definition {
        kind: defined.kind,
        name: relation.clone(),
        target: defined.target.clone(),
        extent: defined.extent,
        runs: defined.runs.clone(),
        scripts: vec![maker.node.id.clone()],
    };
    let node = Node {
        id: node_id(&maker.node.project, &name),
        name,
        span: defined.span,
        description: String::new(),
        columns: Vec::new(),
        declared: serde_json::Map::new(),
        body: Body::Definition(Box::new(definition)),
        ..maker.node.clone()
    };
    AnalyzedNode {
        relation: defined.kind.is_read().then(|| relation.clone()),
        node,
        config: None,
        dialect: maker.dialect,
        sql: None,
        incremental_sql: None,
        touches: defined.touches.clone(),
        transaction: true,
        allows: maker.allows.clone(),
        calls: defined.calls.clone(),
        defines: Vec::new(),
        hidden: defined.hidden.clone(),
        servers: defined.servers.clone(),
        uses: maker.uses.clone(),
        totals: None,
    }
}

/// A definition that is made once more: what holds is the later one, what is touched is both's.
fn joined(mut before: AnalyzedNode, maker: &AnalyzedNode, defined: &Defined) -> AnalyzedNode {
    let Body::Definition(definition) = &mut before.node.body else { return before };
    let elsewhere = !Arc::ptr_eq(&before.node.file, &maker.node.file);
    if !definition.scripts.contains(&maker.node.id) {
        definition.scripts.push(maker.node.id.clone());
    }
    definition.target.clone_from(&defined.target);
    definition.extent = defined.extent;
    definition.runs.extend(defined.runs.iter().cloned());
    before.node.file = Arc::clone(&maker.node.file);
    before.node.span = defined.span;
    before.touches.extend(defined.touches.iter().cloned());
    if elsewhere {
        // What is hidden and allowed has a place in the node's file alone.
        before.allows.clone_from(&maker.allows);
        before.hidden.clear();
        before.servers.clear();
    }
    before.calls.extend(defined.calls.iter().cloned());
    before.hidden.extend(defined.hidden.iter().cloned());
    before.servers.extend(defined.servers.iter().cloned());
    before
}
