//! A project that runs while its siblings' folders are not there, beside the warehouse that the whole
//! platform made; and imports from another target, which need no sibling either.

mod common;

use std::fs;

use common::{DATE, Platform};

/// The worked platform's `product` alone, beside the warehouse of them all.
fn product() -> (Platform, Platform) {
    let whole = Platform::worked();
    whole.ok(&["run", "--date", DATE]);
    let alone = Platform::new(&[("goldsmith.yml", &whole.read("goldsmith.yml"))]);
    alone.copy(&whole.path("projects/product"), "projects/product");
    alone.copy(&whole.path("warehouse"), "warehouse");
    (whole, alone)
}

const SUM: &str = "SELECT count(*), bit_xor(hash(account)) FROM raw.sf_account AS account";

#[test]
fn a_project_runs_alone() {
    let (whole, alone) = product();
    let told = alone.ok(&["lint"]).stdout;
    assert!(!told.contains("error") && !told.contains("warning"), "{told}");
    for args in [["run", "--date", DATE], ["run", "--pipeline", "hourly"], ["plan", "--pipeline", "init"]] {
        alone.ok(&args);
    }
    alone.ok(&["run", "--date", DATE]);
    assert_eq!(alone.rows("product_dwh", SUM), whole.rows("product_dwh", SUM));
    // The import is the only way there.
    alone.write("projects/product/silver/straight.sql", "select * from sfdc_dwh.silver.subscription");
    let told = alone.run(&["lint"]).stdout;
    assert!(told.contains("GS104") && told.contains("projects/product/silver/straight.sql:1:15"), "{told}");
    assert!(told.contains("it is taken to be that of `sfdc`, which has no folder here"), "{told}");
    assert!(told.contains("from: { project: sfdc, relation: silver.subscription }"), "{told}");
    assert_eq!(alone.run(&["run", "--date", DATE]).code, 3);
}

#[test]
fn the_siblings_database_may_have_another_name() {
    let (whole, alone) = product();
    fs::rename(alone.path("warehouse/sfdc_dwh.duckdb"), alone.path("warehouse/crm_live.duckdb"))
        .expect("a file");
    let refused = alone.run(&["run", "--date", DATE]);
    assert_eq!(refused.code, 3);
    for part in [
        "`sf_account` imports `sfdc_dwh.silver.account`, which the warehouse does not hold",
        "`sfdc` has no folder here, so its database is taken to be `sfdc_dwh`",
        "databases: { sfdc: NAME }",
        "projects/product/bronze/salesforce.yml:",
    ] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    // Once in the target's settings, once in the import itself.
    let settings = alone.read("goldsmith.yml");
    alone.write(
        "goldsmith.yml",
        settings.replace("path: warehouse }", "path: warehouse, databases: { sfdc: crm_live } }"),
    );
    alone.ok(&["run", "--date", DATE]);
    assert_eq!(alone.rows("product_dwh", SUM), whole.rows("product_dwh", SUM));
    alone.write("goldsmith.yml", &settings);
    let loads = alone.read("projects/product/bronze/salesforce.yml");
    alone.write(
        "projects/product/bronze/salesforce.yml",
        loads.replace("relation: silver.account", "relation: crm_live.silver.account"),
    );
    let told = alone.ok(&["lint"]).stdout;
    assert!(!told.contains("error"), "{told}");
    alone.ok(&["run", "--date", DATE]);
    assert_eq!(alone.rows("product_dwh", SUM), whole.rows("product_dwh", SUM));
}

#[test]
fn an_import_reads_another_targets_database() {
    let (whole, alone) = product();
    let settings = alone.read("goldsmith.yml");
    // The sibling lives elsewhere, under another name.
    fs::create_dir_all(alone.path("theirs")).expect("a folder");
    fs::rename(alone.path("warehouse/sfdc_dwh.duckdb"), alone.path("theirs/crm_live.duckdb"))
        .expect("a file");
    alone.write(
        "goldsmith.yml",
        format!("{settings}  sales: {{ type: duckdb, path: theirs, databases: {{ sfdc: crm_live }} }}\n"),
    );
    let loads = alone.read("projects/product/bronze/salesforce.yml");
    alone.write(
        "projects/product/bronze/salesforce.yml",
        loads.replace("relation: silver.account", "relation: silver.account, target: sales"),
    );
    alone.ok(&["run", "--date", DATE]);
    assert_eq!(alone.rows("product_dwh", SUM), whole.rows("product_dwh", SUM));
    let told = alone.ok(&["run", "--pipeline", "hourly"]).stderr;
    assert!(told.contains("product.sf_account") && told.contains("unchanged"), "{told}");
    let plan = alone.ok(&["plan", "--select", "sf_account"]).stdout;
    assert!(
        plan.contains("-- on the target sales\nSELECT * FROM \"crm_live\".\"silver\".\"account\";"),
        "{plan}"
    );
    // What is not there is said with its names.
    alone.write("goldsmith.yml", format!("{settings}  sales: {{ type: duckdb, path: theirs }}\n"));
    let refused = alone.run(&["run", "--date", DATE]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("the target `sales` has no database `sfdc_dwh`; it has crm_live"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_only_defines_something_is_not_told_as_lacking() {
    let platform = Platform::new(&[
        ("projects/crm/project.yml", "name: crm\n"),
        ("projects/crm/init/f.sql", "CREATE OR REPLACE MACRO silver.twice(x) AS 2 * x;"),
        ("projects/crm/silver/a.sql", "{{ config(materialized='table') }}\nselect silver.twice(1) as n"),
        ("projects/books/project.yml", "name: books\n"),
        (
            "projects/books/bronze/loads.yml",
            "loads:\n  - name: a\n    from: { project: crm, relation: silver.a }\n",
        ),
        ("projects/books/silver/b.sql", "select n from raw.a"),
    ]);
    let told = platform.ok(&["run", "--pipeline", "init", "--yes"]).stderr;
    assert!(!told.contains("lacks"), "{told}");
    assert_eq!(platform.rows("books_dwh", "select n from silver.b"), "2");
}
