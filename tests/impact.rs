//! `goldsmith impact`: who reads a relation or a column, through models, views, procedures and imports.

mod common;

use std::collections::BTreeMap;

use common::Platform;
use serde_json::Value;

/// Two projects: a shop whose orders go through a model, a view and a procedure, and a ledger that
/// imports them.
fn platform() -> Platform {
    let platform = Platform::shop(&[
        (
            "bronze/loads.yml",
            "version: 2\nloads:\n  - name: order_rows\n    from: { file: data/orders.csv, delimiter: \",\" }\n  - name: line_rows\n    from: external\n    columns: [{ name: order_id }, { name: price }]\n",
        ),
        ("data/orders.csv", "id,amount,state,note,gone\n1,10,open,x,false\n"),
        (
            "silver/orders.sql",
            "select id, amount * 2 as double_amount, state\nfrom {{ source('shop', 'order_rows') }}\nwhere gone = 0",
        ),
        ("silver/lines.sql", "select * from raw.line_rows"),
        (
            "init/views.sql",
            "CREATE VIEW gold.open_orders AS\nSELECT id, double_amount AS worth FROM silver.orders WHERE state = 'open';\nGO\n\
             CREATE PROCEDURE gold.refresh AS\nINSERT INTO fin.log (total) SELECT sum(double_amount) FROM silver.orders;\n",
        ),
        ("gold/operational/worth.sql", "select worth from gold.open_orders"),
        ("gold/financial/log.sql", "EXEC gold.refresh;"),
        ("gold/financial/hidden.sql", "EXEC (@sql);"),
        ("tests/notes.sql", "select note from raw.order_rows where note is null"),
    ]);
    platform.write(
        "projects/shop/project.yml",
        "name: shop\nowner: sales\ndatabase: shop_dwh\ndialect: tsql\nschedule: { daily: \"0 5 * * *\" }\n",
    );
    platform.write(
        "projects/ledger/project.yml",
        "name: ledger\nowner: finance\ndatabase: ledger_dwh\ndialect: tsql\nschedule: { daily: \"0 6 * * *\" }\n",
    );
    platform.write(
        "projects/ledger/bronze/loads.yml",
        "version: 2\nloads:\n  - name: shop_orders\n    from: { project: shop, relation: silver.orders }\n",
    );
    platform.write(
        "projects/ledger/gold/financial/revenue.sql",
        "INSERT INTO fin.revenue (amount)\nSELECT sum(double_amount)\nFROM raw.shop_orders;",
    );
    platform
}

/// Each node with how it reads, how far it is, and where.
fn nodes(platform: &Platform, what: &str) -> BTreeMap<String, String> {
    let found: Value =
        serde_json::from_str(&platform.ok(&["impact", what, "--format", "json"]).stdout).expect("JSON");
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    let told = |n: &Value| {
        let file = text(&n["file"]);
        let file = file.rsplit('/').next().expect("a name");
        (text(&n["node"]), format!("{} {} {file}:{}", text(&n["how"]), n["distance"], n["line"]))
    };
    found["nodes"].as_array().expect("a list").iter().map(told).collect()
}

fn of(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(node, told)| ((*node).to_owned(), (*told).to_owned())).collect()
}

#[test]
fn a_relation_reaches_all_that_reads_it_directly_or_through_others() {
    let platform = platform();
    assert_eq!(
        nodes(&platform, "raw.order_rows"),
        of(&[
            ("shop.orders", "reads 1 orders.sql:2"),
            ("shop.notes", "reads 1 notes.sql:1"),
            ("shop.hidden", "perhaps 1 hidden.sql:1"),
            ("shop.gold.open_orders", "reads 2 views.sql:2"),
            ("shop.gold.refresh", "reads 2 views.sql:5"),
            ("shop.log", "reads 2 log.sql:1"),
            ("shop.worth", "reads 3 worth.sql:1"),
            ("ledger.shop_orders", "reads 2 loads.yml:4"),
            ("ledger.revenue", "reads 3 revenue.sql:3"),
        ])
    );
}

#[test]
fn a_column_reaches_what_its_values_reach_and_what_is_chosen_by_it() {
    let platform = platform();
    assert_eq!(
        nodes(&platform, "raw.order_rows.amount"),
        of(&[
            ("shop.orders", "reads 1 orders.sql:1"),
            ("shop.hidden", "perhaps 1 hidden.sql:1"),
            ("shop.gold.open_orders", "reads 2 views.sql:2"),
            ("shop.gold.refresh", "reads 2 views.sql:5"),
            ("shop.log", "reads 2 log.sql:1"),
            ("shop.worth", "reads 3 worth.sql:1"),
            ("ledger.shop_orders", "reads 2 loads.yml:4"),
            ("ledger.revenue", "reads 3 revenue.sql:2"),
        ])
    );
    let note = nodes(&platform, "raw.order_rows.note");
    assert_eq!(note.get("shop.notes").map(String::as_str), Some("reads 1 notes.sql:1"));
    assert!(!note.contains_key("shop.orders"), "{note:?}");
    // What only stands in a condition changes which rows there are, everywhere behind it.
    let gone = nodes(&platform, "raw.order_rows.gone");
    assert_eq!(gone.get("shop.orders").map(String::as_str), Some("rows 1 orders.sql:3"));
    assert_eq!(gone.get("ledger.revenue").map(String::as_str), Some("rows 3 revenue.sql:3"));
    let state = nodes(&platform, "silver.orders.state");
    assert_eq!(state.get("shop.gold.open_orders").map(String::as_str), Some("rows 1 views.sql:2"));
    assert_eq!(state.get("shop.worth").map(String::as_str), Some("rows 2 worth.sql:1"));
}

#[test]
fn all_columns_of_an_unknown_table_are_a_perhaps() {
    let platform = platform();
    let lines = nodes(&platform, "raw.line_rows.price");
    assert_eq!(lines.get("shop.lines").map(String::as_str), Some("reads 1 lines.sql:1"));
    let more = nodes(&platform, "raw.line_rows.discount");
    assert_eq!(more.get("shop.lines").map(String::as_str), Some("perhaps 1 lines.sql:1"));
}

#[test]
fn the_summary_counts_projects_owners_and_financial_gold() {
    let platform = platform();
    let told = platform.ok(&["impact", "shop_dwh.silver.orders"]).stdout;
    insta::assert_snapshot!(told);
    let nothing = platform.ok(&["impact", "fin.revenue"]).stdout;
    assert_eq!(nothing, "ledger_dwh.fin.revenue: nothing reads it\n");
}

#[test]
fn a_name_means_the_longest_that_fits() {
    let platform = platform();
    let all = [
        "raw.order_rows",
        "RAW.Order_Rows",
        "[raw].[order_rows]",
        "shop_dwh.raw.order_rows",
        "\"shop_dwh\".raw.order_rows",
    ];
    for name in all {
        assert!(nodes(&platform, name).contains_key("shop.notes"), "{name}");
    }
    // A node's id comes before a relation, and its name before a relation's bare one.
    assert!(!nodes(&platform, "shop.worth").contains_key("shop.worth"));
    let told = platform.run(&["impact", "silver.ordrs"]);
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("did you mean `silver.orders`?"), "{}", told.stderr);
    let told = platform.ok(&["impact", "raw.line_rows.nothing"]);
    assert!(told.stdout.contains("perhaps"), "{}", told.stdout);
    let told = platform.run(&["impact", "raw.order_rows.amont"]);
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("did you mean `amount`?"), "{}", told.stderr);
    for name in ["", ".", "a..b", "[", "raw.", "\"", "a.b.c.d.e.f"] {
        let told = platform.run(&["impact", name]);
        assert_eq!(told.code, 2, "`{name}`: {}{}", told.stdout, told.stderr);
    }
}

#[test]
fn a_name_that_could_be_several_is_not_guessed() {
    let platform = platform();
    platform.write("projects/ledger/silver/orders.sql", "select double_amount from raw.shop_orders");
    let told = platform.run(&["impact", "silver.orders"]);
    assert_eq!(told.code, 2);
    assert!(
        told.stderr.contains("name one of ledger_dwh.silver.orders, shop_dwh.silver.orders"),
        "{}",
        told.stderr
    );
}
