//! Loads from programs: rows as JSON lines, the messages of Singer taps, and what programs do wrong.

#![cfg(unix)]

mod common;

use std::time::{Duration, Instant};

use common::Platform;

/// A shop whose one load runs `sh extract.sh`.
fn shop(script: &str, load: &str) -> Platform {
    let platform = Platform::shop(&[
        ("silver/n.sql", "select count(*) as n from {{ source('shop', 'users') }}"),
        ("extract.sh", script),
    ]);
    platform.write(
        "projects/shop/bronze/users.yml",
        format!("version: 2\nloads:\n  - name: users\n    from: {{ command: [sh, extract.sh]{load}\n"),
    );
    platform
}

fn extract(platform: &Platform, script: &str) {
    platform.write("projects/shop/extract.sh", script);
}

const KEYED: &str = " }\n    key: [id]\n    modified: at\n    columns:\n      - { name: amount, data_type: \"decimal(38,10)\" }\n      \
                     - { name: at, data_type: timestamptz }";

#[test]
fn rows_come_in_exactly_as_they_were_written() {
    let platform = shop(
        "echo '{\"id\": 1, \"amount\": 12345678901234567.89, \"at\": \"2026-01-01T08:00:00+01:00\"}'\n\
         echo '{\"id\": 2, \"amount\": 0.1, \"at\": \"2026-01-01T09:00:00+01:00\", \"name\": \"Zoë\"}'\n",
        KEYED,
    );
    platform.ok(&["run"]);
    let rows = "SELECT id, amount, epoch(\"at\")::BIGINT, name FROM raw.users ORDER BY id";
    assert_eq!(
        platform.rows("shop_dwh", rows),
        "1 12345678901234567.8900000000 1767250800 -\n2 0.1000000000 1767254400 Zoë"
    );
    assert!(!platform.path("target/fetched/shop/users.jsonl").exists(), "rows are not left lying about");
}

#[test]
fn the_watermark_is_in_the_environment() {
    let platform = shop(
        "echo \"$GOLDSMITH_LOAD_NAME ${GOLDSMITH_WATERMARK-none} $GOLDSMITH_BUSINESS_DATE\" >> asked\n\
         echo '{\"id\": 1, \"amount\": 1, \"at\": \"2026-01-01T08:00:00Z\"}'\n",
        KEYED,
    );
    platform.ok(&["run", "--date", "2026-03-02"]);
    extract(
        &platform,
        "echo \"${GOLDSMITH_WATERMARK-none}\" >> asked\n\
         echo '{\"id\": 1, \"amount\": 2, \"at\": \"2026-01-01T08:00:00Z\"}'\n\
         echo '{\"id\": 2, \"amount\": 2, \"at\": \"2026-01-01T08:00:00Z\"}'\n",
    );
    let told = platform.ok(&["run", "--pipeline", "hourly"]).stderr;
    assert!(told.contains("2 rows (1 inserted, 1 updated)"), "{told}");
    let asked = platform.read("projects/shop/asked");
    let lines: Vec<&str> = asked.lines().collect();
    assert_eq!(lines[0], "shop.users none 2026-03-02");
    let watermark: jiff::Timestamp = lines[1].parse().expect("a point in time as RFC 3339 has it");
    assert_eq!(watermark, "2026-01-01T07:55:00Z".parse().unwrap());
    // Nothing new is nothing to do.
    extract(&platform, "true\n");
    let told = platform.ok(&["run", "--pipeline", "hourly"]).stderr;
    assert!(told.contains("2 rows (unchanged)"), "{told}");
}

#[test]
fn a_program_that_fails_leaves_the_table_as_it_was() {
    let platform = shop("echo '{\"id\": 1}'\necho '{\"id\": 2}'\n", " }");
    platform.ok(&["run"]);
    for (script, said) in [
        ("echo '{\"id\": 3}'\necho 'no network' >&2\nexit 7\n", "`sh` ended with exit code 7"),
        (
            "echo '{\"id\": 3}'\necho '{\"id\": 4'\n",
            "`sh`: line 2 of its output is broken off or wrong at column 8: {\"id\": 4",
        ),
        ("echo '[3]'\n", "`sh`: line 1 of its output is not a JSON object: [3]"),
        ("printf '{\"id\": \"\\377\"}\\n'", "`sh`: line 1 of its output is not valid UTF-8"),
        ("kill -9 $$\n", "`sh` was killed by signal 9"),
        ("true\n", "the source is empty, and raw.users holds 2 rows"),
        ("yes '{\"id\": 3' \n", "`sh`: line 1 of its output is broken off"),
    ] {
        extract(&platform, script);
        let outcome = platform.run(&["run"]);
        assert_eq!(outcome.code, 1, "{script}");
        assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("bronze/users.yml:4:"), "{}", outcome.stderr);
        assert_eq!(platform.rows("shop_dwh", "SELECT string_agg(id, ' ' ORDER BY id) FROM raw.users"), "1 2");
        assert!(!platform.path("target/fetched/shop/users.jsonl").exists());
    }
    extract(&platform, "echo 'no network' >&2\nexit 7\n");
    assert!(platform.run(&["run"]).stderr.contains("no network"));
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let platform = shop("", " }");
    platform.write(
        "projects/shop/bronze/users.yml",
        "version: 2\nloads:\n  - name: users\n    from: { command: [no-such-program] }\n",
    );
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("there is no program `no-such-program` here"), "{}", outcome.stderr);
    platform.write(
        "projects/shop/bronze/users.yml",
        "version: 2\nloads:\n  - name: users\n    from: { command: [./extract.sh] }\n",
    );
    let outcome = platform.run(&["run"]);
    assert!(
        outcome.stderr.contains("`./extract.sh` may not be run: is it executable?"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_first_load_without_rows_makes_no_table() {
    let platform = shop("true\n", " }");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("`sh` delivered no rows"), "{}", outcome.stderr);
    assert_eq!(platform.relations("shop_dwh", "raw"), "");
}

#[test]
fn a_program_that_hangs_is_ended_with_all_that_it_has_started() {
    let platform = shop("echo $$ > pid\nsleep 300 &\necho $! > child\nsleep 300\n", ", time_limit: 1s }");
    let began = Instant::now();
    let outcome = platform.run(&["run"]);
    assert!(began.elapsed() < Duration::from_mins(1));
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("took longer than its `time_limit` of 1 seconds, and was ended"),
        "{}",
        outcome.stderr
    );
    for file in ["pid", "child"] {
        let pid = platform.read(&format!("projects/shop/{file}"));
        let state =
            std::process::Command::new("ps").args(["-o", "stat=", "-p", pid.trim()]).output().expect("ps");
        let state = String::from_utf8_lossy(&state.stdout).into_owned();
        // What nobody has collected yet runs no more.
        assert!(state.trim().is_empty() || state.starts_with('Z'), "{file} {pid} runs on: {state}");
    }
}

#[test]
fn a_child_that_keeps_the_output_open_holds_nobody_up() {
    let platform = shop("echo '{\"id\": 1}'\nsleep 300 &\n", " }");
    let began = Instant::now();
    platform.ok(&["run"]);
    assert!(began.elapsed() < Duration::from_mins(1));
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM raw.users"), "1");
}

/// What a tap writes: two streams, and its bookmark.
const TAP: &str = r#"
state=none
while [ $# -gt 0 ]; do case "$1" in --state) state=$(cat "$2"); shift;; esac; shift; done
echo "$state" >> states
cat <<END
{"type": "SCHEMA", "stream": "users", "schema": {"properties": {"id": {"type": "integer"}}}, "key_properties": ["id"]}
{"type": "RECORD", "stream": "users", "record": {"id": 1, "at": "2026-01-01T08:00:00Z", "_sdc_deleted_at": null}}
{"type": "RECORD", "stream": "orders", "record": {"id": 9}}
{"type": "RECORD", "stream": "users", "record": {"id": 2, "at": "2026-01-01T09:00:00Z", "_sdc_deleted_at": DELETED}}
{"type": "STATE", "value": {"bookmarks": {"users": "2026-01-01T09:00:00Z"}}}
END
"#;

#[test]
fn a_singer_tap_is_understood() {
    let platform = shop(&TAP.replace("DELETED", "null"), "");
    platform.write(
        "projects/shop/bronze/users.yml",
        "version: 2\nloads:\n  - name: users\n    from: { command: [sh, extract.sh, --config, c.json, --state, \"{state}\"] }\n    \
         key: [id]\n    modified: at\n    deleted: _sdc_deleted_at\n",
    );
    let told = platform.ok(&["run"]).stderr;
    assert!(told.contains("note shop.users: 1 record of other streams was passed over (orders)"), "{told}");
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM raw.users ORDER BY id"), "1\n2");
    let state = r#"{"bookmarks": {"users": "2026-01-01T09:00:00Z"}}"#;
    assert_eq!(platform.rows("shop_dwh", "SELECT state FROM goldsmith.loads"), state);
    extract(&platform, &TAP.replace("DELETED", "\"2026-01-02T09:00:00Z\""));
    platform.ok(&["run", "--pipeline", "hourly"]);
    assert_eq!(platform.read("projects/shop/states"), format!("none\n{state}\n"));
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM raw.users ORDER BY id"), "1");
}

#[test]
fn arguments_with_secrets_are_refused() {
    let platform = shop("true\n", " }");
    platform.write(
        "projects/shop/bronze/users.yml",
        "version: 2\nloads:\n  - name: users\n    from: { command: [sh, -c, \"{{ env_var('TOKEN') }}\"] }\n",
    );
    let outcome = platform.run(&["lint"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stdout.contains("a command's arguments are not rendered"),
        "{}{}",
        outcome.stdout,
        outcome.stderr
    );
}
