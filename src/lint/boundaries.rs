//! Who reads or writes what of whom, and how: every crossing of a boundary between projects, the
//! imports that are allowed to cross as well as the violations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Reason, Suppressed, import_origin, through};
use crate::analysis::{Call, Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::nouns::{Body, Origin};
use crate::words::{Code, RelationName, SourceFile, Span};

/// What lies beyond the boundary.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Beyond {
    /// Another project of the platform, or one that an import names.
    Project(String),
    /// A database that no project owns.
    Database(String),
    /// Another server.
    Server(String),
}

impl Beyond {
    /// The word for its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Database(_) => "database",
            Self::Server(_) => "server",
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Project(name) | Self::Database(name) | Self::Server(name) => name,
        }
    }
}

/// One crossing of a boundary.
#[derive(Debug, Clone)]
pub struct Crossing {
    /// The node that crosses.
    pub node: Index,
    /// What it reaches.
    pub owner: Beyond,
    /// The relation there, as far as it is known; else what was written.
    pub relation: String,
    /// Whether it is written.
    pub writes: bool,
    /// What is wrong with it; nothing is with an import.
    pub code: Option<Code>,
    /// Whether it is an import.
    pub is_import: bool,
    /// Why it is accepted, if it is: by a comment or the baseline.
    pub allowed: Option<String>,
    /// The user's file.
    pub file: Arc<SourceFile>,
    /// The place in it.
    pub span: Span,
}

/// All crossings, in the order of reader, owner and place.
#[must_use]
pub fn crossings(graph: &Graph, suppressed: &[Suppressed]) -> Vec<Crossing> {
    let mut found: Vec<Crossing> =
        through::touches(graph).filter_map(|(index, touch)| touched(graph, index, touch)).collect();
    for index in graph.indices() {
        let node = graph.node(index);
        found.extend(node.calls.iter().filter_map(|call| called(graph, index, call)));
        found.extend(node.servers.iter().map(|server| Crossing {
            node: index,
            owner: Beyond::Server(server.server.clone()),
            relation: if server.names.is_empty() { server.what.clone() } else { server.names.join(", ") },
            writes: false,
            code: Some(Code::LinkedServer),
            is_import: false,
            allowed: None,
            file: Arc::clone(&node.node.file),
            span: server.span,
        }));
    }
    let accepted: HashMap<_, &Reason> = suppressed
        .iter()
        .filter_map(|s| {
            let d = &s.diagnostic;
            Some(((d.code, d.file.as_ref()?.path(), d.span, d.node.as_deref()?), &s.reason))
        })
        .collect();
    for crossing in &mut found {
        let Some(code) = crossing.code else { continue };
        let key = (code, crossing.file.path(), crossing.span, graph.node(crossing.node).node.id.as_str());
        crossing.allowed = accepted.get(&key).map(|reason| match reason {
            Reason::Comment(why) => why.clone(),
            Reason::Baseline => "in the baseline".to_owned(),
        });
    }
    let project = |c: &Crossing| graph.node(c.node).node.project.clone();
    found.sort_by(|a, b| {
        (project(a), &a.owner, a.file.path(), a.span, &a.relation).cmp(&(
            project(b),
            &b.owner,
            b.file.path(),
            b.span,
            &b.relation,
        ))
    });
    let mut seen = HashSet::new();
    found.retain(|c| seen.insert((c.node, c.relation.clone(), c.span, c.writes, c.code)));
    found
}

/// The owner of a name, if it is anybody but the node's own project.
fn beyond(graph: &Graph, index: Index, name: &RelationName) -> Option<Beyond> {
    if let Some(server) = &name.server {
        return Some(Beyond::Server(server.clone()));
    }
    match graph.analysis().placement.owner(name) {
        Owner::Project(owner) if owner == graph.node(index).node.project => None,
        Owner::Project(owner) => Some(Beyond::Project(owner.to_owned())),
        Owner::Nobody => Some(Beyond::Database(name.database.clone().unwrap_or_default())),
    }
}

fn touched(graph: &Graph, index: Index, touch: &Touch) -> Option<Crossing> {
    let node = graph.node(index);
    let crossing = |owner, code, is_import| Crossing {
        node: index,
        owner,
        relation: touch.relation.to_string(),
        writes: touch.access.is_write(),
        code,
        is_import,
        allowed: None,
        file: Arc::clone(&touch.file),
        span: touch.span,
    };
    if touch.via == Via::Import {
        let Body::Load(load) = &node.node.body else { return None };
        let Origin::Import { project, .. } = &load.origin else { return None };
        let code = import_origin::tell(graph, index, touch).map(|d| d.code);
        return Some(crossing(Beyond::Project(project.clone()), code, true));
    }
    let owner = beyond(graph, index, &touch.relation)?;
    let code = match &owner {
        Beyond::Server(_) => Code::LinkedServer,
        Beyond::Database(_) => Code::UnknownOwner,
        Beyond::Project(_) if touch.access.is_write() => Code::CrossSourceWrite,
        Beyond::Project(_) => Code::CrossSourceRead,
    };
    Some(crossing(owner, Some(code), false))
}

/// A procedure executed, or another project's function called.
fn called(graph: &Graph, index: Index, call: &Call) -> Option<Crossing> {
    let owner = beyond(graph, index, &call.name)?;
    let code = match &owner {
        Beyond::Project(_) if call.name.server.is_none() => Code::CrossSourceRead,
        _ if !call.executed => return None,
        Beyond::Server(_) => Code::LinkedServer,
        Beyond::Database(name) if !matches!(name.as_str(), "master" | "msdb" | "tempdb") => {
            Code::UnknownOwner
        }
        _ => return None,
    };
    Some(Crossing {
        node: index,
        owner,
        relation: call.name.to_string(),
        writes: false,
        code: Some(code),
        is_import: false,
        allowed: None,
        file: Arc::clone(&call.file),
        span: call.span,
    })
}
