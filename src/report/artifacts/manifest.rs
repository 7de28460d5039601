//! Maps nodes to dbt's `manifest.json`. What dbt has no place for (layer, track, a load's own
//! dependencies) stands under `config.goldsmith`, where the schema allows further keys.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::config;
use super::earlier::{STATE_FORMAT, STATE_KEY};
use super::ids::{resource_type, unique_id};
use super::schemas::manifest::{
    Checksum, Column, Common, Contract, DependsOn, Docs, Manifest, Metadata, Model, Node, Ref, Source, Sql,
    Test, TestMetadata,
};
use super::schemas::{DBT_VERSION, env, stamp};
use super::{Invocation, ManifestNode};
use crate::nouns::{Body, GenericTest, Kind};

const SCHEMA: &str = "https://schemas.getdbt.com/dbt/manifest/v12.json";

type Known<'a> = HashMap<&'a str, &'a ManifestNode<'a>>;

pub fn build<'a>(nodes: &'a [ManifestNode<'a>], invocation: &Invocation) -> Manifest<'a> {
    let known: Known = nodes.iter().map(|n| (n.node.id.as_str(), n)).collect();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
    let created_at = invocation.generated_at.as_millisecond() as f64 / 1000.0;
    let (loads, others): (Vec<_>, Vec<_>) = nodes.iter().partition(|n| n.node.kind() == Kind::Load);
    let (parent_map, child_map) = links(nodes, &known);
    Manifest {
        metadata: Metadata {
            dbt_schema_version: SCHEMA,
            dbt_version: DBT_VERSION,
            generated_at: stamp(invocation.generated_at),
            invocation_id: invocation.id.clone(),
            env: env().into_iter().chain([(STATE_KEY, STATE_FORMAT)]).collect(),
            project_name: invocation.platform.clone(),
            project_id: None,
            user_id: None,
            send_anonymous_usage_stats: false,
            adapter_type: invocation.adapter_type.clone(),
        },
        nodes: others.into_iter().map(|n| (unique_id(n.node), node(n, &known, created_at))).collect(),
        sources: loads.into_iter().map(|n| (unique_id(n.node), source(n, &known, created_at))).collect(),
        macros: BTreeMap::new(),
        docs: BTreeMap::new(),
        exposures: BTreeMap::new(),
        metrics: BTreeMap::new(),
        groups: BTreeMap::new(),
        selectors: BTreeMap::new(),
        disabled: BTreeMap::new(),
        parent_map,
        child_map,
        group_map: BTreeMap::new(),
        saved_queries: BTreeMap::new(),
        semantic_models: BTreeMap::new(),
        unit_tests: BTreeMap::new(),
    }
}

type Links = BTreeMap<String, Vec<String>>;

/// Who depends on whom, both ways round.
fn links(nodes: &[ManifestNode], known: &Known) -> (Links, Links) {
    let mut children: Links = nodes.iter().map(|n| (unique_id(n.node), Vec::new())).collect();
    let mut parents = Links::new();
    for node in nodes {
        let id = unique_id(node.node);
        let above = parent_ids(node, known);
        for parent in &above {
            children.entry(parent.clone()).or_default().push(id.clone());
        }
        parents.insert(id, above);
    }
    for ids in children.values_mut() {
        ids.sort_unstable();
    }
    (parents, children)
}

/// The ids of those that a node depends on, as far as they are in the manifest, in order and once each.
fn parent_ids(node: &ManifestNode, known: &Known) -> Vec<String> {
    let found = node.depends_on.iter().filter_map(|id| known.get(id.as_str()));
    let mut ids: Vec<String> = found.map(|n| unique_id(n.node)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn node<'a>(input: &'a ManifestNode<'a>, known: &Known, created_at: f64) -> Node<'a> {
    let parents = parent_ids(input, known);
    let (is_sql, is_model) = match input.node.kind() {
        Kind::Seed | Kind::Load => (false, false),
        Kind::Model | Kind::Script | Kind::Definition => (true, true),
        Kind::Test => (true, false),
    };
    Node {
        common: common(input, known, created_at),
        sql: is_sql.then(|| sql(input, known)),
        model: is_model.then(|| Model { access: "protected", ..Model::default() }),
        test: test(input, known),
        depends_on: DependsOn { macros: Vec::new(), nodes: is_sql.then_some(parents) },
    }
}

fn common<'a>(input: &'a ManifestNode<'a>, known: &Known, created_at: f64) -> Common<'a> {
    let node = input.node;
    let relation = input.relation.as_ref();
    let raw_code = raw_code(input);
    let checked = if raw_code.is_empty() { node.file.text() } else { &raw_code };
    Common {
        database: relation.and_then(|r| r.database.as_deref()),
        schema: relation.and_then(|r| r.schema.as_deref()).unwrap_or(""),
        name: &node.name,
        resource_type: resource_type(node.kind()),
        package_name: &node.project,
        path: path_in_project(input),
        original_file_path: node.file.path().as_str(),
        unique_id: unique_id(node),
        fqn: fqn(input),
        alias: relation.map_or(node.name.as_str(), |r| r.name.as_str()),
        checksum: Checksum { name: "sha256", checksum: sha256(checked) },
        config: config::build(input, &parent_ids(input, known)),
        tags: &input.tags,
        description: &node.description,
        columns: columns(input),
        meta: &node.meta,
        group: None,
        docs: Docs { show: true },
        patch_path: None,
        build_path: None,
        unrendered_config: BTreeMap::new(),
        created_at,
        relation_name: input.relation_sql.as_deref(),
        raw_code,
    }
}

/// The code as written. Seeds have none, and generic tests have what dbt writes for them.
fn raw_code(input: &ManifestNode) -> String {
    match &input.node.body {
        Body::Seed | Body::Load(_) | Body::Definition(_) => String::new(),
        Body::Test(test) => match &test.generic {
            Some(generic) => format!("{{{{ test_{}(**_dbt_generic_test_kwargs) }}}}", generic.test),
            None => input.node.file.text().to_owned(),
        },
        Body::Model | Body::Script { .. } => input.node.file.text().to_owned(),
    }
}

fn sql(input: &ManifestNode, known: &Known) -> Sql {
    let parents: Vec<_> = input.depends_on.iter().filter_map(|id| known.get(id.as_str())).collect();
    let (loads, others): (Vec<_>, Vec<_>) = parents.into_iter().partition(|n| n.node.kind() == Kind::Load);
    let reference = |n: &&&ManifestNode| Ref {
        name: n.node.name.clone(),
        package: (n.node.project != input.node.project).then(|| n.node.project.clone()),
        version: None,
    };
    Sql {
        language: "sql",
        refs: others.iter().map(reference).collect(),
        sources: loads.iter().map(|n| vec![n.node.project.clone(), n.node.name.clone()]).collect(),
        metrics: Vec::new(),
        compiled_path: None,
        compiled: input.compiled_code.is_some(),
        compiled_code: input.compiled_code.clone(),
        extra_ctes_injected: input.compiled_code.is_some(),
        extra_ctes: Vec::new(),
        contract: Contract { enforced: false, alias_types: true, checksum: None },
    }
}

fn test(input: &ManifestNode, known: &Known) -> Option<Test> {
    let Body::Test(test) = &input.node.body else { return None };
    let Some(generic) = &test.generic else { return Some(Test::default()) };
    let on = known.get(crate::nouns::node_id(&input.node.project, &generic.on).as_str()).copied();
    // dbt attaches tests to nodes, never to sources.
    let attached = on.filter(|n| n.node.kind() != Kind::Load);
    let section = if on.is_some() && attached.is_none() { "sources" } else { "models" };
    Some(Test {
        column_name: generic.column.clone(),
        file_key_name: Some(format!("{section}.{}", generic.on)),
        attached_node: attached.map(|n| unique_id(n.node)),
        test_metadata: Some(metadata(generic, on)),
    })
}

fn metadata(generic: &GenericTest, on: Option<&ManifestNode>) -> TestMetadata {
    let name = &generic.on;
    let target = match on {
        Some(n) if n.node.kind() == Kind::Load => format!("source('{}', '{name}')", n.node.project),
        _ => format!("ref('{name}')"),
    };
    let mut kwargs = generic.arguments.clone();
    if let Some(column) = &generic.column {
        kwargs.insert("column_name".to_owned(), json!(column));
    }
    kwargs.insert("model".to_owned(), json!(format!("{{{{ get_where_subquery({target}) }}}}")));
    TestMetadata { name: generic.test.clone(), kwargs, namespace: None }
}

fn source<'a>(input: &'a ManifestNode<'a>, known: &Known, created_at: f64) -> Source<'a> {
    let node = input.node;
    let relation = input.relation.as_ref();
    let modified = match &node.body {
        Body::Load(load) => load.modified.as_deref(),
        _ => None,
    };
    Source {
        database: relation.and_then(|r| r.database.as_deref()),
        schema: relation.and_then(|r| r.schema.as_deref()).unwrap_or(""),
        name: &node.name,
        resource_type: "source",
        package_name: &node.project,
        path: path_in_project(input),
        original_file_path: node.file.path().as_str(),
        unique_id: unique_id(node),
        fqn: fqn(input),
        source_name: &node.project,
        source_description: "",
        loader: "goldsmith",
        identifier: relation.map_or(node.name.as_str(), |r| r.name.as_str()),
        quoting: BTreeMap::new(),
        loaded_at_field: modified,
        freshness: None,
        external: None,
        description: &node.description,
        columns: columns(input),
        meta: &node.meta,
        source_meta: BTreeMap::new(),
        tags: &input.tags,
        config: config::build(input, &parent_ids(input, known)),
        patch_path: None,
        unrendered_config: BTreeMap::new(),
        relation_name: input.relation_sql.as_deref(),
        created_at,
    }
}

fn columns<'a>(input: &'a ManifestNode<'a>) -> BTreeMap<&'a str, Column<'a>> {
    let column = |c: &'a crate::nouns::Column| Column {
        name: &c.name,
        description: &c.description,
        meta: BTreeMap::new(),
        data_type: c.data_type.as_deref(),
        constraints: Vec::new(),
        quote: None,
        tags: Vec::new(),
    };
    input.node.columns.iter().map(|c| (c.name.as_str(), column(c))).collect()
}

/// The file's path inside its project, where it lies in `projects/<project>/`.
fn path_in_project<'a>(input: &'a ManifestNode<'a>) -> &'a str {
    let path = input.node.file.path();
    let inside = path.strip_prefix("projects").and_then(|p| p.strip_prefix(&input.node.project));
    inside.unwrap_or(path).as_str()
}

/// Project, folders, name.
fn fqn(input: &ManifestNode) -> Vec<String> {
    let folders = camino::Utf8Path::new(path_in_project(input)).parent();
    let folders = folders.into_iter().flat_map(|p| p.components().map(|c| c.as_str().to_owned()));
    let ends = [input.node.project.clone()].into_iter();
    ends.chain(folders).chain([input.node.name.clone()]).collect()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
