//! Bad input of every kind: one clear message each, the exit code that the design gives, and a
//! warehouse that is as it was.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::{Outcome, PROJECT, Platform};

const LOAD: &str = "version: 2\nloads:\n  - name: number\n    from: { file: data/number.csv }\n";
const MODEL: &str = "select n from raw.number";

/// Compares what a command does with the snapshot of this name.
#[track_caller]
fn check(name: &str, platform: &Platform, args: &[&str], code: i32) -> Outcome {
    let outcome = platform.run(args);
    let mut settings = common::snapshots();
    settings.set_description(args.join(" "));
    settings.bind(|| insta::assert_snapshot!(name, outcome.shown(platform)));
    assert_eq!(outcome.code, code, "{}{}", outcome.stdout, outcome.stderr);
    outcome
}

/// A platform with one load, one model, and these files; it is fine until the files are read.
fn shop(files: &[(&str, &str)]) -> Platform {
    let platform = Platform::shop(&[
        ("bronze/loads.yml", LOAD),
        ("data/number.csv", "n\n1\n2\n3\n4\n"),
        ("silver/fine.sql", MODEL),
    ]);
    for (path, text) in files {
        platform.write(&format!("projects/shop/{path}"), text);
    }
    platform
}

/// Two projects, of which `sales` owns customers that `shop` may import.
fn neighbours(files: &[(&str, &str)]) -> Platform {
    let platform = Platform::new(&[
        ("projects/sales/project.yml", "name: sales\ndatabase: sales_dwh\npublic: [silver.customer]\n"),
        ("projects/sales/silver/customer.sql", "select 1 as id"),
        ("projects/sales/silver/secret.sql", "select 1 as id"),
        ("projects/shop/project.yml", PROJECT),
    ]);
    for (path, text) in files {
        platform.write(&format!("projects/shop/{path}"), text);
    }
    platform
}

/// Nothing was made: no database, no results.
fn assert_untouched(platform: &Platform) {
    assert!(!platform.path("warehouse").exists());
    assert!(!platform.path("target").exists());
}

#[test]
fn unknown_keys_name_the_nearest() {
    let platform = Platform::new(&[
        (
            "goldsmith.yml",
            "name: small\ndefault_traget: dev\ntargets:\n  dev: { type: duckdb, pth: warehouse }\n",
        ),
        ("projects/shop/project.yml", "name: shop\ndatabas: shop_dwh\nschemas: { slver: s }\n"),
        (
            "projects/shop/bronze/loads.yml",
            "version: 2\nloads:\n  - name: number\n    from: { file: data/number.csv, delimeter: \";\" }\n    modifed: n\n",
        ),
        ("projects/shop/data/number.csv", "n\n1\n"),
        ("projects/shop/silver/a.sql", "select n from raw.number"),
        ("projects/shop/silver/a.yml", "version: 2\nmodels:\n  - name: a\n    descripton: x\n"),
    ]);
    check("unknown_keys", &platform, &["run"], 2);
    check("unknown_keys_lint", &platform, &["lint"], 1);
    assert_untouched(&platform);
}

#[test]
fn wrong_types_say_what_was_wanted() {
    let platform = Platform::new(&[
        (
            "goldsmith.yml",
            "name: [small]\ntargets:\n  dev: { type: duckdb, path: warehouse, threads: many, protected: perhaps }\n  other: duckdb\n",
        ),
        ("projects/shop/project.yml", "name: shop\ndatabase: { a: b }\npublic: 3\nschedule: daily\n"),
        (
            "projects/shop/bronze/loads.yml",
            "version: 2\nloads:\n  - name: number\n    from: { file: data/number.csv, skip: x }\n    max_shrink: 200%\n    allow_empty: 7\n  - name: second\n    from: 3\n  - plain\n",
        ),
        ("projects/shop/data/number.csv", "n\n1\n"),
    ]);
    check("wrong_types", &platform, &["run"], 2);
    assert_untouched(&platform);
}

#[test]
fn projects_that_are_missing() {
    let platform = Platform::new(&[("projects/shop/silver/a.sql", "select 1 as n")]);
    check("no_project_file", &platform, &["run"], 2);
    let platform = Platform::new(&[]);
    check("no_projects", &platform, &["run"], 2);
    let platform = Platform::new(&[("projects/shop/project.yml", "")]);
    check("empty_project_file", &platform, &["run"], 2);
    let platform = Platform::new(&[("goldsmith.yml", "")]);
    check("empty_platform_file", &platform, &["run"], 2);
    let platform = shop(&[]);
    platform.remove("goldsmith.yml");
    check("no_platform", &platform, &["run"], 2);
    assert_untouched(&platform);
}

#[test]
fn two_models_of_one_name() {
    let platform = shop(&[("gold/operational/fine.sql", "select 2 as n")]);
    check("two_models_of_one_name", &platform, &["run"], 2);
    assert_untouched(&platform);
}

#[test]
fn two_projects_of_one_name() {
    let platform = shop(&[]);
    platform.write("projects/other/project.yml", PROJECT);
    check("two_projects_of_one_name", &platform, &["run"], 2);
}

#[test]
fn a_cycle_shows_the_whole_circle() {
    let platform = shop(&[
        ("silver/a.sql", "select n\nfrom {{ ref('c') }}"),
        ("silver/b.sql", "select n from silver.a"),
        ("silver/c.sql", "-- c\n\nselect n from {{ ref('b') }}"),
    ]);
    check("cycle", &platform, &["run"], 2);
    assert_untouched(&platform);
}

#[test]
fn a_model_that_reads_itself_is_a_circle() {
    let platform = shop(&[("silver/a.sql", "select n from {{ ref('a') }}")]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("GS201"), "{}", outcome.stderr);
}

#[test]
fn unknown_names_are_followed_by_the_nearest() {
    let platform = shop(&[
        ("silver/a.sql", "select n\nfrom {{ ref('fien') }}"),
        ("silver/b.sql", "select n from {{ source('shop', 'numbr') }}"),
        ("silver/c.sql", "select n from {{ ref('nothing_like_it') }}"),
        ("silver/d.sql", "select {{ fien(1) }} as n, {{ vra('x') }} as m"),
        ("silver/e.sql", "select {{ var('no_such_variable') }} as n"),
        ("silver/models.yml", "version: 2\nmodels:\n  - name: fin\n"),
    ]);
    check("unknown_names", &platform, &["lint"], 1);
    assert_eq!(platform.run(&["run"]).code, 2);
    assert_untouched(&platform);
}

#[test]
fn templates_that_never_end_or_never_begin() {
    let platform = shop(&[
        (
            "silver/a.sql",
            "{% for i in range(100000) %}\n{% for j in range(100000) %}{% endfor %}\n{% endfor %}select 1",
        ),
        ("silver/b.sql", "select {{ 'a' "),
        ("silver/c.sql", "{% if true %}select 1 as n"),
        ("macros/m.sql", "{% macro again(n) %}{{ again(n) }}{% endmacro %}"),
        ("silver/d.sql", "select {{ again(1) }}"),
    ]);
    check("templates", &platform, &["lint"], 1);
    assert_untouched(&platform);
}

#[test]
fn a_run_with_a_template_that_fails_is_refused() {
    let platform = shop(&[("silver/a.sql", "select {{ 1 + }}")]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("GS906"), "{}", outcome.stderr);
    assert_untouched(&platform);
}

#[test]
fn broken_yaml() {
    let platform = shop(&[
        ("silver/models.yml", "version: 2\nmodels:\n  - name: fine\n   description: x\n"),
        ("silver/more.yml", "models: [a, b\n"),
        ("bronze/tab.yml", "loads:\n\t- name: x\n"),
    ]);
    check("broken_yaml", &platform, &["run"], 2);
    platform.write("goldsmith.yml", "name: small\ntargets: {\n");
    check("broken_platform_file", &platform, &["run"], 2);
    check("broken_platform_file_lint", &platform, &["lint"], 1);
}

#[test]
fn bytes_that_are_no_text() {
    let platform = shop(&[]);
    platform.write("projects/shop/silver/zeros.sql", b"select 1\0\0 as n");
    platform.write("projects/shop/silver/half.sql", b"\xFF\xFEs\0e\0l");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches("GS902").count(), 2, "{}", outcome.stderr);
    assert_untouched(&platform);
}

#[test]
fn empty_files() {
    let platform = shop(&[("silver/nothing.sql", ""), ("silver/blank.sql", " \n\t\n")]);
    check("empty_models", &platform, &["run"], 2);
    assert_untouched(&platform);
    let platform = shop(&[("silver/comment.sql", "-- to do\n")]);
    check("model_of_a_comment", &platform, &["run", "--threads", "1"], 2);
    let platform = shop(&[("gold/financial/later.sql", "\n"), ("silver/empty.yml", "")]);
    platform.ok(&["run"]);
    check("empty_script_lint", &platform, &["lint"], 0);
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles() {
    let platform = shop(&[]);
    let folder = platform.path("projects/shop/silver/loop");
    std::os::unix::fs::symlink(platform.path("projects/shop"), folder).expect("a link");
    std::os::unix::fs::symlink("itself.sql", platform.path("projects/shop/silver/itself.sql"))
        .expect("a link");
    check("links_in_circles", &platform, &["run"], 2);
    assert_untouched(&platform);
}

#[test]
fn unknown_targets_and_selectors() {
    let platform = shop(&[]);
    check("unknown_target", &platform, &["run", "--target", "dve"], 2);
    check("unknown_selector", &platform, &["run", "--select", "fien"], 2);
    check("unknown_method", &platform, &["run", "--select", "lyer:silver"], 2);
    check("unknown_value", &platform, &["run", "--select", "layer:slver"], 2);
    check("unknown_exclude", &platform, &["run", "--exclude", "fien"], 2);
    check("empty_selector", &platform, &["run", "--select", "+"], 2);
    assert_untouched(&platform);
}

#[test]
fn a_target_that_is_not_supported() {
    let platform = shop(&[]);
    platform.write("goldsmith.yml", "name: small\ntargets:\n  dev: { type: duckbd, path: warehouse }\n");
    check("unknown_engine", &platform, &["run"], 2);
}

/// The other process of the next test: holds a database until its standard input ends.
#[test]
#[ignore = "no test: the process that `a_locked_database_is_refused` starts"]
fn hold_a_database() {
    let Ok(file) = std::env::var("GOLDSMITH_TEST_HOLD") else { return };
    let connection = duckdb::Connection::open(file).expect("nobody else holds it");
    connection.execute_batch("CREATE TABLE held (n INTEGER)").expect("it can be written");
    println!("held");
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_locked_database_is_refused() {
    let tested = "version: 2\nmodels:\n  - name: fine\n    data_tests: [{ unique: { column_name: n } }]\n";
    let platform = shop(&[("silver/models.yml", tested)]);
    platform.ok(&["run"]);
    let mut holder = Command::new(std::env::current_exe().expect("this test"))
        .args(["hold_a_database", "--exact", "--ignored", "--nocapture"])
        .env("GOLDSMITH_TEST_HOLD", platform.path("warehouse/shop_dwh.duckdb"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test starts again");
    let mut lines = BufReader::new(holder.stdout.take().expect("piped")).lines();
    assert!(lines.any(|line| line.is_ok_and(|l| l.contains("held"))), "the other process holds the file");
    let run = platform.run(&["run"]);
    let test = platform.run(&["test"]);
    let wait = platform.run(&["run", "--wait", "300ms"]);
    drop(holder.stdin.take());
    holder.wait().expect("the other process ends");
    for (outcome, what) in [(run, "run"), (test, "test"), (wait, "run --wait")] {
        assert_eq!(outcome.code, 3, "{what}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("`shop_dwh.duckdb` is held by"), "{what}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("--wait"), "{what}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "");
    }
    platform.ok(&["run"]);
}

#[test]
fn a_failing_model_skips_what_follows_and_nothing_else() {
    let model = "{{ config(materialized='table') }}\nselect n from raw.number";
    let platform = shop(&[
        ("silver/a.sql", model),
        ("silver/b.sql", "{{ config(materialized='table') }}\nselect n from {{ ref('a') }}"),
        ("silver/c.sql", "{{ config(materialized='table') }}\nselect n from {{ ref('b') }}"),
        (
            "silver/models.yml",
            "version: 2\nmodels:\n  - name: a\n    columns: [{ name: n, data_tests: [not_null] }]\n",
        ),
    ]);
    platform.ok(&["run"]);
    let broken = "{{ config(materialized='table') }}\n{% for i in [1, 2] %}\n-- {{ i }}\n{% endfor %}\n\
         select n,\n  n / 0 as fine,\n  {{ 'no_' ~ 'column' }} as m\nfrom raw.number\n";
    platform.write("projects/shop/silver/a.sql", broken);
    platform.write("projects/shop/data/number.csv", "n\n7\n8\n9\n");
    let outcome = check("failing_model", &platform, &["run", "--threads", "1"], 1);
    assert!(outcome.stderr.contains("silver/a.sql:7:"), "the template's own line");
    assert_eq!(platform.rows("shop_dwh", "SELECT sum(n) FROM silver.a"), "10", "the old table is untouched");
    assert_eq!(platform.rows("shop_dwh", "SELECT sum(n) FROM silver.c"), "10");
    assert_eq!(platform.rows("shop_dwh", "SELECT sum(n) FROM silver.fine"), "24", "the rest went on");
    insta::assert_snapshot!("failing_model_statuses", platform.statuses());
}

#[test]
fn a_failing_test_skips_what_follows() {
    let platform = shop(&[
        ("silver/a.sql", "select n from {{ ref('fine') }}"),
        (
            "silver/models.yml",
            "version: 2\nmodels:\n  - name: fine\n    columns: [{ name: n, data_tests: [unique] }]\n",
        ),
        ("data/number.csv", "n\n1\n1\n2\n2\n"),
    ]);
    check("failing_test", &platform, &["run", "--threads", "1"], 1);
    insta::assert_snapshot!("failing_test_statuses", platform.statuses());
    assert_eq!(platform.relations("shop_dwh", "silver"), "fine VIEW");
    check("failing_test_alone", &platform, &["test", "--threads", "1"], 1);
    check("fail_fast", &platform, &["run", "--threads", "1", "--fail-fast"], 1);
}

#[test]
fn a_failing_script_takes_all_of_financial_gold_back() {
    let platform = shop(&[
        ("gold/financial/one.sql", "CREATE OR REPLACE TABLE fin.one AS SELECT sum(n) AS n FROM silver.fine;"),
        ("gold/financial/two.sql", "CREATE OR REPLACE TABLE fin.two AS SELECT n FROM fin.one;"),
        ("gold/operational/other.sql", "select sum(n) as n from silver.fine"),
    ]);
    platform.ok(&["run"]);
    platform.write("projects/shop/data/number.csv", "n\n5\n6\n7\n");
    let two = "CREATE OR REPLACE TABLE fin.two AS SELECT n FROM fin.one;\n\
         -- dies ist zu viel\nINSERT INTO fin.two\n  SELECT 1 / n, wrong FROM fin.one;\n";
    platform.write("projects/shop/gold/financial/two.sql", two);
    let outcome = check("failing_script", &platform, &["run", "--threads", "1"], 1);
    assert!(outcome.stderr.contains("gold/financial/two.sql:4:"), "{}", outcome.stderr);
    for table in ["one", "two"] {
        assert_eq!(platform.rows("shop_dwh", &format!("SELECT n FROM fin.{table}")), "10", "{table}");
    }
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM gold.other"), "18", "the rest went on");
    insta::assert_snapshot!("failing_script_statuses", platform.statuses());
}

#[test]
fn a_failing_test_takes_financial_gold_back() {
    let platform = shop(&[
        ("gold/financial/one.sql", "CREATE OR REPLACE TABLE fin.one AS SELECT sum(n) AS n FROM silver.fine;"),
        ("tests/small.sql", "select n from fin.one where n > 15"),
    ]);
    platform.ok(&["run"]);
    platform.write("projects/shop/data/number.csv", "n\n5\n6\n7\n");
    assert_eq!(platform.run(&["run"]).code, 1);
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM fin.one"), "10");
}

#[test]
fn a_script_may_not_end_the_transaction() {
    for (name, statement) in [("commit", "COMMIT"), ("rollback", "ROLLBACK")] {
        let script = format!(
            "CREATE OR REPLACE TABLE fin.one AS SELECT sum(n) AS n FROM silver.fine;\n{statement};\nSELECT 1;\n"
        );
        let good = "CREATE OR REPLACE TABLE fin.one AS SELECT sum(n) AS n FROM silver.fine;";
        let platform = shop(&[("gold/financial/one.sql", good)]);
        platform.ok(&["run"]);
        platform.write("projects/shop/data/number.csv", "n\n5\n6\n7\n");
        platform.write("projects/shop/gold/financial/one.sql", script);
        let outcome = platform.run(&["run"]);
        assert_ne!(outcome.code, 0, "{name}");
        assert!(outcome.stderr.contains("gold/financial/one.sql:2:"), "{}", outcome.stderr);
        if name == "rollback" {
            assert_eq!(platform.rows("shop_dwh", "SELECT n FROM fin.one"), "10", "{name}");
        }
    }
}

#[test]
fn a_scripts_commit_publishes_nothing() {
    let good = "CREATE OR REPLACE TABLE fin.one AS SELECT sum(n) AS n FROM silver.fine;\n";
    let platform = shop(&[("gold/financial/one.sql", good)]);
    platform.ok(&["run"]);
    platform.write("projects/shop/data/number.csv", "n\n5\n6\n7\n");
    for ending in [
        "COMMIT",
        "commit transaction",
        "/* so */ COMMIT",
        "ROLLBACK",
        "ABORT",
        "END",
        "BEGIN",
        "COMMIT; BEGIN",
        "BEGIN TRANSACTION; SELECT 1; COMMIT",
    ] {
        platform.write("projects/shop/gold/financial/one.sql", format!("{good}{ending};\nSELECT 1;\n"));
        let outcome = platform.run(&["run"]);
        assert_ne!(outcome.code, 0, "{ending}");
        assert!(outcome.stderr.contains("gold/financial/one.sql:2:"), "{ending}: {}", outcome.stderr);
        assert_eq!(platform.rows("shop_dwh", "SELECT n FROM fin.one"), "10", "{ending}");
    }
}

#[test]
fn a_source_that_shrinks_too_much_is_refused() {
    let platform =
        shop(&[("silver/kept.sql", "{{ config(materialized='table') }}\nselect n from raw.number")]);
    platform.ok(&["run"]);
    platform.write("projects/shop/data/number.csv", "n\n1\n2\n");
    let outcome = check("shrinking_source", &platform, &["run", "--threads", "1"], 1);
    assert!(outcome.stderr.contains("bronze/loads.yml:4:"), "{}", outcome.stderr);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.number"), "4");
    platform.write("projects/shop/data/number.csv", "n\n");
    check("emptied_source", &platform, &["run", "--threads", "1"], 1);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.number"), "4");
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM silver.kept"), "4");
    let lenient = format!("{LOAD}    max_shrink: 60%\n");
    platform.write("projects/shop/bronze/loads.yml", lenient);
    platform.write("projects/shop/data/number.csv", "n\n1\n2\n");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM silver.kept"), "2");
}

#[test]
fn data_that_is_missing_or_malformed() {
    let platform = shop(&[]);
    platform.remove("projects/shop/data/number.csv");
    let outcome = check("missing_data_file", &platform, &["run", "--threads", "1"], 1);
    assert!(outcome.stderr.contains("bronze/loads.yml:4:"), "{}", outcome.stderr);
    let typed = format!("{LOAD}    columns: [{{ name: n, data_type: integer }}]\n");
    let platform = shop(&[("bronze/loads.yml", &typed), ("data/number.csv", "n\n1\nzwei\n")]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    for said in ["data/number.csv, line 3: column n holds `zwei`", "bronze/loads.yml:4:"] {
        assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
    }
    assert!(!platform.relations("shop_dwh", "raw").contains("number"));
}

#[test]
fn boundaries_are_shown_in_every_format() {
    let platform = neighbours(&[
        (
            "silver/reads.sql",
            "select c.id,\n  s.id as other\nfrom sales_dwh.silver.customer as c, {{ source('sales', 'secret') }} as s",
        ),
        ("gold/financial/writes.sql", "INSERT INTO sales_dwh.silver.customer SELECT 1;"),
        ("silver/nobody.sql", "select * from hr_dwh.silver.person"),
        ("silver/typo.sql", "select * from silver.raeds"),
        (
            "bronze/private.yml",
            "version: 2\nloads:\n  - name: secret\n    from: { project: sales, relation: silver.secret }\n",
        ),
        ("silver/uses.sql", "select * from raw.secret"),
    ]);
    check("boundaries_run", &platform, &["run"], 3);
    assert_untouched(&platform);
    for format in ["text", "json", "github"] {
        check(&format!("boundaries_{format}"), &platform, &["lint", "--format", format], 1);
    }
    // The neighbour's own project is not concerned.
    platform.ok(&["run", "--select", "sales"]);
}

#[test]
fn a_comment_with_a_reason_allows_it() {
    let platform = neighbours(&[(
        "silver/reads.sql",
        "select id\nfrom sales_dwh.silver.customer -- goldsmith: allow GS101 because they move next month\n",
    )]);
    platform.ok(&["lint"]);
    platform.write(
        "projects/shop/silver/reads.sql",
        "select id\nfrom sales_dwh.silver.customer -- goldsmith: allow GS101\n",
    );
    assert_eq!(platform.run(&["lint"]).code, 1, "without a reason it is no suppression");
}

#[test]
fn all_problems_are_told_in_one_go() {
    let platform = neighbours(&[
        ("silver/a.sql", "select * from {{ ref('nobody') }}"),
        ("silver/b.sql", "select {{ 1 + }}"),
        ("silver/c.sql", "select * from sales_dwh.silver.customer"),
        ("silver/d.sql", ""),
        ("silver/e.yml", "models: ["),
        ("silver/f.sql", "select 'never closed"),
        ("bronze/l.yml", "version: 2\nloads:\n  - name: unread\n    from: { file: x.csv }\n"),
    ]);
    platform.write("projects/sales/silver/x.sql", "select * from {{ ref('cutsomer') }}");
    let outcome = check("all_in_one_go", &platform, &["lint"], 1);
    for code in ["GS101", "GS203", "GS204", "GS903", "GS906", "GS907", "GS910"] {
        assert!(outcome.stdout.contains(code), "{code} is missing");
    }
    assert_eq!(platform.run(&["run"]).code, 2);
    assert_untouched(&platform);
}

#[test]
fn secrets_are_never_told() {
    let platform = shop(&[("silver/a.sql", "select '{{ env_var('SHOP_PASSWORD') }}' as p, wrong")]);
    let output =
        platform.command(&["run"]).env("SHOP_PASSWORD", "hunter2-geheim").output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    assert!(!told.contains("hunter2-geheim"), "{told}");
    for file in walkdir::WalkDir::new(platform.path("target")).into_iter().filter_map(Result::ok) {
        if file.file_type().is_file() {
            let text = std::fs::read_to_string(file.path()).expect("UTF-8");
            assert!(!text.contains("hunter2-geheim"), "{}", file.path().display());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_warehouse_that_is_a_file_or_no_database() {
    let platform = shop(&[]);
    platform.write("warehouse", "not a folder");
    check("warehouse_is_a_file", &platform, &["run"], 2);
    let platform = shop(&[]);
    platform
        .write("warehouse/shop_dwh.duckdb", "this is no database, it only has the name of one".repeat(200));
    check("no_database_file", &platform, &["run"], 1);
}

#[test]
fn a_table_that_was_to_become_a_view_stays_when_the_view_fails() {
    let table = "{{ config(materialized='table') }} select n from raw.number";
    let platform = shop(&[("silver/a.sql", table)]);
    platform.ok(&["run"]);
    platform.write("projects/shop/silver/a.sql", "select wrong from raw.number");
    assert_eq!(platform.run(&["run"]).code, 1);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM silver.a"), "4");
}

#[test]
fn configuration_that_makes_no_sense() {
    let platform = shop(&[
        ("silver/a.sql", "{{ config(materialized='tabel') }} select 1 as n"),
        (
            "silver/b.sql",
            "{{ config(materialized='incremental', incremental_strategy='merge') }} select 1 as n",
        ),
        ("silver/c.sql", "{{ config(materialised='table') }} select 1 as n"),
        (
            "silver/d.yml",
            "version: 2\nmodels:\n  - name: a\n    columns: [{ name: n, data_tests: [not_nul] }]\n",
        ),
    ]);
    check("configuration", &platform, &["lint"], 1);
    assert_eq!(platform.run(&["run"]).code, 2);
    assert_untouched(&platform);
}

#[test]
fn a_model_between_two_scripts_of_one_publication() {
    let platform = shop(&[
        ("gold/financial/a.sql", "CREATE OR REPLACE TABLE fin.a AS SELECT n FROM raw.number;"),
        ("gold/operational/m.sql", "select n from fin.a"),
        ("gold/financial/b.sql", "CREATE OR REPLACE TABLE fin.b AS SELECT n FROM gold.m;"),
    ]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("GS201"), "{}", outcome.stderr);
    assert!(!platform.path("target").exists());
}

#[test]
fn a_model_is_one_statement() {
    let platform = shop(&[("silver/a.sql", "select 1 as n; drop table if exists raw.number")]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert_untouched(&platform);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_rolls_back_and_exits_130() {
    let slow = "{{ config(materialized='table') }}\nselect count(*) as n from range(100000000000) where range % 7 = 3";
    let platform = shop(&[
        ("silver/slow.sql", "{{ config(materialized='table') }}\nselect 1 as n"),
        ("silver/behind.sql", "select n from {{ ref('slow') }}"),
    ]);
    platform.ok(&["run"]);
    platform.write("projects/shop/silver/slow.sql", slow);
    let mut run = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["run", "--log-format", "json", "--platform"])
        .arg(platform.path(""))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(run.stderr.take().expect("piped")).lines();
    let started = lines.any(|l| l.is_ok_and(|l| l.contains("step_started") && l.contains("\"shop.slow\"")));
    assert!(started, "the slow model begins");
    std::thread::sleep(std::time::Duration::from_millis(200));
    Command::new("kill").args(["-INT", &run.id().to_string()]).status().expect("kill");
    let told: Vec<String> = lines.map_while(Result::ok).collect();
    assert_eq!(run.wait().expect("it ends").code(), Some(130), "{told:#?}");
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM silver.slow"), "1", "the old table stands");
    assert!(!platform.path("warehouse/shop_dwh.duckdb.holder").exists());
}

#[test]
fn a_failing_step_took_time() {
    let slow = "{{ config(materialized='table') }}\nselect error('x' || max(range)) from range(300000000)";
    let platform = shop(&[("silver/a.sql", slow)]);
    assert_eq!(platform.run(&["run"]).code, 1);
    let results = platform.json("target/run_results.json");
    let failed = results["results"].as_array().expect("a list").iter().find(|r| r["status"] == "error");
    let seconds = failed.expect("a failure")["execution_time"].as_f64().expect("a number");
    assert!(seconds > 0.001, "{seconds}");
}

#[test]
fn a_list_says_that_it_is_short_of_what_could_not_be_read() {
    let platform = Platform::shop(&[("silver/m.sql", "select 1 as n"), ("silver/broken.yml", "models: [")]);
    let told = platform.ok(&["ls"]);
    assert!(told.stdout.contains("shop.m"), "{}", told.stdout);
    assert_eq!(
        told.stderr,
        "warning: nodes may be missing here: 1 error in reading files, see `goldsmith lint`\n"
    );
    platform.remove("projects/shop/silver/broken.yml");
    assert_eq!(platform.ok(&["ls"]).stderr, "");
}

#[test]
fn a_statement_that_takes_too_long_fails_and_the_others_go_on() {
    let slow = "{{ config(materialized='table') }}\nselect count(*) as n from range(100000000000) where range % 7 = 3";
    let platform = shop(&[
        ("silver/slow.sql", slow),
        ("silver/behind.sql", "select n from {{ ref('slow') }}"),
        ("silver/fine.sql", "{{ config(materialized='table') }}\nselect 1 as n"),
    ]);
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse, statement_timeout: 300ms }\n",
    );
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    for part in
        ["it was stopped after 300ms, the `statement_timeout` of the target", "projects/shop/silver/slow.sql"]
    {
        assert!(outcome.stderr.contains(part), "no `{part}` in:\n{}", outcome.stderr);
    }
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM silver.fine"), "1");
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse, statement_timeout: soon }\n",
    );
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("a length of time such as 30s"), "{}", outcome.stderr);
}
