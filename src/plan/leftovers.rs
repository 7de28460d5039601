//! What the init pipeline clears away: relations of bronze and silver, and views of operational
//! gold, that no file of their project makes any more.

use std::collections::HashSet;

use super::Options;
use crate::analysis::Owner;
use crate::ddl::BOOKKEEPING;
use crate::graph::{Graph, Index};
use crate::nouns::{Body, Pipeline};
use crate::warehouse::{Catalog, RelationKind};
use crate::words::RelationName;

/// A project's leftovers, each with whether it is a view. Only a run of the whole project clears away:
/// what is left out of a selection is not left over.
pub(super) fn leftovers(
    graph: &Graph,
    project: &str,
    included: &HashSet<Index>,
    catalog: &Catalog,
    options: &Options,
) -> Vec<(RelationName, bool)> {
    if options.pipeline != Pipeline::Init || options.no_load || !is_whole(graph, project, included, options) {
        return Vec::new();
    }
    let placement = &graph.analysis().placement;
    let Some(schemas) = placement.schemas(project) else { return Vec::new() };
    let kept = |schema: &str| {
        schema.eq_ignore_ascii_case(&schemas.financial) || schema.eq_ignore_ascii_case(BOOKKEEPING)
    };
    let is_cleared = |name: &RelationName, kind: RelationKind| {
        let schema = name.schema.as_deref().unwrap_or_default();
        let rebuilt =
            schema.eq_ignore_ascii_case(&schemas.bronze) || schema.eq_ignore_ascii_case(&schemas.silver);
        let view = kind == RelationKind::View && schema.eq_ignore_ascii_case(&schemas.operational);
        (rebuilt || view) && !kept(schema)
    };
    catalog
        .relations()
        .filter(|(name, relation)| {
            is_cleared(name, relation.kind)
                && matches!(placement.owner(name), Owner::Project(owner) if owner == project)
                && graph.writers(name).is_empty()
        })
        .map(|(name, relation)| (name.clone(), relation.kind == RelationKind::View))
        .collect()
}

/// Whether everything of a project runs that could.
fn is_whole(graph: &Graph, project: &str, included: &HashSet<Index>, options: &Options) -> bool {
    graph.indices().all(|index| {
        let node = &graph.node(index).node;
        node.project != project
            || included.contains(&index)
            || matches!(node.body, Body::Test(_) | Body::Definition(_))
            || !options.includes(graph, index)
    })
}
