//! The clock through the binary: the day as a timeline, and as files for other schedulers.

mod common;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use common::{Platform, snapshots};

const SETTINGS: &str =
    "name: small\ntimezone: Europe/Berlin\ntargets:\n  dev: { type: duckdb, path: warehouse }\n";

/// `shop` imports from `sales`, has a slot for financial gold, and runs at night.
fn platform() -> Platform {
    Platform::new(&[
        ("goldsmith.yml", SETTINGS),
        (
            "projects/sales/project.yml",
            "name: sales\ndatabase: sales_dwh\nowner: sales@example.com\n\
             schedule: { daily: \"30 2 * * *\", hourly: \"0 7-19 * * 1-5\", expected: 45m }\n",
        ),
        ("projects/sales/silver/customer.sql", "{{ config(materialized='table') }} select 1 as id"),
        (
            "projects/shop/project.yml",
            "name: shop\ndatabase: shop_dwh\nschedule: { daily: \"0 5 * * *\", financial: \"30 7 1 * MON\" }\n",
        ),
        (
            "projects/shop/bronze/loads.yml",
            "version: 2\nloads:\n  - name: customer\n    from: { project: sales, relation: silver.customer }\n",
        ),
        ("projects/shop/silver/a.sql", "select id from raw.customer"),
        (
            "projects/shop/gold/financial/one.sql",
            "create or replace table fin.one as select * from silver.a;",
        ),
    ])
}

#[test]
fn days_with_and_without_a_change_of_the_clock() {
    let platform = platform();
    snapshots().bind(|| {
        for (name, date) in [
            ("plain_day", "2026-06-01"),
            ("day_of_23_hours", "2026-03-29"),
            ("day_of_25_hours", "2026-10-25"),
        ] {
            let shown = platform.run(&["schedule", "show", "--date", date]).shown(&platform);
            insta::assert_snapshot!(name, shown);
        }
    });
}

#[test]
fn a_time_that_summer_time_skips_comes_behind_the_gap_and_one_that_comes_twice_once() {
    let platform = platform();
    for (date, at) in [
        ("2026-03-28", "2026-03-28T02:30:00+01:00"),
        ("2026-03-29", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25", "2026-10-25T02:30:00+02:00"),
        ("2026-10-26", "2026-10-26T02:30:00+01:00"),
    ] {
        let day = platform.ok_json(&["schedule", "show", "--date", date, "--format", "json"]);
        let runs = day["runs"].as_array().expect("a list");
        let starts: Vec<_> = runs
            .iter()
            .filter(|r| r["project"] == "sales" && r["slot"] == "daily")
            .map(|r| &r["at"])
            .collect();
        assert_eq!(starts, [at], "{date}");
        assert!(runs.iter().any(|r| r["waits_for"] == serde_json::json!(["sales"])), "{date}");
    }
}

#[test]
fn what_is_too_early_is_told_with_the_day() {
    let platform = platform();
    platform.write(
        "projects/shop/project.yml",
        "name: shop\ndatabase: shop_dwh\nschedule: { daily: \"0 3 * * *\" }\n",
    );
    let day = platform.ok_json(&["schedule", "show", "--date", "2026-06-01", "--format", "json"]);
    let problem = day["problems"][0].as_str().expect("a problem");
    assert!(problem.starts_with("GS401: daily of `shop` starts at 03:00"), "{problem}");
    let shown = platform.ok(&["schedule", "show", "--date", "2026-06-01"]).stdout;
    assert!(shown.contains("! GS401: daily of `shop` starts at 03:00"), "{shown}");
}

#[test]
fn projects_and_dates_that_are_not_there() {
    let platform = platform();
    let outcome = platform.run(&["schedule", "show", "--select", "sale"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("there is no project `sale`\n  help: did you mean `sales`?"));
    for date in ["9999-12-31", "-9999-01-01"] {
        let outcome = platform.run(&["schedule", "show", &format!("--date={date}")]);
        assert_ne!(outcome.code, 101, "{date}: {}", outcome.stderr);
    }
}

#[test]
fn exports() {
    let platform = platform();
    snapshots().bind(|| {
        for to in ["crontab", "github-actions", "systemd", "adf"] {
            let outcome = platform.run(&["schedule", "export", "--to", to, "--output", "out"]);
            // An Azure trigger can't have days of the month and of the week at once.
            let mut text = platform.neutral(&outcome.shown(&platform));
            let mut files: Vec<_> = std::fs::read_dir(platform.path("out"))
                .into_iter()
                .flatten()
                .map(|f| f.unwrap().path())
                .collect();
            files.sort();
            for file in files {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                let file_text = platform.neutral(&platform.read(&format!("out/{name}")));
                let _ = write!(text, "--- {name}\n{file_text}");
                std::fs::remove_file(file).unwrap();
            }
            let text = text.replace(env!("CARGO_BIN_EXE_goldsmith"), "[goldsmith]");
            insta::assert_snapshot!(format!("export_{to}"), text);
        }
    });
}

#[test]
fn files_that_are_there_stay() {
    let platform = platform();
    let export = ["schedule", "export", "--to", "systemd", "--output", "out"];
    platform.write("out/goldsmith-small-shop-daily.timer", "mine");
    let outcome = platform.run(&export);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("goldsmith-small-shop-daily.timer` is there already, nothing was written")
    );
    assert_eq!(std::fs::read_dir(platform.path("out")).unwrap().count(), 1);
    platform.ok(&[&export[..], &["--force"]].concat());
    assert!(platform.read("out/goldsmith-small-shop-daily.timer").contains("OnCalendar="));
    // Several files need a folder; one goes to standard output.
    assert_eq!(platform.run(&export[..4]).code, 2);
    let crontab = platform.ok(&["schedule", "export", "--to", "crontab"]).stdout;
    assert!(crontab.contains("\nCRON_TZ=Europe/Berlin\n"), "{crontab}");
}

#[test]
fn what_another_scheduler_does_not_know_is_refused_at_its_place() {
    for cron in ["0 5 L * *", "0 5 15W * *", "0 5 * * 5#2", "0 5 * * 5L", "0 5 13 * +5"] {
        let platform = Platform::new(&[(
            "projects/shop/project.yml",
            &format!("name: shop\ndatabase: shop_dwh\nschedule: {{ daily: \"{cron}\" }}\n"),
        )]);
        assert_eq!(platform.run(&["schedule", "show"]).code, 0, "{cron} is a schedule");
        for to in ["crontab", "github-actions", "systemd", "adf"] {
            let outcome = platform.run(&["schedule", "export", "--to", to, "--output", "out"]);
            assert_eq!(outcome.code, 2, "{cron} to {to}: {}", outcome.stdout);
            assert!(outcome.stderr.contains("project.yml:3:"), "{cron} to {to}: {}", outcome.stderr);
            assert!(!platform.path("out").exists(), "{cron} to {to}");
        }
    }
}

/// Whether a program is there; says so where it is not.
fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        eprintln!("skipped: there is no {program} here");
    }
    there
}

#[test]
fn systemd_takes_its_files() {
    if !has("systemd-analyze") {
        return;
    }
    let platform = platform();
    platform.ok(&["schedule", "export", "--to", "systemd", "--output", "out"]);
    let files: Vec<_> = std::fs::read_dir(platform.path("out")).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(files.len(), 8);
    let output = Command::new("systemd-analyze").arg("verify").args(&files).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !told.contains("goldsmith-"), "{told}");
    assert_eq!(
        elapses(&platform, "goldsmith-small-sales-daily.timer", "2026-06-01 00:00:00"),
        ["2026-06-01 00:30:00"],
        "half past two in Berlin"
    );
    // The first of a month or a Monday, as cron has it: Tuesday the first, then Monday the seventh.
    assert_eq!(
        elapses(&platform, "goldsmith-small-shop-financial.timer", "2026-12-01 00:00:00"),
        ["2026-12-01 06:30:00", "2026-12-07 06:30:00"]
    );
}

/// When the lines of a timer come up next, in UTC, by systemd's own reckoning.
fn elapses(platform: &Platform, timer: &str, from: &str) -> Vec<String> {
    let text = platform.read(&format!("out/{timer}"));
    text.lines()
        .filter_map(|line| line.strip_prefix("OnCalendar="))
        .map(|calendar| {
            let output = Command::new("systemd-analyze")
                .args(["calendar", &format!("--base-time={from} UTC"), calendar])
                .env("TZ", "UTC")
                .env("LC_ALL", "C")
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            let next =
                told.lines().find_map(|l| l.trim().strip_prefix("Next elapse: ")).expect(&told).to_owned();
            next.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// What the documentation of systemd does not say, and the files do.
#[test]
fn systemd_leaves_out_what_summer_time_skips() {
    let platform = platform();
    platform.ok(&["schedule", "export", "--to", "systemd", "--output", "out"]);
    let timer = "goldsmith-small-sales-daily.timer";
    assert!(platform.read(&format!("out/{timer}")).starts_with("# systemd leaves a time out"));
    assert!(!platform.read("out/goldsmith-small-shop-daily.timer").contains("# systemd"));
    if has("systemd-analyze") {
        assert_eq!(elapses(&platform, timer, "2026-03-28 12:00:00"), ["2026-03-30 00:30:00"]);
    }
}

/// The schema of workflows that `check-jsonschema` carries (`SchemaStore`'s).
#[test]
fn the_workflow_fits_its_published_schema() {
    if !has("check-jsonschema") {
        return;
    }
    let platform = platform();
    platform.ok(&["schedule", "export", "--to", "github-actions", "--output", "out", "--select", "shop"]);
    let output = Command::new("check-jsonschema")
        .args(["--builtin-schema", "vendor.github-workflows"])
        .arg(platform.path("out/goldsmith.yml"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

/// A trigger of Data Factory, field by field as Microsoft's documentation has it: no schema of it is published
/// in a package.
#[test]
fn a_trigger_says_when_in_windows_words() {
    let platform = Platform::shop(&[]);
    platform.write("goldsmith.yml", SETTINGS);
    platform.write(
        "projects/shop/project.yml",
        "name: shop\ndatabase: shop_dwh\nschedule: { daily: \"0,30 5 * * MON,FRI\", hourly: \"15 7-9 * * *\" }\n",
    );
    platform.ok(&["schedule", "export", "--to", "adf", "--output", "out"]);
    let recurrence = |file: &str| {
        platform.json(&format!("out/{file}"))["properties"]["typeProperties"]["recurrence"].clone()
    };
    assert_eq!(
        recurrence("goldsmith-small-shop-daily.json"),
        serde_json::json!({
            "frequency": "Week", "interval": 1, "startTime": "2026-01-01T00:00:00",
            "timeZone": "W. Europe Standard Time",
            "schedule": { "minutes": [0, 30], "hours": [5], "weekDays": ["Monday", "Friday"] },
        })
    );
    let hourly = recurrence("goldsmith-small-shop-hourly.json");
    assert_eq!(hourly["frequency"], "Day");
    assert_eq!(hourly["schedule"], serde_json::json!({ "minutes": [15], "hours": [7, 8, 9] }));
}

#[test]
fn crontabs_are_read_by_cron() {
    if !Path::new("/usr/bin/crontab").exists() {
        eprintln!("skipped: there is no crontab here");
        return;
    }
    let platform = platform();
    platform.ok(&["schedule", "export", "--to", "crontab", "--output", "out"]);
    let output = Command::new("crontab").arg("-T").arg(platform.path("out/crontab")).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if told.contains("invalid option") {
        eprintln!("skipped: this crontab can't test a file");
        return;
    }
    assert!(output.status.success(), "{told}");
}

#[test]
fn runs_last_as_long_as_earlier_ones_did() {
    let platform = platform();
    platform.ok(&["run", "--select", "project:sales"]);
    // What does less or more than the slot does tells nothing of it.
    platform.ok(&["run", "--select", "shop", "--exclude", "one"]);
    platform.ok(&["run", "--select", "sales", "shop"]);
    let show = ["schedule", "show", "--date", "2026-06-02", "--format", "json"];
    let lasts = |project: &str| {
        let day = platform.ok_json(&show);
        let runs = day["runs"].as_array().expect("a list").clone();
        let run = runs.iter().find(|r| r["project"] == project && r["slot"] == "daily").expect("a run");
        (run["expected_from"].clone(), run["expected_seconds"].clone(), day["problems"].clone())
    };
    assert_eq!(lasts("sales").0, "declared", "what is declared counts");
    let project = platform.read("projects/sales/project.yml").replace(", expected: 45m", "");
    platform.write("projects/sales/project.yml", project);
    assert_eq!(lasts("sales").0, "history");
    assert_eq!(lasts("shop").0, "assumed", "those runs did other things");
    let file = platform.path("warehouse/sales_dwh.duckdb");
    let connection = duckdb::Connection::open(file).expect("nobody holds it");
    connection
        .execute_batch("UPDATE goldsmith.runs SET finished_at = started_at + INTERVAL 3 HOUR")
        .expect("it is there");
    let shown = platform.run(&show);
    assert_eq!(shown.code, 0, "somebody else holds the database, and one still sees the day");
    assert!(shown.stderr.contains("note: how long earlier runs took is not known"), "{}", shown.stderr);
    drop(connection);
    let (from, seconds, problems) = lasts("sales");
    assert_eq!((from, seconds), ("history".into(), (3 * 3600).into()));
    let problem = problems[0].as_str().expect("a problem");
    assert!(
        problem.contains(
            "shop daily starts at 05:00, before `sales`, which it imports from, has ended at 05:30"
        ),
        "{problem}"
    );
    assert!(platform.ok(&show[..4]).stdout.contains("3h 00m (last run)"));
}

/// `--exclude track:financial` is an error where there is none.
#[test]
fn a_slot_for_financial_gold_that_is_not_there_harms_nothing() {
    let platform = platform();
    platform.remove("projects/shop/gold/financial/one.sql");
    let shown = platform.ok(&["schedule", "show", "--date", "2026-06-01"]).stdout;
    assert!(
        shown.contains("! `shop` has a slot for financial gold but none to run: it never comes up"),
        "{shown}"
    );
    let crontab = platform.ok(&["schedule", "export", "--to", "crontab"]).stdout;
    assert!(!crontab.contains("track:financial"), "{crontab}");
}
