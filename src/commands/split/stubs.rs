//! What a project imports, as empty tables of the same shape: a small platform that makes them in a warehouse of
//! its own, so that the project can be tried without the others.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use camino::Utf8PathBuf;
use serde_json::json;

use crate::commands::session::Session;
use crate::commands::warehouse::{Purpose, open};
use crate::graph::Index;
use crate::lineage;
use crate::nouns::{Body, Origin, Project};
use crate::sql::quote;
use crate::warehouse::Catalog;
use crate::words::{Dialect, RelationName};

/// A relation that a project imports.
pub(super) struct Imported {
    /// The project that offers it.
    pub(super) owner: String,
    /// `schema.name`
    pub(super) relation: RelationName,
    /// Names with types, where they are known.
    pub(super) columns: Vec<(String, Option<String>)>,
}

/// What a project imports, with the columns that the warehouse or the files tell.
pub(super) fn imported(session: &Session, project: &str) -> Vec<Imported> {
    let graph = &session.graph;
    let loads: Vec<Index> = graph
        .indices()
        .filter(|i| graph.node(*i).node.project == project && origin(session, *i).is_some())
        .collect();
    // Without a warehouse the files have to do.
    let opened = open(session, &loads.iter().copied().collect::<HashSet<_>>(), Purpose::Look, Duration::ZERO);
    let catalog = opened.map(|opened| opened.catalog).unwrap_or_default();
    let lineage = session.lineage(&graph.order());
    let mut found: BTreeMap<(String, String), Imported> = BTreeMap::new();
    for (index, (owner, relation)) in loads.iter().filter_map(|i| Some((*i, origin(session, *i)?))) {
        let full = graph.node(index).touches.iter().map(|t| &t.relation).find(|r| {
            r.name.eq_ignore_ascii_case(&relation.name) && graph.node(index).relation.as_ref() != Some(r)
        });
        let columns = full.map(|full| columns(full, &catalog, &lineage)).unwrap_or_default();
        let key = (owner.clone(), relation.to_string());
        found.entry(key).or_insert(Imported { owner, relation, columns });
    }
    found.into_values().collect()
}

fn origin(session: &Session, index: Index) -> Option<(String, RelationName)> {
    match &session.graph.node(index).node.body {
        Body::Load(load) => match &load.origin {
            Origin::Import { project, relation, .. } => Some((project.clone(), relation.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn columns(
    full: &RelationName,
    catalog: &Catalog,
    lineage: &lineage::Platform,
) -> Vec<(String, Option<String>)> {
    if let Some(relation) = catalog.get(full) {
        return relation.columns.iter().map(|(name, kind)| (name.clone(), Some(kind.clone()))).collect();
    }
    let known = lineage.known.columns(full).unwrap_or_default();
    known.into_iter().map(|name| (name.to_owned(), None)).collect()
}

/// The files of the small platform, by their path in it. Relations of which no column is known are left out.
pub(super) fn files(session: &Session, project: &str, imported: &[Imported]) -> Vec<(Utf8PathBuf, String)> {
    let platform = &session.graph.analysis().platform;
    let head = "# Stands in for what is imported: `goldsmith --platform stubs run`, then `goldsmith run --target stub`.\n";
    let settings = format!(
        "{head}name: stubs\ndefault_target: stub\ntimezone: {}\ntargets:\n  stub: {{ type: duckdb, path: warehouse }}\n",
        json!(platform.timezone)
    );
    let mut files = vec![
        (Utf8PathBuf::from("goldsmith.yml"), settings),
        (Utf8PathBuf::from(".gitignore"), "warehouse/\ntarget/\n".to_owned()),
    ];
    let mut owners: BTreeMap<&str, Vec<&Imported>> = BTreeMap::new();
    for one in imported.iter().filter(|i| !i.columns.is_empty()) {
        owners.entry(&one.owner).or_default().push(one);
    }
    for (owner, relations) in owners {
        let there = platform.projects.iter().find(|p| p.name == owner);
        let folder = Utf8PathBuf::from("projects").join(owner);
        files.push((folder.join("project.yml"), settings_of(owner, there, project, &relations)));
        for (n, one) in relations.iter().enumerate() {
            files.push((folder.join(format!("silver/stub_{}.sql", n + 1)), model(one)));
        }
    }
    files
}

fn settings_of(owner: &str, there: Option<&Project>, project: &str, relations: &[&Imported]) -> String {
    let public: Vec<String> = relations.iter().map(|r| name(&r.relation)).collect();
    let who =
        there.and_then(|p| p.owner.as_ref()).map(|o| format!("owner: {}\n", json!(o))).unwrap_or_default();
    let schemas = there.map(|p| &p.schemas).map(|s| {
        let (bronze, silver, operational, financial) = (&s.bronze, &s.silver, &s.operational, &s.financial);
        let all =
            json!({ "bronze": bronze, "silver": silver, "operational": operational, "financial": financial });
        format!("schemas: {all}\n")
    });
    format!(
        "name: {owner}\n{who}description: {}\ndatabase: {}\ndialect: duckdb\nschedule: {{ daily: \"0 1 * * *\" }}\n{}public: {}\n",
        json!(format!("What {project} imports from {owner}, without rows.")),
        json!(format!("{owner}_dwh")),
        schemas.unwrap_or_default(),
        json!(public),
    )
}

/// `schema.name`
fn name(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name)
}

fn model(one: &Imported) -> String {
    let columns: Vec<String> = one
        .columns
        .iter()
        .map(|(name, kind)| {
            let kind = kind.as_deref().unwrap_or("VARCHAR");
            format!("    CAST(NULL AS {kind}) AS {}", quote(Dialect::DuckDb, name))
        })
        .collect();
    let schema = json!(one.relation.schema.as_deref().unwrap_or_default());
    format!(
        "{{{{ config(materialized='table', schema={schema}, alias={}) }}}}\n{{% raw %}}SELECT\n{}\nWHERE false{{% endraw %}}\n",
        json!(one.relation.name),
        columns.join(",\n")
    )
}
