//! The query that computes a checksum and totals in one pass over a relation.
//!
//! Each row becomes a text: its values with U+001F between them (null is nothing), then U+001E and the
//! length in bytes of each value of type text, which tells null from empty and keeps a U+001F inside
//! of a value from looking like one between two. Of the text's MD5 the first 56 bits are summed.

use std::fmt::Write;

use super::{Column, Form, Total};
use crate::sql::quote;
use crate::words::Dialect;

pub(super) fn query(dialect: Dialect, columns: &[Column], relation: &str, condition: Option<&str>) -> String {
    let mut values = Vec::new();
    let mut lengths = Vec::new();
    for column in columns {
        let name = quote(dialect, &column.name);
        let Ok(form) = column.form else { continue };
        values.push(value(dialect, form, column));
        if form == Form::Text {
            lengths.push(length(dialect, &name));
        }
    }
    let summed: Vec<(&Column, Total)> = columns.iter().filter_map(|c| Some((c, c.total()?))).collect();
    let text = row(dialect, values, lengths);
    let mut inner = format!("md5({text}) AS h");
    let mut outer = format!("CAST(count(*) AS VARCHAR), CAST(sum({}) AS VARCHAR)", number(dialect));
    for (nth, (column, total)) in summed.iter().enumerate() {
        let _ = write!(inner, ", {} AS n{nth}", quote(dialect, &column.name));
        let sum = total.sql(&format!("n{nth}"));
        let _ = write!(outer, ", CAST({sum} AS VARCHAR)");
    }
    let condition = condition.map_or_else(String::new, |c| format!(" WHERE {c}"));
    format!("SELECT {outer} FROM (SELECT {inner} FROM {relation}{condition}) summed")
}

/// The row as one text.
fn row(dialect: Dialect, values: Vec<String>, lengths: Vec<String>) -> String {
    let mut parts = Vec::with_capacity(2 * (values.len() + lengths.len()) + 1);
    for (nth, value) in values.into_iter().enumerate() {
        if nth > 0 {
            parts.push("chr(31)".to_owned());
        }
        parts.push(value);
    }
    parts.push("chr(30)".to_owned());
    for (nth, length) in lengths.into_iter().enumerate() {
        if nth > 0 {
            parts.push("','".to_owned());
        }
        parts.push(length);
    }
    joined(dialect, &parts)
}

/// `concat` of any number of texts; PostgreSQL takes a hundred at a time.
fn joined(dialect: Dialect, parts: &[String]) -> String {
    const MOST: usize = 90;
    if dialect != Dialect::Postgres || parts.len() <= MOST {
        return format!("concat({})", parts.join(", "));
    }
    let groups: Vec<String> = parts.chunks(MOST).map(|group| joined(dialect, group)).collect();
    joined(dialect, &groups)
}

/// A column's values in their form.
pub(super) fn value(dialect: Dialect, form: Form, column: &Column) -> String {
    if dialect == Dialect::TSql {
        return tsql_value(form, &quote(dialect, &column.name));
    }
    let postgres = dialect == Dialect::Postgres;
    let name = &quote(dialect, &column.name);
    match form {
        // DuckDB writes `.5` where the type has no digit before the point.
        Form::Decimal { scale }
            if dialect == Dialect::DuckDb && column.kind.contains(&format!("({scale},")) =>
        {
            format!("replace(replace(CAST({name} AS VARCHAR), '-', '-0'), '.', if({name} < 0, '.', '0.'))")
        }
        Form::Integer | Form::Decimal { .. } | Form::Date | Form::Text => format!("CAST({name} AS VARCHAR)"),
        Form::Float => {
            let wide = format!("CAST({name} AS DOUBLE PRECISION)");
            let bits = if postgres {
                format!("encode(float8send({wide}), 'hex')")
            } else {
                format!("lower(hex(CAST(CAST({wide} AS BIT) AS BLOB)))")
            };
            format!(
                "CASE WHEN {wide} = 0 THEN '0000000000000000' \
                 WHEN {wide} = CAST('NaN' AS DOUBLE PRECISION) THEN 'nan' ELSE {bits} END"
            )
        }
        Form::Boolean => format!("CAST(CAST({name} AS INTEGER) AS VARCHAR)"),
        Form::Time if postgres => micros(name),
        Form::Time => format!("CAST(epoch_us({name}) AS VARCHAR)"),
        Form::Timestamp | Form::TimestampTz => {
            let value = match form {
                Form::Timestamp if !postgres => format!("CAST({name} AS TIMESTAMP)"),
                _ => name.to_owned(),
            };
            let finite =
                if postgres { micros(&value) } else { format!("CAST(epoch_us({value}) AS VARCHAR)") };
            format!(
                "CASE WHEN isfinite({value}) THEN {finite} WHEN NOT isfinite({value}) THEN CAST({value} AS VARCHAR) END"
            )
        }
        Form::Uuid => format!("lower(CAST({name} AS VARCHAR))"),
        Form::Binary if postgres => format!("encode({name}, 'hex')"),
        Form::Binary => format!("lower(hex({name}))"),
    }
}

/// The same in T-SQL, for what is not read as it is.
fn tsql_value(form: Form, name: &str) -> String {
    match form {
        Form::Time => {
            format!("CAST(DATEDIFF_BIG(microsecond, CAST('00:00' AS time), {name}) AS varchar(20))")
        }
        Form::Timestamp => {
            format!("CAST(DATEDIFF_BIG(microsecond, CAST('1970-01-01' AS datetime2), {name}) AS varchar(20))")
        }
        Form::TimestampTz => crate::ddl::micros(Dialect::TSql, name),
        Form::Uuid => format!("lower(CAST({name} AS varchar(36)))"),
        Form::Binary => format!("lower(CONVERT(varchar(max), CAST({name} AS varbinary(max)), 2))"),
        _ => format!("CAST({name} AS nvarchar(max))"),
    }
}

/// Microseconds since 1970, or since midnight, in `PostgreSQL`.
fn micros(name: &str) -> String {
    format!("CAST(CAST(extract(epoch FROM {name}) * 1000000 AS BIGINT) AS VARCHAR)")
}

/// The length of a text in bytes; nothing for null.
fn length(dialect: Dialect, name: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("octet_length(CAST({name} AS VARCHAR))"),
        _ => format!("strlen(CAST({name} AS VARCHAR))"),
    }
}

/// The first 56 bits of the MD5 `h`, as a whole number.
fn number(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "CAST(CAST('x' || substr(h, 1, 14) AS bit(56)) AS BIGINT)",
        _ => "CAST('0x' || substr(h, 1, 14) AS BIGINT)",
    }
}
