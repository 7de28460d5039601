//! Reads what a database holds.

use postgres::Client;

use super::connection::rows;
use crate::warehouse::{Catalog, Error, Relation, RelationKind};
use crate::words::RelationName;

/// Adds schemas, tables and views of the session's database, with their columns.
pub(super) fn read(client: &mut Client, database: &str, catalog: &mut Catalog) -> Result<(), Error> {
    let schemas =
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'";
    for row in rows(client, schemas)?.rows {
        if let [Some(schema)] = row.as_slice() {
            catalog.add_schema(database, schema);
        }
    }
    let columns = "SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), \
                          c.relacl IS NOT NULL OR c.relhasindex OR c.relhastriggers OR c.relhasrules AND c.relkind = 'r' \
                          OR c.oid IN (SELECT d.refobjid FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass \
                                       AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'n') \
                          OR c.oid IN (SELECT conrelid FROM pg_constraint), a.attname, \
                          format_type(a.atttypid, a.atttypmod) \
                   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                   LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
                   WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') \
                         AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
                   ORDER BY 1, 2, a.attnum";
    let mut open: Option<(RelationName, Relation)> = None;
    for row in rows(client, columns)?.rows {
        let [Some(schema), Some(table), Some(is_view), Some(relied), column, kind] = row.as_slice() else {
            continue;
        };
        let name = RelationName::new(database, schema, table);
        if open.as_ref().is_none_or(|(n, _)| *n != name) {
            if let Some((name, relation)) = open.take() {
                catalog.add(name, relation);
            }
            let kind = if is_view == "t" { RelationKind::View } else { RelationKind::Table };
            open = Some((name, Relation { kind, columns: Vec::new(), is_relied_on: relied == "t" }));
        }
        if let (Some((_, relation)), Some(column), Some(kind)) = (&mut open, column, kind) {
            relation.columns.push((column.clone(), kind.clone()));
        }
    }
    if let Some((name, relation)) = open {
        catalog.add(name, relation);
    }
    Ok(())
}
