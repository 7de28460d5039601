//! `goldsmith lsp`, driven over standard input and output as an editor would.
#![cfg(unix)]

mod common;

use common::Platform;
use common::editor::Editor;
use serde_json::{Value, json};

const ORDERS: &str = "projects/shop/silver/orders.sql";
const REPORT: &str = "projects/shop/gold/operational/report.sql";
const PNL: &str = "projects/shop/gold/financial/pnl.sql";
const LOADS: &str = "projects/shop/bronze/loads.yml";
const LEDGER: &str = "projects/erp/gold/financial/ledger.sql";
const PROCEDURES: &str = "projects/erp/init/procedures.sql";

const ORDERS_SQL: &str = "select id, account_id, {{ cents('amount') }} as amount\n\
                          from {{ source('shop', 'raw_orders') }} o\n\
                          join raw.sf_account a on a.id = o.account_id\n";
const REPORT_SQL: &str =
    "with t as (select * from {{ ref('orders') }})\nselect * from t join silver.orders o on true\n";
const PNL_SQL: &str = "create or replace table fin.pnl as\nselect sum(amount) as amount from silver.orders;\n\
                       create or replace view fin.pnl_view as select * from fin.pnl;\n";
const LOADS_YML: &str = "version: 2\nloads:\n  - name: raw_orders\n    from: { file: \"data/orders.csv\" }\n  \
                         - name: sf_account\n    from: { project: sfdc, relation: silver.account }\n";
const LEDGER_SQL: &str = "EXEC fin.fill_ledger;\nSELECT amount INTO fin.total FROM fin.ledger;\n";
const PROCEDURES_SQL: &str = "CREATE TABLE fin.ledger (amount int)\nGO\nCREATE PROCEDURE fin.fill_ledger AS\nBEGIN\n  \
                              INSERT INTO fin.ledger SELECT amount FROM raw.entry;\nEND\n";

fn platform() -> Platform {
    Platform::new(&[
        (
            "goldsmith.yml",
            "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse }\nlint: { GS302: off, GS4xx: off }\n",
        ),
        (
            "projects/sfdc/project.yml",
            "name: sfdc\nowner: sales\ndatabase: sfdc_dwh\npublic: [silver.account]\n",
        ),
        ("projects/sfdc/bronze/loads.yml", "version: 2\nloads:\n  - name: account_raw\n    from: external\n"),
        ("projects/sfdc/silver/account.sql", "select * from {{ source('sfdc', 'account_raw') }}\n"),
        ("projects/sfdc/silver/secret.sql", "select * from {{ ref('account') }}\n"),
        ("projects/shop/project.yml", "name: shop\nowner: web team\ndatabase: shop_dwh\n"),
        (LOADS, LOADS_YML),
        ("projects/shop/data/orders.csv", "id,account_id,amount\n1,1,1\n"),
        (
            "projects/shop/silver/models.yml",
            "version: 2\nmodels:\n  - name: orders\n    description: One row an order.\n    columns:\n      \
             - name: id\n        data_tests: [unique]\n",
        ),
        (ORDERS, ORDERS_SQL),
        (REPORT, REPORT_SQL),
        (PNL, PNL_SQL),
        ("projects/shop/macros/money.sql", "\n{% macro cents(column) %}{{ column }} / 100{% endmacro %}\n"),
        ("projects/erp/project.yml", "name: erp\ndatabase: erp_dwh\ndialect: tsql\n"),
        ("projects/erp/bronze/loads.yml", "version: 2\nloads:\n  - name: entry\n    from: external\n"),
        (LEDGER, LEDGER_SQL),
        (PROCEDURES, PROCEDURES_SQL),
    ])
}

/// A text with `|` before the nth (from 0) place of a word.
fn mark(text: &str, word: &str, nth: usize) -> String {
    let (at, _) = text.match_indices(word).nth(nth).expect("the word is there");
    format!("{}|{}", &text[..at], &text[at..])
}

fn hover(editor: &mut Editor, path: &str, marked: &str) -> String {
    let position = editor.at(path, marked);
    let answer = editor.ask("textDocument/hover", position);
    answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

fn definition(editor: &mut Editor, path: &str, marked: &str) -> Vec<String> {
    let position = editor.at(path, marked);
    let answer = editor.ask("textDocument/definition", position);
    editor.places(&answer)
}

fn references(editor: &mut Editor, path: &str, marked: &str, declared: bool) -> Vec<String> {
    let mut params = editor.at(path, marked);
    params["context"] = json!({"includeDeclaration": declared});
    let answer = editor.ask("textDocument/references", params);
    editor.places(&answer)
}

fn completion(editor: &mut Editor, path: &str, marked: &str) -> Vec<String> {
    let position = editor.at(path, marked);
    let answer = editor.ask("textDocument/completion", position);
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|i| i["textEdit"]["newText"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn begins_and_ends_as_the_protocol_says() {
    let platform = platform();
    let (mut editor, answer) = Editor::ready(&platform, json!({}));
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(answer["serverInfo"]["name"], "goldsmith");
    assert_eq!(editor.refused("initialize", json!({"capabilities": {}})), -32600);
    assert_eq!(editor.refused("textDocument/rename", json!({})), -32601);
    assert_eq!(editor.refused("textDocument/hover", json!({"position": 3})), -32602);
    editor.tell("$/setTrace", json!({"value": "off"}));
    editor.tell("no/suchThing", json!([1, 2]));
    editor.ask("shutdown", Value::Null);
    assert_eq!(editor.refused("textDocument/hover", json!({})), -32600);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end().code(), Some(0));

    let mut editor = Editor::start(&platform);
    assert_eq!(editor.refused("textDocument/hover", json!({})), -32002);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end().code(), Some(1), "exit without shutdown");
}

#[test]
fn an_editor_that_goes_away_ends_it() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(ORDERS, 1, ORDERS_SQL);
    editor.hang_up();
    assert_eq!(editor.end().code(), Some(1));
    let mut editor = Editor::start(&platform);
    editor.raw(b"Content-Length: 100\r\n\r\n{\"jsonrpc\"");
    editor.hang_up();
    assert_eq!(editor.end().code(), Some(1), "in the middle of a message");
}

#[test]
fn garbage_is_refused_and_the_rest_is_answered() {
    let platform = platform();
    let mut editor = Editor::start(&platform);
    editor.raw(b"hello\r\n\r\n\xFF\xFE\x00\r\n\r\nContent-Length: nonsense\r\n\r\n");
    editor.raw(b"Content-Length: 10\r\n\r\n\xFF\xFFnot json");
    assert_eq!(editor.wait(|m| m["error"].is_object())["error"]["code"], -32700);
    editor.send(&json!([1, {"method": 4}]));
    assert_eq!(editor.wait(|m| m["error"].is_object())["error"]["code"], -32600);
    let deep = "[".repeat(100_000);
    editor.raw(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes());
    assert_eq!(editor.wait(|m| m["error"].is_object())["error"]["code"], -32700);
    editor.ask("initialize", json!({"capabilities": {}}));
    let file = editor.uri(ORDERS);
    for params in [
        json!(null),
        json!({"textDocument": 1}),
        json!({"textDocument": {"uri": "::: no uri"}, "contentChanges": []}),
        json!({"textDocument": {"uri": file, "version": 1}, "contentChanges": [{"range": 5}]}),
        json!({"textDocument": {"uri": file, "version": 1}, "contentChanges": [{"text": "not open"}]}),
    ] {
        for method in ["didOpen", "didChange", "didSave", "didClose"] {
            editor.tell(&format!("textDocument/{method}"), params.clone());
        }
        editor.tell("$/cancelRequest", params.clone());
        editor.tell("workspace/didChangeWatchedFiles", params);
    }
    editor.open(ORDERS, 1, "select '");
    let far = json!({"line": u32::MAX, "character": u32::MAX});
    editor.edit(
        ORDERS,
        2,
        &json!([{"range": {"start": far, "end": {"line": 0, "character": 3}}, "text": "\u{0}{{"}]),
    );
    for method in ["hover", "definition", "completion", "references"] {
        let mut params = json!({"textDocument": {"uri": file}, "position": far});
        if method == "references" {
            params["context"] = json!({"includeDeclaration": true});
        }
        editor.ask(&format!("textDocument/{method}"), params);
    }
    assert_eq!(editor.leave().code(), Some(0));
    assert!(!editor.log().contains("mistake in goldsmith"));
}

#[test]
fn diagnostics_follow_what_is_typed() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(PNL, 1, PNL_SQL);
    assert_eq!(editor.told(PNL, Some(1)), []);
    // Another project's relation, behind an umlaut and a character beyond the BMP.
    let crossing = format!("{PNL_SQL}select 'ä\u{1F600}', * from sfdc_dwh.silver.account;\n");
    editor.change(PNL, 2, &crossing);
    assert_eq!(editor.told(PNL, Some(2)), [("GS101".to_owned(), [3, 21, 44])]);
    // The change is one of the text alone: nothing was saved.
    assert_eq!(platform.read(PNL), PNL_SQL);
    let line = json!({"start": {"line": 3, "character": 0}, "end": {"line": 4, "character": 0}});
    editor.edit(PNL, 3, &json!([{"range": line, "text": "select 1;"}]));
    assert_eq!(editor.told(PNL, Some(3)), []);
    // What one file says of another is told there, and taken back.
    editor.open(REPORT, 1, REPORT_SQL);
    assert_eq!(editor.told(REPORT, Some(1)), []);
    editor.open(ORDERS, 1, ORDERS_SQL);
    assert_eq!(editor.told(ORDERS, Some(1)), []);
    editor.change(ORDERS, 2, "{{ config(enabled=false) }}\nselect 1\n");
    while !editor.told(REPORT, Some(1)).iter().any(|(code, _)| code == "GS204") {}
    editor.close(ORDERS);
    while !editor.told(REPORT, Some(1)).is_empty() {}
    assert_eq!(editor.leave().code(), Some(0));
}

#[test]
fn the_last_of_many_changes_is_the_one_that_counts() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(PNL, 1, PNL_SQL);
    let end = json!({"line": 3, "character": 0});
    let text = "select * from sfdc_dwh.silver.account;";
    let mut version = 1;
    for (at, c) in text.char_indices() {
        version += 1;
        let here = json!({"line": 3, "character": at});
        editor.edit(PNL, version, &json!([{"range": {"start": here, "end": here}, "text": c.to_string()}]));
    }
    assert_eq!(editor.told(PNL, Some(version)), [("GS101".to_owned(), [3, 14, 37])]);
    editor.edit(
        PNL,
        version + 1,
        &json!([{"range": {"start": end, "end": {"line": 3, "character": 99}}, "text": ""}]),
    );
    assert_eq!(editor.told(PNL, Some(version + 1)), []);
}

#[test]
fn columns_are_bytes_where_the_client_can_count_them() {
    let platform = platform();
    let offered = json!({"general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]}});
    let (mut editor, answer) = Editor::ready(&platform, offered);
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-8");
    let text = format!("{PNL_SQL}select 'ä\u{1F600}', * from sfdc_dwh.silver.account;\n");
    editor.open(PNL, 1, &text);
    assert_eq!(editor.told(PNL, Some(1)), [("GS101".to_owned(), [3, 24, 47])]);
}

#[test]
fn a_diagnostic_says_all_that_the_lint_says() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(PNL, 1, &format!("{PNL_SQL}select * from sfdc_dwh.silver.account;\n"));
    let found = editor.diagnostics(PNL, Some(1));
    assert_eq!(found[0]["source"], "goldsmith");
    assert_eq!(found[0]["severity"], 1);
    let message = found[0]["message"].as_str().expect("a text");
    assert!(message.contains("\nhelp: ") && message.contains("sf_account"), "{message}");
    editor.change(PNL, 2, PNL_SQL);
    assert_eq!(editor.told(PNL, Some(2)), []);
    // Two makers of one relation: the other one is a related place.
    let second = "projects/shop/gold/financial/pnl2.sql";
    editor.open(second, 1, "create or replace table fin.pnl as select 1 as a;\n");
    let found = [editor.diagnostics(second, Some(1)), editor.diagnostics(PNL, Some(2))].concat();
    let related = &found.iter().find(|d| d["code"] == "GS202").expect("GS202")["relatedInformation"];
    assert!(related[0]["location"]["uri"].as_str().expect("a URI").contains("/gold/financial/pnl"));
}

#[test]
fn files_outside_of_a_platform_are_read_alone() {
    let platform = platform();
    let other = tempfile::tempdir().expect("a folder");
    let path = other.path().join("loose ä.sql");
    let path = path.to_str().expect("Unicode");
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    let uri = format!("file://{}", path.replace(' ', "%20").replace('ä', "%C3%A4"));
    editor.open(&uri, 1, "SELECT * FROM sfdc_dwh.silver.account;\nDELETE dbo.x WHERE a = 'open");
    assert_eq!(editor.told(&uri, Some(1)), [("GS907".to_owned(), [1, 23, 23])]);
    let symbols = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    assert_eq!(symbols[1]["name"], "DELETE dbo.x");
    editor.change(&uri, 2, "SELECT 1");
    assert_eq!(editor.told(&uri, Some(2)), []);
    editor.open("untitled:Untitled-1", 1, "SELECT 'a");
    assert_eq!(editor.told("untitled:Untitled-1", Some(1)), [("GS907".to_owned(), [0, 7, 7])]);
    let position =
        json!({"textDocument": {"uri": "untitled:Untitled-1"}, "position": {"line": 0, "character": 1}});
    assert_eq!(editor.ask("textDocument/hover", position), Value::Null);
    editor.close("untitled:Untitled-1");
    assert_eq!(editor.told("untitled:Untitled-1", None), []);
}

#[test]
fn files_that_change_on_disk_are_read_again() {
    let platform = platform();
    let watching = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    let (mut editor, _) = Editor::ready(&platform, watching);
    let asked = editor.wait(|m| m["method"] == "client/registerCapability");
    assert_eq!(asked["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    editor.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": null}));
    let changed = |editor: &mut Editor| {
        let changes = json!([{"uri": editor.uri(PNL), "type": 2}]);
        editor.tell("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    };
    platform.write(PNL, "select * from sfdc_dwh.silver.account;\n");
    changed(&mut editor);
    assert!(editor.told(PNL, None).iter().any(|(code, _)| code == "GS101"));
    platform.write(PNL, PNL_SQL);
    changed(&mut editor);
    assert_eq!(editor.told(PNL, None), []);
    // A file that is new, and a platform that goes.
    platform.write("projects/shop/silver/new.sql", "select * from {{ ref('nothing') }}");
    changed(&mut editor);
    assert_eq!(editor.told("projects/shop/silver/new.sql", None)[0].0, "GS204");
    platform.remove("goldsmith.yml");
    changed(&mut editor);
    assert_eq!(editor.told("projects/shop/silver/new.sql", None), []);
}

#[test]
fn hover_tells_what_a_name_is() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    for (path, text) in [(ORDERS, ORDERS_SQL), (REPORT, REPORT_SQL), (PNL, PNL_SQL), (LOADS, LOADS_YML)] {
        editor.open(path, 1, text);
    }
    let orders = "**shop.orders**: view model, silver\n\nOne row an order.\n\n\
                  - relation: `shop_dwh.silver.orders`\n- owner: web team\n\
                  - reads: `shop_dwh.raw.raw_orders`, `shop_dwh.raw.sf_account`\n\
                  - read by: `shop.pnl`, `shop.report`\n";
    for (path, text, word, nth) in [
        (REPORT, REPORT_SQL, "orders'", 0),
        (REPORT, REPORT_SQL, "orders o", 0),
        (PNL, PNL_SQL, "silver.orders", 0),
        (ORDERS, ORDERS_SQL, "account_id", 0),
    ] {
        let told = hover(&mut editor, path, &mark(text, word, nth));
        let told = told.split("- tests:").next().expect("a start");
        let sorted = told.replace("`shop.report`, `shop.pnl`", "`shop.pnl`, `shop.report`");
        assert_eq!(sorted, orders, "{path} at {word}");
    }
    let load = hover(&mut editor, ORDERS, &mark(ORDERS_SQL, "raw_orders", 0));
    assert!(load.starts_with("**shop.raw_orders**: load of `data/orders.csv`, bronze\n"), "{load}");
    assert_eq!(hover(&mut editor, LOADS, &mark(LOADS_YML, "raw_orders", 0)), load);
    let import = hover(&mut editor, ORDERS, &mark(ORDERS_SQL, "sf_account", 0));
    assert!(import.starts_with("**shop.sf_account**: import of `silver.account` from `sfdc`"), "{import}");
    let owned = hover(&mut editor, LOADS, &mark(LOADS_YML, "silver.account", 0));
    assert!(owned.contains("belongs to project **sfdc**") && owned.contains("- owner: sales"), "{owned}");
    let view = hover(&mut editor, PNL, &mark(PNL_SQL, "pnl_view", 0));
    assert!(view.contains("relation **shop_dwh.fin.pnl_view**") && view.contains("`shop.pnl`"), "{view}");
    let file = hover(&mut editor, PNL, &mark(PNL_SQL, "create", 0));
    assert!(file.starts_with("**shop.pnl**: script, gold, financial"), "{file}");
    assert!(file.contains("- writes: `shop_dwh.fin.pnl`, `shop_dwh.fin.pnl_view`"), "{file}");
    assert_eq!(hover(&mut editor, PNL, &mark(PNL_SQL, "sum(", 0)), "", "nothing there");
    let cents = hover(&mut editor, ORDERS, &mark(ORDERS_SQL, "cents", 0));
    assert!(cents.contains("macro **cents**") && cents.contains("macros/money.sql:2"), "{cents}");
}

#[test]
fn procedures_are_known_by_what_they_touch() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(LEDGER, 1, LEDGER_SQL);
    editor.open(PROCEDURES, 1, PROCEDURES_SQL);
    let marked = mark(LEDGER_SQL, "fill_ledger", 0);
    let told = hover(&mut editor, LEDGER, &marked);
    assert!(told.starts_with("procedure **erp_dwh.fin.fill_ledger**"), "{told}");
    assert!(told.contains("init/procedures.sql:3"), "{told}");
    assert!(told.contains("- reads: `erp_dwh.raw.entry`\n- writes: `erp_dwh.fin.ledger`"), "{told}");
    assert_eq!(definition(&mut editor, LEDGER, &marked), [format!("{PROCEDURES}:2:17-32")]);
    let uses = references(&mut editor, PROCEDURES, &mark(PROCEDURES_SQL, "fill_ledger", 0), true);
    assert_eq!(uses, [format!("{LEDGER}:0:5-20"), format!("{PROCEDURES}:2:17-32")]);
    let table = definition(&mut editor, LEDGER, &mark(LEDGER_SQL, "ledger;\n", 1));
    assert_eq!(table, [format!("{PROCEDURES}:0:13-23")]);
}

#[test]
fn definitions_are_where_things_are_made() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    for (path, text) in [(ORDERS, ORDERS_SQL), (REPORT, REPORT_SQL), (PNL, PNL_SQL), (LOADS, LOADS_YML)] {
        editor.open(path, 1, text);
    }
    for (path, text, word, wanted) in [
        (REPORT, REPORT_SQL, "orders'", format!("{ORDERS}:0:0-0")),
        (REPORT, REPORT_SQL, "silver.orders", format!("{ORDERS}:0:0-0")),
        (ORDERS, ORDERS_SQL, "raw_orders'", format!("{LOADS}:2:10-20")),
        (ORDERS, ORDERS_SQL, "sf_account", format!("{LOADS}:4:10-20")),
        (ORDERS, ORDERS_SQL, "cents", "projects/shop/macros/money.sql:1:9-14".to_owned()),
        (PNL, PNL_SQL, "fin.pnl;", format!("{PNL}:0:24-31")),
        (LOADS, LOADS_YML, "silver.account", "projects/sfdc/silver/account.sql:0:0-0".to_owned()),
    ] {
        assert_eq!(definition(&mut editor, path, &mark(text, word, 0)), [wanted], "{path} at {word}");
    }
}

#[test]
fn references_are_every_place() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(ORDERS, 1, ORDERS_SQL);
    editor.open(REPORT, 1, REPORT_SQL);
    let readers = [
        format!("{PNL}:1:34-47"),
        format!("{REPORT}:0:28-41"),
        format!("{REPORT}:1:21-34"),
        "projects/shop/silver/models.yml:6:21-27".to_owned(),
    ];
    assert_eq!(references(&mut editor, REPORT, &mark(REPORT_SQL, "orders'", 0), false), readers);
    assert_eq!(references(&mut editor, REPORT, &mark(REPORT_SQL, "silver.orders", 0), false), readers);
    assert_eq!(
        references(&mut editor, ORDERS, &mark(ORDERS_SQL, "amount", 1), false),
        readers,
        "from its file"
    );
    let mut declared = readers.to_vec();
    declared.insert(3, "projects/shop/silver/orders.sql:0:0-0".to_owned());
    let mut found = references(&mut editor, REPORT, &mark(REPORT_SQL, "orders'", 0), true);
    found.sort();
    declared.sort();
    assert_eq!(found, declared);
    let cents = references(&mut editor, ORDERS, &mark(ORDERS_SQL, "cents", 0), false);
    assert_eq!(cents, [format!("{ORDERS}:0:26-31")]);
}

#[test]
fn completion_offers_what_may_be_read() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    let mut version = 0;
    let mut offered = |path: &str, marked: &str| {
        version += 1;
        let text = marked.replacen('|', "", 1);
        editor.open(path, version, &text);
        completion(&mut editor, path, marked)
    };
    let own = ["fin.pnl", "fin.pnl_view", "gold.report", "raw.raw_orders", "silver.orders", "raw.sf_account"];
    assert_eq!(offered(PNL, "select * from |"), own[2..], "not what it makes itself");
    assert_eq!(offered(REPORT, "select * from a join |")[..2], own[..2]);
    assert_eq!(offered(REPORT, "select * from silver.orders o, |").len(), 5);
    assert_eq!(offered(REPORT, "select * from silver.o|"), ["silver.orders"]);
    assert_eq!(offered(REPORT, "select * from raw.|"), ["raw.raw_orders", "raw.sf_account"]);
    assert_eq!(offered(REPORT, "select * from shop_dwh.silver.|"), ["shop_dwh.silver.orders"]);
    assert_eq!(offered(REPORT, "select * from sfdc_dwh.silver.|"), ["raw.sf_account"], "the import instead");
    assert_eq!(offered(REPORT, "select * from {{ ref('|') }}"), ["orders"]);
    assert_eq!(offered(REPORT, "select * from {{ ref('or|"), ["orders"]);
    assert_eq!(offered(REPORT, "select * from {{ source('|"), ["shop"]);
    assert_eq!(offered(REPORT, "select * from {{ source('shop', '|') }}"), ["raw_orders", "sf_account"]);
    assert_eq!(offered(REPORT, "select * from {{ source('sfdc', '|') }}"), [""; 0]);
    for nothing in
        ["select |", "select * from a where |", "-- from |", "select 'from |", "select * from f(a, |"]
    {
        assert_eq!(offered(REPORT, nothing), [""; 0], "{nothing}");
    }
    let yaml = LOADS_YML.replace("silver.account }", "|}");
    assert_eq!(offered(LOADS, &yaml), ["silver.account"], "what is public");
    let yaml = LOADS_YML.replace("project: sfdc", "project: |");
    assert_eq!(offered(LOADS, &yaml), ["erp", "sfdc"]);
}

#[test]
fn symbols_are_statements_and_nodes() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(PROCEDURES, 1, PROCEDURES_SQL);
    let uri = editor.uri(PROCEDURES);
    let found = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    assert_eq!(found[0]["name"], "CREATE fin.ledger");
    assert_eq!(found[1]["name"], "procedure fin.fill_ledger");
    assert_eq!(found[1]["children"][0]["name"], "INSERT fin.ledger");
    assert_eq!(found[1]["children"][0]["detail"], "reads raw.entry");
    assert_eq!(found.as_array().map(Vec::len), Some(2));
    let found = editor.ask("workspace/symbol", json!({"query": "sh ord"}));
    let names: Vec<&str> =
        found.as_array().expect("a list").iter().filter_map(|s| s["name"].as_str()).collect();
    assert_eq!(names, ["orders", "raw_orders"]);
    assert_eq!(found[1]["containerName"], "shop");
}

#[test]
fn a_broken_text_is_answered_as_it_last_was_whole() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    editor.open(REPORT, 1, REPORT_SQL);
    assert_eq!(editor.told(REPORT, Some(1)), []);
    editor.open(ORDERS, 1, ORDERS_SQL);
    assert_eq!(editor.told(ORDERS, Some(1)), []);
    // A tag that is never closed, and a string that is never closed, before the names.
    for (version, broken) in [(2, "{{ cents( \n"), (3, "select 'open\n"), (4, "{% if %}\n")] {
        let text = format!("{broken}{REPORT_SQL}");
        editor.change(REPORT, version, &text);
        assert_ne!(editor.told(REPORT, Some(version)), [], "{broken}");
        let marked = mark(&text, "silver.orders", 0);
        let told = hover(&mut editor, REPORT, &marked);
        assert!(told.contains("One row an order."), "{broken}: {told}");
        assert_eq!(definition(&mut editor, REPORT, &marked), [format!("{ORDERS}:0:0-0")], "{broken}");
        let uses = references(&mut editor, ORDERS, &mark(ORDERS_SQL, "amount", 1), false);
        let wanted = [format!("{PNL}:1:34-47"), format!("{REPORT}:1:28-41"), format!("{REPORT}:2:21-34")];
        assert_eq!(uses[..3], wanted, "{broken}");
    }
    editor.change(REPORT, 5, "select * from {{ ref('orders') }}");
    assert_eq!(editor.told(REPORT, Some(5)), []);
    let uses = references(&mut editor, ORDERS, &mark(ORDERS_SQL, "amount", 1), false);
    assert_eq!(uses[1], format!("{REPORT}:0:17-30"));
}

#[test]
fn a_request_can_be_cancelled() {
    let platform = platform();
    let mut editor = Editor::start(&platform);
    let folder = json!([{"uri": editor.uri(""), "name": "test"}]);
    // All in one piece: nothing can be answered before the platform was looked at.
    editor.request("initialize", json!({"capabilities": {}, "workspaceFolders": folder}));
    editor.open(REPORT, 1, REPORT_SQL);
    let position = editor.at(REPORT, &mark(REPORT_SQL, "silver.orders", 0));
    let first = editor.request("textDocument/hover", position.clone());
    editor.tell("$/cancelRequest", json!({"id": first}));
    let second = editor.request("textDocument/hover", position);
    let answers = [editor.answer(first), editor.answer(second)];
    assert_eq!(answers[0]["error"]["code"], -32800);
    assert!(answers[1]["result"]["contents"]["value"].is_string());
    editor.tell("$/cancelRequest", json!({"id": second}));
    assert_eq!(editor.leave().code(), Some(0));
}

/// Pieces that break texts in every way that a reader minds.
const PIECES: [&str; 24] = [
    "select ",
    "from ",
    "silver.orders ",
    "'",
    "\"",
    "[",
    "]",
    "--",
    "/*",
    "*/",
    "{{ ",
    " }}",
    "{% ",
    " %}",
    "{#",
    "ref('orders')",
    "source('",
    ".",
    ",",
    "\n",
    "\r",
    "ä\u{1F600}",
    "create proc p as ",
    "(",
];

#[test]
fn whatever_is_typed_is_answered_and_comes_to_the_same() {
    let platform = platform();
    let (mut editor, _) = Editor::ready(&platform, json!({}));
    let mut state = 42_usize;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for path in [REPORT, PNL, LEDGER, LOADS, "projects/shop/macros/money.sql"] {
        // The text as UTF-16, as a client holds it; its breaks are `\n` and `\r`, never both.
        let mut text: Vec<u16> = platform.read(path).encode_utf16().collect();
        editor.open(path, 1, &String::from_utf16(&text).expect("whole characters"));
        for version in 2..40 {
            let (from, until) = (random(text.len() + 1), random(text.len() + 1));
            let inside = |at: usize| text.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit));
            let from = if inside(from) { from - 1 } else { from };
            let until = (from + until % 4).min(text.len());
            let until = if inside(until) { until - 1 } else { until };
            let position = |at: usize| {
                let breaks = |unit: &u16| *unit == 10 || *unit == 13;
                let before = &text[..at];
                let line = before.iter().filter(|u| breaks(u)).count();
                let column = before.iter().rev().take_while(|u| !breaks(u)).count();
                json!({"line": line, "character": column})
            };
            let piece = PIECES[random(PIECES.len())];
            // A `\r` before a `\n` would be one break.
            let piece = if piece.contains(['\n', '\r']) { "\n" } else { piece };
            let range = json!({"start": position(from), "end": position(until)});
            editor.edit(path, version, &json!([{"range": range, "text": piece}]));
            text.splice(from..until, piece.encode_utf16());
            let here = json!({"line": random(6), "character": random(60)});
            for method in ["hover", "definition", "completion", "references", "documentSymbol"] {
                let mut params = json!({"textDocument": {"uri": editor.uri(path)}, "position": here});
                if method == "references" {
                    params["context"] = json!({"includeDeclaration": true});
                }
                editor.ask(&format!("textDocument/{method}"), params);
            }
        }
        let by_edits = editor.told(path, Some(39));
        editor.change(path, 40, &String::from_utf16(&text).expect("whole characters"));
        assert_eq!(editor.told(path, Some(40)), by_edits, "{path}");
    }
    assert_eq!(editor.leave().code(), Some(0));
    assert!(!editor.log().contains("panicked"));
}

/// Carries out what an action changes, file by file as a client would; the new texts by path.
fn carried_out(editor: &Editor, action: &Value, open: &[(&str, &str)]) -> Vec<(String, String)> {
    let below = editor.uri("");
    let mut found = Vec::new();
    for change in action["edit"]["documentChanges"].as_array().expect("changes") {
        if change["kind"] == "create" {
            continue;
        }
        let uri = change["textDocument"]["uri"].as_str().expect("a URI");
        let path = uri.strip_prefix(below.as_str()).expect("below the platform").to_owned();
        let mut text = open.iter().find(|(p, _)| *p == path).map_or(String::new(), |(_, t)| (*t).to_owned());
        let offset = |text: &str, position: &Value| {
            let line = usize::try_from(position["line"].as_u64().expect("a line")).expect("small");
            let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
            start + usize::try_from(position["character"].as_u64().expect("a column")).expect("small")
        };
        for edit in change["edits"].as_array().expect("edits").iter().rev() {
            let range = &edit["range"];
            let (from, until) = (offset(&text, &range["start"]), offset(&text, &range["end"]));
            text.replace_range(from..until, edit["newText"].as_str().expect("a text"));
        }
        found.push((path, text));
    }
    found
}

#[test]
fn a_crossing_is_mended_with_one_stroke() {
    let platform = platform();
    let able =
        json!({"workspace": {"workspaceEdit": {"documentChanges": true, "resourceOperations": ["create"]}}});
    let (mut editor, answer) = Editor::ready(&platform, able);
    assert_eq!(answer["capabilities"]["codeActionProvider"]["codeActionKinds"], json!(["quickfix"]));
    let project = "projects/sfdc/project.yml";
    let public = "name: sfdc\nowner: sales\ndatabase: sfdc_dwh\npublic: [silver.account, silver.secret]\n";
    editor.open(project, 1, public);
    editor.open(LOADS, 1, LOADS_YML);
    // Nothing is saved: what is changed is the text as it is typed.
    let text = format!("{REPORT_SQL}join sfdc_dwh.silver.secret s on true\n");
    editor.open(REPORT, 1, &text);
    let told = editor.diagnostics(REPORT, Some(1));
    assert_eq!(told[0]["code"], "GS101");
    let range = told[0]["range"].clone();
    let params = |editor: &Editor, path: &str, range: &Value| json!({"textDocument": {"uri": editor.uri(path)}, "range": range, "context": {"diagnostics": told}});
    let asked = params(&editor, REPORT, &range);
    let actions = editor.ask("textDocument/codeAction", asked);
    assert_eq!(actions.as_array().map(Vec::len), Some(1), "{actions}");
    assert_eq!(actions[0]["kind"], "quickfix");
    assert_eq!(actions[0]["diagnostics"][0]["code"], "GS101");
    let changed = carried_out(&editor, &actions[0], &[(REPORT, &text), (LOADS, LOADS_YML)]);
    assert_eq!(changed.len(), 2, "{changed:?}");
    for (path, text) in &changed {
        if path == REPORT || path == LOADS {
            editor.change(path, 2, text);
        } else {
            editor.open(path, 2, text);
        }
    }
    assert_eq!(editor.told(REPORT, Some(2)), []);
    let start = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
    let asked = params(&editor, REPORT, &start);
    assert_eq!(editor.ask("textDocument/codeAction", asked), json!([]));
    // A script, whose import is there already: somebody decides on it here.
    let script = format!("{PNL_SQL}select * from sfdc_dwh.silver.account;\n");
    editor.open(PNL, 1, &script);
    let told_script = editor.diagnostics(PNL, Some(1));
    let asked = params(&editor, PNL, &told_script[0]["range"]);
    let actions = editor.ask("textDocument/codeAction", asked);
    let changed = carried_out(&editor, &actions[0], &[(PNL, &script)]);
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].1.contains("raw.sf_account"), "{changed:?}");
    editor.change(PNL, 2, &changed[0].1);
    assert_eq!(editor.told(PNL, Some(2)), []);
}
