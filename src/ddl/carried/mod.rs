//! Tables for rows that come from another target.

mod duckdb_types;
mod postgresql_types;
mod tsql_types;

use arrow_schema::{Field, Schema};

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
            let kind = own_name(field).unwrap_or_else(|| field.data_type().to_string());
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

/// How the engine that a column comes from calls its type, where Arrow has none for it.
fn own_name(field: &Field) -> Option<String> {
    let about = field.metadata().get("ARROW:extension:metadata")?;
    let about: serde_json::Value = serde_json::from_str(about).ok()?;
    let word = |key: &str| Some(about.get(key)?.as_str()?.to_owned());
    Some(format!("{}'s {}", word("vendor_name")?, word("type_name")?))
}

#[cfg(test)]
mod tests {
    use arrow_schema::{DataType, Field, Schema};

    use super::table_for;
    use crate::words::{Dialect, RelationName};

    #[test]
    fn a_type_that_has_no_like_is_named_as_its_engine_names_it() {
        let about = r#"{"type_name":"numeric","vendor_name":"PostgreSQL"}"#;
        let metadata = [("ARROW:extension:name", "arrow.opaque"), ("ARROW:extension:metadata", about)];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let field = Field::new("total", DataType::Utf8, true).with_metadata(metadata.into());
        let schema = Schema::new(vec![field]);
        let relation = RelationName::new("books", "raw", "t");
        let told = table_for(Dialect::DuckDb, &relation, &schema, &[]).unwrap_err();
        assert!(
            told.contains("`total` is of a type that DuckDB has nothing for, PostgreSQL's numeric"),
            "{told}"
        );
        let declared = [("total".to_owned(), "decimal(38,2)".to_owned())];
        assert!(table_for(Dialect::DuckDb, &relation, &schema, &declared).is_ok());
    }
}
