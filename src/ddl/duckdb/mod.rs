//! What goldsmith sends to `DuckDB`.

mod carried;
pub mod difference;
mod files;
pub mod freshness;
pub mod history;
pub mod ledger;
mod load;

pub use carried::table_for;
pub use files::{
    Sample, file_query, file_shape_query, known_file_query, refuse_empty_files, refuse_one_wide_column,
};
pub use load::{
    Filling, Guard, Rows, beside, compare, external_check, figures, import_query, last_state, rows_since,
    shape_of_arrived, shape_of_query, watermark,
};

use super::{Act, Statement};
use crate::nouns::{IncrementalStrategy, Totals};
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// The schema of goldsmith's own tables in each database.
pub const BOOKKEEPING: &str = "goldsmith";
/// Its tables.
pub const BOOKKEEPING_TABLES: [&str; 8] = [
    "runs",
    "steps",
    "attempts",
    "loads",
    "publications",
    "publication_relations",
    "publication_items",
    "closed_periods",
];

fn name(relation: &RelationName) -> String {
    quote_name(Dialect::DuckDb, relation)
}

fn quoted(identifier: &str) -> String {
    quote(Dialect::DuckDb, identifier)
}

/// Text in single quotes.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Makes a schema.
#[must_use]
pub fn create_schema(database: &str, schema: &str) -> Statement {
    Statement::own(format!("CREATE SCHEMA IF NOT EXISTS {}.{}", quoted(database), quoted(schema)))
}

/// Makes goldsmith's own tables in a database.
#[must_use]
pub fn bookkeeping(database: &str) -> Vec<Statement> {
    let schema = format!("{}.{BOOKKEEPING}", quoted(database));
    let mut statements = vec![
        Statement::own(format!("CREATE SCHEMA IF NOT EXISTS {schema}")),
        Statement::own(format!(
            "CREATE TABLE IF NOT EXISTS {schema}.runs (run_id VARCHAR NOT NULL, pipeline VARCHAR NOT NULL, \
             target VARCHAR NOT NULL, business_date DATE NOT NULL, started_at TIMESTAMPTZ NOT NULL, \
             finished_at TIMESTAMPTZ, status VARCHAR NOT NULL, goldsmith_version VARCHAR NOT NULL)"
        )),
        Statement::own(format!(
            "CREATE TABLE IF NOT EXISTS {schema}.steps (run_id VARCHAR NOT NULL, step VARCHAR NOT NULL, \
             node VARCHAR, kind VARCHAR NOT NULL, status VARCHAR NOT NULL, row_count BIGINT, message VARCHAR, \
             started_at TIMESTAMPTZ NOT NULL, finished_at TIMESTAMPTZ NOT NULL)"
        )),
        Statement::own(format!(
            "CREATE TABLE IF NOT EXISTS {schema}.attempts (run_id VARCHAR NOT NULL, pipeline VARCHAR NOT NULL, \
             target VARCHAR NOT NULL, business_date DATE NOT NULL, started_at TIMESTAMPTZ NOT NULL, \
             arguments VARCHAR, steps VARCHAR, goldsmith_version VARCHAR NOT NULL)"
        )),
        Statement::own(format!(
            "CREATE TABLE IF NOT EXISTS {schema}.loads (run_id VARCHAR NOT NULL, load VARCHAR NOT NULL, \
             mode VARCHAR NOT NULL, business_date DATE NOT NULL, row_count BIGINT, inserted BIGINT, updated BIGINT, \
             deleted BIGINT, vanished BIGINT, differing BIGINT, watermark VARCHAR, state VARCHAR, \
             started_at TIMESTAMPTZ NOT NULL, finished_at TIMESTAMPTZ NOT NULL)"
        )),
        Statement::own(format!(
            "CREATE OR REPLACE MACRO {schema}.business_date() AS \
             coalesce(CAST(getvariable('business_date') AS DATE), CAST(get_current_timestamp() AS DATE))"
        )),
    ];
    statements.extend(ledger::tables(database));
    statements
}

/// Drops a relation of either kind.
#[must_use]
pub fn drop(relation: &RelationName, is_view: bool) -> Statement {
    let kind = if is_view { "VIEW" } else { "TABLE" };
    Statement::own(format!("DROP {kind} IF EXISTS {}", name(relation)))
}

/// Builds a table and puts it in the place of the old one, at once.
#[must_use]
pub fn table_as(relation: &RelationName, query: &str) -> Statement {
    Statement::around(&format!("CREATE OR REPLACE TABLE {} AS\n", name(relation)), query, "")
}

/// Puts a view in the place of the old one.
#[must_use]
pub fn view_as(relation: &RelationName, query: &str) -> Statement {
    Statement::around(&format!("CREATE OR REPLACE VIEW {} AS\n", name(relation)), query, "")
}

/// Takes the rows of a query up into a table that is there.
#[must_use]
pub fn increment(
    relation: &RelationName,
    query: &str,
    strategy: IncrementalStrategy,
    key: &[String],
) -> Vec<Statement> {
    let table = name(relation);
    let new = format!("temp.{}", quoted(&format!("{}__new", relation.name)));
    let same = |left: &str, right: &str| {
        let pairs: Vec<String> =
            key.iter().map(|k| format!("{left}.{} = {right}.{}", quoted(k), quoted(k))).collect();
        pairs.join(" AND ")
    };
    let mut statements =
        vec![Statement::around(&format!("CREATE OR REPLACE TEMP TABLE {new} AS\n"), query, "")];
    match strategy {
        IncrementalStrategy::Append => {
            statements.push(Statement::own(format!("INSERT INTO {table} BY NAME SELECT * FROM {new}")));
        }
        IncrementalStrategy::DeleteInsert => {
            statements.push(Statement::own(format!(
                "DELETE FROM {table} AS old USING {new} AS new WHERE {}",
                same("old", "new")
            )));
            statements.push(Statement::own(format!("INSERT INTO {table} BY NAME SELECT * FROM {new}")));
        }
        IncrementalStrategy::Merge => statements.push(Statement::own(format!(
            "MERGE INTO {table} AS old USING {new} AS new ON ({}) \
             WHEN MATCHED THEN UPDATE BY NAME WHEN NOT MATCHED THEN INSERT BY NAME",
            same("old", "new")
        ))),
    }
    statements.push(Statement::own(format!("DROP TABLE {new}")));
    statements
}

/// The query that counts the rows of a test's query.
#[must_use]
pub fn count_rows(query: &str) -> Statement {
    Statement::around("SELECT count(*) FROM (\n", query, ")")
}

/// The query that shows the widest of the differences that a test on money has found, and so many of
/// them, every value as text.
#[must_use]
pub fn widest(query: &str, totals: &Totals, limit: usize) -> Statement {
    let order: Vec<String> = std::iter::once("abs(difference) DESC".to_owned())
        .chain((1..=totals.group_by.len()).map(|nth| nth.to_string()))
        .collect();
    let tail = format!(") ORDER BY {} LIMIT {limit})", order.join(", "));
    let query = Statement::around("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (SELECT * FROM (\n", query, &tail);
    Statement { act: Act::Apart(totals.clone()), ..query }
}

/// The query that shows the first rows of a relation or query, every value as text.
#[must_use]
pub fn preview(from: &str, limit: usize) -> String {
    format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {from} LIMIT {limit}")
}
