//! `goldsmith status`: how old loads are against what is promised, their drift, the last runs; and the
//! check of tables that another tool loads.

mod common;

use common::Platform;
use serde_json::Value;

const PROJECT: &str = "name: shop\nowner: sales\ndatabase: shop_dwh\nschedule: { daily: \"0 5 * * *\" }\n\
                       freshness: { warn_after: 2h, error_after: { count: 1, period: day } }\n";

const LOADS: &str = "version: 2\nloads:\n  - name: orders\n    from: { file: data/orders.csv }\n    key: [id]\n    modified: changed\n\
                     \x20 - name: rates\n    from: { file: data/rates.csv }\n    freshness: { warn_after: 30d }\n";

const EXTERNAL: &str = "version: 2\nloads:\n  - name: clicks\n    from: external\n    modified: at\n    columns: [{ name: id }]\n";

fn shop() -> Platform {
    let platform = Platform::shop(&[
        ("bronze/loads.yml", LOADS),
        ("data/orders.csv", "id,changed\n1,2026-01-01 08:00:00\n2,2026-01-01 09:00:00\n"),
        ("data/rates.csv", "rate\n1\n"),
    ]);
    platform.write("projects/shop/project.yml", PROJECT);
    platform
}

/// Changes the shop's database as somebody else would.
fn change(platform: &Platform, sql: &str) {
    let file = platform.path("warehouse/shop_dwh.duckdb");
    std::fs::create_dir_all(file.parent().expect("a folder above a file")).expect("a folder");
    let connection = duckdb::Connection::open(file).expect("a database");
    connection.execute_batch(sql).expect("SQL that runs");
}

/// Makes all loads so much older.
fn age(platform: &Platform, load: &str, interval: &str) {
    let sql = format!(
        "UPDATE goldsmith.loads SET started_at = started_at - INTERVAL '{interval}', \
         finished_at = finished_at - INTERVAL '{interval}' WHERE load = 'shop.{load}'"
    );
    change(platform, &sql);
}

/// What JSON says of a load, after a command that ends so.
fn load(platform: &Platform, name: &str, code: i32) -> Value {
    let told = platform.run(&["status", "--format", "json"]);
    assert_eq!(told.code, code, "{}{}", told.stdout, told.stderr);
    let json: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let loads = json["projects"][0]["loads"].as_array().expect("a list").clone();
    loads.into_iter().find(|l| l["load"] == name).expect("a load of that name")
}

fn told(platform: &Platform) -> String {
    platform.run(&["status"]).stdout
}

#[test]
fn before_the_first_run_all_is_never_loaded_and_no_error() {
    let platform = shop();
    let load = load(&platform, "orders", 0);
    assert_eq!((&load["known"], &load["status"]), (&"never".into(), &"warning".into()));
    assert!(told(&platform).contains("does not exist yet"), "{}", told(&platform));
    // A database without anything of goldsmith's is the same.
    change(&platform, "CREATE SCHEMA raw");
    assert!(told(&platform).contains("orders: never loaded"), "{}", told(&platform));
}

#[test]
fn an_age_past_a_promise_is_a_warning_and_then_an_error() {
    let platform = shop();
    platform.ok(&["run"]);
    let fresh = load(&platform, "orders", 0);
    assert_eq!((&fresh["status"], &fresh["rows"]), (&"fresh".into(), &2.into()));
    assert_eq!(fresh["watermark"], "2026-01-01 09:00:00");
    assert_eq!(fresh["freshness"]["error_after_seconds"], 86400);
    assert!(told(&platform).contains("2 loads in 1 project: 2 fresh, 0 warnings, 0 errors"));
    age(&platform, "orders", "3 hours");
    assert_eq!(load(&platform, "orders", 0)["status"], "warning");
    let warned = told(&platform);
    assert!(warned.contains("orders: 3 h old, and warn_after promises 2 h at most"), "{warned}");
    age(&platform, "orders", "30 hours");
    assert_eq!(load(&platform, "orders", 1)["status"], "error");
    assert!(
        told(&platform).contains("orders: 33 h old, and error_after promises 24 h at most"),
        "{}",
        told(&platform)
    );
    // What a load says itself goes before what the project says.
    age(&platform, "rates", "20 days");
    assert_eq!(load(&platform, "rates", 1)["status"], "fresh");
    // A delta makes it fresh again.
    platform.ok(&["run", "--pipeline", "hourly"]);
    let delta = load(&platform, "orders", 0);
    assert_eq!(delta["status"], "fresh");
    assert!(delta["last_full"]["finished_at"].as_str() < delta["last_delta"]["finished_at"].as_str());
}

#[test]
fn the_drift_of_the_last_full_load_is_told() {
    let platform = shop();
    platform.ok(&["run"]);
    assert!(!told(&platform).contains("hourly never saw"));
    platform
        .write("projects/shop/data/orders.csv", "id,changed\n2,2026-01-01 09:00:00\n3,2026-01-01 07:00:00\n");
    platform.write(
        "projects/shop/bronze/loads.yml",
        LOADS.replacen("    modified", "    max_shrink: 1\n    modified", 1),
    );
    platform.ok(&["run"]);
    let drift = load(&platform, "orders", 0)["drift"].clone();
    assert_eq!((&drift["vanished"], &drift["differing"]), (&1.into(), &1.into()));
    let told = told(&platform);
    let sentence = "orders: the last full load removed 1 row that hourly never saw go and mended 1 row that hourly never saw change";
    assert!(told.contains(sentence), "{told}");
}

#[test]
fn what_an_older_goldsmith_did_not_record_is_said_to_be_unknown() {
    let platform = shop();
    platform.ok(&["run"]);
    change(&platform, "DROP TABLE goldsmith.loads; DROP TABLE goldsmith.attempts");
    assert_eq!(load(&platform, "orders", 0)["known"], "unknown");
    let told = told(&platform);
    assert!(told.contains("an older goldsmith ran here"), "{told}");
    assert!(told.contains("orders: the table is there, but nothing tells when it was loaded"), "{told}");
    assert!(told.contains("daily"), "{told}");
    platform.ok(&["run"]);
    assert_eq!(load(&platform, "orders", 0)["status"], "fresh");
}

#[test]
fn runs_are_told_with_those_that_were_killed() {
    let platform = shop();
    platform.ok(&["run", "--date", "2026-03-04"]);
    change(
        &platform,
        "INSERT INTO goldsmith.attempts SELECT 'zombie', 'hourly', 'dev', '2026-03-05', now() + INTERVAL '1 minute', '{}', '[]', '0';
         INSERT INTO goldsmith.attempts SELECT 'other', 'hourly', 'prod', '2026-03-06', now(), '{}', '[]', '0'",
    );
    let json = platform.ok_json(&["status", "--format", "json"]);
    let runs = json["projects"][0]["runs"].as_array().expect("a list");
    let all: Vec<_> = runs
        .iter()
        .map(|r| (r["pipeline"].as_str(), r["business_date"].as_str(), r["status"].as_str()))
        .collect();
    assert_eq!(
        all,
        [
            (Some("hourly"), Some("2026-03-05"), Some("killed")),
            (Some("daily"), Some("2026-03-04"), Some("success"))
        ]
    );
    let told = told(&platform);
    assert!(told.contains("killed") && told.contains("just now"), "{told}");
}

#[test]
fn a_database_that_is_held_is_said_to_be_held() {
    let platform = shop();
    platform.ok(&["run"]);
    let file = platform.path("warehouse/shop_dwh.duckdb");
    let held = duckdb::Connection::open(file).expect("a database");
    let told = platform.run(&["status", "--wait", "300ms"]);
    assert_eq!(told.code, 3, "{}{}", told.stdout, told.stderr);
    assert!(told.stderr.contains("`shop_dwh.duckdb` is held"), "{}", told.stderr);
    drop(held);
    platform.ok(&["status"]);
}

#[test]
fn what_another_tool_loads_is_as_old_as_its_newest_row() {
    let platform = shop();
    platform.write("projects/shop/bronze/loads.yml", EXTERNAL);
    assert_eq!(load(&platform, "clicks", 0)["known"], "never");
    change(
        &platform,
        "CREATE SCHEMA raw; CREATE TABLE raw.clicks AS SELECT 1 AS id, now() - INTERVAL '3 hours' AS \"At\"",
    );
    let found = load(&platform, "clicks", 0);
    assert_eq!(
        (&found["known"], &found["status"], &found["rows"]),
        (&"external".into(), &"warning".into(), &1.into())
    );
    let run = platform.ok(&["run"]);
    assert!(run.stderr.contains("raw.clicks is stale"), "{}", run.stderr);
    // Rows in the future say nothing of age.
    change(
        &platform,
        "UPDATE raw.clicks SET \"At\" = now() - INTERVAL '3 days'; INSERT INTO raw.clicks SELECT 2, now() + INTERVAL '9 days'",
    );
    assert_eq!(load(&platform, "clicks", 1)["status"], "error");
    let run = platform.run(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("error_after promises better"), "{}", run.stderr);
    change(&platform, "INSERT INTO raw.clicks SELECT 3, now()");
    assert_eq!(load(&platform, "clicks", 0)["status"], "fresh");
    let run = platform.ok(&["run"]);
    assert!(!run.stderr.contains("stale"), "{}", run.stderr);
    change(&platform, "DELETE FROM raw.clicks");
    assert_eq!(load(&platform, "clicks", 0)["known"], "unknown");
}

#[test]
fn points_in_time_without_a_zone_are_of_the_platforms() {
    let platform = shop();
    platform.write("projects/shop/bronze/loads.yml", EXTERNAL);
    platform.write(
        "goldsmith.yml",
        "name: small\ntimezone: Pacific/Kiritimati\ntargets:\n  dev: { type: duckdb, path: warehouse }\n",
    );
    // On Kiritimati clocks are 14 hours ahead: what reads 13 hours past UTC is an hour old there.
    change(
        &platform,
        "SET TimeZone = 'UTC'; CREATE SCHEMA raw; CREATE TABLE raw.clicks AS SELECT 1 AS id, \
         CAST(epoch_ms(epoch_ms(now())) + INTERVAL '13 hours' AS TIMESTAMP) AS at",
    );
    let found = load(&platform, "clicks", 0);
    assert_eq!(found["status"], "fresh", "{found}");
    let age = found["age_seconds"].as_u64().expect("an age");
    assert!((3600..3700).contains(&age), "{age}");
    assert!(!platform.ok(&["run"]).stderr.contains("stale"));
}

#[test]
fn only_what_is_selected_is_told() {
    let platform = shop();
    platform.ok(&["run"]);
    age(&platform, "orders", "3 days");
    assert_eq!(platform.run(&["status"]).code, 1);
    let told = platform.ok(&["status", "--select", "rates"]);
    assert!(told.stdout.contains("1 load in 1 project: 1 fresh"), "{}", told.stdout);
}

#[test]
fn a_promise_that_makes_no_sense_is_an_error_at_its_line() {
    for (text, expected) in [
        ("{ warn_after: soon }", "`warn_after` must be a length of time"),
        ("{ warn_after: 12 }", "`warn_after` must be a length of time"),
        ("{ error_after: 0h }", "`error_after` must be a length of time"),
        ("{ error_after: { count: 2, period: hours } }", "did you mean `hour`?"),
        ("{ error_after: { period: hour } }", "add `count: 12`"),
        (
            "{ error_after: { count: 99999999999999999, period: day } }",
            "`error_after` must be a length of time",
        ),
        ("{ warn_after: 3d, error_after: 2h }", "`warn_after` is longer than `error_after`"),
        ("{ warn: 3d }", "has no key `warn`"),
        ("[1]", "must be a mapping"),
    ] {
        let platform = shop();
        platform.write(
            "projects/shop/bronze/loads.yml",
            format!("{LOADS}    freshness: {text}\n").replacen("    freshness: { warn_after: 30d }\n", "", 1),
        );
        let told = platform.run(&["lint"]);
        let all = format!("{}{}", told.stdout, told.stderr);
        assert_ne!(told.code, 0, "{text}\n{all}");
        assert!(all.contains(expected) && all.contains("loads.yml:9"), "{text}\n{all}");
    }
}
