//! What is asked of a load's source, and of the table that it fills: figures, shapes, watermarks.

use super::freshness::{is_time, moment};
use super::{Check, Figures, Filling, Shape, Statement, beside, first, ledger, literal, text, tsql};
use crate::nouns::Column;
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// The figures of a load that are compared with its source's, which `source` is a query for.
#[must_use]
pub fn figures(
    dialect: Dialect,
    (source, source_dialect): (&str, Dialect),
    relation: &RelationName,
    sum: Option<&str>,
) -> Figures {
    let arrived = quote_name(dialect, &beside(relation));
    let (at_source, here) = match sum {
        Some(column) => {
            let sum = |dialect: Dialect| {
                let sum = format!("sum({})", quote(dialect, column));
                format!("count(*) AS n, {} AS total", text(dialect, &sum))
            };
            let column = quote(dialect, column);
            let floats = match dialect {
                Dialect::Postgres => {
                    format!("min(CAST(pg_typeof({column}) AS text)) IN ('real', 'double precision')")
                }
                // One that is no decimal.
                Dialect::TSql => format!(
                    "CASE WHEN min(CAST(SQL_VARIANT_PROPERTY({column}, 'BaseType') AS nvarchar(128))) \
                     IN ('real', 'float') THEN N'true' ELSE N'false' END"
                ),
                Dialect::DuckDb => format!("min(typeof({column})) IN ('FLOAT', 'DOUBLE')"),
            };
            (sum(source_dialect), format!("{}, {floats} AS floats", sum(dialect)))
        }
        None => ("count(*) AS n".to_owned(), "count(*) AS n".to_owned()),
    };
    Figures {
        at_source: wrapped(source_dialect, &format!("SELECT {at_source} FROM (\n"), source, ") AS source"),
        arrived: format!("SELECT {here} FROM {arrived}"),
        sum: sum.map(str::to_owned),
    }
}

/// The comparison of figures where source and target are one warehouse.
#[must_use]
pub fn compare(figures: &Figures) -> Statement {
    let sql = format!("SELECT * FROM (\n{}\n) AS s, (\n{}\n) AS a", figures.at_source, figures.arrived);
    Statement::check(sql, Check::Control(figures.sum.clone()))
}

/// A query with something around it.
fn wrapped(dialect: Dialect, head: &str, query: &str, tail: &str) -> String {
    match dialect {
        Dialect::TSql => tsql::around(head, query, tail).sql,
        _ => format!("{head}{query}\n{tail}"),
    }
}

/// The rows of a query that were changed since `from`; standard SQL.
#[must_use]
pub fn rows_since(dialect: Dialect, query: &str, modified: &str, from: &str) -> String {
    let from = match dialect {
        // What it makes of a text depends on the column: `datetime` takes three digits behind the second.
        Dialect::TSql => tsql::moment(from),
        _ => literal(dialect, from),
    };
    // On the first line, so that the lines of the query keep their numbers.
    let tail = format!(") AS changed WHERE {} >= {from}", quote(dialect, modified));
    wrapped(dialect, "SELECT * FROM (", query, &tail)
}

/// The check that what a query gives has the shape of a table; `declared` columns with their types
/// stand for what the query only guesses.
#[must_use]
pub fn shape_of_query(query: &str, declared: &[Column], shape: Shape) -> Statement {
    let cases: Vec<String> = declared
        .iter()
        .filter_map(|c| {
            let kind = c.data_type.as_ref()?;
            Some(format!(
                " WHEN {} THEN typeof(CAST(NULL AS {kind}))",
                literal(Dialect::DuckDb, &c.name.to_lowercase())
            ))
        })
        .collect();
    let kind = if cases.is_empty() {
        "column_type".to_owned()
    } else {
        format!("CASE lower(column_name){} ELSE column_type END", cases.concat())
    };
    Statement::check(
        // A JSON file without objects is described as one column `json`.
        format!(
            "SELECT column_name, {kind} FROM (DESCRIBE {query}) WHERE NOT (column_name = 'json' AND column_type = 'JSON')"
        ),
        Check::Shape(Box::new(shape)),
    )
}

/// The check that the table beside, which another target's rows have filled, has the table's shape.
#[must_use]
pub fn shape_of_arrived(filling: &Filling<'_>, shape: Shape) -> Statement {
    Statement::check(
        match filling.dialect {
            Dialect::Postgres | Dialect::TSql => ledger::columns(filling.dialect, &beside(filling.relation)),
            Dialect::DuckDb => {
                format!("SELECT column_name, column_type FROM (DESCRIBE {})", filling.arrivals())
            }
        },
        Check::Shape(Box::new(shape)),
    )
}

/// The query for the newest `modified` of a table, and that minus the lookback, both as text;
/// values later than `now` (of the platform's time zone) are ignored. `kind` is the column's type.
#[must_use]
pub fn watermark(
    dialect: Dialect,
    relation: &RelationName,
    modified: &str,
    kind: &str,
    lookback: std::time::Duration,
    now: &jiff::Zoned,
) -> String {
    let column = quote(dialect, modified);
    let newest = match dialect {
        Dialect::TSql => tsql::whole(kind, &format!("max({column})")),
        _ => format!("max({column})"),
    };
    let latest = moment(dialect, kind, now);
    let from = if is_time(kind) {
        let earlier = match dialect {
            // It subtracts whole numbers of 32 bits, and from days only days.
            Dialect::TSql if kind.eq_ignore_ascii_case("date") => {
                format!("DATEADD(day, -{}, {newest})", lookback.as_secs().div_ceil(86_400))
            }
            Dialect::TSql => format!("DATEADD(second, -{}, {newest})", lookback.as_secs()),
            Dialect::Postgres => format!("{newest} - INTERVAL '{} microseconds'", lookback.as_micros()),
            Dialect::DuckDb => format!("{newest} - to_microseconds({})", lookback.as_micros()),
        };
        match dialect {
            Dialect::TSql => text(dialect, &earlier),
            _ => text(dialect, &format!("CAST({earlier} AS {kind})")),
        }
    } else {
        text(dialect, &newest)
    };
    let filter = latest.map(|l| format!(" WHERE {column} <= {l}")).unwrap_or_default();
    format!("SELECT {}, {from} FROM {}{filter}", text(dialect, &newest), quote_name(dialect, relation))
}

/// The query for the STATE that a load's Singer tap left last.
#[must_use]
pub fn last_state(dialect: Dialect, loads: &RelationName, load: &str) -> String {
    let query = format!(
        "SELECT state FROM {} WHERE {} = {} AND state IS NOT NULL ORDER BY finished_at DESC",
        quote_name(dialect, loads),
        quote(dialect, "load"),
        literal(dialect, load)
    );
    first(dialect, &query, 1)
}

/// A query of the same columns without rows.
#[must_use]
pub fn without_rows(dialect: Dialect, query: &str) -> String {
    wrapped(dialect, "SELECT * FROM (", query, ") AS nothing WHERE 1 = 0")
}

/// The query that reads a relation of another project.
#[must_use]
pub fn import_query(dialect: Dialect, origin: &RelationName) -> String {
    format!("SELECT * FROM {}", quote_name(dialect, origin))
}

/// Checks that a table which another tool loads is there and has its declared columns.
#[must_use]
pub fn external_check(dialect: Dialect, relation: &RelationName, columns: &[Column]) -> Statement {
    let columns: Vec<String> = columns.iter().map(|c| quote(dialect, &c.name)).collect();
    let columns = if columns.is_empty() { "*".to_owned() } else { columns.join(", ") };
    Statement::own(first(dialect, &format!("SELECT {columns} FROM {}", quote_name(dialect, relation)), 0))
}
