//! `run_results.json`, version 6.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Debug, Serialize)]
pub struct RunResults {
    pub metadata: Metadata,
    pub results: Vec<Row>,
    pub elapsed_time: f64,
    pub args: Map<String, Value>,
}

#[derive(Debug, Serialize)]
pub struct Metadata {
    pub dbt_schema_version: &'static str,
    pub dbt_version: &'static str,
    pub generated_at: String,
    pub invocation_id: String,
    pub env: BTreeMap<&'static str, &'static str>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    pub status: &'static str,
    pub timing: Vec<Timing>,
    pub thread_id: String,
    pub execution_time: f64,
    pub adapter_response: Map<String, Value>,
    pub message: Option<String>,
    pub failures: Option<u64>,
    pub unique_id: String,
    pub compiled: Option<bool>,
    pub compiled_code: Option<String>,
    pub relation_name: Option<String>,
    pub batch_results: Option<()>,
}

#[derive(Debug, Serialize)]
pub struct Timing {
    pub name: &'static str,
    pub started_at: String,
    pub completed_at: String,
}
