//! Reading back what runs have recorded; points in time come as microseconds since 1970.

use super::{BOOKKEEPING, first, literal, micros, text};
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

fn table(dialect: Dialect, database: &str, table: &str) -> String {
    quote_name(dialect, &RelationName::new(database, BOOKKEEPING, table))
}

fn among(dialect: Dialect, runs: &[&str]) -> String {
    let ids: Vec<String> = runs.iter().map(|id| literal(dialect, id)).collect();
    format!("run_id IN ({})", if ids.is_empty() { "NULL".to_owned() } else { ids.join(", ") })
}

/// The last runs that ended, the newest first.
#[must_use]
pub fn runs(dialect: Dialect, database: &str, limit: usize) -> String {
    let date = text(dialect, "business_date");
    let query = format!(
        "SELECT run_id, pipeline, target, {date}, {}, {}, status, goldsmith_version \
         FROM {} ORDER BY started_at DESC, run_id DESC",
        micros(dialect, "started_at"),
        micros(dialect, "finished_at"),
        table(dialect, database, "runs"),
    );
    first(dialect, &query, limit)
}

/// The last runs that began, the newest first.
#[must_use]
pub fn attempts(dialect: Dialect, database: &str, limit: usize) -> String {
    let date = text(dialect, "business_date");
    let query = format!(
        "SELECT run_id, pipeline, target, {date}, {}, arguments, steps, goldsmith_version \
         FROM {} ORDER BY started_at DESC, run_id DESC",
        micros(dialect, "started_at"),
        table(dialect, database, "attempts"),
    );
    first(dialect, &query, limit)
}

/// The steps of runs, in the order in which they ended.
#[must_use]
pub fn steps(dialect: Dialect, database: &str, runs: &[&str]) -> String {
    let rows = text(dialect, "row_count");
    format!(
        "SELECT run_id, step, node, kind, status, {rows}, message, {}, {} \
         FROM {} WHERE {} ORDER BY finished_at, step",
        micros(dialect, "started_at"),
        micros(dialect, "finished_at"),
        table(dialect, database, "steps"),
        among(dialect, runs),
    )
}

/// The last load of each kind of each load.
#[must_use]
pub fn last_loads(dialect: Dialect, database: &str) -> String {
    let counts = ["row_count", "inserted", "updated", "deleted", "vanished", "differing"];
    let counts: Vec<String> = counts.iter().map(|c| text(dialect, c)).collect();
    let (date, load) = (text(dialect, "business_date"), quote(dialect, "load"));
    format!(
        "SELECT run_id, {load}, mode, {date}, {}, watermark, state, {}, {} FROM (SELECT *, \
         row_number() OVER (PARTITION BY {load}, mode ORDER BY finished_at DESC, run_id DESC) AS nth FROM {}) AS l \
         WHERE nth = 1 ORDER BY {load}, mode",
        counts.join(", "),
        micros(dialect, "started_at"),
        micros(dialect, "finished_at"),
        table(dialect, database, "loads"),
    )
}
