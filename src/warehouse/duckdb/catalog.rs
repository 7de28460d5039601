//! Reads what the attached databases hold.

use duckdb::Connection as Handle;

use super::connection::query;
use super::literal;
use crate::warehouse::{Catalog, Error, Relation, RelationKind};
use crate::words::RelationName;

/// Schemas, tables and views of the named databases, with their columns.
pub(super) fn read(handle: &Handle, databases: &[String]) -> Result<Catalog, Error> {
    let mut catalog = Catalog::default();
    if databases.is_empty() {
        return Ok(catalog);
    }
    let names = databases.iter().map(|d| literal(&d.to_lowercase())).collect::<Vec<_>>().join(", ");
    let schemas = format!(
        "SELECT database_name, schema_name FROM duckdb_schemas() WHERE lower(database_name) IN ({names})"
    );
    for row in query(handle, &schemas)?.rows {
        if let [Some(database), Some(schema)] = row.as_slice() {
            catalog.add_schema(database, schema);
        }
    }
    let columns = format!(
        "SELECT c.database_name, c.schema_name, c.table_name, (v.view_oid IS NOT NULL) AS is_view, \
                c.column_name, c.data_type \
         FROM duckdb_columns() c \
         LEFT JOIN duckdb_views() v ON v.view_oid = c.table_oid AND v.database_name = c.database_name \
                                   AND v.schema_name = c.schema_name AND v.view_name = c.table_name \
         WHERE lower(c.database_name) IN ({names}) AND NOT c.internal \
         ORDER BY 1, 2, 3, c.column_index"
    );
    let mut open: Option<(RelationName, Relation)> = None;
    for row in query(handle, &columns)?.rows {
        let [Some(database), Some(schema), Some(table), Some(is_view), Some(column), Some(kind)] =
            row.as_slice()
        else {
            continue;
        };
        let name = RelationName::new(database, schema, table);
        if open.as_ref().is_none_or(|(n, _)| *n != name) {
            if let Some((name, relation)) = open.take() {
                catalog.add(name, relation);
            }
            let kind = if is_view == "true" { RelationKind::View } else { RelationKind::Table };
            open = Some((name, Relation { kind, columns: Vec::new(), is_relied_on: false }));
        }
        if let Some((_, relation)) = &mut open {
            relation.columns.push((column.clone(), kind.clone()));
        }
    }
    if let Some((name, relation)) = open {
        catalog.add(name, relation);
    }
    Ok(catalog)
}
