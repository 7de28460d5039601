//! GS110: what others import is not made as it was. Compares two states of a platform.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::analysis::{AnalyzedNode, Owner, Via};
use crate::graph::{Graph, Index};
use crate::lineage;
use crate::words::{Code, Diagnostic, RelationName, Span};

/// The platform in one state, with its columns as far as anybody knows them.
pub struct State<'a> {
    /// Its nodes.
    pub graph: &'a Graph,
    /// The columns of what is imported.
    pub columns: &'a lineage::Platform,
}

/// The nodes whose columns are to be known to compare what is imported, each behind what it depends on.
#[must_use]
pub fn behind_imports(graph: &Graph) -> Vec<Index> {
    let makers: Vec<Index> = imported(graph).iter().flat_map(|r| graph.writers(r)).copied().collect();
    let mut needed: HashSet<Index> = makers.iter().flat_map(|i| graph.ancestors(*i, None)).collect();
    needed.extend(makers);
    graph.order().into_iter().filter(|i| needed.contains(i)).collect()
}

/// What other projects import and is made otherwise than `before`. `since` is how a person calls that state.
#[must_use]
pub fn public_changes(now: &State<'_>, before: &State<'_>, since: &str) -> Vec<Diagnostic> {
    imported(now.graph).into_iter().filter_map(|relation| tell(now, before, relation, since)).collect()
}

/// The relations that are imported.
fn imported(graph: &Graph) -> BTreeSet<&RelationName> {
    graph.touches().filter(|(_, t)| t.via == Via::Import).map(|(_, t)| &t.relation).collect()
}

fn tell(now: &State<'_>, before: &State<'_>, relation: &RelationName, since: &str) -> Option<Diagnostic> {
    let makers = makers(now.graph, relation);
    let earlier = self::makers(before.graph, relation);
    if earlier.is_empty() {
        return None;
    }
    let short = format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name);
    let mut what = Vec::new();
    if makers.is_empty() {
        what.push("it is gone".to_owned());
    } else {
        what.extend(columns(now, before, relation));
        what.extend(types(&makers, &earlier));
        let fingerprint = |graph: &Graph, node: &AnalyzedNode| graph.analysis().fingerprint(node);
        let prints = |graph: &Graph, nodes: &[&AnalyzedNode]| -> BTreeMap<String, _> {
            nodes.iter().map(|n| (n.node.id.clone(), fingerprint(graph, n))).collect()
        };
        if what.is_empty() && prints(now.graph, &makers) != prints(before.graph, &earlier) {
            what.push("it is made otherwise".to_owned());
        }
    }
    if what.is_empty() {
        return None;
    }
    let whom = now.graph.consumers(relation)?;
    let message = format!("`{short}` is not what it was at {since}: {}", what.join("; "));
    let told = Diagnostic::new(Code::PublicChange, message)
        .relation(relation.to_string())
        .help(format!("tell those who import it: {whom}"));
    if let Some(node) = makers.first() {
        let file = node.sql.as_ref().map_or(&node.node.file, |sql| sql.file());
        return Some(told.at(file, node.node.span).node(&node.node.id));
    }
    // Where it was made there is nothing any more.
    let Owner::Project(owner) = now.graph.analysis().placement.owner(relation) else { return None };
    let project = now.graph.analysis().platform.projects.iter().find(|p| p.name == owner)?;
    Some(told.at(&project.file, Span::default()))
}

/// The nodes that make a relation; a script stands for what it defines.
fn makers<'a>(graph: &'a Graph, relation: &RelationName) -> Vec<&'a AnalyzedNode> {
    let all = graph.writers(relation).iter().map(|i| graph.node(*i));
    all.filter(|n| n.node.body.definition().is_none()).collect()
}

/// Columns that are lost or new, where all are known in both states.
fn columns(now: &State<'_>, before: &State<'_>, relation: &RelationName) -> Vec<String> {
    let of = |state: &State<'_>| -> Option<BTreeSet<String>> {
        Some(state.columns.known.columns(relation)?.into_iter().map(str::to_lowercase).collect())
    };
    let (Some(now), Some(before)) = (of(now), of(before)) else { return Vec::new() };
    let list = |names: Vec<&String>| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let (lost, new) = (list(before.difference(&now).collect()), list(now.difference(&before).collect()));
    let mut what = Vec::new();
    if !lost.is_empty() {
        what.push(format!("it no longer gives {lost}"));
    }
    if !new.is_empty() {
        what.push(format!("it gives {new} as well"));
    }
    what
}

/// Columns that are declared with another type.
fn types(now: &[&AnalyzedNode], before: &[&AnalyzedNode]) -> Vec<String> {
    let declared = |nodes: &[&AnalyzedNode]| -> BTreeMap<String, String> {
        let columns = nodes.iter().flat_map(|n| &n.node.columns);
        columns.filter_map(|c| Some((c.name.to_lowercase(), c.data_type.clone()?))).collect()
    };
    let (now, before) = (declared(now), declared(before));
    let changed = now.iter().filter_map(|(name, kind)| {
        let was = before.get(name).filter(|was| !was.eq_ignore_ascii_case(kind))?;
        Some(format!("`{name}` is declared {kind}, no longer {was}"))
    });
    changed.collect()
}
