//! The YAML beside models: `models:`, `seeds:`, `sources:` and `loads:`, dbt's own layout with
//! goldsmith's loads added. Gives what the file says of each name; `load` joins it to the files.

use std::sync::Arc;

use serde_json::Map;

use super::load::load;
use super::section::{Section, Unknown};
use super::tests::{DeclaredTest, declared};
use super::yaml::{self, Value, Yaml};
use crate::nouns::{Column, Load, Origin};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// All that a YAML file says.
#[derive(Debug, Default)]
pub struct Properties {
    /// Names that the file describes.
    pub described: Vec<Described>,
    /// Names of dbt's `sources:`.
    pub source_names: Vec<String>,
}

/// What a YAML file says of one name.
#[derive(Debug)]
pub struct Described {
    /// The list that it stands in.
    pub list: List,
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What it is for.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Free facts.
    pub meta: Map<String, serde_json::Value>,
    /// dbt's `config:`.
    pub config: Map<String, serde_json::Value>,
    /// Declared columns.
    pub columns: Vec<Column>,
    /// Tests of the node and of its columns.
    pub tests: Vec<DeclaredTest>,
    /// What belongs to a load alone.
    pub load: Option<Load>,
    /// A load's whole entry, as it stands there.
    pub declared: Map<String, serde_json::Value>,
}

/// The lists of a YAML file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `models:`; scripts are described here as well.
    Models,
    /// `seeds:`.
    Seeds,
    /// `loads:`.
    Loads,
    /// The tables of `sources:`.
    Sources,
    /// `data_tests:` or `tests:` at the top: settings of singular tests.
    Tests,
}

/// Reads a YAML file that stands beside models, loads or seeds.
pub fn properties(file: &Arc<SourceFile>, out: &mut Vec<Diagnostic>) -> Properties {
    let tree = match yaml::parse(file) {
        Ok(tree) => tree,
        Err(error) => {
            out.push(error);
            return Properties::default();
        }
    };
    let mut section = Section::open(file, "this file", &tree, out);
    section.get("version");
    let mut found = Properties::default();
    for (list, key) in [
        (List::Models, "models"),
        (List::Seeds, "seeds"),
        (List::Loads, "loads"),
        (List::Tests, "data_tests"),
    ] {
        for entry in section.list(key, out) {
            found.described.extend(described(file, list, entry, out));
        }
    }
    for source in section.list("sources", out) {
        sources(file, source, &mut found, out);
    }
    section.get("macros");
    section.finish(Unknown::Warning, out);
    found
}

fn sources(file: &Arc<SourceFile>, source: &Yaml, found: &mut Properties, out: &mut Vec<Diagnostic>) {
    let mut section = Section::open(file, "a source", source, out);
    let Some((name, _)) = section.required_text("name", out) else { return };
    let schema = section.text("schema", out);
    for known in
        ["description", "database", "loader", "meta", "tags", "config", "freshness", "loaded_at_field"]
    {
        section.get(known);
    }
    for table in section.list("tables", out) {
        let Some(mut described) = described(file, List::Sources, table, out) else { continue };
        if let Some(schema) = &schema {
            described.config.entry("schema").or_insert_with(|| schema.clone().into());
        }
        found.described.push(described);
    }
    section.finish(Unknown::Warning, out);
    found.source_names.push(name);
}

fn described(
    file: &Arc<SourceFile>,
    list: List,
    entry: &Yaml,
    out: &mut Vec<Diagnostic>,
) -> Option<Described> {
    let what = match list {
        List::Models => "a model",
        List::Seeds => "a seed",
        List::Loads => "a load",
        List::Sources => "a source's table",
        List::Tests => "a test",
    };
    let mut section = Section::open(file, what, entry, out);
    let (name, span) = section.required_text("name", out)?;
    let mut tags = section.texts("tags", out).unwrap_or_default();
    let mut meta = section.json_map("meta", out);
    let mut config = section.json_map("config", out);
    match config.remove("tags") {
        Some(serde_json::Value::String(tag)) => tags.push(tag),
        Some(serde_json::Value::Array(more)) => {
            tags.extend(more.iter().filter_map(|t| t.as_str().map(str::to_owned)));
        }
        _ => {}
    }
    if let Some(serde_json::Value::Object(more)) = config.get("meta") {
        meta.extend(more.clone());
    }
    if let Some(identifier) = section.text("identifier", out) {
        config.insert("alias".into(), identifier.into());
    }
    let mut tests = Vec::new();
    let columns = columns(file, &name, &mut section, &mut tests, out);
    tests.extend(
        declared_tests(&mut section, out)
            .filter_map(|tree| declared(file, &name, None, tree, out))
            .collect::<Vec<_>>(),
    );
    let load = match list {
        List::Loads => load(file, &mut section, out),
        List::Sources => Some(Load::new(Origin::External, span)),
        _ => None,
    };
    let description = section.text("description", out).unwrap_or_default();
    for known in ["docs", "access", "latest_version", "loaded_at_field", "freshness", "quoting"] {
        section.get(known);
    }
    let unknown = if list == List::Loads { Unknown::Error } else { Unknown::Warning };
    section.finish(unknown, out);
    if list == List::Loads && load.is_none() {
        return None;
    }
    let declared = match entry.to_json() {
        serde_json::Value::Object(entry) if load.is_some() => entry,
        _ => Map::new(),
    };
    Some(Described { list, name, span, description, tags, meta, config, columns, tests, load, declared })
}

fn columns(
    file: &Arc<SourceFile>,
    on: &str,
    section: &mut Section<'_>,
    tests: &mut Vec<DeclaredTest>,
    out: &mut Vec<Diagnostic>,
) -> Vec<Column> {
    let mut columns = Vec::new();
    for entry in section.list("columns", out) {
        let mut column = Section::open(file, "a column", entry, out);
        let Some((name, _)) = column.required_text("name", out) else { continue };
        let trees: Vec<&Yaml> = declared_tests(&mut column, out).collect();
        tests.extend(trees.into_iter().filter_map(|tree| declared(file, on, Some(&name), tree, out)));
        columns.push(Column {
            name,
            data_type: column.text("data_type", out),
            description: column.text("description", out).unwrap_or_default(),
            is_ignored: ignored(file, &mut column, out),
        });
        for known in ["meta", "tags", "quote", "constraints"] {
            column.get(known);
        }
        column.finish(Unknown::Warning, out);
    }
    columns
}

/// Whether checksums leave a column out: `config: { checksum: ignore }`, which dbt passes over.
fn ignored(file: &Arc<SourceFile>, column: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> bool {
    let Some(config) = column.get("config").filter(|tree| matches!(tree.value, Value::Map(_))) else {
        return false;
    };
    let mut config = Section::open(file, "`config`", config, &mut Vec::new());
    let Some((word, span)) = config.spanned_text("checksum", out) else { return false };
    if word != "ignore" {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`checksum: {word}` is not known"))
                .at(file, span)
                .help("write `checksum: ignore`, or leave it away"),
        );
    }
    word == "ignore"
}

/// The entries of `data_tests:` and of its old name `tests:`.
fn declared_tests<'a>(
    section: &mut Section<'a>,
    out: &mut Vec<Diagnostic>,
) -> impl Iterator<Item = &'a Yaml> + use<'a> {
    let new = section.list("data_tests", out);
    new.iter().chain(section.list("tests", out))
}
