//! Tables for rows that come from another target.

mod duckdb_types;
mod postgresql_types;

use arrow_schema::Schema;

use super::Statement;
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// How many bytes of a name `PostgreSQL` keeps; it cuts longer ones without a word.
const LONGEST: usize = 63;

/// Makes the table for rows of a schema, in the place of what is left of an earlier one. `declared` columns
/// have the type that is declared, and values are converted. The error names a column whose name or type
/// the engine has nothing for.
pub fn table_for(
    dialect: Dialect,
    relation: &RelationName,
    schema: &Schema,
    declared: &[(String, String)],
) -> Result<Statement, String> {
    let is_postgres = dialect == Dialect::Postgres;
    let engine = if is_postgres { "PostgreSQL" } else { "DuckDB" };
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        if is_postgres && field.name().len() > LONGEST {
            return Err(format!(
                "the name of the column `{}` is longer than the {LONGEST} bytes that {engine} keeps: rename it in the query",
                field.name()
            ));
        }
        let declared = declared.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name()));
        let own =
            || if is_postgres { postgresql_types::type_of(field) } else { duckdb_types::type_of(field) };
        let kind = declared.map(|(_, kind)| kind.clone()).or_else(own).ok_or_else(|| {
            let kind = field.data_type();
            format!(
                "the column `{}` is of a type that {engine} has nothing for, {kind}: cast it in the query, or declare a `data_type` for it",
                field.name()
            )
        })?;
        columns.push(format!("{} {kind}", quote(dialect, field.name())));
    }
    let (name, columns) = (quote_name(dialect, relation), columns.join(", "));
    Ok(Statement::own(if is_postgres {
        format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns})")
    } else {
        format!("CREATE OR REPLACE TABLE {name} ({columns})")
    }))
}
