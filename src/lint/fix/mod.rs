//! What `lint --fix` would change: the imports that GS101 asks for, and the names that then read
//! them. Pure: gives edits and, for what it must not or can't rewrite, the edit to make by hand.

mod imports;
mod names;
mod qualifiers;
mod query;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use imports::Import;

pub(super) use imports::Known;
use imports::{Imports, Wish};
use names::{Names, Refused, Rewritten};

use super::offer::Offer;
use crate::analysis::{Access, Owner, Touch, Via};
use crate::graph::{Graph, Index};
use crate::nouns::{Kind, Materialization, node_id};
use crate::words::{Code, Diagnostic, Edit, RelationName, SourceFile, Span};

/// What a fix of some diagnostics would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes to files. Those of YAML come first: what reads an import needs it.
    pub edits: Vec<Edit>,
    /// The imports that are written.
    pub imports: Vec<Import>,
    /// What is left to people.
    pub by_hand: Vec<ByHand>,
    /// For each of the diagnostics that were given: whether the edits mend it.
    pub mended: Vec<bool>,
}

/// A place that is not rewritten.
#[derive(Debug)]
pub struct ByHand {
    /// The user's file.
    pub file: Arc<SourceFile>,
    /// The place in it.
    pub span: Span,
    /// Why, and what to do; without a full stop.
    pub why: String,
    /// The edits to make, where they are known exactly.
    pub edits: Vec<Edit>,
}

/// Plans the fix of those of the diagnostics that can be fixed; others are passed over. Give those
/// that stand, without what comments or a baseline accept.
#[must_use]
pub fn plan(graph: &Graph, diagnostics: &[Diagnostic]) -> Plan {
    let mut plan = Plan { mended: vec![false; diagnostics.len()], ..Plan::default() };
    let known = Known::new(graph);
    let mut origins = Origins { graph, nodes: HashMap::new() };
    let mut reads: BTreeMap<(Index, RelationName), Read> = BTreeMap::new();
    for (number, told) in diagnostics.iter().enumerate().filter(|(_, d)| d.code == Code::CrossSourceRead) {
        if let Some((index, touch)) = origins.find(told) {
            let read = reads
                .entry((index, touch.relation.clone()))
                .or_insert_with(|| read(graph, &known, index, touch));
            read.told.push((number, told));
        }
    }
    // A load that only tests read would be one that nothing needs.
    let needed = reads.iter().filter(|((index, _), _)| graph.node(*index).node.kind() != Kind::Test);
    let wishes: BTreeSet<Wish> = needed.filter_map(|(_, r)| r.wish.as_ref().ok().cloned()).collect();
    let imports = Imports::plan(&known, wishes);
    let mut rewritten = Vec::new();
    for ((index, seen), read) in &reads {
        rewritten.extend(read.carry_out(graph, (*index, seen), &imports, &mut plan));
    }
    let (planned, edits) = imports.finish();
    plan.imports = planned;
    plan.edits = edits;
    plan.edits.extend(rewritten);
    plan
}

fn read<'a>(graph: &Graph, known: &Known<'_>, index: Index, touch: &Touch) -> Read<'a> {
    let wish = wish(graph, known, index, touch);
    let maker = wish.as_ref().ok().and_then(|wish| maker(graph, &wish.owner, touch));
    Read { wish, maker, told: Vec::new() }
}

/// Marks the diagnostics that a fix mends.
pub(super) fn mark(graph: &Graph, diagnostics: &mut [Diagnostic]) {
    if diagnostics.iter().all(|d| d.code != Code::CrossSourceRead) {
        return;
    }
    let mended = plan(graph, diagnostics).mended;
    for (diagnostic, mended) in diagnostics.iter_mut().zip(mended) {
        diagnostic.fixable = mended;
    }
}

/// One relation that one node reads across the boundary.
struct Read<'a> {
    /// What to import, or why not.
    wish: Result<Wish, String>,
    /// The node that makes it.
    maker: Option<Index>,
    told: Vec<(usize, &'a Diagnostic)>,
}

impl Read<'_> {
    /// The edits to the node; what it can't edit goes to the plan's list for people.
    fn carry_out(
        &self,
        graph: &Graph,
        (index, seen): (Index, &RelationName),
        imports: &Imports<'_>,
        plan: &mut Plan,
    ) -> Vec<Edit> {
        let Some((_, told)) = self.told.first() else { return Vec::new() };
        let mut leave = |told: &Diagnostic, span: Span, why: String, edits: Vec<Edit>| {
            if let Some(file) = &told.file {
                plan.by_hand.push(ByHand { file: Arc::clone(file), span, why, edits });
            }
        };
        let wish = match &self.wish {
            Ok(wish) => wish,
            Err(why) => {
                leave(told, told.span, why.clone(), Vec::new());
                return Vec::new();
            }
        };
        let Some(import) = imports.of(wish) else {
            let why = format!(
                "a test is not rewritten, and only tests read `{}`: import it for a model or a script, or test it in `{}`",
                wish.relation, wish.owner
            );
            leave(told, told.span, why, Vec::new());
            return Vec::new();
        };
        let node = graph.node(index);
        let names = Names::new(graph, node, (seen, self.maker), &import, told);
        let Rewritten { edits, places } = match names.rewrite() {
            Ok(rewritten) => rewritten,
            Err(Refused { span, why }) => {
                let why =
                    format!("not rewritten, since {why}: let it read {}", reading(&import, node.node.kind()));
                leave(told, span, why, Vec::new());
                return Vec::new();
            }
        };
        let mut elsewhere = Vec::new();
        for (number, told) in &self.told {
            let before = places.partition_point(|p| p.start <= told.span.start);
            let there = before.checked_sub(1).is_some_and(|i| told.span.start < places[i].end);
            if there && node.node.kind() == Kind::Model {
                plan.mended[*number] = true;
            } else if !there {
                elsewhere.push(*told);
            }
        }
        for told in elsewhere {
            let why = format!(
                "not rewritten, since the name does not stand here (a hook, a macro, a procedure or YAML brings it): let that read {}",
                reading(&import, node.node.kind())
            );
            leave(told, told.span, why, Vec::new());
        }
        if node.node.kind() == Kind::Model {
            return edits;
        }
        if !edits.is_empty() {
            let why = format!("a {} is not rewritten: make this edit", node.node.kind());
            leave(told, places[0], why, edits);
        }
        Vec::new()
    }
}

/// How a node reads an import.
fn reading(import: &Import, kind: Kind) -> String {
    match kind {
        Kind::Script => {
            format!("`{}.{}`", import.table.schema.as_deref().unwrap_or_default(), import.table.name)
        }
        _ => format!("`{{{{ source('{}', '{}') }}}}`", import.project, import.name),
    }
}

/// Finds the touches that diagnostics are about, without walking a node's touches for each.
struct Origins<'a> {
    graph: &'a Graph,
    nodes: HashMap<Index, HashMap<Span, Vec<&'a Touch>>>,
}

impl<'a> Origins<'a> {
    fn find(&mut self, told: &Diagnostic) -> Option<(Index, &'a Touch)> {
        let graph = self.graph;
        let index = graph.find(told.node.as_deref()?)?;
        let places = self.nodes.entry(index).or_insert_with(|| {
            let mut places: HashMap<Span, Vec<&Touch>> = HashMap::new();
            let touches = graph.node(index).touches.iter();
            for touch in touches.filter(|t| t.access == Access::Read && t.via != Via::Import) {
                places.entry(touch.span).or_default().push(touch);
            }
            places
        });
        let relation = told.relation.as_deref()?;
        let touch = places.get(&told.span)?.iter().find(|t| t.relation.to_string() == relation)?;
        Some((index, *touch))
    }
}

/// The node that makes a relation of a project. It may be seen under another name than it has:
/// `ref()` to a model whose own `config()` gives it another schema or alias, and a declared
/// database that is another one on the target.
fn maker(graph: &Graph, owner: &str, touch: &Touch) -> Option<Index> {
    let seen = &touch.relation;
    let mut makers = graph.writers(seen).iter().copied();
    if let Some(maker) = makers.find(|i| graph.node(*i).relation.as_ref() == Some(seen)) {
        return Some(maker);
    }
    let named = graph.find(&node_id(owner, &seen.name))?;
    let same = |r: &RelationName| r.schema == seen.schema && r.name == seen.name;
    let called = matches!(touch.via, Via::Ref | Via::Source);
    (called || graph.node(named).relation.as_ref().is_some_and(same)).then_some(named)
}

/// What to import so that a node can read a relation, or why that is not possible.
pub(super) fn wish(graph: &Graph, known: &Known<'_>, index: Index, touch: &Touch) -> Result<Wish, String> {
    let analysis = graph.analysis();
    let Owner::Project(owner) = analysis.placement.owner(&touch.relation) else {
        return Err("it can't be imported: no project owns it".to_owned());
    };
    let maker = maker(graph, owner, touch).map(|i| graph.node(i));
    let relation = match maker.and_then(|m| m.relation.clone()) {
        Some(relation) if graph.writers(&touch.relation).is_empty() => relation,
        _ => touch.relation.clone(),
    };
    let prefix = &analysis.target.schema_prefix;
    let schema = relation.schema.clone().unwrap_or_default();
    let schema = schema.strip_prefix(&prefix.to_lowercase()).unwrap_or(&schema).to_owned();
    let short = format!("{schema}.{}", relation.name);
    let ephemeral =
        maker.and_then(|m| m.config.as_ref()).is_some_and(|c| c.materialized == Materialization::Ephemeral);
    if ephemeral {
        return Err(format!(
            "it can't be imported: `{short}` is ephemeral and has no table; ask the owner of `{owner}` to make it a view or a table"
        ));
    }
    let special = |part: &str| part.is_empty() || part.contains(['.', '"', '[', ']']) || part.trim() != part;
    if special(&schema) || special(&relation.name) {
        return Err(format!("it can't be imported: the name `{short}` can't be written in `relation:`"));
    }
    let Some(project) = analysis.platform.projects.iter().find(|p| p.name == owner) else {
        return Err(format!("it can't be imported: no project is named `{owner}`"));
    };
    let wish =
        Wish { project: graph.node(index).node.project.clone(), owner: owner.to_owned(), relation, schema };
    // Whether an import that is there may be there is for GS103 to say.
    if known.find(&wish).is_some() {
        return Ok(wish);
    }
    match Offer::of(graph, project, &wish.relation, &short) {
        Offer::Public => Ok(wish),
        Offer::Private(help) => Err(format!("it can't be imported, since `{short}` is not public: {help}")),
        Offer::Missing(help) => {
            Err(format!("it can't be imported, since `{owner}` has no relation `{short}`: {help}"))
        }
    }
}
