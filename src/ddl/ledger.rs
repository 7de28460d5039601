//! The ledger of publications and the archive of their rows. Only ever added to; points in time come
//! back as microseconds since 1970.

use super::table::create_table;
use super::{BOOKKEEPING, Statement, create_schema, first, literal, micros, postgresql, text, tsql};
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// The schema of the archived rows in each database.
pub const ARCHIVE: &str = "goldsmith_archive";

fn table(dialect: Dialect, database: &str, table: &str) -> String {
    quote_name(dialect, &RelationName::new(database, BOOKKEEPING, table))
}

/// Makes the ledger's tables in a database.
pub(super) fn tables(dialect: Dialect, database: &str) -> Vec<Statement> {
    let create = |table: &str, columns: &str| {
        create_table(dialect, &RelationName::new(database, BOOKKEEPING, table), columns)
    };
    vec![
        create(
            "publications",
            "number BIGINT PRIMARY KEY, project VARCHAR NOT NULL, business_date DATE NOT NULL, \
             edition INTEGER NOT NULL, kind VARCHAR NOT NULL, run_id VARCHAR NOT NULL, target VARCHAR NOT NULL, \
             restores BIGINT, started_at TIMESTAMPTZ NOT NULL, published_at TIMESTAMPTZ NOT NULL, \
             published_by VARCHAR NOT NULL, host VARCHAR NOT NULL, git_commit VARCHAR, git_dirty BOOLEAN, \
             reasons VARCHAR NOT NULL, approved_by VARCHAR, session VARCHAR NOT NULL, \
             goldsmith_version VARCHAR NOT NULL, UNIQUE (project, business_date, edition)",
        ),
        create(
            "publication_relations",
            "number BIGINT NOT NULL, role VARCHAR NOT NULL, database_name VARCHAR NOT NULL, \
             schema_name VARCHAR NOT NULL, relation VARCHAR NOT NULL, columns VARCHAR NOT NULL, \
             row_count BIGINT NOT NULL, watermark VARCHAR, checksum VARCHAR NOT NULL, totals VARCHAR NOT NULL, \
             archive VARCHAR",
        ),
        create(
            "publication_items",
            "number BIGINT NOT NULL, kind VARCHAR NOT NULL, name VARCHAR NOT NULL, path VARCHAR, sha256 VARCHAR, \
             status VARCHAR NOT NULL, row_count BIGINT, message VARCHAR, started_at TIMESTAMPTZ NOT NULL, \
             finished_at TIMESTAMPTZ NOT NULL",
        ),
        create(
            "closed_periods",
            "project VARCHAR NOT NULL, period VARCHAR NOT NULL, closed_at TIMESTAMPTZ NOT NULL, \
             closed_by VARCHAR NOT NULL, number BIGINT NOT NULL, schema_name VARCHAR, relation VARCHAR, period_column VARCHAR, \
             columns VARCHAR, row_count BIGINT, checksum VARCHAR, totals VARCHAR, reason VARCHAR, \
             approved_by VARCHAR",
        ),
        create_schema(dialect, database, ARCHIVE),
    ]
}

/// Adds rows to one of the ledger's tables.
#[must_use]
pub fn insert(dialect: Dialect, database: &str, into: &str, rows: &[Vec<String>]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("({})", row.join(", "))).collect();
    format!("INSERT INTO {} VALUES {}", table(dialect, database, into), rows.join(", "))
}

/// A value, or NULL.
#[must_use]
pub fn optional(dialect: Dialect, text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| literal(dialect, text))
}

/// Yes or no.
#[must_use]
pub fn boolean(dialect: Dialect, is_so: bool) -> &'static str {
    match (dialect, is_so) {
        (Dialect::TSql, true) => "1",
        (Dialect::TSql, false) => "0",
        (_, true) => "true",
        (_, false) => "false",
    }
}

/// The publications of a project, the newest first.
#[must_use]
pub fn publications(dialect: Dialect, database: &str, project: &str) -> String {
    format!(
        "SELECT {}, project, {}, {}, kind, run_id, target, {}, {}, {}, published_by, host, git_commit, \
         {}, reasons, approved_by, session, goldsmith_version \
         FROM {} AS p WHERE project = {} ORDER BY p.number DESC",
        text(dialect, "number"),
        text(dialect, "business_date"),
        text(dialect, "edition"),
        text(dialect, "restores"),
        micros(dialect, "started_at"),
        micros(dialect, "published_at"),
        text(dialect, "git_dirty"),
        table(dialect, database, "publications"),
        literal(dialect, project),
    )
}

/// The relations of publications; `number` of one.
#[must_use]
pub fn relations(dialect: Dialect, database: &str, number: u64) -> String {
    format!(
        "SELECT role, database_name, schema_name, relation, columns, {}, watermark, checksum, totals, archive \
         FROM {} WHERE number = {number} ORDER BY role DESC, schema_name, relation",
        text(dialect, "row_count"),
        table(dialect, database, "publication_relations"),
    )
}

/// The scripts and tests of a publication, as they ran.
#[must_use]
pub fn items(dialect: Dialect, database: &str, number: u64) -> String {
    format!(
        "SELECT kind, name, path, sha256, status, {}, message, {}, {} \
         FROM {} WHERE number = {number} ORDER BY finished_at, name",
        text(dialect, "row_count"),
        micros(dialect, "started_at"),
        micros(dialect, "finished_at"),
        table(dialect, database, "publication_items"),
    )
}

/// What is closed of a project: of each period and relation the row that counts.
#[must_use]
pub fn closed(dialect: Dialect, database: &str, project: &str) -> String {
    format!(
        "SELECT period, {}, closed_by, {}, schema_name, relation, period_column, columns, \
         {}, checksum, totals, reason, approved_by FROM (SELECT *, \
         row_number() OVER (PARTITION BY period, schema_name, relation ORDER BY closed_at DESC) AS nth FROM {} \
         WHERE project = {}) AS c WHERE nth = 1 ORDER BY period, schema_name, relation",
        micros(dialect, "closed_at"),
        text(dialect, "number"),
        text(dialect, "row_count"),
        table(dialect, database, "closed_periods"),
        literal(dialect, project),
    )
}

/// The number of the next publication.
#[must_use]
pub fn next_number(dialect: Dialect, database: &str) -> String {
    format!(
        "SELECT {} FROM {}",
        text(dialect, "coalesce(max(number), 0) + 1"),
        table(dialect, database, "publications")
    )
}

/// The columns of a relation: name, type.
#[must_use]
pub fn columns(dialect: Dialect, relation: &RelationName) -> String {
    if dialect == Dialect::Postgres {
        return postgresql::columns(relation);
    }
    if dialect == Dialect::TSql {
        return tsql::columns(relation);
    }
    let part = |part: Option<&str>| literal(dialect, &part.unwrap_or_default().to_lowercase());
    format!(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE lower(database_name) = {} \
         AND lower(schema_name) = {} AND lower(table_name) = {} ORDER BY column_index",
        part(relation.database.as_deref()),
        part(relation.schema.as_deref()),
        part(Some(&relation.name)),
    )
}

/// The columns of several relations by one query: the relation's place among them, name, type.
#[must_use]
pub fn columns_of_all(dialect: Dialect, relations: &[&RelationName]) -> String {
    if dialect == Dialect::TSql {
        return tsql::columns_of_all(relations);
    }
    let text = |part: Option<&str>| literal(dialect, part.unwrap_or_default());
    let rows = relations.iter().enumerate().map(|(nth, relation)| {
        let (database, schema) = (text(relation.database.as_deref()), text(relation.schema.as_deref()));
        format!("({nth}, {database}, {schema}, {})", literal(dialect, &relation.name))
    });
    let wanted = format!("(VALUES {}) AS w(nth, d, s, t)", rows.collect::<Vec<_>>().join(", "));
    if dialect == Dialect::Postgres {
        return postgresql::columns_of_all(&wanted);
    }
    format!(
        "SELECT CAST(w.nth AS VARCHAR), c.column_name, c.data_type FROM duckdb_columns() c JOIN {wanted} \
         ON lower(c.database_name) = lower(w.d) AND lower(c.schema_name) = lower(w.s) \
         AND lower(c.table_name) = lower(w.t) ORDER BY w.nth, c.column_index"
    )
}

/// The newest watermark of a load.
#[must_use]
pub fn last_watermark(dialect: Dialect, database: &str, load: &str) -> String {
    let query = format!(
        "SELECT watermark FROM {} WHERE {} = {} ORDER BY finished_at DESC",
        table(dialect, database, "loads"),
        quote(dialect, "load"),
        literal(dialect, load),
    );
    first(dialect, &query, 1)
}

/// All copies of rows that publications of a project name: number, table.
#[must_use]
pub fn archives(dialect: Dialect, database: &str, project: &str) -> String {
    format!(
        "SELECT {}, r.archive FROM {} r JOIN {} p ON p.number = r.number \
         WHERE p.project = {} AND r.archive IS NOT NULL",
        text(dialect, "r.number"),
        table(dialect, database, "publication_relations"),
        table(dialect, database, "publications"),
        literal(dialect, project),
    )
}

/// The condition that a row belongs to a month (`2026-02`), by a column of this type: a date, a text that
/// begins with the month, or a number such as 202602. `None` for other types.
#[must_use]
pub fn in_month(dialect: Dialect, column: &str, kind: &str, month: &str) -> Option<String> {
    let column = quote(dialect, column);
    let kind = kind.to_ascii_uppercase();
    let begin = literal(dialect, &format!("{month}-01"));
    if dialect == Dialect::TSql && (kind == "DATE" || kind.starts_with("DATETIME") || kind == "SMALLDATETIME")
    {
        return Some(format!(
            "{column} >= CAST({begin} AS date) AND {column} < DATEADD(month, 1, CAST({begin} AS date))"
        ));
    }
    if kind == "DATE" || kind.starts_with("TIMESTAMP") {
        return Some(format!(
            "{column} >= CAST({begin} AS DATE) AND {column} < CAST({begin} AS DATE) + INTERVAL '1 month'"
        ));
    }
    let digits = month.replace('-', "");
    match kind.split('(').next().unwrap_or_default() {
        "VARCHAR" | "TEXT" | "CHARACTER VARYING" | "NVARCHAR" | "CHAR" | "NCHAR" => Some(format!(
            "({column} LIKE {} OR {column} LIKE {})",
            literal(dialect, &format!("{month}%")),
            literal(dialect, &format!("{digits}%"))
        )),
        "INTEGER" | "INT" | "BIGINT" | "SMALLINT" | "UINTEGER" | "UBIGINT" => {
            Some(format!("({column} = {digits} OR {column} BETWEEN {digits}01 AND {digits}31)"))
        }
        _ => None,
    }
}

/// The tables of the archive.
#[must_use]
pub fn archived(dialect: Dialect, database: &str) -> String {
    if dialect == Dialect::Postgres {
        return format!("SELECT tablename FROM pg_tables WHERE schemaname = {}", literal(dialect, ARCHIVE));
    }
    if dialect == Dialect::TSql {
        return format!(
            "SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID({})",
            literal(dialect, ARCHIVE)
        );
    }
    format!(
        "SELECT table_name FROM duckdb_tables() WHERE lower(database_name) = {} AND schema_name = {}",
        literal(dialect, &database.to_lowercase()),
        literal(dialect, ARCHIVE),
    )
}

/// A table of the archive.
#[must_use]
pub fn archive_table(database: &str, table: &str) -> RelationName {
    RelationName::new(database, ARCHIVE, table)
}

/// Copies the rows of a relation into the archive.
#[must_use]
pub fn archive(dialect: Dialect, database: &str, into: &str, relation: &RelationName) -> String {
    let (into, from) = (quote_name(dialect, &archive_table(database, into)), quote_name(dialect, relation));
    match dialect {
        Dialect::TSql => format!("SELECT * INTO {into} FROM {from}"),
        _ => format!("CREATE TABLE {into} AS SELECT * FROM {from}"),
    }
}

/// What the session holds that can change what a script means: name, value.
#[must_use]
pub fn session(dialect: Dialect) -> String {
    if dialect == Dialect::Postgres {
        return postgresql::SESSION.to_owned();
    }
    if dialect == Dialect::TSql {
        return tsql::SESSION.to_owned();
    }
    "SELECT name, value FROM duckdb_settings() WHERE name IN ('TimeZone', 'Calendar', 'default_collation', \
     'default_null_order', 'default_order', 'ieee_floating_point_ops', 'integer_division', 'threads', \
     'scalar_subquery_error_on_multiple_rows', 'order_by_non_integer_literal') ORDER BY name"
        .to_owned()
}

/// The engine's version.
#[must_use]
pub fn engine_version(dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => "SELECT 'PostgreSQL ' || current_setting('server_version')".to_owned(),
        Dialect::TSql => {
            "SELECT CONCAT('SQL Server ', CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)))".to_owned()
        }
        Dialect::DuckDb => "SELECT 'DuckDB ' || version()".to_owned(),
    }
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A table.
    Table,
    /// A view.
    View,
    /// Nothing.
    Nothing,
}

/// The query whose rows [`kind`] reads.
#[must_use]
pub fn kind_of(dialect: Dialect, relation: &RelationName) -> String {
    let part = |part: Option<&str>| literal(dialect, &part.unwrap_or_default().to_lowercase());
    format!(
        "SELECT table_type FROM information_schema.tables WHERE lower(table_catalog) = {} \
         AND lower(table_schema) = {} AND lower(table_name) = {}",
        part(relation.database.as_deref()),
        part(relation.schema.as_deref()),
        part(Some(&relation.name)),
    )
}

/// Reads what stands under a name.
#[must_use]
pub fn kind(rows: Vec<Vec<Option<String>>>) -> Holds {
    match rows.into_iter().next().and_then(|row| row.into_iter().next().flatten()).as_deref() {
        Some("VIEW") => Holds::View,
        Some(_) => Holds::Table,
        None => Holds::Nothing,
    }
}

/// Makes a table of the rows of another one, in the place of the table that stands there.
#[must_use]
pub fn table_of(dialect: Dialect, relation: &RelationName, rows: &RelationName) -> Vec<Statement> {
    super::table_as(
        dialect,
        relation,
        &format!("SELECT * FROM {}", quote_name(dialect, rows)),
        super::Old::UNKNOWN,
    )
}

/// Replaces the rows of a table by those of another one of the same shape.
#[must_use]
pub fn refill(dialect: Dialect, relation: &RelationName, rows: &RelationName) -> [String; 2] {
    [
        format!("DELETE FROM {}", quote_name(dialect, relation)),
        format!("INSERT INTO {} SELECT * FROM {}", quote_name(dialect, relation), quote_name(dialect, rows)),
    ]
}
