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
    if dialect == Dialect::Postgres {
        return None;
    }
    let mut values = Vec::new();
    for column in columns {
        let Ok(form) = column.form else { continue };
        let name = quote(dialect, &column.name);
        if is_plain(dialect, form, &column.kind) {
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
fn is_plain(dialect: Dialect, form: Form, kind: &str) -> bool {
    if dialect == Dialect::TSql {
        // Of a seventh digit behind the second only the server can make microseconds.
        return match form {
            Form::Timestamp | Form::TimestampTz => !kind.ends_with("(7)"),
            Form::Text => !kind.eq_ignore_ascii_case("xml"),
            Form::Time | Form::Uuid | Form::Binary => false,
            Form::Integer | Form::Decimal { .. } | Form::Float | Form::Boolean | Form::Date => true,
        };
    }
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
