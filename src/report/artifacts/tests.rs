use camino::Utf8Path;
use serde_json::{Map, Value, json};

use super::{Invocation, ManifestNode, manifest, run_results, write_manifest, write_run_results};
use crate::nouns::{
    Body, Column, GenericTest, Layer, Load, Node, Origin, TestSeverity, TestSpec, Track, node_id,
};
use crate::report::Masker;
use crate::report::testing::eventful;
use crate::words::{Encoding, RelationName, SourceFile, Span};

fn node(project: &str, name: &str, path: &str, body: Body) -> Node {
    Node {
        id: node_id(project, name),
        name: name.to_owned(),
        project: project.to_owned(),
        layer: Some(Layer::Silver),
        track: None,
        file: SourceFile::new(
            format!("projects/{project}/{path}"),
            "select 1 as id -- hunter22",
            Encoding::Utf8,
        ),
        span: Span::default(),
        description: "what it is for".to_owned(),
        tags: vec!["nightly".to_owned()],
        meta: Map::from_iter([("owner".to_owned(), json!("ada"))]),
        config: Map::new(),
        columns: vec![Column {
            name: "id".to_owned(),
            data_type: Some("int".to_owned()),
            description: "the key".to_owned(),
            is_ignored: false,
        }],
        declared: Map::new(),
        body,
    }
}

fn generic(on: &str) -> Body {
    Body::Test(Box::new(TestSpec {
        severity: TestSeverity::Warn,
        filter: Some("id > 0".to_owned()),
        generic: Some(GenericTest {
            test: "accepted_values".to_owned(),
            on: on.to_owned(),
            column: Some("id".to_owned()),
            arguments: Map::from_iter([("values".to_owned(), json!([1, 2]))]),
            places: std::collections::HashMap::new(),
            span: Span::default(),
        }),
    }))
}

fn platform() -> Vec<Node> {
    let load = Load {
        key: vec!["id".to_owned()],
        modified: Some("last_modified_date".to_owned()),
        ..Load::new(Origin::External, Span::default())
    };
    let singular = TestSpec { severity: TestSeverity::Error, filter: None, generic: None };
    let mut script =
        node("datev", "pnl", "gold/financial/pnl.sql", Body::Script { init: false, variants: Vec::new() });
    (script.layer, script.track) = (Some(Layer::Gold), Some(Track::Financial));
    vec![
        node("sfdc", "account", "bronze/loads.yml", Body::Load(Box::new(load))),
        node("sfdc", "country", "seeds/country.csv", Body::Seed),
        node("sfdc", "silver_account", "silver/silver_account.sql", Body::Model),
        node("sfdc", "not_null_account_id", "silver/models.yml", generic("silver_account")),
        node("sfdc", "unique_account_id", "bronze/loads.yml", generic("account")),
        node("sfdc", "account_has_owner", "tests/account_has_owner.sql", Body::Test(Box::new(singular))),
        script,
    ]
}

fn inputs(nodes: &[Node]) -> Vec<ManifestNode<'_>> {
    let depends_on = |id: &str| match id {
        "sfdc.silver_account" => vec!["sfdc.account", "sfdc.country", "sfdc.account", "gone.away"],
        "sfdc.unique_account_id" => vec!["sfdc.account"],
        "sfdc.not_null_account_id" | "sfdc.account_has_owner" | "datev.pnl" => vec!["sfdc.silver_account"],
        _ => vec![],
    };
    let input = |node| {
        let mut input = ManifestNode::new(node);
        input.depends_on = depends_on(&node.id).into_iter().map(str::to_owned).collect();
        if !matches!(node.body, Body::Test(_)) {
            input.relation = Some(RelationName::new(&format!("{}_dwh", node.project), "silver", &node.name));
            input.relation_sql = Some(format!("\"{}_dwh\".\"silver\".\"{}\"", node.project, node.name));
        }
        if matches!(node.body, Body::Model) {
            input.compiled_code = Some("select 1 as id".to_owned());
            input.config.insert("materialized".to_owned(), json!("incremental"));
            input.config.insert("post_hook".to_owned(), json!("grant select"));
        }
        input
    };
    nodes.iter().map(input).collect()
}

fn invocation() -> Invocation {
    Invocation {
        id: "0195a1b2-0000-7000-8000-000000000001".to_owned(),
        generated_at: "2026-03-02T05:00:09Z".parse().unwrap(),
        platform: "acme".to_owned(),
        adapter_type: "duckdb".to_owned(),
        args: Map::from_iter([("threads".to_owned(), json!(4))]),
    }
}

fn pretty(artifact: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(&serde_json::to_value(artifact).unwrap()).unwrap()
}

// Both snapshots were checked against the schemas that dbt publishes (no key unknown, none missing).
#[test]
fn the_manifest_follows_version_12() {
    let nodes = platform();
    insta::with_settings!({filters => vec![(r#""goldsmith_version": "[^"]+""#, r#""goldsmith_version": "[version]""#)]}, {
        insta::assert_snapshot!(pretty(&manifest::build(&inputs(&nodes), &invocation())));
    });
}

#[test]
fn run_results_follow_version_6() {
    let nodes = platform();
    insta::with_settings!({filters => vec![(r#""goldsmith_version": "[^"]+""#, r#""goldsmith_version": "[version]""#)]}, {
        insta::assert_snapshot!(pretty(&run_results::build(&eventful(), &inputs(&nodes), &invocation())));
    });
}

#[test]
fn files_hold_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let nodes = platform();
    let masker = Masker::new(["hunter22", "connection reset"]);
    let (manifest, results) = (folder.join("manifest.json"), folder.join("target/run_results.json"));
    write_manifest(&manifest, &inputs(&nodes), &invocation(), &masker).unwrap();
    write_run_results(&results, &eventful(), &inputs(&nodes), &invocation(), &masker).unwrap();
    for path in [manifest, results] {
        let text = std::fs::read_to_string(path).unwrap();
        serde_json::from_str::<Value>(&text).unwrap();
        assert!(!text.contains("hunter22") && !text.contains("connection reset"));
    }
}
