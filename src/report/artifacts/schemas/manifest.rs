//! `manifest.json`, version 12.
#![expect(clippy::struct_field_names, reason = "the names are dbt's")]

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

type Empty = BTreeMap<String, Value>;
type Links = BTreeMap<String, Vec<String>>;

#[derive(Debug, Serialize)]
pub struct Manifest<'a> {
    pub metadata: Metadata,
    pub nodes: BTreeMap<String, Node<'a>>,
    pub sources: BTreeMap<String, Source<'a>>,
    pub macros: Empty,
    pub docs: Empty,
    pub exposures: Empty,
    pub metrics: Empty,
    pub groups: Empty,
    pub selectors: Empty,
    pub disabled: Empty,
    pub parent_map: Links,
    pub child_map: Links,
    pub group_map: Links,
    pub saved_queries: Empty,
    pub semantic_models: Empty,
    pub unit_tests: Empty,
}

#[derive(Debug, Serialize)]
pub struct Metadata {
    pub dbt_schema_version: &'static str,
    pub dbt_version: &'static str,
    pub generated_at: String,
    pub invocation_id: String,
    pub env: BTreeMap<&'static str, &'static str>,
    pub project_name: String,
    pub project_id: Option<String>,
    pub user_id: Option<String>,
    pub send_anonymous_usage_stats: bool,
    pub adapter_type: String,
}

/// A seed, model or test: what all have, then what SQL has, then what models or tests have.
#[derive(Debug, Serialize)]
pub struct Node<'a> {
    #[serde(flatten)]
    pub common: Common<'a>,
    #[serde(flatten)]
    pub sql: Option<Sql>,
    #[serde(flatten)]
    pub model: Option<Model>,
    #[serde(flatten)]
    pub test: Option<Test>,
    /// Seeds have only macros here.
    pub depends_on: DependsOn,
}

#[derive(Debug, Serialize)]
pub struct Common<'a> {
    pub database: Option<&'a str>,
    pub schema: &'a str,
    pub name: &'a str,
    pub resource_type: &'static str,
    pub package_name: &'a str,
    pub path: &'a str,
    pub original_file_path: &'a str,
    pub unique_id: String,
    pub fqn: Vec<String>,
    pub alias: &'a str,
    pub checksum: Checksum,
    pub config: Map<String, Value>,
    pub tags: &'a [String],
    pub description: &'a str,
    pub columns: BTreeMap<&'a str, Column<'a>>,
    pub meta: &'a Map<String, Value>,
    pub group: Option<&'a str>,
    pub docs: Docs,
    pub patch_path: Option<&'a str>,
    pub build_path: Option<&'a str>,
    pub unrendered_config: Empty,
    pub created_at: f64,
    pub relation_name: Option<&'a str>,
    pub raw_code: String,
}

#[derive(Debug, Serialize)]
pub struct Checksum {
    pub name: &'static str,
    pub checksum: String,
}

#[derive(Debug, Serialize)]
pub struct Docs {
    pub show: bool,
}

#[derive(Debug, Serialize)]
pub struct Column<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub meta: Empty,
    pub data_type: Option<&'a str>,
    pub constraints: Vec<Value>,
    pub quote: Option<bool>,
    pub tags: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct DependsOn {
    pub macros: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
pub struct Sql {
    pub language: &'static str,
    pub refs: Vec<Ref>,
    pub sources: Vec<Vec<String>>,
    pub metrics: Vec<Vec<String>>,
    pub compiled_path: Option<String>,
    pub compiled: bool,
    pub compiled_code: Option<String>,
    pub extra_ctes_injected: bool,
    pub extra_ctes: Vec<Value>,
    pub contract: Contract,
}

#[derive(Debug, Serialize)]
pub struct Ref {
    pub name: String,
    pub package: Option<String>,
    pub version: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Contract {
    pub enforced: bool,
    pub alias_types: bool,
    pub checksum: Option<String>,
}

#[derive(Debug, Default, Serialize)]
pub struct Model {
    pub access: &'static str,
    pub constraints: Vec<Value>,
    pub version: Option<String>,
    pub latest_version: Option<String>,
    pub deprecation_date: Option<String>,
    pub primary_key: Vec<String>,
    pub time_spine: Option<()>,
}

#[derive(Debug, Default, Serialize)]
pub struct Test {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_key_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached_node: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_metadata: Option<TestMetadata>,
}

#[derive(Debug, Serialize)]
pub struct TestMetadata {
    pub name: String,
    pub kwargs: Map<String, Value>,
    pub namespace: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Source<'a> {
    pub database: Option<&'a str>,
    pub schema: &'a str,
    pub name: &'a str,
    pub resource_type: &'static str,
    pub package_name: &'a str,
    pub path: &'a str,
    pub original_file_path: &'a str,
    pub unique_id: String,
    pub fqn: Vec<String>,
    pub source_name: &'a str,
    pub source_description: &'static str,
    pub loader: &'static str,
    pub identifier: &'a str,
    pub quoting: Empty,
    pub loaded_at_field: Option<&'a str>,
    pub freshness: Option<()>,
    pub external: Option<()>,
    pub description: &'a str,
    pub columns: BTreeMap<&'a str, Column<'a>>,
    pub meta: &'a Map<String, Value>,
    pub source_meta: Empty,
    pub tags: &'a [String],
    pub config: Map<String, Value>,
    pub patch_path: Option<&'a str>,
    pub unrendered_config: Empty,
    pub relation_name: Option<&'a str>,
    pub created_at: f64,
}
