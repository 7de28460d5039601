//! What Arrow's types are in `DuckDB`.

use arrow_schema::{DataType, Field, TimeUnit};

use crate::sql::quote;
use crate::words::Dialect;

/// The type of a column.
pub(super) fn type_of(field: &Field) -> Option<String> {
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
            let parts: Option<Vec<String>> = fields
                .iter()
                .map(|f| Some(format!("{} {}", quote(Dialect::DuckDb, f.name()), type_of(f)?)))
                .collect();
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
