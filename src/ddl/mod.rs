//! The SQL that goldsmith itself writes, as pure functions from names to text. One function serves
//! all engines, and says in one place where one of them differs; what an engine has no statement of its
//! own for has a file of its own. A body of the user's goes in whole, and its place in the text is kept.

mod act;
mod carried;
pub mod checksum;
mod contract;
pub mod difference;
mod files;
pub mod freshness;
pub mod history;
mod increment;
pub mod ledger;
mod load;
mod postgresql;
mod source;
mod table;
mod tsql;

pub use carried::table_for;
pub use contract::refuse_broken_contract;
pub use files::{Sample, file_query, file_shape_query, known_file_query, refuse_empty_files};
pub use load::{Filling, Guard, Rows};
pub use source::{
    compare, external_check, figures, import_query, last_state, rows_since, shape_of_arrived, shape_of_query,
    watermark, without_rows,
};
pub use table::{
    bookkeeping, count_rows, create_schema, drop, drop_other_kind, increment, preview,
    refuse_one_wide_column, table_as, table_of_files, type_of_files, types_of_files, view_as, widest,
};

pub use act::{
    Act, Check, Commit, Elsewhere, Figures, Input, Output, Publish, Root, RootLoad, ScriptText, Shape,
    Stream, Typed,
};

use crate::sql::string_literal;
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

/// What is known of the relation whose place another takes, when the plan is made.
#[derive(Debug, Clone, Copy)]
pub struct Old<'a> {
    /// Whether it is there.
    pub stands: bool,
    /// Whether views, indexes, keys, triggers or grants stand on it.
    pub is_relied_on: bool,
    /// Whether something is left beside it of a run that broke off.
    pub has_leftover: bool,
    /// Views that are built later in the same run.
    pub rebuilt: &'a [RelationName],
}

impl Old<'_> {
    /// Nothing is known: everything may be.
    pub const UNKNOWN: Old<'static> =
        Old { stands: true, is_relied_on: true, has_leftover: true, rebuilt: &[] };
}

/// The name under which a run knows the engine that reads files of this machine, where its target's
/// can't; no target can be called so.
pub const FILES: &str = ":files:";

/// Text in quotes.
#[must_use]
pub fn literal(dialect: Dialect, text: &str) -> String {
    string_literal(dialect, text)
}

/// The table beside a relation, in which what is to take its place comes together.
#[must_use]
pub fn beside(relation: &RelationName) -> RelationName {
    RelationName { name: format!("{}__goldsmith", relation.name), ..relation.clone() }
}

/// `schema.name`, for messages.
fn plain(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name)
}

/// A day (`2026-02-28`) as a value.
#[must_use]
pub fn day(dialect: Dialect, day: &str) -> String {
    match dialect {
        Dialect::TSql => format!("CAST({} AS date)", literal(dialect, day)),
        _ => literal(dialect, day),
    }
}

/// A point in time as a value.
#[must_use]
pub fn time(dialect: Dialect, at: jiff::Timestamp) -> String {
    let text = literal(dialect, &format!("{at:.6}"));
    match dialect {
        Dialect::TSql => format!("CAST({text} AS datetimeoffset(6))"),
        _ => text,
    }
}

/// A value as text, of whatever length.
#[must_use]
pub fn text(dialect: Dialect, value: &str) -> String {
    match dialect {
        // Without a length it is cut behind thirty characters.
        Dialect::TSql => format!("CAST({value} AS nvarchar(max))"),
        _ => format!("CAST({value} AS VARCHAR)"),
    }
}

/// The first rows of a query, which begins with `SELECT`.
#[must_use]
pub fn first(dialect: Dialect, query: &str, limit: usize) -> String {
    match dialect {
        Dialect::TSql => query.replacen("SELECT ", &format!("SELECT TOP ({limit}) "), 1),
        _ => format!("{query} LIMIT {limit}"),
    }
}

/// A point in time as microseconds since 1970, in text; of a type without a zone as if of UTC.
#[must_use]
pub fn micros(dialect: Dialect, moment: &str) -> String {
    match dialect {
        Dialect::Postgres => {
            format!("CAST(CAST(extract(epoch FROM {moment}) * 1000000 AS bigint) AS VARCHAR)")
        }
        Dialect::TSql => format!(
            "CAST(DATEDIFF_BIG(microsecond, CAST('1970-01-01T00:00:00+00:00' AS datetimeoffset), \
             CAST({moment} AS datetimeoffset)) AS nvarchar(20))"
        ),
        Dialect::DuckDb => format!("CAST(epoch_us({moment}) AS VARCHAR)"),
    }
}

/// A statement of goldsmith's, which may hold SQL of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// Where the user's SQL begins in it.
    pub body_at: Option<usize>,
    /// What is done with it.
    pub act: Act,
    /// The other target that it is sent to; without one, the run's own.
    pub at: Option<String>,
    /// What is sent in its place when types that the engine guessed do not hold for all rows.
    pub careful: Option<String>,
}

impl Statement {
    /// A statement without SQL of the user's.
    #[must_use]
    pub fn own(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), body_at: None, act: Act::Run, at: None, careful: None }
    }

    /// A query whose rows are judged.
    #[must_use]
    pub fn check(sql: impl Into<String>, check: Check) -> Self {
        Self { act: Act::Check(check), ..Self::own(sql) }
    }

    /// The same, sent to another target.
    #[must_use]
    pub fn at(self, target: &str) -> Self {
        Self { at: Some(target.to_owned()), ..self }
    }

    /// `head`, then the user's SQL, then `tail` on a line of its own.
    #[must_use]
    pub fn around(head: &str, body: &str, tail: &str) -> Self {
        let body = trimmed_end(body);
        let mut sql = String::with_capacity(head.len() + body.len() + tail.len() + 1);
        sql.push_str(head);
        sql.push_str(body);
        if !tail.is_empty() {
            sql.push('\n');
            sql.push_str(tail);
        }
        Self { body_at: Some(head.len()), ..Self::own(sql) }
    }
}

/// A query without white space and semicolons at its end.
fn trimmed_end(sql: &str) -> &str {
    sql.trim_end_matches(|c: char| c.is_whitespace() || c == ';')
}
