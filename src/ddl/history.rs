//! Reading back what runs have recorded; points in time come as microseconds since 1970.

use super::{BOOKKEEPING, literal, micros};
use crate::sql::quote_name;
use crate::words::{Dialect, RelationName};

fn table(dialect: Dialect, database: &str, table: &str) -> String {
    quote_name(dialect, &RelationName::new(database, BOOKKEEPING, table))
}

fn among(runs: &[&str]) -> String {
    let ids: Vec<String> = runs.iter().map(|id| literal(id)).collect();
    format!("run_id IN ({})", if ids.is_empty() { "NULL".to_owned() } else { ids.join(", ") })
}

/// The last runs that ended, the newest first.
#[must_use]
pub fn runs(dialect: Dialect, database: &str, limit: usize) -> String {
    format!(
        "SELECT run_id, pipeline, target, CAST(business_date AS VARCHAR), {}, {}, status, goldsmith_version \
         FROM {} ORDER BY started_at DESC, run_id DESC LIMIT {limit}",
        micros(dialect, "started_at"),
        micros(dialect, "finished_at"),
        table(dialect, database, "runs"),
    )
}

/// The last runs that began, the newest first.
#[must_use]
pub fn attempts(dialect: Dialect, database: &str, limit: usize) -> String {
    format!(
        "SELECT run_id, pipeline, target, CAST(business_date AS VARCHAR), {}, arguments, steps, goldsmith_version \
         FROM {} ORDER BY started_at DESC, run_id DESC LIMIT {limit}",
        micros(dialect, "started_at"),
        table(dialect, database, "attempts"),
    )
}

/// The steps of runs, in the order in which they ended.
#[must_use]
pub fn steps(dialect: Dialect, database: &str, runs: &[&str]) -> String {
    format!(
        "SELECT run_id, step, node, kind, status, CAST(row_count AS VARCHAR), message, {}, {} \
         FROM {} WHERE {} ORDER BY finished_at, step",
        micros(dialect, "started_at"),
        micros(dialect, "finished_at"),
        table(dialect, database, "steps"),
        among(runs),
    )
}

/// The last load of each kind of each load.
#[must_use]
pub fn last_loads(dialect: Dialect, database: &str) -> String {
    let counts = ["row_count", "inserted", "updated", "deleted", "vanished", "differing"];
    let counts: Vec<String> = counts.iter().map(|c| format!("CAST({c} AS VARCHAR)")).collect();
    format!(
        "SELECT run_id, load, mode, CAST(business_date AS VARCHAR), {}, watermark, state, {}, {} FROM (SELECT *, \
         row_number() OVER (PARTITION BY load, mode ORDER BY finished_at DESC, run_id DESC) AS nth FROM {}) AS l \
         WHERE nth = 1 ORDER BY load, mode",
        counts.join(", "),
        micros(dialect, "started_at"),
        micros(dialect, "finished_at"),
        table(dialect, database, "loads"),
    )
}
