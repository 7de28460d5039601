//! Types as one writes them.

/// A type by its name, its length in bytes (-1 for `max`), and its digits.
pub(super) fn spelled(kind: &str, length: i32, precision: i32, scale: i32) -> String {
    let kind = kind.split('(').next().unwrap_or_default().to_ascii_lowercase();
    match kind.as_str() {
        "nvarchar" | "nchar" if length > 0 => format!("{kind}({})", length / 2),
        "varchar" | "char" | "varbinary" | "binary" if length > 0 => format!("{kind}({length})"),
        "nvarchar" | "varchar" | "varbinary" => format!("{kind}(max)"),
        "decimal" | "numeric" => format!("{kind}({precision},{scale})"),
        "datetime2" | "datetimeoffset" | "time" => format!("{kind}({scale})"),
        _ => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn types_are_spelled_as_one_writes_them() {
        for (kind, length, precision, scale, expected) in [
            ("nvarchar", 100, 0, 0, "nvarchar(50)"),
            ("nvarchar(max)", -1, 0, 0, "nvarchar(max)"),
            ("varchar", 20, 0, 0, "varchar(20)"),
            ("decimal(38,10)", 17, 38, 10, "decimal(38,10)"),
            ("datetime2", 8, 27, 7, "datetime2(7)"),
            ("int", 4, 10, 0, "int"),
        ] {
            assert_eq!(spelled(kind, length, precision, scale), expected);
        }
    }
}
