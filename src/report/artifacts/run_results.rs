//! Maps the results of a run to dbt's `run_results.json`. A step that was cancelled is `skipped` there,
//! since nothing of it stayed; the message says more.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::schemas::run_results::{Metadata, Row, RunResults as File, Timing};
use super::schemas::{DBT_VERSION, env, stamp};
use super::{Invocation, ManifestNode, unique_id};
use crate::execute::{RunResults, Status, StepResult};

const SCHEMA: &str = "https://schemas.getdbt.com/dbt/run-results/v6.json";

pub fn build(results: &RunResults, nodes: &[ManifestNode], invocation: &Invocation) -> File {
    let nodes: HashMap<&str, &ManifestNode> = nodes.iter().map(|n| (n.node.id.as_str(), n)).collect();
    let mut args = invocation.args.clone();
    // Tools ask which dbt command it was.
    let which = if results.what == "test" { "test" } else { "build" };
    args.entry("which").or_insert_with(|| json!(which));
    args.entry("target").or_insert_with(|| json!(results.target));
    File {
        metadata: Metadata {
            dbt_schema_version: SCHEMA,
            dbt_version: DBT_VERSION,
            generated_at: stamp(invocation.generated_at),
            invocation_id: invocation.id.clone(),
            env: env(),
        },
        results: results.steps.iter().map(|s| row(s, nodes.get(s.node.as_str()).copied())).collect(),
        elapsed_time: results.duration.as_secs_f64(),
        args,
    }
}

fn row(step: &StepResult, node: Option<&ManifestNode>) -> Row {
    let sent = (!step.sql.is_empty()).then(|| step.sql.join("\n"));
    let code = node.and_then(|n| n.compiled_code.clone()).or(sent);
    Row {
        status: status(step.status),
        timing: timing(step),
        thread_id: format!("Thread-{}", step.thread + 1),
        execution_time: step.duration.as_secs_f64(),
        adapter_response: response(step),
        message: message(step),
        failures: step.failures,
        // What is no node of the manifest is the run's own work: an operation in dbt's words.
        unique_id: node.map_or_else(|| format!("operation.{}", step.node), |n| unique_id(n.node)),
        compiled: code.is_some().then_some(true),
        compiled_code: code,
        relation_name: node.and_then(|n| n.relation_sql.clone()),
        batch_results: None,
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::Pass => "pass",
        Status::Warn => "warn",
        Status::Fail => "fail",
        Status::Error => "error",
        Status::Skipped | Status::Cancelled => "skipped",
    }
}

/// dbt measures compiling and executing apart; goldsmith compiles before the run, so that takes no time here.
fn timing(step: &StepResult) -> Vec<Timing> {
    if step.status == Status::Skipped {
        return Vec::new();
    }
    let begun = step.started_at;
    let ended = begun.saturating_add(step.duration).unwrap_or(begun);
    let timing = |name, end| Timing { name, started_at: stamp(begun), completed_at: stamp(end) };
    vec![timing("compile", begun), timing("execute", ended)]
}

fn response(step: &StepResult) -> Map<String, Value> {
    let mut response = Map::new();
    if let Some(rows) = step.rows {
        response.insert("_message".to_owned(), json!(format!("OK {rows}")));
        response.insert("rows_affected".to_owned(), json!(rows));
    }
    if let Some(published) = &step.published {
        response.insert("archive_time".to_owned(), json!(published.archiving.as_secs_f64()));
    }
    response
}

/// The step's message, with the place in the user's file where there is one.
fn message(step: &StepResult) -> Option<String> {
    let place = step.diagnostic.as_ref().map(|d| match &d.file {
        Some(file) => {
            let position = file.position(d.span.start);
            format!("{} {} ({}:{}:{})", d.code, d.message, file.path(), position.line, position.column)
        }
        None => format!("{} {}", d.code, d.message),
    });
    let parts: Vec<String> = step.message.clone().into_iter().chain(place).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}
