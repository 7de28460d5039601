//! Procedures, functions and macros: what they read and write happens where they are called,
//! through any depth of calls.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::AnalyzedNode;
use super::touch::Touch;
use crate::sql::{self, DefinitionKind};
use crate::words::{RelationName, Span};

/// A procedure executed or a function called.
#[derive(Debug, Clone)]
pub struct Call {
    /// The full name on the target.
    pub name: RelationName,
    /// The name as the user wrote it.
    pub written: String,
    /// Whether it is executed as a procedure.
    pub executed: bool,
    /// The place in the node's file.
    pub span: Span,
}

/// A procedure, function, trigger, view or synonym that a node's SQL defines.
#[derive(Debug, Clone)]
pub struct Defined {
    /// What it is.
    pub kind: DefinitionKind,
    /// The full name on the target.
    pub name: RelationName,
    /// The whole definition, in the SQL of the node that holds it.
    pub extent: Span,
    /// What its body touches.
    pub touches: Vec<Touch>,
    /// What its body calls.
    pub calls: Vec<Call>,
}

/// Adds to every node what the definitions that it calls touch, and tells it of the procedures
/// that nobody defines.
pub(super) fn resolve(nodes: &mut [AnalyzedNode]) {
    let mut definitions: HashMap<RelationName, Vec<Defined>> = HashMap::new();
    for defined in nodes.iter().flat_map(|n| &n.defines) {
        definitions.entry(defined.name.clone()).or_default().push(defined.clone());
    }
    for node in nodes.iter_mut().filter(|n| !n.calls.is_empty()) {
        for call in node.calls.clone() {
            if !definitions.contains_key(&call.name) {
                let system = sql::is_system_procedure(&call.name);
                if call.executed && !system {
                    node.hidden.push((call.span, format!("the procedure `{}`", call.written)));
                }
                continue;
            }
            let mut seen = HashSet::new();
            let mut open = vec![call.name.clone()];
            while let Some(name) = open.pop() {
                if !seen.insert(name.clone()) {
                    continue;
                }
                for defined in definitions.get(&name).into_iter().flatten() {
                    let file = &node.node.file;
                    node.touches.extend(defined.touches.iter().map(|t| Touch {
                        deferred: false,
                        file: Arc::clone(file),
                        span: call.span,
                        ..t.clone()
                    }));
                    open.extend(defined.calls.iter().map(|c| c.name.clone()));
                }
            }
        }
    }
}
