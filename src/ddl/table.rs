//! Schemas, goldsmith's own tables, models, and the queries of tests.

use super::carried;
use super::{
    Act, BOOKKEEPING, Check, Elsewhere, FILES, Old, Statement, Stream, beside, first, ledger, literal,
    postgresql, refuse_empty_files, tsql,
};
use crate::nouns::{IncrementalStrategy, Totals};
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// Makes a schema.
#[must_use]
pub fn create_schema(dialect: Dialect, database: &str, schema: &str) -> Statement {
    // A session of a server's is in the database already, and names it nowhere.
    let database = match dialect {
        Dialect::TSql => return Statement::own(tsql::create_schema(schema)),
        Dialect::Postgres => String::new(),
        Dialect::DuckDb => format!("{}.", quote(dialect, database)),
    };
    Statement::own(format!("CREATE SCHEMA IF NOT EXISTS {database}{}", quote(dialect, schema)))
}

/// Makes a table of goldsmith's own where there is none.
pub(super) fn create_table(dialect: Dialect, relation: &RelationName, columns: &str) -> Statement {
    Statement::own(match dialect {
        Dialect::TSql => tsql::create_table(relation, columns),
        _ => format!("CREATE TABLE IF NOT EXISTS {} ({columns})", quote_name(dialect, relation)),
    })
}

/// Makes goldsmith's own tables in a database.
#[must_use]
pub fn bookkeeping(dialect: Dialect, database: &str) -> Vec<Statement> {
    let table = |table: &str, columns: &str| {
        create_table(dialect, &RelationName::new(database, BOOKKEEPING, table), columns)
    };
    let mut statements = vec![
        create_schema(dialect, database, BOOKKEEPING),
        table(
            "runs",
            "run_id VARCHAR NOT NULL, pipeline VARCHAR NOT NULL, target VARCHAR NOT NULL, \
             business_date DATE NOT NULL, started_at TIMESTAMPTZ NOT NULL, finished_at TIMESTAMPTZ, \
             status VARCHAR NOT NULL, goldsmith_version VARCHAR NOT NULL",
        ),
        table(
            "steps",
            "run_id VARCHAR NOT NULL, step VARCHAR NOT NULL, node VARCHAR, kind VARCHAR NOT NULL, \
             status VARCHAR NOT NULL, row_count BIGINT, message VARCHAR, started_at TIMESTAMPTZ NOT NULL, \
             finished_at TIMESTAMPTZ NOT NULL",
        ),
        table(
            "attempts",
            "run_id VARCHAR NOT NULL, pipeline VARCHAR NOT NULL, target VARCHAR NOT NULL, \
             business_date DATE NOT NULL, started_at TIMESTAMPTZ NOT NULL, arguments VARCHAR, steps VARCHAR, \
             goldsmith_version VARCHAR NOT NULL",
        ),
        table(
            "loads",
            "run_id VARCHAR NOT NULL, load VARCHAR NOT NULL, mode VARCHAR NOT NULL, business_date DATE NOT NULL, \
             row_count BIGINT, inserted BIGINT, updated BIGINT, deleted BIGINT, vanished BIGINT, \
             differing BIGINT, watermark VARCHAR, state VARCHAR, started_at TIMESTAMPTZ NOT NULL, \
             finished_at TIMESTAMPTZ NOT NULL",
        ),
        Statement::own(match dialect {
            Dialect::Postgres => postgresql::BUSINESS_DATE.to_owned(),
            Dialect::TSql => tsql::business_date(),
            Dialect::DuckDb => format!(
                "CREATE OR REPLACE MACRO {}.{BOOKKEEPING}.business_date() AS \
                 coalesce(CAST(getvariable('business_date') AS DATE), CAST(get_current_timestamp() AS DATE))",
                quote(dialect, database)
            ),
        }),
    ];
    statements.extend(ledger::tables(dialect, database));
    statements
}

/// Drops a relation whose place one of the other kind takes, where putting that there does not do it.
#[must_use]
pub fn drop_other_kind(dialect: Dialect, relation: &RelationName, is_view: bool) -> Option<Statement> {
    (dialect == Dialect::DuckDb).then(|| drop(dialect, relation, is_view))
}

/// Drops a relation of either kind.
#[must_use]
pub fn drop(dialect: Dialect, relation: &RelationName, is_view: bool) -> Statement {
    if dialect == Dialect::TSql {
        return Statement::own(tsql::drop(relation, is_view));
    }
    let kind = if is_view { "VIEW" } else { "TABLE" };
    Statement::own(format!("DROP {kind} IF EXISTS {}", quote_name(dialect, relation)))
}

/// Clears away what an earlier run may have left beside.
fn clear(dialect: Dialect, new: &RelationName, is_view: bool, old: Old<'_>) -> Vec<Statement> {
    if old.has_leftover { vec![drop(dialect, new, is_view)] } else { Vec::new() }
}

/// Builds a table and puts it in the place of the old one, at once.
#[must_use]
pub fn table_as(dialect: Dialect, relation: &RelationName, query: &str, old: Old<'_>) -> Vec<Statement> {
    if dialect == Dialect::Postgres {
        let new = beside(relation);
        let head = format!("CREATE TABLE {} AS\n", quote_name(dialect, &new));
        let mut statements = clear(dialect, &new, false, old);
        statements.push(Statement::around(&head, query, ""));
        statements.push(postgresql::swap_table(relation, &new, old));
        return statements;
    }
    if dialect == Dialect::TSql {
        return tsql::table_as(relation, query, old);
    }
    let head = format!("CREATE OR REPLACE TABLE {} AS\n", quote_name(dialect, relation));
    vec![Statement::around(&head, query, "")]
}

/// Puts a table that has been built beside in the place of what stands there, on a server.
pub(super) fn swap_table(
    dialect: Dialect,
    relation: &RelationName,
    new: &RelationName,
    old: Old<'_>,
) -> Statement {
    match dialect {
        Dialect::TSql => tsql::swap_table(relation, new, old),
        _ => postgresql::swap_table(relation, new, old),
    }
}

/// Builds a table of the rows of files, which `DuckDB` reads for an engine that can't.
#[must_use]
pub fn table_of_files(
    dialect: Dialect,
    relation: &RelationName,
    path: &str,
    query: &str,
    old: Old<'_>,
) -> Vec<Statement> {
    let empty = refuse_empty_files(path);
    if dialect == Dialect::DuckDb {
        return std::iter::once(empty).chain(table_as(dialect, relation, query, old)).collect();
    }
    let new = beside(relation);
    let from = Elsewhere { target: FILES.to_owned(), ..Elsewhere::default() };
    let stream = Stream { from, into: new.clone() };
    let rows = Statement { act: Act::Stream(Box::new(stream)), ..Statement::own(query) };
    vec![empty.at(FILES), rows, swap_table(dialect, relation, &new, old)]
}

/// An engine's type as `DuckDB` calls it when it reads files.
#[must_use]
pub fn type_of_files(dialect: Dialect, kind: &str) -> String {
    match dialect {
        Dialect::Postgres => postgresql::duckdb_type(kind),
        Dialect::TSql => carried::duckdb_type(kind),
        Dialect::DuckDb => kind.to_owned(),
    }
}

/// The types of columns as `DuckDB` calls them when it reads files.
#[must_use]
pub fn types_of_files(dialect: Dialect, columns: &[(String, String)]) -> Vec<(String, String)> {
    columns.iter().map(|(name, kind)| (name.clone(), type_of_files(dialect, kind))).collect()
}

/// Puts a view in the place of the old one.
#[must_use]
pub fn view_as(dialect: Dialect, relation: &RelationName, query: &str, old: Old<'_>) -> Vec<Statement> {
    if dialect == Dialect::Postgres {
        let new = beside(relation);
        let head = format!("CREATE VIEW {} AS\n", quote_name(dialect, &new));
        let mut statements = clear(dialect, &new, true, old);
        statements.push(Statement::around(&head, query, ""));
        statements.push(postgresql::swap_view(relation, &new, old));
        return statements;
    }
    if dialect == Dialect::TSql {
        return tsql::view_as(relation, query, old);
    }
    let head = format!("CREATE OR REPLACE VIEW {} AS\n", quote_name(dialect, relation));
    vec![Statement::around(&head, query, "")]
}

/// Takes the rows of a query up into a table that is there, with these columns.
#[must_use]
pub fn increment(
    dialect: Dialect,
    relation: &RelationName,
    held: &[(String, String)],
    query: &str,
    strategy: IncrementalStrategy,
    key: &[String],
) -> Vec<Statement> {
    if dialect == Dialect::Postgres {
        return postgresql::increment(relation, held, query, strategy, key);
    }
    if dialect == Dialect::TSql {
        return tsql::increment(relation, held, query, strategy, key);
    }
    let table = quote_name(dialect, relation);
    let new = format!("temp.{}", quote(dialect, &format!("{}__new", relation.name)));
    let same = |left: &str, right: &str| {
        let pairs: Vec<String> =
            key.iter().map(|k| quote(dialect, k)).map(|k| format!("{left}.{k} = {right}.{k}")).collect();
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

/// Refuses a CSV file whose delimiter was not told and that came out as a single column that looks like
/// several.
#[must_use]
pub fn refuse_one_wide_column(dialect: Dialect, relation: &RelationName) -> Statement {
    let columns = ledger::columns(dialect, relation);
    let like = match dialect {
        Dialect::TSql => "LIKE N'%[;|\t]%'",
        _ => "SIMILAR TO '.*[;|\t].*'",
    };
    Statement::check(
        format!(
            "SELECT CASE WHEN count(*) = 1 AND max(column_name) {like} \
             THEN concat({}, max(column_name), {}) END FROM ({columns}) AS c",
            literal(dialect, "there is only one column, `"),
            literal(dialect, "`: say what separates the values, such as delimiter: \";\""),
        ),
        Check::Refuse,
    )
}

/// The query that counts the rows of a test's query.
#[must_use]
pub fn count_rows(dialect: Dialect, query: &str) -> Statement {
    around(dialect, "SELECT count(*) FROM (\n", query, ") AS found")
}

/// A statement around a query of the user's, as a table that is named.
fn around(dialect: Dialect, head: &str, query: &str, tail: &str) -> Statement {
    match dialect {
        Dialect::TSql => tsql::around(head, query, tail),
        _ => Statement::around(head, query, tail),
    }
}

/// Every column as text, where the engine's own form is not text already.
fn as_text(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::DuckDb => "CAST(COLUMNS(*) AS VARCHAR)",
        _ => "*",
    }
}

/// The query that shows the widest of the differences that a test on money has found, and so many of
/// them, every value as text.
#[must_use]
pub fn widest(dialect: Dialect, query: &str, totals: &Totals, limit: usize) -> Statement {
    let order: Vec<String> = std::iter::once("abs(difference) DESC".to_owned())
        .chain((1..=totals.group_by.len()).map(|nth| nth.to_string()))
        .collect();
    let order = order.join(", ");
    let (head, tail) = match dialect {
        Dialect::TSql => (format!("SELECT TOP ({limit}) * FROM (\n"), format!(") AS found ORDER BY {order}")),
        _ => (
            format!("SELECT {} FROM (SELECT * FROM (\n", as_text(dialect)),
            format!(") AS found ORDER BY {order} LIMIT {limit}) AS widest"),
        ),
    };
    Statement { act: Act::Apart(totals.clone()), ..around(dialect, &head, query, &tail) }
}

/// The query that shows the first rows of a relation or query, every value as text.
#[must_use]
pub fn preview(dialect: Dialect, from: &str, limit: usize) -> String {
    first(dialect, &format!("SELECT {} FROM {from} AS shown", as_text(dialect)), limit)
}
