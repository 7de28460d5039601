//! Compares two relations of one shape. Names come in quoted, columns plain.

use super::{first, literal, text};
use crate::sql::quote;
use crate::words::Dialect;

fn list(dialect: Dialect, columns: &[String]) -> String {
    columns.iter().map(|c| quote(dialect, c)).collect::<Vec<_>>().join(", ")
}

fn only(dialect: Dialect, left: &str, right: &str, columns: &str) -> String {
    if dialect == Dialect::TSql {
        // It knows EXCEPT, and no EXCEPT ALL: rows that are alike are numbered.
        let numbered = |from: &str| {
            format!(
                "SELECT {columns}, row_number() OVER (PARTITION BY {columns} ORDER BY (SELECT NULL)) AS nth__goldsmith FROM {from}"
            )
        };
        return format!("(SELECT {columns} FROM ({} EXCEPT {}) AS o)", numbered(left), numbered(right));
    }
    format!("(SELECT {columns} FROM {left} EXCEPT ALL SELECT {columns} FROM {right})")
}

/// How many rows are only before, how many only after; a row that is there twice counts twice.
#[must_use]
pub fn multiset(dialect: Dialect, before: &str, after: &str, columns: &[String]) -> String {
    let columns = list(dialect, columns);
    format!(
        "SELECT {}, {}",
        text(dialect, &format!("(SELECT count(*) FROM {} AS o)", only(dialect, before, after, &columns))),
        text(dialect, &format!("(SELECT count(*) FROM {} AS o)", only(dialect, after, before, &columns)))
    )
}

/// How many keys are there more than once, before and after.
#[must_use]
pub fn doubled(dialect: Dialect, before: &str, after: &str, key: &[String]) -> String {
    let key = list(dialect, key);
    let of = |relation: &str| {
        let many = format!(
            "(SELECT count(*) FROM (SELECT 1 AS one FROM {relation} GROUP BY {key} HAVING count(*) > 1) AS t)"
        );
        text(dialect, &many)
    };
    format!("SELECT {}, {}", of(before), of(after))
}

fn same(dialect: Dialect, key: &[String]) -> String {
    let pair = |k: &String| match dialect {
        Dialect::TSql => format!("EXISTS (SELECT b.{0} INTERSECT SELECT a.{0})", quote(dialect, k)),
        _ => format!("b.{0} IS NOT DISTINCT FROM a.{0}", quote(dialect, k)),
    };
    let pairs: Vec<String> = key.iter().map(pair).collect();
    pairs.join(" AND ")
}

fn unlike(dialect: Dialect, columns: &[String]) -> String {
    let pair = |c: &String| match dialect {
        Dialect::TSql => format!("NOT EXISTS (SELECT b.{0} INTERSECT SELECT a.{0})", quote(dialect, c)),
        _ => format!("b.{0} IS DISTINCT FROM a.{0}", quote(dialect, c)),
    };
    let pairs: Vec<String> = columns.iter().map(pair).collect();
    pairs.join(" OR ")
}

/// How many rows of the same key are not alike.
#[must_use]
pub fn changed(dialect: Dialect, before: &str, after: &str, key: &[String], columns: &[String]) -> String {
    format!(
        "SELECT {} FROM {before} b JOIN {after} a ON {} WHERE {}",
        text(dialect, "count(*)"),
        same(dialect, key),
        unlike(dialect, columns)
    )
}

/// Rows that differ, behind `removed` or `added`; those of one key side by side.
#[must_use]
pub fn sample(
    dialect: Dialect,
    before: Option<&str>,
    after: Option<&str>,
    key: &[String],
    columns: &[String],
    limit: usize,
) -> String {
    let names = list(dialect, columns);
    let sorted = if key.is_empty() { names.clone() } else { format!("{}, {names}", list(dialect, key)) };
    let part = |word: &str, rows: String| {
        let rows =
            format!("SELECT {} AS what, r.* FROM {rows} AS r ORDER BY {sorted}", literal(dialect, word));
        match dialect {
            Dialect::TSql => format!("SELECT * FROM ({}) AS {word}", first(dialect, &rows, limit)),
            _ => format!("({})", first(dialect, &rows, limit)),
        }
    };
    let parts = match (before, after) {
        (Some(before), Some(after)) => {
            vec![
                part("removed", only(dialect, before, after, &names)),
                part("added", only(dialect, after, before, &names)),
            ]
        }
        (Some(before), None) => vec![part("removed", format!("(SELECT {names} FROM {before})"))],
        (None, Some(after)) => vec![part("added", format!("(SELECT {names} FROM {after})"))],
        (None, None) => vec![],
    };
    let cells: Vec<String> = columns.iter().map(|c| text(dialect, &quote(dialect, c))).collect();
    // By the values, not by their texts, which may have the columns' names.
    let of = |names: &[String]| {
        names.iter().map(|name| format!("d.{}", quote(dialect, name))).collect::<Vec<_>>().join(", ")
    };
    let names = of(columns);
    let order = if key.is_empty() { names } else { format!("{}, what DESC, {names}", of(key)) };
    format!("SELECT what, {} FROM ({}) AS d ORDER BY {order}", cells.join(", "), parts.join(" UNION ALL "))
}

/// Sums, given as SQL, as text.
#[must_use]
pub fn totals(dialect: Dialect, relation: &str, sums: &[String]) -> String {
    let sums: Vec<String> = sums.iter().map(|sum| text(dialect, sum)).collect();
    format!("SELECT {} FROM {relation}", sums.join(", "))
}

/// Each second number less the first, exactly, or null where that takes more than 38 digits; null counts as nothing where the other is there.
#[must_use]
pub fn subtract(dialect: Dialect, pairs: &[(Option<&str>, Option<&str>)]) -> String {
    let number = |text: Option<&str>| {
        text.map_or_else(
            || "NULL".to_owned(),
            |text| match dialect {
                Dialect::Postgres => format!("CAST({} AS numeric)", literal(dialect, text)),
                _ => format!("TRY_CAST({} AS DECIMAL(38, 14))", literal(dialect, text)),
            },
        )
    };
    let changes: Vec<String> = pairs
        .iter()
        .map(|(before, after)| {
            if before.is_none() && after.is_none() {
                return "NULL".to_owned();
            }
            let change = format!("coalesce({}, 0) - coalesce({}, 0)", number(*after), number(*before));
            text(dialect, &change)
        })
        .collect();
    format!("SELECT {}", changes.join(", "))
}
