//! What a run leaves behind so that another can continue it, and continuing it.

mod common;

use common::Platform;

const ATTEMPTS: &str =
    "SELECT pipeline, target, business_date, steps FROM goldsmith.attempts ORDER BY started_at";

#[test]
fn a_run_says_that_it_begins_in_every_database() {
    let platform = Platform::new(&[
        ("projects/sales/project.yml", "name: sales\ndatabase: sales_dwh\n"),
        ("projects/sales/silver/customer.sql", "select 1 as id"),
        ("projects/shop/project.yml", common::PROJECT),
        ("projects/shop/silver/good.sql", "select 1 as id"),
        ("projects/shop/silver/bad.sql", "select no_such_column from {{ ref('good') }}"),
    ]);
    let outcome = platform.run(&["run", "--date", "2025-12-31", "--exclude", "tag:none", "--exclude", "x"]);
    assert_eq!(outcome.code, 2, "an exclusion that is wrong begins nothing");
    assert_eq!(platform.run(&["run", "--date", "2025-12-31", "--threads", "1"]).code, 1);
    platform.ok(&["run", "--date", "2025-12-31", "--select", "sales", "--no-load"]);
    platform.ok(&["test"]);
    assert_eq!(
        platform.rows("sales_dwh", ATTEMPTS),
        "daily dev 2025-12-31 [\"sales.customer\"]\ndaily dev 2025-12-31 [\"sales.customer\"]"
    );
    assert_eq!(platform.rows("shop_dwh", ATTEMPTS), "daily dev 2025-12-31 [\"shop.good\",\"shop.bad\"]");
    let asked = "SELECT arguments->>'select', arguments->>'no_load', arguments->>'projects', \
         started_at <= (SELECT max(finished_at) FROM goldsmith.runs) FROM goldsmith.attempts ORDER BY started_at";
    assert_eq!(
        platform.rows("sales_dwh", asked),
        "[] false [\"sales\",\"shop\"] true\n[\"sales\"] true [\"sales\"] true"
    );
    let ids = "SELECT count(DISTINCT run_id) FROM goldsmith.attempts JOIN goldsmith.runs USING (run_id)";
    assert_eq!(platform.rows("sales_dwh", ids), "2", "an attempt and its end have one name");
}

#[test]
fn a_database_of_an_older_goldsmith_gets_what_it_lacks() {
    let platform = Platform::shop(&[("silver/a.sql", "select 1 as id")]);
    platform.ok(&["run"]);
    let file = platform.path("warehouse/shop_dwh.duckdb");
    let connection = duckdb::Connection::open(file).expect("nobody holds it");
    connection.execute_batch("DROP TABLE goldsmith.attempts").expect("it is there");
    drop(connection);
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM goldsmith.attempts"), "1");
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM goldsmith.runs"), "2");
}

/// Two projects, of which `shop` imports from `sales` and fails in the middle.
fn broken() -> Platform {
    Platform::new(&[
        ("projects/sales/project.yml", "name: sales\ndatabase: sales_dwh\n"),
        ("projects/sales/silver/customer.sql", "{{ config(materialized='table') }} select 1 as id"),
        ("projects/shop/project.yml", common::PROJECT),
        (
            "projects/shop/bronze/loads.yml",
            "version: 2\nloads:\n  - name: customer\n    from: { project: sales, relation: silver.customer }\n",
        ),
        ("projects/shop/silver/a.sql", "{{ config(materialized='table') }} select id from raw.customer"),
        (
            "projects/shop/silver/b.sql",
            "{{ config(materialized='table') }} select no_column as id from {{ ref('a') }}",
        ),
        ("projects/shop/silver/c.sql", "select id from {{ ref('b') }}"),
        (
            "projects/shop/gold/financial/one.sql",
            "create or replace table fin.one as select * from silver.a;",
        ),
        (
            "projects/shop/gold/financial/two.sql",
            "create or replace table fin.two as select * from silver.b;",
        ),
    ])
}

const MENDED: &str = "{{ config(materialized='table') }} select id from {{ ref('a') }}";
const DAY: &str = "2025-12-31";

/// The nodes that the last run has run, with how they ended, in one line.
fn ran(platform: &Platform) -> String {
    let lines = platform.statuses();
    let nodes = lines.lines().filter(|line| !line.starts_with("operation."));
    let short = |line: &str| line.split_once('.').map_or(line.to_owned(), |(_, rest)| rest.to_owned());
    nodes.map(short).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_failed_run_is_continued_without_what_it_has_done() {
    let platform = broken();
    assert_eq!(platform.run(&["run", "--date", DAY, "--threads", "2"]).code, 1);
    assert_eq!(
        platform
            .rows("shop_dwh", "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'fin'"),
        "0",
        "financial gold is published whole"
    );
    platform.write("projects/shop/silver/b.sql", MENDED);
    let plan = platform.ok_json(&["plan", "--resume", "--date", DAY, "--format", "json"]);
    let planned: Vec<&str> =
        plan["steps"].as_array().expect("a list").iter().filter_map(|s| s["id"].as_str()).collect();
    assert_eq!(
        planned,
        ["shop.b", "shop.c", "shop.one", "shop.two", "shop:publish"],
        "a publication is repeated whole"
    );
    let outcome = platform.ok(&["run", "--resume", "--date", DAY]);
    assert!(outcome.stderr.contains(": 4 of 7 nodes left."), "{}", outcome.stderr);
    assert_eq!(ran(&platform), "shop.b success, shop.c success, shop.one success, shop.two success");
    assert_eq!(platform.rows("shop_dwh", "SELECT (SELECT id FROM fin.one), (SELECT id FROM fin.two)"), "1 1");
    let chain = "SELECT a.run_id = json_extract_string(b.arguments, '$.continues'), a.pipeline = b.pipeline, \
         b.business_date FROM goldsmith.attempts a, goldsmith.attempts b WHERE a.started_at < b.started_at";
    assert_eq!(platform.rows("shop_dwh", chain), "true true 2025-12-31");
    let again = platform.ok(&["run", "--resume", "--date", DAY]);
    assert!(again.stderr.starts_with("Nothing to resume on `dev`: the last run, run "), "{}", again.stderr);
    assert!(again.stderr.trim_end().ends_with("succeeded."), "{}", again.stderr);
    assert_eq!(ran(&platform), "shop.b success, shop.c success, shop.one success, shop.two success");
}

#[test]
fn a_resumed_run_that_fails_is_continued_in_turn() {
    let platform = broken();
    assert_eq!(platform.run(&["run", "--date", DAY]).code, 1);
    assert_eq!(platform.run(&["run", "--date", DAY, "--resume"]).code, 1);
    assert!(ran(&platform).starts_with("shop.b error, shop.c skipped"), "{}", ran(&platform));
    platform.write("projects/shop/silver/b.sql", MENDED);
    // The analyst tries the mended model alone: it need not be built once more.
    platform.ok(&["run", "--date", DAY, "--select", "b"]);
    platform.ok(&["run", "--date", DAY, "--resume"]);
    assert_eq!(ran(&platform), "shop.c success, shop.one success, shop.two success");
}

#[test]
fn nothing_was_run_and_nothing_is_resumed() {
    let platform = broken();
    let outcome = platform.ok(&["run", "--resume"]);
    assert_eq!(outcome.stderr, "Nothing to resume on `dev`: no such run is recorded.\n");
    assert!(!platform.path("warehouse").exists() && !platform.path("target").exists());
    platform.ok(&["run", "--select", "sales"]);
    platform.ok(&["test", "--select", "sales"]);
    assert!(platform.ok(&["plan", "--resume"]).stderr.contains("succeeded."));
}

#[test]
fn a_run_of_another_day_is_continued_only_when_asked_for() {
    let platform = broken();
    assert_eq!(platform.run(&["run", "--date", DAY]).code, 1);
    platform.write("projects/shop/silver/b.sql", MENDED);
    let refused = platform.run(&["run", "--resume"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("was for 2025-12-31, and today is "), "{}", refused.stderr);
    assert!(refused.stderr.contains("`--resume --date 2025-12-31` continues it"), "{}", refused.stderr);
    let other = platform.ok(&["run", "--resume", "--date", "2025-12-30"]);
    assert!(other.stderr.contains("no such run is recorded"), "{}", other.stderr);
    // Once a later day is in, the earlier one is history.
    platform.ok(&["run"]);
    let late = platform.ok(&["run", "--resume", "--date", DAY]);
    assert!(late.stderr.contains("later runs have made up for the last one"), "{}", late.stderr);
    assert!(platform.ok(&["run", "--resume"]).stderr.contains("succeeded."));
}

#[test]
fn the_platform_may_have_changed_since() {
    let platform = broken();
    assert_eq!(platform.run(&["run", "--date", DAY]).code, 1);
    platform.remove("projects/shop/silver/c.sql");
    let gone = platform.run(&["run", "--resume", "--date", DAY]);
    assert_eq!(gone.code, 3);
    assert!(
        gone.stderr.contains("the platform no longer has shop.c, which it had still to run"),
        "{}",
        gone.stderr
    );
    platform.write("projects/shop/silver/c.sql", "select id from {{ ref('b') }}");
    platform.write("projects/shop/silver/b.sql", MENDED);
    platform.write("projects/shop/silver/d.sql", "select id from {{ ref('b') }}");
    // What was built from other text is built again, with what depends on it.
    platform.write(
        "projects/shop/silver/a.sql",
        "{{ config(materialized='table') }} select id + 1 as id from raw.customer",
    );
    let outcome = platform.ok(&["run", "--resume", "--date", DAY]);
    assert!(
        outcome.stderr.contains("Changed since they were built, and run again: shop.a."),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("New since then, and no part of it: shop.d."), "{}", outcome.stderr);
    assert_eq!(
        ran(&platform),
        "shop.a success, shop.b success, shop.c success, shop.one success, shop.two success"
    );
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM fin.two"), "2");
}

#[test]
fn a_model_that_failed_its_test_is_mended_and_tested_again() {
    let platform = Platform::shop(&[
        ("silver/a.sql", "{{ config(materialized='table') }} select null as id"),
        ("silver/other.sql", "{{ config(materialized='table') }} select 1 as id"),
        (
            "silver/a.yml",
            "version: 2\nmodels:\n  - name: a\n    columns:\n      - name: id\n        data_tests: [not_null]\n  - name: other\n    columns:\n      - name: id\n        data_tests: [not_null]\n",
        ),
        ("silver/b.sql", "select id from {{ ref('a') }}"),
    ]);
    assert_eq!(platform.run(&["run"]).code, 1);
    assert_eq!(platform.run(&["run", "--resume"]).code, 1);
    assert_eq!(ran(&platform), "shop.b skipped, shop.not_null_a_id fail", "nothing was mended");
    platform.write("projects/shop/silver/a.sql", "{{ config(materialized='table') }} select 1 as id");
    platform.ok(&["run", "--resume"]);
    assert_eq!(ran(&platform), "shop.a success, shop.b success, shop.not_null_a_id pass");
}

#[test]
fn an_ephemeral_model_changes_those_that_it_is_put_into() {
    let platform = Platform::shop(&[
        ("silver/deep.sql", "{{ config(materialized='ephemeral') }} select 1 as id"),
        ("silver/near.sql", "{{ config(materialized='ephemeral') }} select id from {{ ref('deep') }}"),
        ("silver/a.sql", "{{ config(materialized='table') }} select id from {{ ref('near') }}"),
        ("silver/b.sql", "{{ config(materialized='table') }} select 7 as id"),
        ("silver/c.sql", "select no_column from {{ ref('a') }}"),
    ]);
    assert_eq!(platform.run(&["run"]).code, 1);
    platform.write("projects/shop/silver/deep.sql", "{{ config(materialized='ephemeral') }} select 2 as id");
    platform.write(
        "projects/shop/silver/c.sql",
        "{{ config(materialized='table') }} select id from {{ ref('a') }}",
    );
    platform.ok(&["run", "--resume"]);
    assert_eq!(ran(&platform), "shop.a success, shop.c success");
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM silver.c"), "2");
}

#[test]
fn the_flags_of_the_run_hold_again() {
    let platform = Platform::shop(&[
        ("bronze/loads.yml", "version: 2\nloads:\n  - name: number\n    from: { file: data/number.csv }\n"),
        ("data/number.csv", "n\n1\n"),
        (
            "silver/grows.sql",
            "{{ config(materialized='incremental') }} select n, {{ flags.FULL_REFRESH }} as full_refresh, '{{ flags.PIPELINE }}' as pipeline from raw.number",
        ),
        ("silver/bad.sql", "select no_column from raw.number"),
        ("silver/left_out.sql", "select n from raw.number"),
    ]);
    platform.ok(&["run", "--select", "number"]);
    let args = [
        "run",
        "--pipeline",
        "hourly",
        "--no-load",
        "--full-refresh",
        "--exclude",
        "left_out",
        "--fail-fast",
        "--threads",
        "1",
    ];
    platform.write("projects/shop/silver/grows.sql", "{{ config(materialized='incremental') }} -- depends_on: {{ ref('bad') }}\nselect n, {{ flags.FULL_REFRESH }} as is_full, '{{ flags.PIPELINE }}' as pipeline from raw.number");
    assert_eq!(platform.run(&args).code, 1);
    platform.write("projects/shop/silver/bad.sql", "select n from raw.number");
    platform.ok(&["run", "--resume"]);
    assert_eq!(ran(&platform), "shop.bad success, shop.grows success");
    assert_eq!(platform.rows("shop_dwh", "SELECT is_full, pipeline FROM silver.grows"), "true hourly");
    let asked = "SELECT pipeline, arguments->>'no_load', arguments->>'full_refresh', arguments->>'exclude' \
         FROM goldsmith.attempts ORDER BY started_at DESC LIMIT 1";
    assert_eq!(platform.rows("shop_dwh", asked), "hourly true true [\"left_out\"]");
}

#[test]
fn flags_that_say_what_runs_do_not_go_with_it() {
    let platform = broken();
    for flags in [
        ["--select", "shop"],
        ["--exclude", "shop"],
        ["--pipeline", "daily"],
        ["--no-load", "--resume"],
        ["--full-refresh", "--wait=1s"],
        ["--state", "target"],
    ] {
        for command in ["run", "plan"] {
            let args: Vec<&str> = [command, "--resume"]
                .into_iter()
                .chain(flags.into_iter().filter(|f| *f != "--resume"))
                .collect();
            let outcome = platform.run(&args);
            assert_eq!(outcome.code, 2, "{flags:?}");
            let said = format!(
                "error: --resume continues a run as it was asked for: {} can't be used with it",
                flags[0]
            );
            assert!(outcome.stderr.starts_with(&said), "{}", outcome.stderr);
        }
    }
}

#[test]
fn a_container_resumes_what_its_environment_selects() {
    let platform = Platform::new(&[
        ("projects/sales/project.yml", "name: sales\ndatabase: sales_dwh\n"),
        ("projects/sales/silver/a.sql", "select no_column"),
        ("projects/shop/project.yml", common::PROJECT),
        ("projects/shop/silver/a.sql", "select no_column"),
    ]);
    for project in ["sales", "shop"] {
        assert_eq!(platform.run(&["run", "--select", project]).code, 1);
        platform.write(&format!("projects/{project}/silver/a.sql"), "select 1 as n");
    }
    let resume = |project: &str| {
        let output = platform.command(&["run", "--resume"]).env("GOLDSMITH_SELECT", project).output();
        String::from_utf8(output.expect("the binary starts").stderr).expect("UTF-8")
    };
    assert!(resume("sales").contains(": 1 of 1 node left."));
    assert_eq!(ran(&platform), "sales.a success");
    assert!(resume("sales").contains("Nothing to resume"));
    let all = platform.ok(&["run", "--resume"]);
    assert!(!all.stderr.contains("did not finish either"), "{}", all.stderr);
    assert_eq!(ran(&platform), "shop.a success");
}

#[test]
fn a_killed_run_is_continued() {
    let platform = broken();
    platform.write("projects/shop/silver/b.sql", "{{ config(materialized='table') }} select count(*) as id from range(4000000000) t(i), {{ ref('a') }} where i % 7 = id");
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args([
            "--platform",
            platform.path("").to_str().expect("Unicode"),
            "run",
            "--date",
            DAY,
            "--log-format",
            "json",
        ])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let stderr = std::io::BufReader::new(run.stderr.take().expect("a pipe"));
    let begun = std::io::BufRead::lines(stderr)
        .map_while(Result::ok)
        .any(|line| line.contains("shop.b") && line.contains("started"));
    assert!(begun, "the run came as far as shop.b");
    let held = platform.run(&["run", "--resume", "--date", DAY]);
    assert_eq!(held.code, 3, "somebody is running: {}", held.stderr);
    assert!(held.stderr.contains("is held"), "{}", held.stderr);
    run.kill().expect("SIGKILL");
    run.wait().expect("it is gone");
    platform.write("projects/shop/silver/b.sql", MENDED);
    let outcome = platform.ok(&["run", "--resume", "--date", DAY]);
    assert!(outcome.stderr.contains(" of 7 nodes left."), "{}", outcome.stderr);
    let ran = ran(&platform);
    assert!(
        !ran.contains("sales.customer") && !ran.contains("shop.a ") && ran.contains("shop.b success"),
        "{ran}"
    );
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM fin.two"), "1");
    assert_eq!(
        platform.rows("shop_dwh", "SELECT status FROM goldsmith.runs"),
        "success",
        "the killed run has no end of its own"
    );
}

#[test]
fn a_publication_that_stands_is_not_repeated_for_its_tests() {
    let platform = Platform::shop(&[
        ("silver/a.sql", "{{ config(materialized='table') }} select 1 as id"),
        ("gold/financial/one.sql", "create or replace table fin.one as select * from silver.a;"),
        (
            "silver/a.yml",
            "version: 2\nmodels:\n  - name: a\n    columns: [{ name: id, data_tests: [not_null] }]\n",
        ),
        ("tests/one_has_rows.sql", "select 1 from (select count(*) as n from fin.one) where n = 0"),
    ]);
    platform.ok(&["run"]);
    assert!(ran(&platform).contains("shop.one_has_rows pass"), "{}", ran(&platform));
    // As if it had been killed just before it recorded how it ended.
    let forget = |what: &str| {
        let file = platform.path("warehouse/shop_dwh.duckdb");
        let connection = duckdb::Connection::open(file).expect("nobody holds it");
        connection.execute_batch(what).expect("it is there");
    };
    forget("DELETE FROM goldsmith.runs; DELETE FROM goldsmith.steps WHERE kind = 'test'");
    platform.ok(&["run", "--resume"]);
    assert_eq!(ran(&platform), "shop.not_null_a_id pass");
    forget("DELETE FROM goldsmith.runs");
    let outcome = platform.ok(&["run", "--resume"]);
    assert!(outcome.stderr.contains("Nothing to resume on `dev`: all of the last one"), "{}", outcome.stderr);
    // A script that was not recorded was rolled back, and the publication is repeated with its tests.
    forget("DELETE FROM goldsmith.runs; DELETE FROM goldsmith.steps WHERE step = 'shop.one'");
    platform.ok(&["run", "--resume"]);
    assert_eq!(ran(&platform), "shop.one success, shop.one_has_rows pass");
}
