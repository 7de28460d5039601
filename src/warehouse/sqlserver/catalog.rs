//! Reads what a database holds.

use super::connection::rows;
use super::spelled::spelled;
use super::wire::Wire;
use crate::warehouse::{Catalog, Error, Relation, RelationKind};
use crate::words::RelationName;

/// Schemas that every database has.
const OWN: &str = "('sys', 'INFORMATION_SCHEMA', 'guest', 'db_owner', 'db_accessadmin', 'db_securityadmin', \
    'db_ddladmin', 'db_backupoperator', 'db_datareader', 'db_datawriter', 'db_denydatareader', 'db_denydatawriter')";

/// Adds schemas, tables and views of the session's database, with their columns.
pub(super) fn read(wire: &mut Wire, database: &str, catalog: &mut Catalog) -> Result<(), Error> {
    for row in rows(wire, &format!("SELECT name FROM sys.schemas WHERE name NOT IN {OWN}"))?.rows {
        if let [Some(schema)] = row.as_slice() {
            catalog.add_schema(database, schema);
        }
    }
    // Babelfish binds all views to their tables, and does not tell which.
    let columns = format!(
        "SELECT s.name, o.name, CASE o.type WHEN 'V' THEN 1 ELSE 0 END, \
                CASE WHEN o.object_id IN (SELECT object_id FROM sys.indexes WHERE index_id > 0) \
                       OR o.object_id IN (SELECT parent_object_id FROM sys.triggers) \
                       OR o.object_id IN (SELECT parent_object_id FROM sys.objects WHERE type IN ('C', 'D', 'F', 'PK', 'UQ')) \
                       OR o.object_id IN (SELECT referenced_object_id FROM sys.foreign_keys) \
                       OR o.object_id IN (SELECT major_id FROM sys.database_permissions WHERE class = 1) \
                       OR o.object_id IN (SELECT referenced_id FROM sys.sql_expression_dependencies \
                                          WHERE is_schema_bound_reference = 1) \
                       OR @@VERSION LIKE 'Babelfish%' \
                     THEN 1 ELSE 0 END, \
                c.name, t.name, c.max_length, c.precision, c.scale \
         FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id \
         JOIN sys.columns c ON c.object_id = o.object_id \
         JOIN sys.types t ON t.user_type_id = c.user_type_id \
         WHERE o.type IN ('U', 'V') AND s.name NOT IN {OWN} \
         ORDER BY s.name, o.name, c.column_id"
    );
    let mut open: Option<(RelationName, Relation)> = None;
    for row in rows(wire, &columns)?.rows {
        let [
            Some(schema),
            Some(table),
            Some(is_view),
            Some(relied),
            Some(column),
            Some(kind),
            length,
            precision,
            scale,
        ] = row.as_slice()
        else {
            continue;
        };
        let name = RelationName::new(database, schema, table);
        if open.as_ref().is_none_or(|(n, _)| *n != name) {
            if let Some((name, relation)) = open.take() {
                catalog.add(name, relation);
            }
            let kind = if is_view == "1" { RelationKind::View } else { RelationKind::Table };
            open = Some((name, Relation { kind, columns: Vec::new(), is_relied_on: relied == "1" }));
        }
        if let Some((_, relation)) = &mut open {
            let number = |text: &Option<String>| text.as_deref().and_then(|t| t.parse().ok()).unwrap_or(0);
            relation
                .columns
                .push((column.clone(), spelled(kind, number(length), number(precision), number(scale))));
        }
    }
    if let Some((name, relation)) = open {
        catalog.add(name, relation);
    }
    Ok(())
}
