//! What Arrow's types are in `PostgreSQL`.

use arrow_schema::{DataType, Field, TimeUnit};

/// The type of a column. A nanosecond, a wide unsigned number and the like become what holds them.
pub(super) fn type_of(field: &Field) -> Option<String> {
    let says = |key: &str| field.metadata().get(key).map(String::as_str);
    let plain = match says("ARROW:extension:name") {
        Some("arrow.uuid") => "uuid",
        Some("arrow.json") => "jsonb",
        Some("arrow.bool8") => "boolean",
        Some("arrow.opaque") => return own_type(says("ARROW:extension:metadata")?),
        _ => match field.data_type() {
            DataType::Boolean => "boolean",
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint",
            DataType::Int32 | DataType::UInt16 => "integer",
            DataType::Int64 | DataType::UInt32 => "bigint",
            DataType::UInt64 => "numeric(20,0)",
            DataType::Float32 => "real",
            DataType::Float64 => "double precision",
            DataType::Utf8 => "text",
            DataType::Binary => "bytea",
            DataType::Date32 => "date",
            DataType::Time64(TimeUnit::Microsecond) => "time without time zone",
            DataType::Timestamp(_, None) => "timestamp without time zone",
            DataType::Timestamp(_, Some(_)) => "timestamp with time zone",
            DataType::Decimal128(width, scale) => return Some(format!("numeric({width},{scale})")),
            DataType::List(inner) => return Some(format!("{}[]", type_of(inner)?.trim_end_matches("[]"))),
            _ => return None,
        },
    };
    Some(plain.to_owned())
}

/// A type of `PostgreSQL`'s own, or one of `DuckDB`'s that it has as well.
fn own_type(about: &str) -> Option<String> {
    let about: serde_json::Value = serde_json::from_str(about).ok()?;
    let kind = about.get("type_name")?.as_str()?;
    match about.get("vendor_name")?.as_str()? {
        "PostgreSQL" => Some(kind.to_owned()),
        "DuckDB" => Some(
            match kind {
                "HUGEINT" | "UHUGEINT" => "numeric(39,0)",
                "INTERVAL" => "interval",
                "TIME WITH TIME ZONE" => "time with time zone",
                _ if kind.starts_with("ENUM(") => "text",
                _ => return None,
            }
            .to_owned(),
        ),
        _ => None,
    }
}
