//! The query of the values that go into a checksum, for an engine in this process.

use super::query::value;
use super::{Column, Form};
use crate::sql::quote;
use crate::words::Dialect;

pub(super) fn query(
    dialect: Dialect,
    columns: &[Column],
    relation: &str,
    condition: Option<&str>,
) -> Option<String> {
    if dialect != Dialect::DuckDb {
        return None;
    }
    let mut values = Vec::new();
    for column in columns {
        let Ok(form) = column.form else { continue };
        let name = quote(dialect, &column.name);
        if is_plain(form, &column.kind) {
            values.push(name);
        } else if column.total().is_none() {
            values.push(format!("{} AS {name}", value(dialect, form, column)));
        } else {
            return None;
        }
    }
    if values.is_empty() {
        return None;
    }
    let condition = condition.map_or_else(String::new, |c| format!(" WHERE {c}"));
    Some(format!("SELECT {} FROM {relation}{condition}", values.join(", ")))
}

/// Whether Arrow has a type for the values as they are.
fn is_plain(form: Form, kind: &str) -> bool {
    match form {
        Form::Integer => !kind.to_ascii_uppercase().contains("HUGEINT"),
        Form::Decimal { .. } | Form::Float | Form::Boolean | Form::Date => true,
        Form::Timestamp | Form::TimestampTz => {
            matches!(kind, "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP WITH TIME ZONE")
        }
        Form::Text => kind == "VARCHAR",
        Form::Time | Form::Uuid | Form::Binary => false,
    }
}
