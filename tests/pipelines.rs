//! What the three pipelines do to the tables, end to end on DuckDB: deltas by watermark, drift, deleted
//! records, changed shapes, init and what it must not touch.

mod common;

use std::fmt::Write as _;

use common::Platform;
use proptest::prelude::*;

const LOADS: &str = "\
version: 2
loads:
  - name: orders
    from: { file: \"data/orders.csv\" }
    key: [id]
    modified: changed
    deleted: gone
    columns:
      - { name: amount, data_type: \"decimal(12,2)\" }
      - { name: gone, data_type: boolean }
";
const HEAD: &str = "id,amount,changed,gone\n";
const ALL: &str = "SELECT id, amount, changed FROM raw.orders ORDER BY id";

/// A shop with orders, a model and a financial script.
fn shop(rows: &str) -> Platform {
    let platform = Platform::shop(&[
        ("bronze/orders.yml", LOADS),
        (
            "silver/total.sql",
            "{{ config(materialized='table') }}\nselect sum(amount) as total from {{ source('shop', 'orders') }}",
        ),
        (
            "gold/financial/revenue.sql",
            "CREATE OR REPLACE TABLE fin.revenue AS SELECT total FROM silver.total;",
        ),
    ]);
    source(&platform, rows);
    platform
}

fn source(platform: &Platform, rows: &str) {
    platform.write("projects/shop/data/orders.csv", format!("{HEAD}{rows}"));
}

fn hourly(platform: &Platform) -> String {
    platform.ok(&["run", "--pipeline", "hourly"]).stderr
}

const THREE: &str = "1,10.00,2026-01-01 08:00:00,false\n2,20.00,2026-01-01 09:00:00,false\n\
                     3,30.00,2026-01-01 10:00:00,false\n";

#[test]
fn hourly_upserts_what_has_changed_and_leaves_financial_gold_alone() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT total FROM fin.revenue"), "60.00");
    // A new order, a changed one, a deleted one; and an old one that changed without saying so.
    source(
        &platform,
        "1,11.11,2026-01-01 08:00:00,false\n2,22.00,2026-01-01 11:00:00,false\n\
         3,30.00,2026-01-01 11:30:00,true\n4,40.00,2026-01-01 12:00:00,false\n",
    );
    let told = hourly(&platform);
    assert!(told.contains("shop.orders  3 rows (1 inserted, 1 updated, 1 deleted)"), "{told}");
    assert_eq!(
        platform.rows("shop_dwh", ALL),
        "1 10.00 2026-01-01 08:00:00\n2 22.00 2026-01-01 11:00:00\n4 40.00 2026-01-01 12:00:00"
    );
    assert_eq!(platform.rows("shop_dwh", "SELECT total FROM silver.total"), "72.00");
    assert_eq!(platform.rows("shop_dwh", "SELECT total FROM fin.revenue"), "60.00");
    let records = "SELECT mode, row_count, inserted, updated, deleted, watermark FROM goldsmith.loads ORDER BY started_at";
    assert_eq!(
        platform.rows("shop_dwh", records),
        "full 3 3 0 0 2026-01-01 10:00:00\ndelta 3 1 1 1 2026-01-01 12:00:00"
    );
    // The daily run finds what hourly could not see, and says so.
    let told = platform.ok(&["run"]).stderr;
    assert!(told.contains("drift: 1 row corrected that no watermark told of, in shop.orders"), "{told}");
    assert_eq!(platform.rows("shop_dwh", "SELECT total FROM fin.revenue"), "73.11");
}

#[test]
fn financial_gold_is_not_for_hourly_whatever_is_selected() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    for select in ["track:financial", "+revenue", "shop", "shop.revenue"] {
        let outcome = platform.ok(&["run", "--pipeline", "hourly", "--select", select]);
        assert!(!outcome.stderr.contains("revenue"), "{}", outcome.stderr);
    }
    let outcome = platform.ok(&["plan", "--pipeline", "hourly"]);
    assert!(!outcome.stdout.contains("revenue"), "{}", outcome.stdout);
}

#[test]
fn a_second_hourly_run_changes_nothing() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    source(&platform, &format!("{THREE}4,1.00,2026-01-01 10:00:00,false\n"));
    let told = hourly(&platform);
    assert!(told.contains("4 rows (1 inserted)"), "a record of the watermark's very time: {told}");
    let before = platform.rows("shop_dwh", "SELECT * FROM raw.orders ORDER BY ALL");
    for _ in 0..2 {
        let told = hourly(&platform);
        assert!(told.contains("4 rows (unchanged)"), "{told}");
        assert_eq!(platform.rows("shop_dwh", "SELECT * FROM raw.orders ORDER BY ALL"), before);
    }
}

#[test]
fn records_that_were_committed_late_are_within_the_lookback() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    let late = "4,1.00,2026-01-01 09:56:00,false\n5,1.00,2026-01-01 09:54:00,false\n";
    source(&platform, &format!("{THREE}{late}"));
    assert!(hourly(&platform).contains("4 rows (1 inserted)"));
    platform.write("projects/shop/bronze/orders.yml", LOADS.replace("key:", "lookback: 10m\n    key:"));
    assert!(hourly(&platform).contains("5 rows (1 inserted)"));
}

#[test]
fn the_watermark_ignores_the_future() {
    let platform = shop(&format!("{THREE}4,1.00,2999-01-01 00:00:00,false\n"));
    platform.ok(&["run"]);
    source(
        &platform,
        &format!("{THREE}4,1.00,2999-01-01 00:00:00,false\n5,5.00,2026-01-01 10:30:00,false\n"),
    );
    assert!(hourly(&platform).contains("5 rows (1 inserted)"));
    let plan = platform.ok(&["plan", "--pipeline", "hourly", "--select", "shop.orders"]).stdout;
    assert!(plan.contains("WHERE \"changed\" >= CAST('2026-01-01 10:25:00' AS TIMESTAMP)"), "{plan}");
}

#[test]
fn an_empty_table_begins_at_the_beginning() {
    let platform = shop("");
    platform.write(
        "projects/shop/bronze/orders.yml",
        LOADS.replace("columns:", "columns:\n      - { name: id, data_type: integer }\n      - { name: changed, data_type: timestamp }"),
    );
    platform.ok(&["run"]);
    source(&platform, &format!("{THREE}0,1.00,2009-12-31 23:59:59,false\n"));
    let plan = platform.ok(&["plan", "--pipeline", "hourly", "--select", "shop.orders"]).stdout;
    assert!(plan.contains("'2010-01-01T00:00:00Z'"), "{plan}");
    hourly(&platform);
    assert_eq!(platform.rows("shop_dwh", "SELECT string_agg(id, ' ' ORDER BY id) FROM raw.orders"), "1 2 3");
}

#[test]
fn hourly_loads_a_table_that_is_not_there_in_full() {
    let platform = shop(THREE);
    hourly(&platform);
    assert_eq!(platform.rows("shop_dwh", "SELECT mode, row_count FROM goldsmith.loads"), "full 3");
}

#[test]
fn hourly_leaves_loads_without_a_watermark_alone() {
    let platform = shop(THREE);
    platform.write("projects/shop/bronze/orders.yml", LOADS.replace("    modified: changed\n", ""));
    platform.ok(&["run"]);
    source(&platform, "");
    let told = hourly(&platform);
    assert!(!told.contains("shop.orders"), "{told}");
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.orders"), "3");
}

#[test]
fn of_rows_that_share_a_key_the_newest_stays() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    source(
        &platform,
        &format!(
            "{THREE}2,21.00,2026-01-01 11:00:00,false\n2,22.00,2026-01-01 12:00:00,false\n\
             2,22.00,2026-01-01 12:00:00,false\n"
        ),
    );
    let told = hourly(&platform);
    assert!(
        told.contains("note shop.orders: 1 key came more than once: the newest row of each was kept"),
        "{told}"
    );
    assert_eq!(platform.rows("shop_dwh", "SELECT amount FROM raw.orders WHERE id = 2"), "22.00");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT amount FROM raw.orders WHERE id = 2"), "22.00");
}

#[test]
fn rows_that_contradict_each_other_and_null_keys_are_named() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    let before = platform.rows("shop_dwh", ALL);
    for (rows, said) in [
        (
            "7,1.00,2026-01-01 12:00:00,false\n7,2.00,2026-01-01 12:00:00,false\n",
            "rows of raw.orders contradict each other: several with id = 7",
        ),
        (",1.00,2026-01-01 12:00:00,false\n", "the key of raw.orders, id, must not be null: 1 row has none"),
    ] {
        source(&platform, &format!("{THREE}{rows}"));
        for pipeline in ["hourly", "daily"] {
            let outcome = platform.run(&["run", "--pipeline", pipeline]);
            assert_eq!(outcome.code, 1);
            assert!(outcome.stderr.contains(said), "{pipeline}: {}", outcome.stderr);
            assert!(outcome.stderr.contains("bronze/orders.yml:4:"), "{}", outcome.stderr);
            assert_eq!(platform.rows("shop_dwh", ALL), before);
        }
    }
}

#[test]
fn a_source_of_another_shape_is_refused_before_anything_is_touched() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    platform.write(
        "projects/shop/data/orders.csv",
        "id,changed,gone,currency,note\n1,2026-01-01 08:00:00,false,EUR,\n",
    );
    for pipeline in ["daily", "hourly"] {
        let outcome = platform.run(&["run", "--pipeline", pipeline]);
        assert_eq!(outcome.code, 1);
        let said = "the source of raw.orders has changed its shape: added currency (VARCHAR), note (VARCHAR); removed amount";
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        let readers = "amount is read by shop.total (projects/shop/silver/total.sql:2) and shop.revenue (projects/shop/gold/financial/revenue.sql:1)";
        assert!(outcome.stderr.contains(readers), "{}", outcome.stderr);
        assert_eq!(platform.rows("shop_dwh", "SELECT sum(amount) FROM raw.orders"), "60.00");
    }
}

#[test]
fn added_columns_are_appended_where_the_load_says_so() {
    let platform = shop(THREE);
    platform.write(
        "projects/shop/bronze/orders.yml",
        LOADS.replace("key:", "on_schema_change: append\n    key:"),
    );
    platform.ok(&["run"]);
    platform.write(
        "projects/shop/data/orders.csv",
        "id,currency,amount,changed,gone\n1,EUR,10.00,2026-01-01 08:00:00,false\n2,EUR,20.00,2026-01-01 12:00:00,false\n",
    );
    let told = hourly(&platform);
    assert!(
        told.contains("note shop.orders: the source has changed its shape: added currency (VARCHAR)"),
        "{told}"
    );
    let columns = "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'raw'";
    assert_eq!(platform.rows("shop_dwh", columns), "id amount changed gone");
    platform.write(
        "projects/shop/bronze/orders.yml",
        LOADS.replace("key:", "on_schema_change: append\n    max_shrink: 50%\n    key:"),
    );
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", columns), "id amount changed gone currency");
    assert_eq!(
        platform.rows("shop_dwh", "SELECT currency, amount FROM raw.orders ORDER BY id"),
        "EUR 10.00\nEUR 20.00"
    );
}

#[test]
fn init_takes_any_shape_clears_what_is_left_over_and_spares_financial_gold() {
    let platform = shop(THREE);
    platform.write("projects/shop/silver/old.sql", "select 1 as one");
    platform.write(
        "projects/shop/gold/financial/kept.sql",
        "CREATE OR REPLACE TABLE fin.kept AS SELECT 1 AS one;",
    );
    platform.ok(&["run"]);
    platform.remove("projects/shop/silver/old.sql");
    platform.remove("projects/shop/gold/financial/kept.sql");
    platform.write(
        "projects/shop/data/orders.csv",
        "id,amount,changed,gone,currency\n1,10.00,2026-01-01 08:00:00,false,EUR\n2,20.00,2026-01-01 08:00:00,false,EUR\n3,5.00,2026-01-01 08:00:00,false,EUR\n",
    );
    let part = platform.ok(&["plan", "--pipeline", "init", "--select", "total"]).stdout;
    assert!(!part.contains("old"), "a part of a project leaves the rest alone: {part}");
    let told = platform.ok(&["run", "--pipeline", "init"]).stderr;
    assert!(told.contains("Nothing makes shop_dwh.silver.old any more: init drops it."), "{told}");
    assert_eq!(platform.relations("shop_dwh", "silver"), "total BASE TABLE");
    assert_eq!(platform.rows("shop_dwh", "SELECT DISTINCT currency FROM raw.orders"), "EUR");
    assert_eq!(platform.rows("shop_dwh", "SELECT total FROM fin.revenue"), "35.00");
    assert_eq!(platform.relations("shop_dwh", "fin"), "kept BASE TABLE\nrevenue BASE TABLE");
}

#[test]
fn init_on_a_protected_target_wants_a_yes_and_stops_before_financial_gold() {
    let platform = shop(THREE);
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  prod: { type: duckdb, path: warehouse, protected: true }\n",
    );
    platform.ok(&["run"]);
    source(
        &platform,
        "1,10.00,2026-01-01 08:00:00,false\n2,2.00,2026-01-01 08:00:00,false\n3,1.00,2026-01-01 08:00:00,false\n",
    );
    let refused = platform.run(&["run", "--pipeline", "init"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("say --yes if that is meant"), "{}", refused.stderr);
    assert_eq!(platform.rows("shop_dwh", "SELECT sum(amount) FROM raw.orders"), "60.00");
    platform.ok(&["run", "--pipeline", "init", "--yes"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT total FROM silver.total"), "13.00");
    assert_eq!(platform.rows("shop_dwh", "SELECT total FROM fin.revenue"), "60.00");
}

/// A file that may not grow any further is what a full disk looks like to the engine.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_leaves_the_table_as_it_was() {
    let platform = shop(THREE);
    platform.ok(&["run"]);
    let before = platform.rows("shop_dwh", ALL);
    let mut rows = String::from(THREE);
    for id in 10..200_000_u64 {
        let _ = writeln!(rows, "{id},{}.{:02},2026-01-01 08:00:00,false", id * 7919 % 1_000_003, id % 100);
    }
    source(&platform, &rows);
    let output = std::process::Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 1500; exec \"$0\" run --platform \"$1\""])
        .arg(env!("CARGO_BIN_EXE_goldsmith"))
        .arg(platform.path(""))
        .env("NO_COLOR", "1")
        .output()
        .expect("bash is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("what this step began is undone: make room, and run again"), "{said}");
    assert_eq!(platform.rows("shop_dwh", ALL), before);
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.orders"), "199993");
}

#[test]
fn bad_files_are_named_with_line_and_column_and_change_nothing() {
    let platform = shop("");
    let mut rows = String::new();
    for id in 0..900_010_u64 {
        let _ = writeln!(rows, "{id},{id}.00,2026-01-01 08:00:00,false");
    }
    source(&platform, &rows);
    platform.ok(&["run", "--select", "shop.orders"]);
    let sum = "SELECT count(*), sum(hash(o)::HUGEINT) FROM raw.orders AS o";
    let before = platform.rows("shop_dwh", sum);
    for (bad, said) in [
        (
            "899999,oops,2026-01-01 08:00:00,false",
            "data/orders.csv, line 900001: column amount holds `oops`, which is not a DECIMAL",
        ),
        ("899999", "data/orders.csv, line 900001 has 1 value where 4 are expected: 899999"),
    ] {
        source(&platform, &rows.replace("899999,899999.00,2026-01-01 08:00:00,false", bad));
        let outcome = platform.run(&["run", "--select", "shop.orders"]);
        assert_eq!(outcome.code, 1);
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        assert_eq!(platform.rows("shop_dwh", sum), before);
    }
}

#[test]
fn a_declared_type_of_a_parquet_file_holds_each_time() {
    let platform = Platform::shop(&[(
        "bronze/loads.yml",
        "version: 2\nloads:\n  - name: orders\n    from: { file: \"data/orders.parquet\" }\n    columns:\n      - { name: amount, data_type: \"decimal(18,2)\" }\n",
    )]);
    let file = platform.path("projects/shop/data/orders.parquet");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let copy = format!(
        "COPY (SELECT i AS id, CAST(i * 1.5 AS DOUBLE) AS amount FROM range(3) r(i)) TO '{}'",
        file.display()
    );
    duckdb::Connection::open_in_memory().expect("an engine").execute_batch(&copy).expect("a file");
    for _ in 0..3 {
        platform.ok(&["run"]);
        assert_eq!(
            platform.rows("shop_dwh", "SELECT typeof(amount), sum(amount) FROM raw.orders GROUP BY 1"),
            "DECIMAL(18,2) 4.50"
        );
    }
}

#[test]
fn parquet_files_that_are_cut_off_or_retyped_change_nothing() {
    let platform = Platform::shop(&[(
        "bronze/orders.yml",
        "version: 2\nloads:\n  - name: orders\n    from: { file: \"data/orders.parquet\" }\n",
    )]);
    let file = platform.path("projects/shop/data/orders.parquet");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let write = |query: &str| {
        let connection = duckdb::Connection::open_in_memory().expect("DuckDB");
        let copy = format!("COPY ({query}) TO '{}' (FORMAT parquet)", file.display());
        connection.execute_batch(&copy).expect("a Parquet file");
    };
    write("SELECT range AS id, 'n' || range AS name FROM range(5000)");
    platform.ok(&["run"]);
    let sum = "SELECT count(*), sum(hash(o)::HUGEINT) FROM raw.orders AS o";
    let before = platform.rows("shop_dwh", sum);
    let bytes = std::fs::read(&file).expect("a file");
    platform.write("projects/shop/data/orders.parquet", &bytes[..bytes.len() / 2]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("data/orders.parquet is cut off, or is no Parquet file"),
        "{}",
        outcome.stderr
    );
    assert_eq!(platform.rows("shop_dwh", sum), before);
    write("SELECT CAST(range AS VARCHAR) AS id, 'n' || range AS name FROM range(5000)");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("retyped id (BIGINT to VARCHAR)"), "{}", outcome.stderr);
    assert_eq!(platform.rows("shop_dwh", sum), before);
}

/// What a source does between two runs.
#[derive(Debug, Clone)]
enum Change {
    /// A record is written; the source says so.
    Put(u8, i32),
    /// A record is deleted; the source says so.
    Delete(u8),
    /// A record vanishes without a word.
    Vanish(u8),
    Hourly,
    Daily,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (0..12u8, -500..500i32).prop_map(|(id, v)| Change::Put(id, v)),
        1 => (0..12u8).prop_map(Change::Delete),
        1 => (0..12u8).prop_map(Change::Vanish),
        2 => Just(Change::Hourly),
        1 => Just(Change::Daily),
    ];
    proptest::collection::vec(change, 4..16)
}

/// A record at the source: amount, minute of its last change, whether it is deleted.
type Record = (i32, u32, bool);

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// After a daily run the table is the source; after an hourly one it is the source but for records that
    /// vanished without a word, which stay as they were.
    #[test]
    fn the_table_follows_the_source(changes in changes()) {
        let platform = shop("");
        let mut records: std::collections::BTreeMap<u8, Record> =
            (20..30).map(|id| (id, (i32::from(id), 0, false))).collect();
        let mut expected: std::collections::BTreeMap<u8, i32> = std::collections::BTreeMap::new();
        let mut minute = 0;
        let all = std::iter::once(Change::Daily).chain(changes).chain([Change::Hourly, Change::Daily]);
        for change in all {
            match change {
                // Some changes share a time with the one before.
                Change::Put(id, amount) => {
                    minute += u32::from(amount % 3 != 0);
                    records.insert(id, (amount, minute, false));
                }
                Change::Delete(id) => {
                    minute += 1;
                    if let Some(record) = records.get_mut(&id) {
                        *record = (record.0, minute, true);
                    }
                }
                Change::Vanish(id) => {
                    records.remove(&id);
                }
                Change::Hourly | Change::Daily => {
                    let mut rows = String::new();
                    for (id, (amount, minute, gone)) in &records {
                        let _ = writeln!(
                            rows,
                            "{id},{amount},2026-01-01 {:02}:{:02}:00,{gone}",
                            8 + minute / 60,
                            minute % 60
                        );
                    }
                    source(&platform, &rows);
                    let daily = matches!(change, Change::Daily);
                    platform.ok(&["run", "--select", "shop.orders", "--pipeline", if daily { "daily" } else { "hourly" }]);
                    if daily {
                        expected.clear();
                    }
                    for (id, (amount, _, gone)) in &records {
                        if *gone { expected.remove(id); } else { expected.insert(*id, *amount); }
                    }
                    let wanted: Vec<String> = expected.iter().map(|(id, amount)| format!("{id} {amount}.00")).collect();
                    prop_assert_eq!(platform.rows("shop_dwh", "SELECT id, amount FROM raw.orders ORDER BY id"), wanted.join("\n"));
                }
            }
        }
    }
}

#[test]
fn objects_that_are_declared_as_text_are_json_each_time() {
    let platform = Platform::shop(&[
        (
            "bronze/loads.yml",
            "loads:\n  - name: event\n    from: { file: bronze/event.jsonl }\n    on_schema_change: CHOICE\n    columns:\n      - { name: client, data_type: varchar }\n      - { name: tags, data_type: varchar }\n      - { name: id, data_type: varchar }\n",
        ),
        (
            "bronze/event.jsonl",
            "{\"id\": 1, \"client\": {\"app\": \"a b\", \"n\": 1}, \"tags\": [\"x\"]}\n{\"id\": 2}\n",
        ),
    ]);
    let loads = platform.read("projects/shop/bronze/loads.yml");
    for choice in ["append", "append", "fail"] {
        platform.write("projects/shop/bronze/loads.yml", loads.replace("CHOICE", choice));
        platform.ok(&["run"]);
        assert_eq!(
            platform.rows("shop_dwh", "SELECT id, client, tags FROM raw.event ORDER BY id"),
            "1 {\"app\":\"a b\",\"n\":1} [\"x\"]\n2 - -",
            "{choice}"
        );
    }
}
