//! Boundaries between projects, as far as any way of naming a relation reaches: definitions that
//! stand between, databases chosen by USE, text that is run, other servers, shared databases.

mod common;

use common::Platform;
use serde_json::Value;

const SFDC: &str = "name: sfdc\ndatabase: sfdc_dwh\ndialect: tsql\npublic: [silver.account]\n";
const DATEV: &str = "name: datev\ndatabase: datev_dwh\ndialect: tsql\n";

/// Two projects: `sfdc` with `silver.account`, and `datev` with these files.
fn platform(files: &[(&str, &str)]) -> Platform {
    let platform = Platform::new(&[
        ("projects/sfdc/project.yml", SFDC),
        ("projects/sfdc/silver/account.sql", "select 1 as id"),
        ("projects/sfdc/silver/contact.sql", "select 1 as id"),
        ("projects/datev/project.yml", DATEV),
    ]);
    for (path, text) in files {
        platform.write(&format!("projects/datev/{path}"), text);
    }
    platform
}

/// What the lint says, one line each: code, file name, line, column, message.
fn told(platform: &Platform) -> Vec<String> {
    let list: Value =
        serde_json::from_str(&platform.run(&["lint", "--format", "json"]).stdout).expect("JSON");
    let list = list.as_array().expect("a list").iter();
    let mut told: Vec<String> = list
        .map(|d| {
            let path = d["path"].as_str().unwrap_or_default();
            let file = path.rsplit('/').next().unwrap_or_default();
            let text = |key: &str| d[key].as_str().unwrap_or_default().to_owned();
            format!("{} {file}:{}:{} {}", text("code"), d["line"], d["column"], text("message"))
        })
        .collect();
    told.sort();
    told
}

/// What the lint says of one script of `datev`, without the codes that other tests are about.
#[allow(dead_code)]
fn of_script(sql: &str) -> Vec<String> {
    let platform = platform(&[("gold/financial/pnl.sql", sql)]);
    let mut told = told(&platform);
    told.retain(|line| ["GS101", "GS102", "GS104", "GS106"].iter().any(|code| line.starts_with(code)));
    told
}

fn depends_on(platform: &Platform, id: &str) -> Vec<String> {
    let list = platform.ok_json(&["ls", "--format", "json"]);
    let node = list.as_array().expect("a list").iter().find(|n| n["id"] == id);
    let node = node.unwrap_or_else(|| panic!("no node {id} in {list}"));
    let ids = node["depends_on"].as_array().expect("a list").iter();
    ids.map(|i| i.as_str().expect("an id").to_owned()).collect()
}

#[test]
fn definitions_are_nodes_between_their_script_and_their_callers() {
    let platform = platform(&[
        ("bronze/raw.yml", "version: 2\nloads:\n  - name: booking\n    from: external\n"),
        (
            "gold/financial/a_procs.sql",
            "create table fin.mrr (id int)\nGO\ncreate procedure fin.refresh_mrr as\n  insert into fin.mrr select id from raw.booking\nGO\n\
             create or alter view fin.latest as select * from fin.mrr\n",
        ),
        ("gold/financial/b_run.sql", "exec fin.refresh_mrr;\nselect * into fin.out from fin.latest"),
    ]);
    assert_eq!(platform.selected(&["--select", "kind:definition"]), "fin.latest fin.refresh_mrr");
    assert_eq!(depends_on(&platform, "datev.fin.refresh_mrr"), ["datev.a_procs"]);
    assert_eq!(
        depends_on(&platform, "datev.b_run"),
        ["datev.a_procs", "datev.booking", "datev.fin.latest", "datev.fin.refresh_mrr"]
    );
    assert_eq!(depends_on(&platform, "datev.a_procs"), [] as [&str; 0]);
    let shown = platform.ok(&["show", "fin.refresh_mrr"]).stdout;
    assert!(shown.contains("a_procs.sql") && shown.contains("raw.booking"), "{shown}");
    assert!(told(&platform).is_empty(), "{:?}", told(&platform));
}

#[test]
fn what_a_procedure_does_is_told_where_it_is_defined_and_where_it_is_called() {
    let platform = platform(&[
        (
            "gold/financial/a.sql",
            "create procedure fin.inner_one as\n  insert into fin.x select id from sfdc_dwh.silver.account\nGO\n\
             create procedure fin.outer_one as exec fin.inner_one\n",
        ),
        ("gold/financial/b.sql", "create table fin.x (id int);\n  exec fin.outer_one\n"),
    ]);
    assert_eq!(
        told(&platform),
        [
            "GS101 a.sql:2:36 `fin.inner_one` reads `sfdc_dwh.silver.account`, which belongs to project `sfdc`",
            "GS101 b.sql:2:8 `b` reads `sfdc_dwh.silver.account` through procedure fin.outer_one, which belongs to project `sfdc`",
        ]
    );
    let text = platform.run(&["lint"]).stdout;
    assert!(text.contains("projects/datev/gold/financial/a.sql:2:36"), "{text}");
    // The script is refused for what it defines.
    let run = platform.run(&["run", "--select", "fin.inner_one"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
}

#[test]
fn a_script_that_runs_its_own_procedure_and_recursion_are_no_circles() {
    let platform = platform(&[
        (
            "gold/financial/own.sql",
            "create proc fin.ping as begin exec fin.pong; exec fin.ping end\nGO\n\
             create proc fin.pong as exec fin.ping\nGO\nexec fin.ping\nexec fin.pong\n",
        ),
        ("gold/financial/caller.sql", "exec fin.ping"),
    ]);
    assert!(told(&platform).is_empty(), "{:?}", told(&platform));
    assert_eq!(depends_on(&platform, "datev.caller"), ["datev.fin.ping", "datev.fin.pong"]);
    assert_eq!(depends_on(&platform, "datev.own"), [] as [&str; 0]);
}

#[test]
fn scripts_that_call_each_others_definitions_are_a_circle() {
    let platform = platform(&[
        ("gold/financial/a.sql", "create proc fin.a as select 1\nGO\nexec fin.b\n"),
        ("gold/financial/b.sql", "create proc fin.b as select 1\nGO\nexec fin.a\n"),
    ]);
    let told = told(&platform);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("GS201 "), "{told:?}");
    for name in ["datev.a", "datev.fin.a", "datev.b", "datev.fin.b"] {
        assert!(told[0].contains(name), "{told:?}");
    }
}

#[test]
fn definitions_made_twice_temporary_or_numbered() {
    let platform = platform(&[(
        "gold/financial/a.sql",
        "if object_id('fin.p') is null exec('create procedure fin.p as select 1')\nGO\n\
         alter procedure fin.p as select id from sfdc_dwh.silver.account\nGO\n\
         create procedure fin.many;1 as select 1\nGO\n\
         create procedure fin.many;2 as select id from sfdc_dwh.silver.contact\nGO\n\
         create procedure #t as select id from sfdc_dwh..plain\nGO\n\
         exec fin.p\nexec fin.many;2\nexec #t\n",
    )]);
    assert_eq!(platform.selected(&["--select", "kind:definition"]), "fin.many fin.p");
    let places: Vec<String> =
        told(&platform).iter().map(|l| l.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        places,
        [
            "GS101 a.sql:11:6",
            "GS101 a.sql:12:6",
            "GS101 a.sql:13:6",
            "GS101 a.sql:3:41",
            "GS101 a.sql:7:47",
            "GS101 a.sql:9:39",
        ]
    );
}

#[test]
fn synonyms_and_views_that_hide_another_database() {
    let platform = platform(&[
        (
            "init/names.sql",
            "create synonym dbo.acc for [SFDC_DWH].silver.[Account]\nGO\ncreate synonym dbo.acc2 for dbo.acc\nGO\n\
             create view dbo.seen as select * from sfdc_dwh.silver.contact\n",
        ),
        ("silver/m.sql", "select a.id\nfrom dbo.acc2 a\njoin dbo.seen s on s.id = a.id"),
    ]);
    assert_eq!(
        told(&platform),
        [
            "GS101 m.sql:2:6 `m` reads `sfdc_dwh.silver.account` through synonym dbo.acc2, which belongs to project `sfdc`",
            "GS101 m.sql:3:6 `m` reads `sfdc_dwh.silver.contact` through view dbo.seen, which belongs to project `sfdc`",
            "GS101 names.sql:1:28 `dbo.acc` reads `sfdc_dwh.silver.account`, which belongs to project `sfdc`",
            "GS101 names.sql:5:39 `dbo.seen` reads `sfdc_dwh.silver.contact`, which belongs to project `sfdc`",
        ]
    );
}

#[test]
fn a_definition_named_like_its_script_gets_another_name() {
    let platform = platform(&[("init/dbo.load.sql", "create procedure dbo.load as select 1")]);
    assert_eq!(platform.selected(&["--select", "project:datev"]), "dbo.load dbo.load.procedure");
}

#[test]
fn selecting_a_definition_runs_its_script() {
    let platform = Platform::shop(&[
        (
            "gold/financial/a.sql",
            "create table fin.t as select 1 as id;\ncreate view fin.v as select * from fin.t;",
        ),
        ("gold/financial/b.sql", "create table fin.u as select * from fin.v;"),
    ]);
    let steps = |select: &str, exclude: &str| -> Vec<String> {
        let plan = platform.ok_json(&["plan", "--select", select, "--exclude", exclude, "--format", "json"]);
        let steps = plan["steps"].as_array().expect("a list").iter();
        steps.filter_map(|s| s["node"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(steps("fin.v", ""), ["shop.a"]);
    assert_eq!(steps("fin.v+", ""), ["shop.a", "shop.b"]);
    assert_eq!(steps("shop", "a"), ["shop.b"]);
    platform.ok(&["run"]);
    let manifest = platform.json("target/manifest.json");
    assert!(!manifest.to_string().contains("shop.fin.v"), "dbt knows no definitions");
    assert_eq!(manifest["parent_map"]["model.shop.b"], serde_json::json!(["model.shop.a"]));
}
