//! How old a table is, by the newest `modified` in it. Values in the future say nothing of age and
//! are left out.

use std::time::Duration;

use super::{Check, Statement, literal, micros, text, tsql};
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// A point in time as a value of a column's type. `None` if that is no time.
pub(super) fn moment(dialect: Dialect, kind: &str, at: &jiff::Zoned) -> Option<String> {
    let (kind, text) = if is_zoned(kind) {
        (["TIMESTAMPTZ", "datetimeoffset(6)"], format!("{:.6}", at.timestamp()))
    } else if is_time(kind) {
        (["TIMESTAMP", "datetime2(6)"], format!("{:.6}", at.datetime()).replace('T', " "))
    } else {
        return None;
    };
    let text = literal(dialect, &text);
    Some(match dialect {
        Dialect::TSql => format!("CAST({text} AS {})", kind[1]),
        _ => format!("{} {text}", kind[0]),
    })
}

/// Whether a column of this type tells a point in time by itself; others are of the platform's zone.
#[must_use]
pub fn is_zoned(kind: &str) -> bool {
    let kind = kind.to_ascii_uppercase();
    kind.starts_with("TIMESTAMP") && kind.ends_with(" WITH TIME ZONE") || kind.starts_with("DATETIMEOFFSET")
}

/// Whether a type is one of points in time or of days.
#[must_use]
pub fn is_time(kind: &str) -> bool {
    let kind = kind.to_ascii_uppercase();
    kind.starts_with("TIMESTAMP") || kind.starts_with("DATE") || kind == "SMALLDATETIME"
}

/// The query for a table's rows and its newest `modified`: as text, and in microseconds since 1970
/// (as if of UTC where the type has no zone). `kind` is the column's type; nothing newer than `now` counts.
#[must_use]
pub fn newest(
    dialect: Dialect,
    relation: &RelationName,
    column: Option<(&str, &str)>,
    now: &jiff::Zoned,
) -> String {
    let table = quote_name(dialect, relation);
    let Some((column, kind)) = column else {
        return format!("SELECT {}, NULL, NULL FROM {table}", text(dialect, "count(*)"));
    };
    let column = quote(dialect, column);
    let (newest, told) = match moment(dialect, kind, now) {
        Some(now) => {
            let newest = newest_until(dialect, &column, &now);
            let told = micros(dialect, &newest);
            (newest, told)
        }
        None => (format!("max({column})"), "NULL".to_owned()),
    };
    let newest = if dialect == Dialect::TSql { tsql::whole(kind, &newest) } else { newest };
    format!("SELECT {}, {}, {told} FROM {table}", text(dialect, "count(*)"), text(dialect, &newest))
}

/// The newest value of a column that is not in the future.
fn newest_until(dialect: Dialect, column: &str, now: &str) -> String {
    match dialect {
        Dialect::TSql => format!("max(CASE WHEN {column} <= {now} THEN {column} END)"),
        _ => format!("max({column}) FILTER (WHERE {column} <= {now})"),
    }
}

/// The check that a table's newest `modified` is not older than a promise. `None` if the column's type
/// tells no time. `named` is the promise's name.
#[must_use]
pub fn stale(
    dialect: Dialect,
    relation: &RelationName,
    (column, kind): (&str, &str),
    (named, limit): (&str, Duration),
    now: &jiff::Zoned,
    check: Check,
) -> Option<Statement> {
    let oldest = now.checked_sub(limit).ok()?;
    let (now, oldest) = (moment(dialect, kind, now)?, moment(dialect, kind, &oldest)?);
    let plain = format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name);
    let quoted = quote(dialect, column);
    let sql = format!(
        "SELECT CASE WHEN newest IS NULL THEN {} ELSE concat({}, {}, {}) END \
         FROM (SELECT {} AS newest FROM {}) AS t WHERE newest IS NULL OR newest < {oldest}",
        literal(dialect, &format!("{plain} holds no row that tells its age by {column}")),
        literal(dialect, &format!("{plain} is stale: its newest {column} is ")),
        text(dialect, "newest"),
        literal(dialect, &format!(", and {named} promises better: is the tool that loads it still running?")),
        newest_until(dialect, &quoted, &now),
        quote_name(dialect, relation),
    );
    Some(Statement::check(sql, check))
}
