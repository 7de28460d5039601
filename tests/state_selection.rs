//! `state:` and `result:`: what has changed since an earlier manifest, and how the last run's nodes
//! ended. The earlier state lies in a copy of its `target/`.

mod common;

use std::fs;

use common::Platform;

const LOADS: &str = "version: 2\nloads:\n  - name: number\n    from: { file: data/number.csv }\n  - name: letter\n    from: { file: data/letter.csv }\n";
const TESTS: &str =
    "version: 2\nmodels:\n  - name: a\n    columns:\n      - name: n\n        data_tests: [not_null, even]\n";

/// A small platform of everything that can change, whose state is kept in `before/`.
fn platform() -> Platform {
    let platform = Platform::shop(&[
        ("project.yml", "name: shop\ndatabase: shop_dwh\nvars: { factor: 2, unused: 1 }\n"),
        ("bronze/loads.yml", LOADS),
        ("data/number.csv", "n\n2\n4\n"),
        ("data/letter.csv", "l\nx\n"),
        ("seeds/colour.csv", "name,hex\nred,f00\n"),
        (
            "macros/m.sql",
            "{% macro outer(x) %}{{ inner(x) }}{% endmacro %}\n{% macro inner(x) %}{{ x }} * {{ var('factor') }}{% endmacro %}\n{% macro other() %}1{% endmacro %}\n",
        ),
        (
            "macros/even.sql",
            "{% test even(model, column_name) %}select * from {{ model }} where {{ column_name }} % 2 <> 0{% endtest %}\n",
        ),
        ("silver/a.sql", "select n from raw.number"),
        ("silver/a.yml", TESTS),
        ("silver/b.sql", "select {{ outer('n') }} as n from {{ ref('a') }}"),
        ("silver/c.sql", "{{ config(materialized='table') }} select 1 as one from {{ ref('b') }}"),
        ("silver/d.sql", "select l from raw.letter"),
        ("gold/financial/f.sql", "create or replace table fin.f as select * from silver.d;"),
        ("tests/single.sql", "select * from {{ ref('d') }} where l is null"),
    ]);
    platform.ok(&["compile"]);
    fs::rename(platform.path("target"), platform.path("before")).expect("compile leaves target/");
    platform
}

/// What a criterion lists, compared with the state in `before/`.
#[track_caller]
fn changed(platform: &Platform, criterion: &str) -> String {
    let before = platform.path("before");
    let list = platform.ok_json(&[
        "ls",
        "--format",
        "json",
        "--select",
        criterion,
        "--state",
        before.to_str().expect("Unicode"),
    ]);
    let names: Vec<&str> =
        list.as_array().expect("a list").iter().filter_map(|n| n["name"].as_str()).collect();
    names.join(" ")
}

/// What has changed itself, without the tests that come along.
#[track_caller]
fn modified(platform: &Platform, what: &str) -> String {
    changed(platform, &format!("state:{what},kind:*"))
}

#[test]
fn nothing_has_changed_until_something_does() {
    let platform = platform();
    assert_eq!(modified(&platform, "modified"), "");
    assert_eq!(modified(&platform, "new"), "");
    assert_eq!(modified(&platform, "old"), modified(&platform, "unmodified"));
    assert!(modified(&platform, "old").contains("even_a_n"), "{}", modified(&platform, "old"));
    let run = platform.ok(&["run", "--select", "state:modified+", "--state", "before"]);
    assert!(run.stderr.contains("Nothing that is selected runs in the daily pipeline."), "{}", run.stderr);
}

#[test]
fn each_kind_of_change_is_seen_and_no_other() {
    let cases = [
        ("silver/a.sql", "select n + 0 as n from raw.number", "modified.body", "a"),
        ("gold/financial/f.sql", "create or replace table fin.f as select 2 as l;", "modified.body", "f"),
        ("seeds/colour.csv", "name,hex\nred,f01\n", "modified.body", "colour"),
        ("tests/single.sql", "select * from {{ ref('d') }} where l = ''", "modified.body", "single"),
        (
            "bronze/loads.yml",
            "version: 2\nloads:\n  - name: number\n    from: { file: data/number.csv }\n  - name: letter\n    from: { file: data/letter.csv }\n    key: [l]\n",
            "modified.body",
            "letter",
        ),
        (
            "silver/a.yml",
            "version: 2\nmodels:\n  - name: a\n    config: { materialized: table }\n    columns:\n      - name: n\n        data_tests: [not_null, even]\n",
            "modified.configs",
            "a",
        ),
        (
            "silver/a.yml",
            "version: 2\nmodels:\n  - name: a\n    columns:\n      - name: n\n        data_tests: [not_null, { even: { severity: warn } }]\n",
            "modified.configs",
            "even_a_n",
        ),
        (
            "macros/m.sql",
            "{% macro outer(x) %}{{ inner(x) }}{% endmacro %}\n{% macro inner(x) %}{{ x }} * 1 * {{ var('factor') }}{% endmacro %}\n{% macro other() %}1{% endmacro %}\n",
            "modified.macros",
            "b",
        ),
        (
            "macros/even.sql",
            "{% test even(model, column_name) %}select * from {{ model }} where {{ column_name }} % 2 = 1{% endtest %}\n",
            "modified.macros",
            "even_a_n",
        ),
        (
            "project.yml",
            "name: shop\ndatabase: shop_dwh\nvars: { factor: 3, unused: 1 }\n",
            "modified.vars",
            "b",
        ),
        (
            "project.yml",
            "name: shop\ndatabase: shop_dwh\nschemas: { silver: staging }\nvars: { factor: 2, unused: 1 }\n",
            "modified.relation",
            "a b c d",
        ),
    ];
    for (file, text, what, nodes) in cases {
        let platform = platform();
        platform.write(&format!("projects/shop/{file}"), text);
        assert_eq!(modified(&platform, what), nodes, "{file} {what}");
        assert_eq!(modified(&platform, "modified"), nodes, "{file}");
        for other in ["body", "configs", "relation", "macros", "vars"] {
            let other = format!("modified.{other}");
            if other != what {
                assert_eq!(modified(&platform, &other), "", "{file} {other}");
            }
        }
    }
}

#[test]
fn what_builds_the_same_has_not_changed() {
    let platform = platform();
    platform.write("projects/shop/silver/a.sql", "select n from raw.number");
    platform.write("projects/shop/seeds/colour.csv", "name,hex\r\nred,f00\r\n");
    // Order of keys, descriptions, tags, a macro that nobody calls, a variable that nobody uses.
    platform.write(
        "projects/shop/silver/a.yml",
        "version: 2\nmodels:\n  - description: numbers\n    tags: [t]\n    meta: { m: 1 }\n    columns:\n      - data_tests: [not_null, even]\n        name: n\n    name: a\n",
    );
    platform.write("projects/shop/macros/first.sql", "{% macro first() %}0{% endmacro %}");
    platform.write(
        "projects/shop/project.yml",
        "name: shop\ndatabase: shop_dwh\nowner: ada\nvars: { factor: 2, unused: 7, more: 1 }\n",
    );
    // Another target has other names; the nodes are the same.
    platform.write(
        "goldsmith.yml",
        "name: small\ndefault_target: ada\ntargets:\n  dev: { type: duckdb, path: warehouse }\n  ada: { type: duckdb, path: ada, databases: { shop: shop_ada } }\n",
    );
    assert_eq!(modified(&platform, "modified"), "");
}

#[test]
fn new_nodes_are_modified_and_the_graph_goes_on_from_them() {
    let platform = platform();
    platform.write("projects/shop/silver/z.sql", "select * from {{ ref('c') }}");
    platform.write("projects/shop/silver/b.sql", "select n from {{ ref('a') }}");
    assert_eq!(modified(&platform, "new"), "z");
    assert_eq!(modified(&platform, "modified"), "b z");
    assert_eq!(changed(&platform, "state:modified+,kind:model"), "b c z");
    assert_eq!(changed(&platform, "1+state:modified+1,kind:model"), "a b c z");
    assert_eq!(changed(&platform, "state:unmodified,kind:model"), "a c d");
    let before = platform.path("before");
    let kept = platform.selected(&["--exclude", "state:old", "--state", before.to_str().expect("Unicode")]);
    assert_eq!(kept, "z");
}

#[test]
fn a_definition_is_as_its_script_is() {
    let platform = Platform::shop(&[
        ("init/views.sql", "create or replace view silver.v as select 1 as n;"),
        ("silver/w.sql", "select * from silver.v"),
        ("silver/x.sql", "select 1 as n"),
    ]);
    platform.ok(&["compile"]);
    fs::rename(platform.path("target"), platform.path("before")).expect("compile leaves target/");
    assert_eq!(changed(&platform, "state:modified+"), "");
    platform.write("projects/shop/init/views.sql", "create or replace view silver.v as select 2 as n;");
    assert_eq!(changed(&platform, "state:modified"), "silver.v views");
    assert_eq!(changed(&platform, "state:modified+,kind:model"), "w");
}

#[test]
fn results_of_the_last_run_are_selected() {
    let platform = Platform::shop(&[
        ("silver/a.sql", "select 1 as n"),
        ("silver/b.sql", "select m from {{ ref('a') }}"),
        ("silver/c.sql", "select * from {{ ref('b') }}"),
        ("silver/d.sql", "select 1 as n"),
        (
            "silver/d.yml",
            "version: 2\nmodels:\n  - name: d\n    columns:\n      - name: n\n        data_tests: [{ accepted_values: { values: [2], name: two } }, { accepted_values: { values: [3], name: three, severity: warn } }]\n",
        ),
        ("silver/e.sql", "select * from {{ ref('d') }}"),
    ]);
    assert_eq!(platform.run(&["run"]).code, 1);
    let selected = |words: &str| platform.selected(&["--select", words]);
    assert_eq!(selected("result:error"), "b");
    assert_eq!(selected("result:error+"), "b c");
    assert_eq!(selected("1+result:error"), "a b");
    assert_eq!(selected("result:skipped"), "c e");
    assert_eq!(selected("result:success"), "a d");
    assert_eq!(selected("1+result:fail,kind:model"), "d");
    let list = platform.ok_json(&["ls", "--format", "json", "--select", "result:fail result:warn"]);
    let names: Vec<&str> =
        list.as_array().expect("a list").iter().filter_map(|n| n["name"].as_str()).collect();
    assert_eq!(names, ["three", "two"]);
    // What is mended succeeds, and the next question is about that run.
    platform.write("projects/shop/silver/b.sql", "select n from {{ ref('a') }}");
    platform.ok(&["run", "--select", "result:error+"]);
    assert_eq!(selected("result:error"), "");
    assert_eq!(selected("result:success"), "b c");
}

#[test]
fn what_can_not_be_compared_is_said() {
    let platform = platform();
    let mut settings = common::snapshots();
    settings.add_filter(r"goldsmith \d+\.\d+\.\d+ wrote", "goldsmith [version] wrote");
    let check = |name: &str, args: &[&str]| {
        let outcome = platform.run(args);
        settings.bind(|| insta::assert_snapshot!(name, outcome.shown(&platform)));
        assert_eq!(outcome.code, 2);
        assert!(!platform.path("warehouse").exists(), "nothing was begun");
    };
    check("no_state", &["run", "--select", "state:modified"]);
    check("no_folder", &["run", "--select", "state:modified", "--state", "nowhere"]);
    check("no_manifest", &["run", "--select", "state:modified", "--state", "projects"]);
    check("no_results", &["run", "--select", "result:error"]);
    check("unknown_state", &["ls", "--select", "state:modifed", "--state", "before"]);
    check("unknown_result", &["ls", "--select", "result:broken", "--state", "before"]);
    platform.write(
        "other/manifest.json",
        "{\"metadata\": {\"dbt_version\": \"1.10.0\", \"env\": {}}, \"nodes\": {}}",
    );
    check("another_program", &["ls", "--exclude", "state:modified", "--state", "other"]);
    platform.write("other/manifest.json", "{\"metadata\": {\"env\": {\"goldsmith_version\": \"0.0.9\"}}}");
    check("another_version", &["ls", "--select", "state:modified", "--state", "other"]);
    platform.write("other/manifest.json", "[1, 2");
    check("broken_manifest", &["ls", "--select", "state:modified", "--state", "other"]);
    // Nothing asks for the state: a wrong folder does no harm.
    platform.ok(&["ls", "--state", "nowhere"]);
}

#[test]
fn a_state_that_is_overwritten_is_read_first_and_told() {
    let platform = Platform::shop(&[("silver/a.sql", "select 1 as n"), ("silver/b.sql", "select 1 as n")]);
    platform.ok(&["run"]);
    platform.write("projects/shop/silver/b.sql", "select 2 as n");
    let args = ["run", "--select", "state:modified", "--state", "target"];
    let outcome = platform.ok(&args);
    assert!(outcome.stderr.contains("warning: `target` is the state to compare with"), "{}", outcome.stderr);
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM silver.b"), "2");
    assert_eq!(platform.statuses(), "model.shop.b success");
    let again = platform.ok(&args);
    assert!(again.stderr.contains("Nothing that is selected"), "{}", again.stderr);
    assert!(
        !platform.ok(&["ls", "--select", "state:modified", "--state", "target"]).stderr.contains("warning")
    );
}
