//! `dbt_project.yml`: what of an existing dbt project says where its files lie and how its models are built.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::Map;

use super::yaml::{self, Key, Value, Yaml};
use crate::words::{Code, Diagnostic, SourceFile, Span, folder_below};

/// Keys of dbt's that say nothing about models, and that nothing is lost without.
const QUIET: [&str; 9] = [
    "config-version",
    "version",
    "profile",
    "require-dbt-version",
    "target-path",
    "clean-targets",
    "log-path",
    "packages-install-path",
    "docs-paths",
];

/// Settings of models that goldsmith has no need of.
const QUIET_SETTINGS: [&str; 5] = ["docs", "persist_docs", "grants", "on_schema_change", "full_refresh"];

/// Settings of models that goldsmith knows under the same name.
const SETTINGS: [&str; 8] = [
    "materialized",
    "tags",
    "enabled",
    "alias",
    "unique_key",
    "incremental_strategy",
    "pre_hook",
    "post_hook",
];

/// A setting of all models below a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct DbtSetting {
    /// The folder below the models' own, part by part.
    pub folder: Vec<String>,
    /// The setting.
    pub key: String,
    /// Its value.
    pub value: serde_json::Value,
}

/// A dbt project.
#[derive(Debug, Clone, Default)]
pub struct DbtProject {
    /// Its name.
    pub name: String,
    /// The folders of its models.
    pub models: Vec<String>,
    /// The folders of its seeds.
    pub seeds: Vec<String>,
    /// The folders of its macros.
    pub macros: Vec<String>,
    /// The folders of its tests.
    pub tests: Vec<String>,
    /// Folders of what goldsmith has not: snapshots, analyses.
    pub others: Vec<String>,
    /// Its variables.
    pub vars: Map<String, serde_json::Value>,
    /// Settings of its models, outer folders first.
    pub settings: Vec<DbtSetting>,
}

/// Reads it; what goldsmith can't take over is told, at its place.
#[must_use]
pub fn dbt_project(file: &Arc<SourceFile>, out: &mut Vec<Diagnostic>) -> Option<DbtProject> {
    let tree = yaml::parse(file).map_err(|error| out.push(error)).ok()?;
    let Value::Map(entries) = &tree.value else { return None };
    let text = |name: &str| {
        entries.iter().find(|(key, _)| key.text == name).and_then(|(_, value)| match &value.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    let mut project = DbtProject { name: text("name")?, ..DbtProject::default() };
    for (folders, key, usual) in [
        (&mut project.models, "model-paths", "models"),
        (&mut project.seeds, "seed-paths", "seeds"),
        (&mut project.macros, "macro-paths", "macros"),
        (&mut project.tests, "test-paths", "tests"),
    ] {
        *folders = paths(file, entries, key, usual, out);
    }
    for (key, usual) in [("snapshot-paths", "snapshots"), ("analysis-paths", "analyses")] {
        project.others.extend(paths(file, entries, key, usual, out));
    }
    for (key, value) in entries {
        match (key.text.as_str(), &value.value) {
            ("vars", Value::Map(vars)) => project.vars = variables(vars, &project.name),
            ("models", Value::Map(settings)) => {
                for (inner, value) in settings {
                    match &value.value {
                        Value::Map(own) if inner.text == project.name => {
                            project.read(file, own, &mut Vec::new(), out);
                        }
                        Value::Map(_) if !inner.text.starts_with('+') => {
                            out.push(lost(
                                file,
                                inner.span,
                                &format!("settings of the package `{}`", inner.text),
                            ));
                        }
                        _ => project.read(
                            file,
                            std::slice::from_ref(&(inner.clone(), value.clone())),
                            &mut Vec::new(),
                            out,
                        ),
                    }
                }
            }
            (
                "name" | "model-paths" | "seed-paths" | "macro-paths" | "test-paths" | "snapshot-paths"
                | "analysis-paths",
                _,
            ) => {}
            ("seeds", Value::Map(seeds)) if is_quiet(seeds) => {}
            (name, _) if QUIET.contains(&name) => {}
            (name, _) => out.push(lost(file, key.span, &format!("`{name}`"))),
        }
    }
    Some(project)
}

impl DbtProject {
    fn read(
        &mut self,
        file: &Arc<SourceFile>,
        entries: &[(Key, Yaml)],
        folder: &mut Vec<String>,
        out: &mut Vec<Diagnostic>,
    ) {
        for (key, value) in entries {
            let plain = key.text.trim_start_matches('+').replace('-', "_");
            let is_setting = key.text.starts_with('+') || !matches!(value.value, Value::Map(_));
            if !is_setting && !QUIET_SETTINGS.contains(&plain.as_str()) {
                if let Value::Map(inner) = &value.value {
                    folder.push(key.text.clone());
                    self.read(file, inner, folder, out);
                    folder.pop();
                }
            } else if plain == "schema" {
                let what = format!("`{}`", key.text);
                out.push(
                    lost(file, key.span, &what)
                        .help("a model's folder gives its layer, and the layer its schema"),
                );
            } else if has_jinja(value) {
                out.push(
                    lost(file, key.span, &format!("`{}`, as it has Jinja in it", key.text))
                        .help("write it in config() of the models that it is for"),
                );
            } else if SETTINGS.contains(&plain.as_str()) {
                self.settings.push(DbtSetting { folder: folder.clone(), key: plain, value: value.to_json() });
            } else if !QUIET_SETTINGS.contains(&plain.as_str()) {
                out.push(lost(file, key.span, &format!("the setting `{}`", key.text)));
            }
        }
        // What is said further out is said first.
        self.settings.sort_by_key(|setting| setting.folder.len());
    }
}

/// That something is not taken over.
fn lost(file: &Arc<SourceFile>, span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::UnsupportedKey, format!("not taken over: {what}")).at(file, span)
}

fn has_jinja(value: &Yaml) -> bool {
    let text = value.to_json().to_string();
    text.contains("{{") || text.contains("{%")
}

fn is_quiet(entries: &[(Key, Yaml)]) -> bool {
    entries.iter().all(|(key, value)| {
        QUIET_SETTINGS.contains(&key.text.trim_start_matches('+'))
            || matches!(&value.value, Value::Map(inner) if is_quiet(inner))
    })
}

/// Folders below the project's own; others are not walked, and told.
fn paths(
    file: &Arc<SourceFile>,
    entries: &[(Key, Yaml)],
    key: &str,
    usual: &str,
    out: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let Some((_, value)) = entries.iter().find(|(k, _)| k.text == key) else { return vec![usual.to_owned()] };
    let items = match &value.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let mut folders = Vec::new();
    for item in items {
        let folder = match &item.value {
            Value::Text(text) => folder_below(text).map(Utf8PathBuf::into_string),
            _ => None,
        };
        match folder {
            Some(folder) => folders.push(folder),
            None => out.push(
                lost(file, item.span, &format!("what lies in this folder of `{key}`"))
                    .help("only folders below the dbt project are read"),
            ),
        }
    }
    folders
}

/// `vars:`: those of all projects, and the own ones over them.
fn variables(entries: &[(Key, Yaml)], own: &str) -> Map<String, serde_json::Value> {
    let mut vars = Map::new();
    for (key, value) in entries {
        match &value.value {
            Value::Map(_) if key.text == own => {}
            _ => drop(vars.insert(key.text.clone(), value.to_json())),
        }
    }
    for (key, value) in entries {
        if let Value::Map(inner) = &value.value
            && key.text == own
        {
            vars.extend(inner.iter().map(|(k, v)| (k.text.clone(), v.to_json())));
        }
    }
    vars
}
