//! Definitions that are called or read: what their bodies touch happens where that is done,
//! through any depth of calls.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::touch::{Access, Through, Touch};
use super::{AnalyzedNode, Owner, Placement, ServerUse};
use crate::nouns::{DefinitionKind, Kind};
use crate::sql;
use crate::words::{RelationName, SourceFile, Span};

/// So many definitions are followed from one call; more than any person wrote.
const FARTHEST: usize = 1000;

/// So many definitions and touches are taken up for one node.
const MOST: usize = 20_000;

/// A procedure executed or a function called.
#[derive(Debug, Clone)]
pub struct Call {
    /// The full name on the target.
    pub name: RelationName,
    /// The name as the user wrote it.
    pub written: String,
    /// Whether it is executed as a procedure.
    pub executed: bool,
    /// The user's file.
    pub file: Arc<SourceFile>,
    /// The place in it.
    pub span: Span,
    /// What is named in text that is handed over: which argument, its parameter's name, touches.
    pub texts: Vec<(usize, Option<String>, Vec<Touch>)>,
}

/// A procedure, function, trigger, view or synonym that a node's SQL defines.
#[derive(Debug, Clone)]
pub struct Defined {
    /// What it is.
    pub kind: DefinitionKind,
    /// The full name on the target.
    pub name: RelationName,
    /// What a synonym stands for, or the table that a trigger is on.
    pub target: Option<RelationName>,
    /// The place of its name.
    pub span: Span,
    /// The place of the whole of it.
    pub extent: Span,
    /// What its body touches.
    pub touches: Vec<Touch>,
    /// What its body calls.
    pub calls: Vec<Call>,
    /// What its body does that can't be seen.
    pub hidden: Vec<(Span, String)>,
    /// Files that its body reads or writes: path, place.
    pub files: Vec<(String, Span)>,
    /// Other servers that its body reaches.
    pub servers: Vec<ServerUse>,
    /// Parameters whose text its body runs: which, and their names.
    pub runs: Vec<(usize, String)>,
}

impl Defined {
    /// Whether it lives no longer than the session that makes it.
    pub(super) fn is_temporary(&self) -> bool {
        self.name.name.starts_with('#')
    }
}

/// A definition as its callers see it.
struct Callee {
    kind: DefinitionKind,
    name: String,
    project: String,
    target: Option<RelationName>,
    touches: Vec<Touch>,
    calls: Vec<Call>,
    runs: Vec<(usize, String)>,
}

/// Where something is called.
type Place<'a> = (&'a Arc<SourceFile>, Span);

type Callees = HashMap<RelationName, Callee>;

/// Adds to every node what the definitions touch that it calls and reads, and tells it of the
/// procedures that nobody defines.
pub(super) fn resolve(nodes: &mut [AnalyzedNode], placement: &Placement) {
    let callees = callees(nodes);
    let mut triggers: HashMap<RelationName, Vec<RelationName>> = HashMap::new();
    for (name, callee) in callees.iter().filter(|(_, c)| c.kind == DefinitionKind::Trigger) {
        if let Some(table) = &callee.target {
            triggers.entry(table.clone()).or_default().push(name.clone());
        }
    }
    for names in triggers.values_mut() {
        names.sort();
    }
    for node in nodes.iter_mut() {
        let temporary = temporaries(node);
        let calls = Calls { callees: &callees, temporary: &temporary, placement, left: Cell::new(MOST) };
        let mut added = Vec::new();
        let mut followed = HashMap::new();
        for call in &node.calls {
            let known = if node.node.kind() == Kind::Definition {
                calls.callee(&call.name).is_some()
            } else {
                // What is called again and again is told of where it is called first.
                *followed
                    .entry(&call.name)
                    .or_insert_with(|| calls.follow(node, &call.name, (&call.file, call.span), &mut added))
            };
            added.extend(calls.handed(call));
            if !known && calls.is_unknown(node, call) {
                node.hidden.push((call.span, format!("the procedure `{}`", call.written)));
            }
        }
        if node.node.kind() != Kind::Definition {
            for touch in &node.touches {
                calls.beyond(node, touch, &mut added);
                let fired = triggers.get(&touch.relation).filter(|_| touch.access == Access::Modify);
                for trigger in fired.into_iter().flatten() {
                    calls.follow(node, trigger, (&touch.file, touch.span), &mut added);
                }
            }
        }
        if calls.left.get() == 0 {
            let what = "more procedures and views than goldsmith follows".to_owned();
            node.hidden.push((Span::default(), what));
        }
        node.touches.extend(added);
    }
}

fn callees(nodes: &[AnalyzedNode]) -> Callees {
    let mut callees = Callees::new();
    for node in nodes {
        let Some(definition) = node.node.body.definition() else { continue };
        callees.insert(
            definition.name.clone(),
            Callee {
                kind: definition.kind,
                name: node.node.name.clone(),
                project: node.node.project.clone(),
                target: definition.target.clone(),
                touches: node.touches.clone(),
                calls: node.calls.clone(),
                runs: definition.runs.clone(),
            },
        );
    }
    callees
}

/// The temporary procedures of one script: nobody else can call them.
fn temporaries(node: &AnalyzedNode) -> Callees {
    let own = node.defines.iter().filter(|d| d.is_temporary());
    own.map(|d| {
        let callee = Callee {
            kind: d.kind,
            name: d.name.name.clone(),
            project: node.node.project.clone(),
            target: None,
            touches: d.touches.clone(),
            calls: d.calls.clone(),
            runs: d.runs.clone(),
        };
        (d.name.clone(), callee)
    })
    .collect()
}

struct Calls<'a> {
    callees: &'a Callees,
    temporary: &'a Callees,
    placement: &'a Placement,
    /// How much may still be taken up.
    left: Cell<usize>,
}

impl<'a> Calls<'a> {
    fn callee(&self, name: &RelationName) -> Option<&'a Callee> {
        self.temporary.get(name).or_else(|| self.callees.get(name))
    }

    /// Takes from what is left; gives false when that is not enough.
    fn take(&self, count: usize) -> bool {
        let left = self.left.get().checked_sub(count);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// What the text touches that a call hands over and the procedure runs.
    fn handed(&self, call: &Call) -> Vec<Touch> {
        let Some(callee) = self.callee(&call.name).filter(|c| !c.runs.is_empty()) else { return Vec::new() };
        let runs = |position: &usize, name: &Option<String>| {
            callee.runs.iter().any(|(nth, parameter)| match name {
                Some(name) => name == parameter,
                None => nth == position,
            })
        };
        let run = call.texts.iter().filter(|(position, name, _)| runs(position, name));
        run.flat_map(|(.., touches)| touches.iter().cloned()).collect()
    }

    /// Whether a call executes something of the project's own that nobody defines.
    fn is_unknown(&self, node: &AnalyzedNode, call: &Call) -> bool {
        let own = self.placement.owner(&call.name) == Owner::Project(&node.node.project);
        call.executed && own && call.name.server.is_none() && !sql::is_system_procedure(&call.name)
    }

    /// Adds what a call touches, all the way down. Gives false when nobody defines what is called.
    /// What another project defines is its own affair: calling it at all is what is wrong.
    fn follow(&self, node: &AnalyzedNode, name: &RelationName, place: Place, added: &mut Vec<Touch>) -> bool {
        let Some(first) = self.callee(name) else { return false };
        if first.project != node.node.project {
            return true;
        }
        let mut seen = HashSet::from([name.clone()]);
        let mut known: HashSet<(RelationName, Access)> = HashSet::new();
        let mut open = vec![name.clone()];
        while let Some(callee) = open.pop().and_then(|name| self.callee(&name)) {
            if !self.take(1 + callee.touches.len()) {
                break;
            }
            for touch in &callee.touches {
                if known.insert((touch.relation.clone(), touch.access)) {
                    added.push(here(first, touch, place));
                }
                let next = self.callee(&touch.relation).filter(|c| c.kind.is_read());
                if next.is_some() && seen.len() < FARTHEST && seen.insert(touch.relation.clone()) {
                    open.push(touch.relation.clone());
                }
            }
            let synonym = callee.target.iter().filter(|_| callee.kind == DefinitionKind::Synonym);
            for next in callee.calls.iter().map(|c| &c.name).chain(synonym) {
                let followed = self.callee(next).is_some_and(|c| c.project == node.node.project);
                if followed && seen.len() < FARTHEST && seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        true
    }

    /// Adds what lies behind a view or synonym that is read or written. What a view reads of its
    /// own project needs no telling: the view comes after it.
    fn beyond(&self, node: &AnalyzedNode, touch: &Touch, added: &mut Vec<Touch>) {
        let Some(first) = self.callee(&touch.relation).filter(|c| c.kind.is_read()) else { return };
        let makes = matches!(touch.access, Access::Create | Access::CreateIfMissing | Access::Drop);
        if makes || first.project != node.node.project || touch.through.is_some() {
            return;
        }
        let mut seen = HashSet::new();
        let mut open = vec![(touch.relation.clone(), touch.access)];
        while let Some((relation, access)) = open.pop() {
            if seen.len() > FARTHEST || !seen.insert(relation.clone()) {
                continue;
            }
            let Some(callee) = self.callee(&relation).filter(|c| c.kind.is_read()) else { continue };
            if !self.take(1 + callee.touches.len()) {
                break;
            }
            let synonym = callee.kind == DefinitionKind::Synonym;
            let access = if synonym { access } else { Access::Read };
            for inner in &callee.touches {
                let own = self.placement.owner(&inner.relation) == Owner::Project(&node.node.project);
                let foreign = !own || inner.relation.server.is_some();
                if foreign || synonym {
                    let inner = Touch { access, ..inner.clone() };
                    added.push(here(first, &inner, (&touch.file, touch.span)));
                }
                open.push((inner.relation.clone(), access));
            }
        }
    }
}

/// What a definition's body touches, as touched at the place where the definition is called.
fn here(callee: &Callee, touch: &Touch, (file, span): Place) -> Touch {
    let through = Through {
        kind: callee.kind,
        name: callee.name.clone(),
        file: Arc::clone(&touch.file),
        span: touch.span,
    };
    Touch { deferred: false, through: Some(Arc::new(through)), file: Arc::clone(file), span, ..touch.clone() }
}
