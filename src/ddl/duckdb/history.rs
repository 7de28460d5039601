//! Reading back what runs have recorded; points in time come as microseconds since 1970.

use super::{BOOKKEEPING, literal, name};
use crate::words::RelationName;

fn table(database: &str, table: &str) -> String {
    name(&RelationName::new(database, BOOKKEEPING, table))
}

/// A point in time, as a whole number in text.
fn moment(column: &str) -> String {
    format!("CAST(epoch_us({column}) AS VARCHAR)")
}

fn among(runs: &[&str]) -> String {
    let ids: Vec<String> = runs.iter().map(|id| literal(id)).collect();
    format!("run_id IN ({})", if ids.is_empty() { "NULL".to_owned() } else { ids.join(", ") })
}

/// The last runs that ended, the newest first.
#[must_use]
pub fn runs(database: &str, limit: usize) -> String {
    format!(
        "SELECT run_id, pipeline, target, CAST(business_date AS VARCHAR), {}, {}, status, goldsmith_version \
         FROM {} ORDER BY started_at DESC, run_id DESC LIMIT {limit}",
        moment("started_at"),
        moment("finished_at"),
        table(database, "runs"),
    )
}

/// The last runs that began, the newest first.
#[must_use]
pub fn attempts(database: &str, limit: usize) -> String {
    format!(
        "SELECT run_id, pipeline, target, CAST(business_date AS VARCHAR), {}, arguments, steps, goldsmith_version \
         FROM {} ORDER BY started_at DESC, run_id DESC LIMIT {limit}",
        moment("started_at"),
        table(database, "attempts"),
    )
}

/// The steps of runs, in the order in which they ended.
#[must_use]
pub fn steps(database: &str, runs: &[&str]) -> String {
    format!(
        "SELECT run_id, step, node, kind, status, CAST(row_count AS VARCHAR), message, {}, {} \
         FROM {} WHERE {} ORDER BY finished_at, step",
        moment("started_at"),
        moment("finished_at"),
        table(database, "steps"),
        among(runs),
    )
}

/// The last load of each kind of each load.
#[must_use]
pub fn last_loads(database: &str) -> String {
    let counts = ["row_count", "inserted", "updated", "deleted", "vanished", "differing"];
    let counts: Vec<String> = counts.iter().map(|c| format!("CAST({c} AS VARCHAR)")).collect();
    format!(
        "SELECT run_id, load, mode, CAST(business_date AS VARCHAR), {}, watermark, state, {}, {} FROM {} \
         QUALIFY row_number() OVER (PARTITION BY load, mode ORDER BY finished_at DESC, run_id DESC) = 1 \
         ORDER BY load, mode",
        counts.join(", "),
        moment("started_at"),
        moment("finished_at"),
        table(database, "loads"),
    )
}
