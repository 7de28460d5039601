//! What Arrow's types are in SQL Server.

use arrow_schema::{DataType, Field, TimeUnit};

/// The type of a column. A wide unsigned number and the like become what holds them.
pub(super) fn type_of(field: &Field) -> Option<String> {
    let says = |key: &str| field.metadata().get(key).map(String::as_str);
    let plain = match says("ARROW:extension:name") {
        Some("arrow.uuid") => "uniqueidentifier",
        Some("arrow.json") => "nvarchar(max)",
        Some("arrow.bool8") => "bit",
        Some("arrow.opaque") => return own_type(says("ARROW:extension:metadata")?),
        _ => match field.data_type() {
            DataType::Boolean => "bit",
            DataType::UInt8 => "tinyint",
            DataType::Int8 | DataType::Int16 => "smallint",
            DataType::Int32 | DataType::UInt16 => "int",
            DataType::Int64 | DataType::UInt32 => "bigint",
            DataType::UInt64 => "decimal(20,0)",
            DataType::Float32 => "real",
            DataType::Float64 => "float",
            DataType::Utf8 => "nvarchar(max)",
            DataType::Binary => "varbinary(max)",
            DataType::Date32 => "date",
            DataType::Time64(TimeUnit::Microsecond) => "time(6)",
            DataType::Timestamp(_, None) => "datetime2(6)",
            DataType::Timestamp(_, Some(_)) => "datetimeoffset(6)",
            DataType::Decimal128(width, scale) => return Some(format!("decimal({width},{scale})")),
            _ => return None,
        },
    };
    Some(plain.to_owned())
}

/// A type of SQL Server's own, or one of another engine's that it holds as well.
fn own_type(about: &str) -> Option<String> {
    let about: serde_json::Value = serde_json::from_str(about).ok()?;
    let kind = about.get("type_name")?.as_str()?;
    let is_text = |kind: &str| kind.starts_with("ENUM(") || kind == "INTERVAL" || kind == "interval";
    match about.get("vendor_name")?.as_str()? {
        "SQL Server" => Some(kind.to_owned()),
        "DuckDB" | "PostgreSQL" if kind == "HUGEINT" => Some("decimal(38,0)".to_owned()),
        "DuckDB" | "PostgreSQL" if is_text(kind) => Some("nvarchar(400)".to_owned()),
        _ => None,
    }
}

/// A declared type; those that other engines call differently, or that mean something else here, are translated, so
/// that one platform runs on several.
pub fn declared(kind: &str) -> String {
    match kind.trim().to_ascii_uppercase().as_str() {
        // Without a length it has one character.
        "VARCHAR" | "NVARCHAR" | "TEXT" | "STRING" | "JSON" => "nvarchar(max)",
        "BOOLEAN" | "BOOL" => "bit",
        "DOUBLE" | "DOUBLE PRECISION" => "float",
        "TIMESTAMP" => "datetime2(6)",
        "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => "datetimeoffset(6)",
        "UUID" => "uniqueidentifier",
        "BLOB" | "BYTEA" | "VARBINARY" => "varbinary(max)",
        _ => kind,
    }
    .to_owned()
}

/// A type of SQL Server's, or a declared one, by the name that `DuckDB` has for it; types that it has none for are read as text.
#[must_use]
pub fn duckdb_type(kind: &str) -> String {
    let upper = declared(kind).to_ascii_uppercase();
    let bare = upper.split('(').next().unwrap_or_default().trim_end();
    match bare {
        "BIT" => "BOOLEAN".to_owned(),
        "TINYINT" => "UTINYINT".to_owned(),
        "SMALLINT" | "BIGINT" | "DATE" => bare.to_owned(),
        "INT" | "INTEGER" => "INTEGER".to_owned(),
        "REAL" => "FLOAT".to_owned(),
        "FLOAT" => "DOUBLE".to_owned(),
        "MONEY" => "DECIMAL(19,4)".to_owned(),
        "SMALLMONEY" => "DECIMAL(10,4)".to_owned(),
        "NUMERIC" | "DECIMAL" if upper.contains('(') => upper.replacen("NUMERIC", "DECIMAL", 1),
        "BINARY" | "VARBINARY" => "BLOB".to_owned(),
        "DATETIME" | "DATETIME2" | "SMALLDATETIME" => "TIMESTAMP".to_owned(),
        "DATETIMEOFFSET" => "TIMESTAMP WITH TIME ZONE".to_owned(),
        "TIME" => "TIME".to_owned(),
        "UNIQUEIDENTIFIER" => "UUID".to_owned(),
        _ => "VARCHAR".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{declared, duckdb_type};

    #[test]
    fn a_declared_type_is_read_as_what_its_column_is_read_as() {
        for kind in [
            "varchar",
            "boolean",
            "double",
            "timestamp",
            "timestamptz",
            "uuid",
            "blob",
            "json",
            "bit",
            "datetime2(3)",
            "nvarchar(50)",
            "money",
            "int",
            "decimal(18,2)",
        ] {
            assert_eq!(duckdb_type(kind), duckdb_type(&declared(kind)), "{kind}");
        }
        assert_eq!(["bit", "blob", "datetime2"].map(duckdb_type), ["BOOLEAN", "BLOB", "TIMESTAMP"]);
    }
}
