//! Makes a project of an existing dbt project: its files in the folders of their layers, and a list of what
//! could not be taken over.

use std::fmt::Write;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::template::{Content, read};
use super::{Answers, Files};
use crate::config::{self, DbtProject, DbtSetting, scalar};
use crate::words::{Code, Diagnostic, SourceFile};

/// The file that makes a folder a dbt project.
const SETTINGS: &str = "dbt_project.yml";

/// Folders, and beginnings of names, of what is cleansed and not yet a report.
const SILVER: [&str; 9] =
    ["staging", "stg", "base", "intermediate", "int", "silver", "cleansed", "core", "prep"];

/// A dbt project, read.
#[derive(Debug)]
pub struct Dbt {
    /// Its name.
    pub name: String,
    /// What could not be taken over.
    pub told: Vec<Diagnostic>,
    project: DbtProject,
    files: Vec<(Utf8PathBuf, Content)>,
}

impl Dbt {
    /// Reads the project in a folder.
    ///
    /// # Errors
    /// Files that can't be read, and a folder that holds no dbt project.
    pub fn read(folder: &Utf8Path) -> Result<Self, Vec<Diagnostic>> {
        let absent = |why: &str| {
            let what = Diagnostic::new(
                Code::UnreadableFile,
                format!("there is no dbt project in `{folder}`: {why}"),
            );
            vec![what.help("name the folder that holds dbt_project.yml")]
        };
        if !folder.join(SETTINGS).is_file() {
            return Err(absent("it holds no dbt_project.yml"));
        }
        let mut told = Vec::new();
        let settings = text_of(folder, Utf8Path::new(SETTINGS))?;
        let Some(project) = config::dbt_project(&settings, &mut told) else {
            return Err(if told.is_empty() { absent("its dbt_project.yml has no `name:`") } else { told });
        };
        let mut files = Vec::new();
        for part in project.folders() {
            if folder.join(part).is_dir() {
                let below = read(Utf8Path::new(""), &folder.join(part))?;
                files.extend(
                    below.into_iter().map(|(path, content)| (Utf8Path::new(part).join(path), content)),
                );
            }
        }
        for name in ["packages.yml", "dependencies.yml"] {
            if folder.join(name).is_file() {
                let file = text_of(folder, Utf8Path::new(name))?;
                told.extend(packages(&file));
            }
        }
        Ok(Self { name: project.name.clone(), told, project, files })
    }

    /// The files of the project that it becomes.
    pub fn files(&mut self, answers: &Answers) -> Files {
        let mut files = Files::new();
        files.insert("project.yml".into(), self.settings(answers).into_bytes());
        for (path, content) in std::mem::take(&mut self.files) {
            let Some(to) = self.place(&path, &content) else { continue };
            if files.contains_key(&to) {
                self.lose(&path, &content, &format!("another file is taken over as `{to}`"));
                continue;
            }
            let bytes = match content {
                Content::Text(file) if self.is_model(&path) => self.model(&path, file.text()).into_bytes(),
                content => content.into_bytes(),
            };
            files.insert(to, bytes);
        }
        files
    }

    /// Where a file goes; `None` for what is not taken over, which is told.
    fn place(&mut self, path: &Utf8Path, content: &Content) -> Option<Utf8PathBuf> {
        let name = path.file_name().unwrap_or_default();
        if name.starts_with('.') {
            return None;
        }
        let below = |folders: &[String]| folders.iter().find_map(|folder| path.strip_prefix(folder).ok());
        if below(&self.project.others).is_some() {
            self.lose(path, content, "goldsmith has no snapshots and no analyses");
            return None;
        }
        if let Some(rest) = below(&self.project.macros) {
            return Some(Utf8Path::new("macros").join(rest));
        }
        if let Some(rest) = below(&self.project.seeds) {
            return Some(Utf8Path::new("seeds").join(rest));
        }
        if let Some(rest) = below(&self.project.tests) {
            return Some(Utf8Path::new("tests").join(rest));
        }
        let rest = below(&self.project.models)?;
        if !matches!(path.extension(), Some("sql" | "yml" | "yaml" | "md")) {
            self.lose(path, content, "models are SQL");
            return None;
        }
        Some(Utf8Path::new(layer(rest)).join(rest))
    }

    fn lose(&mut self, path: &Utf8Path, content: &Content, why: &str) {
        let what = Diagnostic::new(Code::UnsupportedKey, format!("not taken over: `{path}`")).help(why);
        self.told.push(match content {
            Content::Text(file) => what.at(file, file.line_span(1)),
            Content::Bytes(_) => what,
        });
    }

    fn is_model(&self, path: &Utf8Path) -> bool {
        path.extension() == Some("sql") && self.project.models.iter().any(|folder| path.starts_with(folder))
    }

    /// A model with what `dbt_project.yml` says of its folder.
    fn model(&self, path: &Utf8Path, text: &str) -> String {
        let rest =
            self.project.models.iter().find_map(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
        let parts: Vec<&str> = rest.components().map(|c| c.as_str().trim_end_matches(".sql")).collect();
        let mut settings: Vec<(&str, Value)> = Vec::new();
        let is_here = |setting: &&DbtSetting| {
            !setting.folder.is_empty()
                && setting.folder.len() <= parts.len()
                && setting.folder.iter().zip(&parts).all(|(a, b)| a == b)
        };
        for setting in self.project.settings.iter().filter(is_here) {
            let value = match (setting.key.as_str(), settings.iter().find(|(key, _)| *key == setting.key)) {
                ("tags", Some((_, outer))) => together(outer, &setting.value),
                _ => setting.value.clone(),
            };
            settings.retain(|(key, _)| *key != setting.key);
            settings.push((&setting.key, value));
        }
        settings.retain(|(key, _)| *key == "tags" || !says(text, key));
        if settings.is_empty() {
            return text.to_owned();
        }
        let arguments: Vec<String> =
            settings.iter().map(|(key, value)| format!("{key}={}", literal(value))).collect();
        format!("{{{{ config({}) }}}}\n{text}", arguments.join(", "))
    }

    /// `project.yml`
    fn settings(&self, answers: &Answers) -> String {
        let mut text = format!("{}schedule: {{ daily: {} }}\n", answers.head(), scalar(&answers.daily));
        if !self.project.vars.is_empty() {
            text.push_str("vars:\n");
            for (name, value) in &self.project.vars {
                let _ = writeln!(text, "  {}: {value}", scalar(name));
            }
        }
        let outer: Vec<&DbtSetting> = self.project.settings.iter().filter(|s| s.folder.is_empty()).collect();
        if !outer.is_empty() {
            text.push_str("defaults:\n");
            for setting in outer {
                let _ = writeln!(text, "  {}: {}", setting.key, setting.value);
            }
        }
        text
    }
}

impl DbtProject {
    fn folders(&self) -> impl Iterator<Item = &String> {
        self.models.iter().chain(&self.seeds).chain(&self.macros).chain(&self.tests).chain(&self.others)
    }
}

fn text_of(folder: &Utf8Path, path: &Utf8Path) -> Result<Arc<SourceFile>, Vec<Diagnostic>> {
    let shown = folder.join(path);
    let text = fs_err::read_to_string(&shown).map_err(|error| {
        vec![Diagnostic::new(Code::UnreadableFile, format!("`{shown}` can't be read: {error}"))]
    })?;
    Ok(SourceFile::new(shown, text, crate::words::Encoding::Utf8))
}

/// The layer's folder of a file below the models' own, by the names of its folders, else by its own.
fn layer(path: &Utf8Path) -> &'static str {
    let mut folders =
        path.parent().into_iter().flat_map(Utf8Path::components).map(|c| c.as_str().to_lowercase());
    let is_silver = |word: &str| SILVER.contains(&word);
    let name = path.file_name().unwrap_or_default().to_lowercase();
    let begins = name.trim_start_matches('_').split('_').next().unwrap_or_default();
    let described = path.extension() != Some("sql");
    if folders.any(|folder| is_silver(&folder))
        || (path.components().count() == 1 && (is_silver(begins) || described))
    {
        "silver"
    } else {
        "gold/operational"
    }
}

/// Each package that the project takes in.
fn packages(file: &Arc<SourceFile>) -> Vec<Diagnostic> {
    let named = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        let keys = ["package:", "git:", "local:", "tarball:"];
        let name = keys.iter().find_map(|key| line.strip_prefix(key))?;
        Some(name.trim().trim_matches(['"', '\'']).to_owned())
    };
    let lines = file.text().lines().enumerate().filter_map(|(nth, line)| Some((nth, named(line)?)));
    lines
        .map(|(nth, what)| {
            Diagnostic::new(Code::UnsupportedKey, format!("not taken over: the package `{what}`"))
                .at(file, file.line_span(nth + 1))
                .help("copy the macros that are called into macros/")
        })
        .collect()
}

fn together(outer: &Value, inner: &Value) -> Value {
    let list = |value: &Value| match value {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    Value::Array([list(outer), list(inner)].concat())
}

/// Whether a model's own `config()` names a setting.
fn says(text: &str, key: &str) -> bool {
    text.match_indices("config(").any(|(at, _)| {
        let call = &text[at..];
        let call = call.split_once(')').map_or(call, |(call, _)| call);
        call.match_indices(key).any(|(at, _)| call[at + key.len()..].trim_start().starts_with('='))
    })
}

/// A value as Jinja has it.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        Value::Array(all) => format!("[{}]", all.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{layer, says};

    #[test]
    fn folders_give_layers() {
        for (path, expected) in [
            ("staging/stg_a.sql", "silver"),
            ("shop/staging/a.sql", "silver"),
            ("stg_a.sql", "silver"),
            ("int_a.sql", "silver"),
            ("schema.yml", "silver"),
            ("marts/staging_report.sql", "gold/operational"),
            ("marts/schema.yml", "gold/operational"),
            ("customers.sql", "gold/operational"),
        ] {
            assert_eq!(layer(path.into()), expected, "{path}");
        }
    }

    #[test]
    fn a_models_own_settings_are_seen() {
        assert!(says("{{ config(\n  materialized = 'view') }}", "materialized"));
        assert!(!says("{{ config(tags='materialized') }} select materialized = 1", "materialized"));
    }
}
