//! What the warehouse knows of loads from before: watermarks, and the STATE of Singer taps.

use std::collections::{BTreeMap, HashSet};

use super::CommandError;
use super::session::Session;
use super::warehouse::Opened;
use crate::ddl;
use crate::graph::Index;
use crate::nouns::{Body, Load, Origin, Pipeline};
use crate::plan::{Options, Past};
use crate::warehouse::{Connection, RelationKind};
use crate::words::{Code, Diagnostic};

/// Looks up what the hourly pipeline needs of the selected loads, by node id. The other pipelines
/// need nothing: they load in full.
pub(super) fn past(
    session: &Session,
    selected: &HashSet<Index>,
    options: &Options,
    opened: &Opened,
) -> Result<BTreeMap<String, Past>, CommandError> {
    let mut all = BTreeMap::new();
    if options.pipeline != Pipeline::Hourly || options.no_load {
        return Ok(all);
    }
    let now = session.now();
    let mut connections: BTreeMap<String, Box<dyn Connection>> = BTreeMap::new();
    let mut indices: Vec<Index> = selected.iter().copied().collect();
    indices.sort();
    for index in indices {
        let node = session.graph.node(index);
        let (Body::Load(load), Some(relation)) = (&node.node.body, &node.relation) else { continue };
        let Some(modified) = load.modified.as_deref().filter(|_| load.is_hourly()) else { continue };
        let table = opened.catalog.get(relation).filter(|r| r.kind == RelationKind::Table);
        let Some(table) = table else { continue };
        let Some((_, kind)) = table.columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(modified))
        else {
            return Err(CommandError::Files(vec![no_such_column(session, index, load, modified)]));
        };
        let database = session.graph.analysis().placement.database(&node.node.project).to_owned();
        let connection = match connections.entry(database) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let connection = opened.warehouse.connect(entry.key())?;
                entry.insert(connection)
            }
        };
        let rows = connection.query(&ddl::watermark(
            connection.dialect(),
            relation,
            modified,
            kind,
            load.lookback,
            &now,
        ))?;
        let mut cells = rows.rows.into_iter().next().unwrap_or_default().into_iter();
        let (newest, from) = (cells.next().flatten(), cells.next().flatten());
        let state = match load.origin {
            Origin::Command(_) => {
                let books = crate::words::RelationName::new(
                    relation.database.as_deref().unwrap_or_default(),
                    ddl::BOOKKEEPING,
                    "loads",
                );
                match opened.catalog.get(&books) {
                    Some(_) => connection
                        .query(&ddl::last_state(connection.dialect(), &books, &node.node.id))?
                        .rows
                        .into_iter()
                        .next()
                        .and_then(|row| row.into_iter().next().flatten()),
                    None => None,
                }
            }
            _ => None,
        };
        all.insert(node.node.id.clone(), Past { newest, from, state });
    }
    Ok(all)
}

fn no_such_column(session: &Session, index: Index, load: &Load, modified: &str) -> Diagnostic {
    let node = session.graph.node(index);
    Diagnostic::new(
        Code::InvalidYaml,
        format!("`modified: {modified}` names no column of the table that `{}` has loaded", node.node.name),
    )
    .at(&node.node.file, load.origin_span)
    .node(&node.node.id)
    .help("name the column that tells when a row last changed, as it is called in the table")
}
