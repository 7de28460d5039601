//! `project.yml`: one source system's name, owner, database, schemas and schedule.

use std::sync::Arc;

use camino::Utf8Path;
use serde_json::Map;

use super::freshness::freshness;
use super::levels::levels;
use super::publications::publications;
use super::schedule::schedule;
use super::section::{Section, Unknown};
use super::yaml;
use crate::nouns::{BusinessDate, Owns, Project, Schemas};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// A project as `project.yml` describes it, and the defaults that it sets for its nodes.
pub struct ProjectConfig {
    /// The project, still without nodes.
    pub project: Project,
    /// `defaults:`, put under the `config:` of every model.
    pub defaults: Map<String, serde_json::Value>,
    /// `paths:`: folders by role, where they differ from the usual layout.
    pub paths: Map<String, serde_json::Value>,
}

/// Reads `project.yml`. `None` when it is no YAML at all.
pub fn project(
    folder: &Utf8Path,
    file: &Arc<SourceFile>,
    out: &mut Vec<Diagnostic>,
) -> Option<ProjectConfig> {
    let tree = yaml::parse(file).map_err(|e| out.push(e)).ok()?;
    let mut section = Section::open(file, "project.yml", &tree, out);
    let folder_name = folder.file_name().unwrap_or("project").to_owned();
    let name = section.required_text("name", out);
    if let Some((name, span)) = &name
        && !is_project_name(name)
    {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`{name}` can't be a project's name"))
                .at(file, *span)
                .help("use letters, digits, `_` and `-`: the name is typed on command lines"),
        );
    }
    let name = name.map_or(folder_name, |(name, _)| name);
    let dialect = section.spanned_text("dialect", out).and_then(|(word, span)| {
        word.parse()
            .map_err(|message: String| out.push(Diagnostic::new(Code::InvalidYaml, message).at(file, span)))
            .ok()
    });
    let project = Project {
        database: section.text("database", out).unwrap_or_else(|| format!("{name}_dwh")),
        name,
        folder: folder.to_owned(),
        file: Arc::clone(file),
        owner: section.text("owner", out),
        description: section.text("description", out).unwrap_or_default(),
        owns: owns(&mut section, file, out),
        dialect,
        schemas: schemas(&mut section, out),
        schedule: schedule(file, &mut section, out),
        freshness: freshness(file, &mut section, out).unwrap_or_default(),
        publications: publications(file, &mut section, out),
        business_date: business_date(file, &mut section, out),
        public: section.texts("public", out),
        lint: levels(&mut section, file, false, out),
        vars: section.json_map("vars", out),
        source_names: Vec::new(),
        bronze: folder.join("bronze"),
        yaml: Vec::new(),
        macros: Vec::new(),
        nodes: Vec::new(),
    };
    let defaults = section.json_map("defaults", out);
    let paths = section.section("paths", out).map(|named| paths(named, out)).unwrap_or_default();
    section.finish(Unknown::Error, out);
    Some(ProjectConfig { project, defaults, paths })
}

/// The place of `name:` in a `project.yml`, for messages about the project as a whole.
#[must_use]
pub fn name_span(file: &Arc<SourceFile>) -> Span {
    yaml::parse(file).map_or_else(
        |_| Span::default(),
        |tree| Section::open(file, "project.yml", &tree, &mut Vec::new()).key_span("name"),
    )
}

/// Folders by role; a role can have several.
fn paths(mut section: Section<'_>, out: &mut Vec<Diagnostic>) -> Map<String, serde_json::Value> {
    let mut paths = Map::new();
    for role in ["bronze", "silver", "operational", "financial", "init", "seeds", "macros", "tests"] {
        if let Some(folders) = section.texts(role, out) {
            paths.insert(role.to_owned(), folders.into());
        }
    }
    section.finish(Unknown::Error, out);
    paths
}

/// `business_date: today | previous_day`
fn business_date(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> BusinessDate {
    let Some((word, span)) = section.spanned_text("business_date", out) else { return BusinessDate::Today };
    BusinessDate::from_word(&word).unwrap_or_else(|| {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("there is no business date `{word}`"))
                .at(file, span)
                .help("write `today` or `previous_day`"),
        );
        BusinessDate::Today
    })
}

/// Patterns of schemas that the project owns.
fn owns(section: &mut Section<'_>, file: &Arc<SourceFile>, out: &mut Vec<Diagnostic>) -> Vec<Owns> {
    let mut owns = Vec::new();
    for (text, span) in section.spanned_texts("owns", out) {
        let parts: Vec<&str> = text.split('.').collect();
        if parts.len() > 2 || parts.iter().any(|p| p.trim().is_empty()) || text.len() > 256 {
            out.push(
                Diagnostic::new(Code::InvalidYaml, format!("`{text}` is no pattern of schemas"))
                    .at(file, span)
                    .help("write `database.schema` or `schema`, such as `shared_dwh.sf_*`"),
            );
        } else {
            owns.push(Owns::new(&text, span));
        }
    }
    owns
}

fn schemas(section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Schemas {
    let mut schemas = Schemas::default();
    if let Some(mut named) = section.section("schemas", out) {
        for (key, slot) in [
            ("bronze", &mut schemas.bronze),
            ("silver", &mut schemas.silver),
            ("operational", &mut schemas.operational),
            ("financial", &mut schemas.financial),
        ] {
            if let Some(name) = named.text(key, out) {
                *slot = name;
            }
        }
        named.finish(Unknown::Error, out);
    }
    schemas
}

/// Whether a name can be typed without quotes and used as a file's name everywhere.
/// Whether a project can have this name.
#[must_use]
pub fn is_project_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
