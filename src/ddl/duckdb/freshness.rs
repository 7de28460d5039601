//! How old a table is, by the newest `modified` in it. Values in the future say nothing of age and
//! are left out.

use std::time::Duration;

use super::{literal, name, quoted};
use crate::ddl::{Check, Statement};
use crate::words::RelationName;

/// A point in time as a value of a column's type. `None` if that is no time.
fn moment(kind: &str, at: &jiff::Zoned) -> Option<String> {
    if kind.starts_with("TIMESTAMP WITH TIME ZONE") {
        Some(format!("TIMESTAMPTZ {}", literal(&format!("{:.6}", at.timestamp()))))
    } else if kind.starts_with("TIMESTAMP") || kind == "DATE" {
        Some(format!("TIMESTAMP {}", literal(&format!("{:.6}", at.datetime()).replace('T', " "))))
    } else {
        None
    }
}

/// Whether a column of this type tells a point in time by itself; others are of the platform's zone.
#[must_use]
pub fn is_zoned(kind: &str) -> bool {
    kind.starts_with("TIMESTAMP WITH TIME ZONE")
}

/// The query for a table's rows and its newest `modified`: as text, and in microseconds since 1970
/// (as if of UTC where the type has no zone). `kind` is the column's type; nothing newer than `now` counts.
#[must_use]
pub fn newest(relation: &RelationName, column: Option<(&str, &str)>, now: &jiff::Zoned) -> String {
    let table = name(relation);
    let Some((column, kind)) = column else {
        return format!("SELECT CAST(count(*) AS VARCHAR), NULL, NULL FROM {table}");
    };
    let column = quoted(column);
    let (newest, micros) = match moment(kind, now) {
        Some(now) => {
            let newest = format!("max({column}) FILTER ({column} <= {now})");
            (newest.clone(), format!("CAST(epoch_us({newest}) AS VARCHAR)"))
        }
        None => (format!("max({column})"), "NULL".to_owned()),
    };
    format!("SELECT CAST(count(*) AS VARCHAR), CAST({newest} AS VARCHAR), {micros} FROM {table}")
}

/// The check that a table's newest `modified` is not older than a promise. `None` if the column's type
/// tells no time. `named` is the promise's name.
#[must_use]
pub fn stale(
    relation: &RelationName,
    (column, kind): (&str, &str),
    (named, limit): (&str, Duration),
    now: &jiff::Zoned,
    check: Check,
) -> Option<Statement> {
    let oldest = now.checked_sub(limit).ok()?;
    let (now, oldest) = (moment(kind, now)?, moment(kind, &oldest)?);
    let plain = format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name);
    let quoted = quoted(column);
    let sql = format!(
        "SELECT CASE WHEN newest IS NULL THEN {} ELSE {} || CAST(newest AS VARCHAR) || {} END \
         FROM (SELECT max({quoted}) FILTER ({quoted} <= {now}) AS newest FROM {}) WHERE newest IS NULL OR newest < {oldest}",
        literal(&format!("{plain} holds no row that tells its age by {column}")),
        literal(&format!("{plain} is stale: its newest {column} is ")),
        literal(&format!(", and {named} promises better: is the tool that loads it still running?")),
        name(relation),
    );
    Some(Statement::check(sql, check))
}
