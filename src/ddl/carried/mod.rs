//! Tables for rows that come from another target.

mod duckdb_types;
mod postgresql_types;
mod tsql_types;

use arrow_schema::Schema;

use super::Statement;
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};
pub use tsql_types::declared;
pub use tsql_types::duckdb_type;

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
    let engine = match dialect {
        Dialect::Postgres => "PostgreSQL",
        Dialect::TSql => "SQL Server",
        Dialect::DuckDb => "DuckDB",
    };
    let is_postgres = dialect == Dialect::Postgres;
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        if is_postgres && field.name().len() > LONGEST {
            return Err(format!(
                "the name of the column `{}` is longer than the {LONGEST} bytes that {engine} keeps: rename it in the query",
                field.name()
            ));
        }
        let declared = declared.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name()));
        let own = || match dialect {
            Dialect::Postgres => postgresql_types::type_of(field),
            Dialect::TSql => tsql_types::type_of(field),
            Dialect::DuckDb => duckdb_types::type_of(field),
        };
        let declared = declared.map(|(_, kind)| match dialect {
            Dialect::TSql => tsql_types::declared(kind),
            _ => kind.clone(),
        });
        let kind = declared.or_else(own).ok_or_else(|| {
            let kind = field.data_type();
            format!(
                "the column `{}` is of a type that {engine} has nothing for, {kind}: cast it in the query, or declare a `data_type` for it",
                field.name()
            )
        })?;
        columns.push(format!("{} {kind}", quote(dialect, field.name())));
    }
    let (name, columns) = (quote_name(dialect, relation), columns.join(", "));
    Ok(Statement::own(match dialect {
        Dialect::DuckDb => format!("CREATE OR REPLACE TABLE {name} ({columns})"),
        _ => format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns})"),
    }))
}
