//! Tables for rows that come from another target: what Arrow's types are in `DuckDB`.

use arrow_schema::{DataType, Field, Schema, TimeUnit};

use super::{name, quoted};
use crate::ddl::Statement;
use crate::words::RelationName;

/// Makes the table for rows of a schema. `declared` columns have the type that is declared, and values
/// are converted. The error names a column whose type `DuckDB` has nothing for.
pub fn table_for(
    relation: &RelationName,
    schema: &Schema,
    declared: &[(String, String)],
) -> Result<Statement, String> {
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let declared = declared.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name()));
        let kind = declared.map(|(_, kind)| kind.clone()).or_else(|| type_of(field)).ok_or_else(|| {
            let kind = field.data_type();
            format!(
                "the column `{}` is of a type that DuckDB has nothing for, {kind}: cast it in the query",
                field.name()
            )
        })?;
        columns.push(format!("{} {kind}", quoted(field.name())));
    }
    Ok(Statement::own(format!("CREATE OR REPLACE TABLE {} ({})", name(relation), columns.join(", "))))
}

/// The type of a column.
fn type_of(field: &Field) -> Option<String> {
    let says = |key: &str| field.metadata().get(key).map(String::as_str);
    let plain = match says("ARROW:extension:name") {
        Some("arrow.uuid") => "UUID",
        Some("arrow.json") => "JSON",
        Some("arrow.bool8") => "BOOLEAN",
        Some("arrow.opaque") => return own_type(says("ARROW:extension:metadata")?),
        _ => match field.data_type() {
            DataType::Boolean => "BOOLEAN",
            DataType::Int8 => "TINYINT",
            DataType::Int16 => "SMALLINT",
            DataType::Int32 => "INTEGER",
            DataType::Int64 => "BIGINT",
            DataType::UInt8 => "UTINYINT",
            DataType::UInt16 => "USMALLINT",
            DataType::UInt32 => "UINTEGER",
            DataType::UInt64 => "UBIGINT",
            DataType::Float32 => "FLOAT",
            DataType::Float64 => "DOUBLE",
            DataType::Utf8 => "VARCHAR",
            DataType::Binary => "BLOB",
            DataType::Date32 => "DATE",
            DataType::Time64(TimeUnit::Microsecond) => "TIME",
            DataType::Timestamp(TimeUnit::Second, None) => "TIMESTAMP_S",
            DataType::Timestamp(TimeUnit::Millisecond, None) => "TIMESTAMP_MS",
            DataType::Timestamp(TimeUnit::Microsecond, None) => "TIMESTAMP",
            DataType::Timestamp(TimeUnit::Nanosecond, None) => "TIMESTAMP_NS",
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "TIMESTAMP WITH TIME ZONE",
            nested => return nested_type(nested),
        },
    };
    Some(plain.to_owned())
}

fn nested_type(kind: &DataType) -> Option<String> {
    Some(match kind {
        DataType::Decimal128(width, scale) => format!("DECIMAL({width},{scale})"),
        DataType::List(inner) => format!("{}[]", type_of(inner)?),
        DataType::FixedSizeList(inner, size) => format!("{}[{size}]", type_of(inner)?),
        DataType::Struct(fields) => {
            let parts: Option<Vec<String>> =
                fields.iter().map(|f| Some(format!("{} {}", quoted(f.name()), type_of(f)?))).collect();
            format!("STRUCT({})", parts?.join(", "))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) => match pair.iter().as_slice() {
                [key, value] => format!("MAP({}, {})", type_of(key)?, type_of(value)?),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    })
}

/// A type of `DuckDB`'s own, which Arrow has nothing for.
fn own_type(about: &str) -> Option<String> {
    let about: serde_json::Value = serde_json::from_str(about).ok()?;
    let is_own = about.get("vendor_name")?.as_str()? == "DuckDB";
    about.get("type_name")?.as_str().filter(|_| is_own).map(str::to_owned)
}
