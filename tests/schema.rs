//! `goldsmith schema`: the keys that the schemas know are those that goldsmith knows, and what is written in this
//! repository passes them.

mod common;

use std::collections::BTreeSet;

use common::{Platform, checked};
use serde_json::{Value, json};

fn schema(of: &str) -> Value {
    Platform::new(&[]).ok_json(&["schema", of])
}

/// The keys below a place of a schema.
fn keys(schema: &Value, place: &str) -> BTreeSet<String> {
    let found = schema.pointer(place).and_then(|at| at["properties"].as_object());
    found.unwrap_or_else(|| panic!("nothing at `{place}`")).keys().cloned().collect()
}

/// The lists of known keys with which goldsmith answers an unknown one, in the order of the report.
fn told(platform: &Platform) -> Vec<BTreeSet<String>> {
    let found: Value =
        serde_json::from_str(&platform.run(&["lint", "--format", "json"]).stdout).expect("JSON");
    let helps = found.as_array().expect("a list").iter().filter_map(|d| d["help"].as_str());
    let lists = helps.filter_map(|help| help.strip_prefix("it can have: "));
    lists.map(|list| list.split(", ").map(str::to_owned).collect()).collect()
}

#[track_caller]
fn same(platform: &Platform, schema: &Value, places: &[&str]) {
    let told = told(platform);
    assert_eq!(told.len(), places.len(), "{told:?}");
    for (told, place) in told.iter().zip(places) {
        assert_eq!(keys(schema, place), *told, "{place}");
    }
}

#[test]
fn the_keys_are_those_that_goldsmith_knows() {
    let platform = Platform::new(&[
        (
            "goldsmith.yml",
            "name: t\nzz: 1\nnotify: { url: a, zz: 1 }\npublications: { zz: 1 }\ndeploy: { zz: 1, sidecars: [{ name: a, image: b, zz: 1 }] }\n\
         targets:\n  dev: { type: duckdb, zz: 1 }\n  p: { type: postgres, zz: 1 }\n  s: { type: sqlserver, zz: 1 }\n",
        ),
        ("projects/p/project.yml", "name: p\nschedule: { daily: \"0 5 * * *\" }\n"),
    ]);
    let target = "/properties/targets/additionalProperties/oneOf";
    same(
        &platform,
        &schema("platform"),
        &[
            "",
            "/properties/notify/oneOf/1",
            "/properties/publications",
            "/properties/deploy",
            "/properties/deploy/properties/sidecars/items",
            &format!("{target}/0"),
            &format!("{target}/1"),
            &format!("{target}/2"),
        ],
    );
    let platform = Platform::new(&[(
        "projects/p/project.yml",
        "name: p\nzz: 1\nschedule: { daily: \"0 5 * * *\", zz: 1 }\nschemas: { zz: 1 }\npaths: { zz: 1 }\n\
         freshness: { zz: 1, warn_after: { count: 1, period: hour, zz: 1 } }\npublications: { zz: 1 }\n",
    )]);
    let freshness = "/properties/freshness/oneOf/0";
    same(
        &platform,
        &schema("project"),
        &[
            "",
            "/properties/schedule",
            "/properties/schemas",
            "/properties/paths",
            freshness,
            &format!("{freshness}/properties/warn_after/oneOf/1"),
            "/properties/publications",
        ],
    );
    let platform = Platform::shop(&[(
        "bronze/l.yml",
        "version: 2\nloads:\n\
         \x20 - { name: a, zz: 1, from: { project: x, relation: a.b, zz: 1 }, control: { zz: 1 }, freshness: { zz: 1 } }\n\
         \x20 - { name: d, from: { command: [a], zz: 1 } }\n",
    )]);
    let load = "/properties/loads/items";
    let told = told(&platform);
    let models = schema("models");
    assert_eq!(told[0], keys(&models, load));
    assert_eq!(told[1], keys(&models, &format!("{load}/properties/from/oneOf/1")));
    assert_eq!(told[2], keys(&models, &format!("{load}/properties/control")));
    assert_eq!(told[3], keys(&models, &format!("{load}/properties/freshness/oneOf/0")));
    // A command's list also names what would make it another kind of load.
    assert!(told[4].is_superset(&keys(&models, &format!("{load}/properties/from/oneOf/4"))), "{:?}", told[4]);
}

#[test]
fn what_is_right_passes_and_what_is_wrong_does_not() {
    let validator = |of: &str| jsonschema::validator_for(&schema(of)).expect("a schema");
    let platform = validator("platform");
    assert!(
        platform.is_valid(&json!({ "name": "a", "targets": { "dev": { "type": "duckdb", "path": "w" } } }))
    );
    assert!(
        !platform.is_valid(&json!({ "name": "a", "targets": { "dev": { "type": "duckdb", "host": "h" } } }))
    );
    assert!(!platform.is_valid(&json!({ "name": "a" })));
    let project = validator("project");
    assert!(
        project.is_valid(&json!({ "name": "a", "schedule": { "daily": "0 5 * * *" }, "freshness": null }))
    );
    assert!(!project.is_valid(&json!({ "name": "a", "scheduel": {} })));
    let models = validator("models");
    assert!(
        models.is_valid(
            &json!({ "version": 2, "loads": [{ "name": "a", "from": "external" }], "exposures": [] })
        )
    );
    assert!(!models.is_valid(&json!({ "version": 2, "loads": [{ "name": "a", "from": "somewhere" }] })));
    assert!(
        !models
            .is_valid(&json!({ "loads": [{ "name": "a", "from": { "file": "a.csv", "delimeter": ";" } }] }))
    );
}

#[test]
fn the_worked_platform_passes() {
    let platform = Platform::worked();
    platform.ok(&["new", "project", "crm"]);
    for of in ["platform", "project", "models"] {
        platform.write(&format!("{of}.json"), platform.ok(&["schema", of]).stdout);
    }
    let root = platform.path("");
    let (mut projects, mut models) = (Vec::new(), Vec::new());
    for entry in walkdir::WalkDir::new(root.join("projects")) {
        let path = entry.expect("a folder that can be read").into_path();
        if path.extension().is_some_and(|e| e == "yml") {
            let is_project = path.file_name().is_some_and(|n| n == "project.yml");
            let list = if is_project { &mut projects } else { &mut models };
            list.push(path.to_str().expect("Unicode").to_owned());
        }
    }
    assert!(projects.len() == 4 && models.len() > 8, "{projects:?} {models:?}");
    for (schema, files) in [
        ("platform.json", vec!["goldsmith.yml".to_owned()]),
        ("project.json", projects),
        ("models.json", models),
    ] {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        checked(&root, "check-jsonschema", &[&["--schemafile", schema], &files[..]].concat());
    }
}

#[test]
fn a_platform_keeps_the_schemas_where_editors_look() {
    let platform = Platform::new(&[]);
    let told = platform.ok(&["schema", "--write"]).stdout;
    assert!(told.contains("schemas/{platform,project,models}.json"), "{told}");
    for of in ["platform", "project", "models"] {
        assert_eq!(platform.read(&format!("schemas/{of}.json")), platform.ok(&["schema", of]).stdout);
    }
    assert_eq!(platform.run(&["schema"]).code, 2);
    assert_eq!(platform.run(&["schema", "models", "--write"]).code, 2);
}
