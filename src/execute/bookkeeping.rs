//! What goldsmith writes about its runs into each project's own database: success in the
//! transaction that it speaks of, everything else afterwards, in one batch.

use super::{LoadCounts, RunResults, Settings, Status, StepResult};
use crate::ddl::{BOOKKEEPING, literal};
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
        literal(&settings.run_id),
        literal(&settings.what),
        literal(&settings.target),
        literal(&settings.date),
        time(jiff::Timestamp::now()),
        literal(&settings.arguments),
        literal(&serde_json::json!(steps).to_string()),
        literal(env!("CARGO_PKG_VERSION")),
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
    let text = |t: Option<&str>| t.map_or_else(|| "NULL".to_owned(), literal);
    format!(
        "INSERT INTO {}.{BOOKKEEPING}.loads VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        database(dialect, &step.database),
        literal(&settings.run_id),
        literal(&step.id),
        literal(loading.mode.word()),
        literal(settings.date_of(&step.project)),
        number(counts.rows),
        number(counts.inserted),
        number(counts.updated),
        number(counts.deleted),
        number(counts.vanished),
        number(counts.differing),
        text(counts.watermark.as_deref()),
        text(state),
        time(started),
        time(jiff::Timestamp::now()),
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
    let database = database(connection.dialect(), name);
    let rows: Vec<String> = steps
        .iter()
        .filter(|(step, result)| step.kind == StepKind::Test || result.status != Status::Success)
        .map(|(step, result)| {
            let ended =
                result.started_at + jiff::SignedDuration::try_from(result.duration).unwrap_or_default();
            row(
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
        literal(&settings.run_id),
        literal(&settings.what),
        literal(&settings.target),
        literal(&settings.date),
        time(results.started_at),
        time(jiff::Timestamp::now()),
        literal(status),
        literal(env!("CARGO_PKG_VERSION")),
    ))?;
    connection.commit()
}

#[expect(clippy::too_many_arguments, reason = "one for each column of the table")]
fn row(
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
    let text = |value: Option<&str>| value.map_or_else(|| "NULL".to_owned(), literal);
    let message: Option<String> = message.map(|m| m.chars().take(LONGEST).collect());
    format!(
        "({}, {}, {}, {}, {}, {}, {}, {}, {})",
        literal(run),
        literal(step),
        text(node),
        literal(kind),
        literal(status),
        rows.map_or_else(|| "NULL".to_owned(), |n| n.to_string()),
        text(message.as_deref()),
        time(started),
        time(finished),
    )
}

fn time(at: jiff::Timestamp) -> String {
    literal(&format!("{at:.6}"))
}

fn database(dialect: Dialect, name: &str) -> String {
    quote(dialect, name)
}
