//! What goldsmith sends to `DuckDB`.

use super::Statement;
use crate::nouns::{Column, FileFormat, FileOrigin, IncrementalStrategy};
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// The schema of goldsmith's own tables in each database.
pub const BOOKKEEPING: &str = "goldsmith";

/// The tables in it: a database that was made by an older goldsmith may lack some.
pub const BOOKS: [&str; 3] = ["runs", "attempts", "steps"];

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
    vec![
        Statement::own(format!("CREATE SCHEMA IF NOT EXISTS {schema}")),
        Statement::own(format!(
            "CREATE TABLE IF NOT EXISTS {schema}.runs (run_id VARCHAR NOT NULL, pipeline VARCHAR NOT NULL, \
             target VARCHAR NOT NULL, business_date DATE NOT NULL, started_at TIMESTAMPTZ NOT NULL, \
             finished_at TIMESTAMPTZ, status VARCHAR NOT NULL, goldsmith_version VARCHAR NOT NULL)"
        )),
        Statement::own(format!(
            "CREATE TABLE IF NOT EXISTS {schema}.attempts (run_id VARCHAR NOT NULL, pipeline VARCHAR NOT NULL, \
             target VARCHAR NOT NULL, business_date DATE NOT NULL, started_at TIMESTAMPTZ NOT NULL, \
             arguments VARCHAR NOT NULL, steps VARCHAR NOT NULL, goldsmith_version VARCHAR NOT NULL)"
        )),
        Statement::own(format!(
            "CREATE TABLE IF NOT EXISTS {schema}.steps (run_id VARCHAR NOT NULL, step VARCHAR NOT NULL, \
             node VARCHAR, kind VARCHAR NOT NULL, status VARCHAR NOT NULL, row_count BIGINT, message VARCHAR, \
             started_at TIMESTAMPTZ NOT NULL, finished_at TIMESTAMPTZ NOT NULL)"
        )),
        Statement::own(format!(
            "CREATE OR REPLACE MACRO {schema}.business_date() AS \
             coalesce(CAST(getvariable('business_date') AS DATE), CAST(get_current_timestamp() AS DATE))"
        )),
    ]
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

/// How much a reload may change a table that is there.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// The largest share of rows that may be lost.
    pub max_shrink: f64,
    /// Whether it may become empty.
    pub allow_empty: bool,
}

/// Reloads a bronze table in full from a query. With a guard (the table is there) a reload that
/// would lose too many rows raises an error, and the transaction leaves the table as it was.
#[must_use]
pub fn reload(relation: &RelationName, query: &str, guard: Option<Guard>) -> Vec<Statement> {
    let table = name(relation);
    let create = Statement::own(format!("CREATE OR REPLACE TABLE {table} AS\n{query}"));
    let Some(guard) = guard else { return vec![create] };
    let plain = format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name);
    let mut cases = Vec::new();
    if !guard.allow_empty {
        cases.push(format!(
            " WHEN old > 0 AND new = 0 THEN error({} || old || ' rows; set allow_empty: true if that is right')",
            literal(&format!("the source is empty, and {plain} holds "))
        ));
    }
    cases.push(format!(
        " WHEN new < old * (1 - {share}) AND NOT (new = 0 AND {allow}) THEN error({head} || old || ' to ' || new || \
         ' rows, more than max_shrink of {percent}%: is the extract cut off?')",
        share = guard.max_shrink,
        allow = guard.allow_empty,
        head = literal(&format!("{plain} would shrink from ")),
        percent = (guard.max_shrink * 100.0).round(),
    ));
    let cases = cases.concat();
    vec![
        Statement::own(format!("SET VARIABLE goldsmith_rows_before = (SELECT count(*) FROM {table})")),
        create,
        Statement::own(format!(
            "SELECT CASE{cases} END FROM (SELECT CAST(getvariable('goldsmith_rows_before') AS BIGINT) AS old, \
             (SELECT count(*) FROM {table}) AS new)"
        )),
    ]
}

/// Raises an error when one of the files is empty: an extract that failed, most likely.
#[must_use]
pub fn refuse_empty_files(path: &str) -> Statement {
    Statement::own(format!(
        "SELECT CASE WHEN count(*) > 0 THEN error('this file is empty: ' || min(filename)) END \
         FROM read_blob({}) WHERE size = 0",
        literal(path)
    ))
}

/// Raises an error when a CSV file whose delimiter was not told came out as a single column that
/// looks like several.
#[must_use]
pub fn refuse_one_wide_column(relation: &RelationName) -> Statement {
    let part = |part: &Option<String>| literal(part.as_deref().unwrap_or_default());
    Statement::own(format!(
        "SELECT CASE WHEN count(*) = 1 AND max(column_name) SIMILAR TO '.*[;|\t].*' \
         THEN error('there is only one column, `' || max(column_name) || '`: say what separates the values, such as delimiter: \";\"') END \
         FROM duckdb_columns() WHERE lower(database_name) = {} AND lower(schema_name) = {} AND lower(table_name) = {}",
        part(&relation.database),
        part(&relation.schema),
        literal(&relation.name),
    ))
}

/// The query that reads a relation of another project.
#[must_use]
pub fn import_query(origin: &RelationName) -> String {
    format!("SELECT * FROM {}", name(origin))
}

/// Checks that a table which another tool loads is there and has its declared columns.
#[must_use]
pub fn external_check(relation: &RelationName, columns: &[Column]) -> Statement {
    let list: Vec<String> = columns.iter().map(|c| quoted(&c.name)).collect();
    let list = if list.is_empty() { "*".to_owned() } else { list.join(", ") };
    Statement::own(format!("SELECT {list} FROM {} LIMIT 0", name(relation)))
}

/// The query that reads files; `path` is what `DuckDB` is to open.
#[must_use]
pub fn file_query(origin: &FileOrigin, path: &str, columns: &[Column]) -> String {
    let mut options = Vec::new();
    let function = match origin.format {
        FileFormat::Csv => {
            csv_options(origin, columns, &mut options);
            "read_csv"
        }
        FileFormat::JsonLines => {
            options.push("format = 'newline_delimited'".to_owned());
            // Without a limit the whole file decides on the types, not its first rows.
            options.push("sample_size = -1".to_owned());
            "read_json"
        }
        FileFormat::Parquet => "read_parquet",
    };
    if origin.filename.is_some() {
        options.push("filename = '__goldsmith_file'".to_owned());
    }
    if origin.format == FileFormat::JsonLines {
        options.push("union_by_name = true".to_owned());
    }
    let casts = match origin.format {
        FileFormat::Csv => String::new(),
        FileFormat::JsonLines | FileFormat::Parquet => replaced(columns),
    };
    let select = match &origin.filename {
        Some(column) => {
            format!(
                "* EXCLUDE (__goldsmith_file){casts}, parse_filename(__goldsmith_file) AS {}",
                quoted(column)
            )
        }
        None => format!("*{casts}"),
    };
    format!("SELECT {select}\nFROM {function}({}, {})", literal(path), options.join(", "))
}

/// ` REPLACE (CAST(..) AS ..)` for columns with a declared type.
fn replaced(columns: &[Column]) -> String {
    let casts: Vec<String> = columns
        .iter()
        .filter_map(|c| {
            let kind = c.data_type.as_ref()?;
            let column = quoted(&c.name);
            Some(format!("CAST({column} AS {kind}) AS {column}"))
        })
        .collect();
    if casts.is_empty() { String::new() } else { format!(" REPLACE ({})", casts.join(", ")) }
}

fn csv_options(origin: &FileOrigin, columns: &[Column], options: &mut Vec<String>) {
    let mut text = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            options.push(format!("{key} = {}", literal(value)));
        }
    };
    // Nothing is left to guessing: a guess that fails makes one text column of a whole table.
    let tabs = origin.path.to_lowercase().trim_end_matches(".gz").rsplit('.').next() == Some("tsv");
    let delimiter = origin.delimiter.clone().unwrap_or_else(|| if tabs { "\t".into() } else { ",".into() });
    let quote = origin.quote.clone().unwrap_or_else(|| "\"".into());
    text("delim", &Some(delimiter));
    text("quote", &Some(quote.clone()));
    text("escape", &Some(quote));
    text("decimal_separator", &origin.decimal);
    text("thousands", &origin.thousands);
    text("dateformat", &origin.date_format);
    text("timestampformat", &origin.timestamp_format);
    options.push(format!("header = {}", origin.header));
    if origin.skip > 0 {
        options.push(format!("skip = {}", origin.skip));
    }
    if !origin.null.is_empty() {
        let words: Vec<String> = origin.null.iter().map(|w| literal(w)).collect();
        options.push(format!("nullstr = [{}]", words.join(", ")));
    }
    options.push("sample_size = -1".to_owned());
    let types: Vec<String> = columns
        .iter()
        .filter_map(|c| Some(format!("{}: {}", literal(&c.name), literal(c.data_type.as_ref()?))))
        .collect();
    if !types.is_empty() {
        options.push(format!("types = {{{}}}", types.join(", ")));
    }
}

/// The query that counts the rows of a test's query.
#[must_use]
pub fn count_rows(query: &str) -> Statement {
    Statement::around("SELECT count(*) FROM (\n", query, ")")
}

/// The query that shows the first rows of a relation or query, every value as text.
#[must_use]
pub fn preview(from: &str, limit: usize) -> String {
    format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {from} LIMIT {limit}")
}
