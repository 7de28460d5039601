//! What goldsmith writes about its runs into each project's own database: success in the
//! transaction that it speaks of, everything else afterwards, in one batch.

use super::{LoadCounts, RunResults, Settings, Status, StepResult};
use crate::ddl::{BOOKKEEPING, day, literal, time};
use crate::plan::{Loading, Plan, Step, StepKind};
use crate::sql::quote;
use crate::warehouse::{Connection, Error};
use crate::words::Dialect;

/// The longest message that is kept, in characters.
const LONGEST: usize = 2000;

/// The record that a run begins: what it was asked for, and the steps that it plans in this database.
pub(super) fn attempt(dialect: Dialect, name: &str, plan: &Plan, settings: &Settings) -> String {
    let own = plan.steps.iter().filter(|s| s.database == name && s.node.is_some());
    let steps: Vec<&str> = own.map(|s| s.id.as_str()).collect();
    format!(
        "INSERT INTO {}.{BOOKKEEPING}.attempts VALUES ({}, {}, {}, {}, {}, {}, {}, {})",
        database(dialect, name),
        literal(dialect, &settings.run_id),
        literal(dialect, &settings.what),
        literal(dialect, &settings.target),
        day(dialect, &settings.date),
        time(dialect, jiff::Timestamp::now()),
        literal(dialect, &settings.arguments),
        literal(dialect, &serde_json::json!(steps).to_string()),
        literal(dialect, env!("CARGO_PKG_VERSION")),
    )
}

/// The record of a step's success, to be written in its own transaction.
pub(super) fn success(
    dialect: Dialect,
    step: &Step,
    settings: &Settings,
    rows: Option<u64>,
    started: jiff::Timestamp,
) -> String {
    let values = row(
        dialect,
        &settings.run_id,
        &step.id,
        step.node.as_deref(),
        step.kind.word(),
        Status::Success.word(),
        rows,
        None,
        started,
        jiff::Timestamp::now(),
    );
    format!("INSERT INTO {}.{BOOKKEEPING}.steps VALUES {values}", database(dialect, &step.database))
}

/// The record of a load's success, to be written in its own transaction.
pub(super) fn load(
    dialect: Dialect,
    step: &Step,
    loading: &Loading,
    settings: &Settings,
    (counts, state): (&LoadCounts, Option<&str>),
    started: jiff::Timestamp,
) -> String {
    let number = |n: Option<u64>| n.map_or_else(|| "NULL".to_owned(), |n| n.to_string());
    let text = |t: Option<&str>| t.map_or_else(|| "NULL".to_owned(), |text| literal(dialect, text));
    format!(
        "INSERT INTO {}.{BOOKKEEPING}.loads VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        database(dialect, &step.database),
        literal(dialect, &settings.run_id),
        literal(dialect, &step.id),
        literal(dialect, loading.mode.word()),
        day(dialect, settings.date_of(&step.project)),
        number(counts.rows),
        number(counts.inserted),
        number(counts.updated),
        number(counts.deleted),
        number(counts.vanished),
        number(counts.differing),
        text(counts.watermark.as_deref()),
        text(state),
        time(dialect, started),
        time(dialect, jiff::Timestamp::now()),
    )
}

/// Writes the run itself and what did not record itself: tests, failures, what was skipped.
pub(super) fn finish(
    connection: &mut dyn Connection,
    name: &str,
    steps: &[(&Step, &StepResult)],
    settings: &Settings,
    results: &RunResults,
) -> Result<(), Error> {
    let dialect = connection.dialect();
    let database = database(dialect, name);
    let rows: Vec<String> = steps
        .iter()
        .filter(|(step, result)| step.kind == StepKind::Test || result.status != Status::Success)
        .map(|(step, result)| {
            let ended =
                result.started_at + jiff::SignedDuration::try_from(result.duration).unwrap_or_default();
            row(
                dialect,
                &settings.run_id,
                &step.id,
                step.node.as_deref(),
                step.kind.word(),
                result.status.word(),
                result.failures.or(result.rows),
                result.message.as_deref(),
                result.started_at,
                ended,
            )
        })
        .collect();
    connection.begin()?;
    if !rows.is_empty() {
        connection
            .execute(&format!("INSERT INTO {database}.{BOOKKEEPING}.steps VALUES {}", rows.join(", ")))?;
    }
    let status = match (results.interrupted, results.succeeded()) {
        (true, _) => "interrupted",
        (_, true) => "success",
        _ => "error",
    };
    connection.execute(&format!(
        "INSERT INTO {database}.{BOOKKEEPING}.runs VALUES ({}, {}, {}, {}, {}, {}, {}, {})",
        literal(dialect, &settings.run_id),
        literal(dialect, &settings.what),
        literal(dialect, &settings.target),
        day(dialect, &settings.date),
        time(dialect, results.started_at),
        time(dialect, jiff::Timestamp::now()),
        literal(dialect, status),
        literal(dialect, env!("CARGO_PKG_VERSION")),
    ))?;
    connection.commit()
}

#[expect(clippy::too_many_arguments, reason = "one for each column of the table")]
fn row(
    dialect: Dialect,
    run: &str,
    step: &str,
    node: Option<&str>,
    kind: &str,
    status: &str,
    rows: Option<u64>,
    message: Option<&str>,
    started: jiff::Timestamp,
    finished: jiff::Timestamp,
) -> String {
    let text = |value: Option<&str>| value.map_or_else(|| "NULL".to_owned(), |text| literal(dialect, text));
    let message: Option<String> = message.map(|m| m.chars().take(LONGEST).collect());
    format!(
        "({}, {}, {}, {}, {}, {}, {}, {}, {})",
        literal(dialect, run),
        literal(dialect, step),
        text(node),
        literal(dialect, kind),
        literal(dialect, status),
        rows.map_or_else(|| "NULL".to_owned(), |n| n.to_string()),
        text(message.as_deref()),
        time(dialect, started),
        time(dialect, finished),
    )
}

fn database(dialect: Dialect, name: &str) -> String {
    quote(dialect, name)
}
