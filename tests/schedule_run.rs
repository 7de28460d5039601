//! The clock as a process: what is due is started once, ends are told, a stop rolls back.

#![cfg(unix)]

mod common;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::Platform;
use jiff::{SignedDuration, Timestamp};

const GOOD: &str = "{{ config(materialized='table') }} select 1 as id";
const BROKEN: &str = "{{ config(materialized='table') }} select error('broken') as id";
/// Takes far longer than any test.
const SLOW: &str = "{{ config(materialized='table') }} select count(*) as n from range(1000000000000) as t(i) where i % 7 = 3";

/// A cron expression of each day for the minute so long ago, and before which day's end that was.
fn daily(ago: SignedDuration) -> String {
    (Timestamp::now() - ago).strftime("%-M %-H * * *").to_string()
}

/// `shop`, whose daily run was due half an hour ago and last started two days ago.
fn due(model: &str) -> Platform {
    let cron = daily(SignedDuration::from_mins(30));
    let project = format!("name: shop\ndatabase: shop_dwh\nschedule: {{ daily: \"{cron}\" }}\n");
    let platform =
        Platform::new(&[("projects/shop/project.yml", &project), ("projects/shop/silver/a.sql", model)]);
    started(&platform, "shop/daily", SignedDuration::from_hours(48));
    platform
}

/// Says when a slot was started last.
fn started(platform: &Platform, slot: &str, ago: SignedDuration) {
    let at = Timestamp::now() - ago;
    platform.write("target/schedule/dev.json", serde_json::json!({ slot: at.to_string() }).to_string());
}

/// The business dates of the runs that ended.
fn runs(platform: &Platform) -> String {
    platform
        .rows("shop_dwh", "SELECT pipeline, business_date, status FROM goldsmith.runs ORDER BY started_at")
}

#[test]
fn what_is_due_is_started_once() {
    let platform = due(GOOD);
    let date = (Timestamp::now() - SignedDuration::from_mins(30)).strftime("%Y-%m-%d");
    let first = platform.ok(&["schedule", "run", "--once"]);
    assert!(first.stderr.contains("shop daily is done"), "{}", first.stderr);
    // Of two days that were missed one is run, and that is said.
    assert!(
        first.stderr.contains("shop daily: 1 earlier time is passed over, the last was "),
        "{}",
        first.stderr
    );
    assert_eq!(runs(&platform), format!("daily {date} success"));
    let second = platform.ok(&["schedule", "run", "--once"]);
    assert!(!second.stderr.contains("starts"), "{}", second.stderr);
    assert_eq!(runs(&platform), format!("daily {date} success"));
}

#[test]
fn two_clocks_at_once_start_nothing_twice() {
    let platform = due(GOOD);
    let clocks: Vec<Child> = (0..4).map(|_| start(&platform, &["schedule", "run", "--once"])).collect();
    for clock in clocks {
        assert_eq!(clock.wait_with_output().expect("it ends").status.code(), Some(0));
    }
    assert_eq!(runs(&platform).lines().count(), 1, "{}", runs(&platform));
}

#[test]
fn without_a_past_only_the_last_minutes_count() {
    let platform = due(GOOD);
    platform.remove("target/schedule/dev.json");
    let outcome = platform.ok(&["schedule", "run", "--once", "--within", "20m"]);
    assert!(!outcome.stderr.contains("starts"), "{}", outcome.stderr);
    platform.remove("target/schedule/dev.json");
    let outcome = platform.ok(&["schedule", "run", "--once", "--within", "40m"]);
    assert!(outcome.stderr.contains("shop daily is done"), "{}", outcome.stderr);
}

#[test]
fn ends_of_runs_are_passed_on() {
    let platform = due(BROKEN);
    let outcome = platform.run(&["schedule", "run", "--once"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("shop daily failed (exit code 1)"), "{}", outcome.stderr);

    let platform = due(GOOD);
    platform.ok(&["run"]);
    let held = duckdb::Connection::open(platform.path("warehouse/shop_dwh.duckdb")).expect("nobody holds it");
    let outcome = platform.run(&["schedule", "run", "--once", "--wait", "0s"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("shop daily was refused (exit code 3)"), "{}", outcome.stderr);
    drop(held);
}

#[test]
fn one_project_that_fails_does_not_end_the_other() {
    let platform = due(BROKEN);
    let cron = daily(SignedDuration::from_mins(5));
    platform.write(
        "projects/sales/project.yml",
        format!("name: sales\ndatabase: sales_dwh\nschedule: {{ daily: \"{cron}\" }}\n"),
    );
    platform.write("projects/sales/silver/b.sql", GOOD);
    let outcome = platform.run(&["schedule", "run", "--once", "--log-format", "json"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert_eq!(platform.rows("sales_dwh", "SELECT count(*) FROM silver.b"), "1");
    let told = outcome.stderr.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
    let clock: Vec<String> = told
        .filter(|e| e["event"] == "clock")
        .map(|e| e["message"].as_str().expect("text").to_owned())
        .collect();
    assert!(clock.iter().any(|m| m.starts_with("sales daily is done")), "{clock:?}");
    assert!(clock.iter().any(|m| m.starts_with("shop daily failed (exit code 1)")), "{clock:?}");
}

#[test]
fn financial_gold_has_its_own_slot() {
    let (daily, financial) = (daily(SignedDuration::from_mins(30)), daily(SignedDuration::from_mins(5)));
    let platform = Platform::new(&[
        (
            "projects/shop/project.yml",
            &format!(
                "name: shop\ndatabase: shop_dwh\nschedule: {{ daily: \"{daily}\", financial: \"{financial}\" }}\n"
            ),
        ),
        ("projects/shop/silver/a.sql", GOOD),
        (
            "projects/shop/gold/financial/one.sql",
            "create or replace table fin.one as select * from silver.a;",
        ),
    ]);
    let outcome = platform.ok(&["schedule", "run", "--once", "--within", "40m"]);
    assert!(outcome.stderr.contains("shop financial is done"), "{}", outcome.stderr);
    let asked = "SELECT arguments->>'select', arguments->>'exclude', steps FROM goldsmith.attempts ORDER BY started_at";
    assert_eq!(
        platform.rows("shop_dwh", asked),
        "[\"project:shop\"] [\"track:financial\"] [\"shop.a\"]\n[\"project:shop,track:financial\"] [] [\"shop.one\"]"
    );
}

#[test]
fn a_broken_book_is_told() {
    let platform = due(GOOD);
    platform.write("target/schedule/dev.json", "{\"shop/daily\": 5}");
    let outcome = platform.run(&["schedule", "run", "--once"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("dev.json` can't be read"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("remove it to begin anew"), "{}", outcome.stderr);
}

#[test]
fn a_stop_rolls_back_what_runs() {
    let platform = due(GOOD);
    platform.ok(&["run"]);
    platform.write("projects/shop/silver/a.sql", SLOW);
    let clock = start(&platform, &["schedule", "run", "--once"]);
    wait_for(|| platform.path("target/schedule/dev.json").exists() && begun(&platform));
    let asked = Instant::now();
    let outcome = stop(clock);
    assert_eq!(outcome.0, Some(130), "{}", outcome.1);
    assert!(outcome.1.contains("stopping: waiting for shop daily to roll back"), "{}", outcome.1);
    assert!(outcome.1.contains("shop daily was interrupted"), "{}", outcome.1);
    assert!(asked.elapsed() < Duration::from_secs(30), "it is prompt");
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM silver.a"), "1", "as before");
    assert!(runs(&platform).ends_with("interrupted"), "{}", runs(&platform));
}

#[test]
fn a_clock_with_nothing_to_do_stops_at_once() {
    let platform = due(GOOD);
    let clock = start(&platform, &["schedule", "run"]);
    wait_for(|| {
        platform.read("target/schedule/dev.json").contains(&Timestamp::now().strftime("%Y-%m-%d").to_string())
    });
    let (code, told) = stop(clock);
    assert_eq!(code, Some(0), "{told}");
    assert!(!told.contains("starts"), "what came up before is not made good: {told}");
    assert!(told.contains("stopped"), "{told}");
}

fn start(platform: &Platform, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(args)
        .arg("--platform")
        .arg(platform.path(""))
        .env("NO_COLOR", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

/// Ends it as a container's runtime does; gives the exit code and what it said.
fn stop(clock: Child) -> (Option<i32>, String) {
    let killed =
        Command::new("kill").args(["-TERM", &clock.id().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    let output = clock.wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[track_caller]
fn wait_for(done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_mins(1), "it takes too long");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a run holds the database: it is then at its slow step, or about to be.
fn begun(platform: &Platform) -> bool {
    let wal = platform.path("warehouse/shop_dwh.duckdb.wal");
    platform.try_rows("shop_dwh", "SELECT 1").is_err() && wal.exists()
}
