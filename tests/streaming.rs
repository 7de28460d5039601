//! Rows of other targets, end to end on DuckDB: types, deltas, figures that are compared, errors on
//! either side, and files that must not be opened twice.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::Platform;

const SETTINGS: &str = "name: small\ndefault_target: dev\ntargets:\n  dev: { type: duckdb, path: warehouse }\n  crm: { type: duckdb, path: crm }\n";

/// Runs statements on a database of another target.
fn make(platform: &Platform, file: &str, sql: &str) {
    let path = platform.path(file);
    std::fs::create_dir_all(path.parent().expect("a folder above a file")).expect("a folder");
    duckdb::Connection::open(path).expect("a database").execute_batch(sql).expect(sql);
}

/// A shop whose one load is `account`, of `crm`, with what else is said of it.
fn shop(from: &str, more: &str) -> Platform {
    let loads = format!("version: 2\nloads:\n  - name: account\n    from: {from}\n{more}");
    let platform = Platform::shop(&[("bronze/loads.yml", &loads)]);
    platform.write("goldsmith.yml", SETTINGS);
    platform
}

fn typed(platform: &Platform) -> String {
    platform.rows("shop_dwh", "SELECT column_name, column_type FROM (DESCRIBE raw.account)")
}

const ALL: &str = "SELECT * FROM raw.account ORDER BY ALL";

#[test]
fn a_query_fills_a_table() {
    let platform = shop("{ target: crm, query: \"SELECT id, name FROM account WHERE id > 1\" }", "");
    make(
        &platform,
        "crm/crm.duckdb",
        "CREATE TABLE account AS SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, NULL)) AS t(id, name)",
    );
    let told = platform.ok(&["run"]).stderr;
    assert!(told.contains("shop.account  2 rows"), "{told}");
    assert_eq!(platform.rows("shop_dwh", ALL), "2 b\n3 -");
    assert_eq!(typed(&platform), "id INTEGER\nname VARCHAR");
    let plan = platform.ok(&["plan"]).stdout;
    assert!(plan.contains("-- on the target crm\nSELECT id, name FROM account WHERE id > 1;"), "{plan}");
    // More than one vector of rows, and none at all.
    make(&platform, "crm/crm.duckdb", "INSERT INTO account SELECT range, 'x' FROM range(10, 100010)");
    platform.ok(&["run"]);
    assert_eq!(
        platform.rows("shop_dwh", "SELECT count(*), count(DISTINCT id) FROM raw.account"),
        "100002 100002"
    );
    make(&platform, "crm/crm.duckdb", "DELETE FROM account");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("the source is empty"), "{}", outcome.stderr);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.account"), "100002");
}

/// Values at their limits; what they are cast from and to must be the same on both sides.
const VALUES: &str = "
    SELECT true AS boolean, (-128)::TINYINT AS tiny, (-32768)::SMALLINT AS small, (-2147483648)::INTEGER AS int,
        (-9223372036854775808)::BIGINT AS big, 255::UTINYINT AS utiny, 65535::USMALLINT AS usmall, 4294967295::UINTEGER AS uint,
        18446744073709551615::UBIGINT AS ubig, 170141183460469231731687303715884105727::HUGEINT AS huge,
        340282366920938463463374607431768211455::UHUGEINT AS uhuge, 12345678901234567890123456789012345678901234567890::BIGNUM AS bignum,
        0.1::FLOAT AS float, 0.1::DOUBLE AS double, 'nan'::DOUBLE AS nan, 1.5::DECIMAL(4,1) AS d4, 12345.67::DECIMAL(9,2) AS d9,
        1234567890123456.78::DECIMAL(18,2) AS d18, 1234567890123456789012345678.0123456789::DECIMAL(38,10) AS d38,
        'Grüße'::VARCHAR AS text, ''::VARCHAR AS blank, '\\x00\\xFF'::BLOB AS bytes, DATE '0001-01-01' AS early, DATE 'infinity' AS never,
        TIME '23:59:59.999999' AS time, '12:00:01.123456789'::TIME_NS AS time_ns, TIMETZ '12:00:01.123456+02' AS timetz,
        TIMESTAMP_S '2020-01-01 00:00:01' AS ts_s, TIMESTAMP_MS '2020-01-01 00:00:01.123' AS ts_ms,
        TIMESTAMP '2020-01-01 00:00:01.123456' AS ts, TIMESTAMP_NS '2020-01-01 00:00:01.123456789' AS ts_ns,
        TIMESTAMP 'infinity' AS ts_never, TIMESTAMPTZ '2020-07-01 00:00:01.123456+02' AS tstz,
        INTERVAL '3000000 hours' AS long, INTERVAL '1 month 2 days 3.000001 seconds' AS interval,
        '47183823-2574-4bfd-b411-99ed177d3e43'::UUID AS uuid, 'b'::ENUM('a', 'b, c', 'b') AS mood, '{\"a\": 1.0}'::JSON AS json, '0101'::BIT AS bit,
        [1, NULL, 3] AS list, [1, 2]::INTEGER[2] AS array, {'a': 1, 'b c': ['x', NULL]} AS struct, MAP {'k': 1.50} AS map,
        [true, NULL] AS flags, ['47183823-2574-4bfd-b411-99ed177d3e43'::UUID] AS uuids, NULL::VARCHAR AS nothing, NULL AS untyped";

#[test]
fn every_value_arrives_as_it_was() {
    let platform = shop("{ target: crm, query: \"SELECT * FROM account\" }", "");
    make(
        &platform,
        "crm/crm.duckdb",
        &format!("CREATE TABLE account AS {VALUES} UNION ALL BY NAME SELECT NULL AS int"),
    );
    platform.ok(&["run"]);
    platform.ok(&["run"]);
    let both = |sql: &str| {
        let here = platform.rows("shop_dwh", sql);
        std::fs::copy(platform.path("crm/crm.duckdb"), platform.path("warehouse/crm.duckdb"))
            .expect("a copy");
        let there = platform.rows("crm", &sql.replace("raw.account", "account"));
        assert_eq!(here, there, "{sql}");
        here
    };
    let types = both("SELECT column_name, column_type FROM (DESCRIBE raw.account)");
    assert!(types.contains("d38 DECIMAL(38,10)") && types.contains("mood ENUM('a', 'b, c', 'b')"), "{types}");
    let values = both("SELECT * FROM raw.account ORDER BY int NULLS LAST");
    assert!(
        values.contains("170141183460469231731687303715884105727") && values.contains("3000000:00:00"),
        "{values}"
    );
    assert_eq!(values.lines().count(), 2);
}

#[test]
fn what_cannot_be_carried_is_named() {
    for (value, kind) in [
        ("union_value(n := 1)", "UNION(n INTEGER)"),
        ("[INTERVAL '1 day']", "column `odd`"),
        ("{'at': TIMETZ '12:00:00+02'}", "column `odd`"),
        ("['a'::ENUM('a')]", "column `odd`"),
        ("[1::HUGEINT]", "column `odd`"),
    ] {
        let platform = shop("{ target: crm, query: \"SELECT * FROM account\" }", "");
        make(&platform, "crm/crm.duckdb", &format!("CREATE TABLE account AS SELECT 1 AS id, {value} AS odd"));
        let outcome = platform.run(&["run"]);
        assert_eq!(outcome.code, 1, "{value}");
        assert!(outcome.stderr.contains("`odd`") && outcome.stderr.contains(kind), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("CAST(odd AS VARCHAR)"), "{}", outcome.stderr);
        // That way out is one.
        let query = "SELECT id, CAST(odd AS VARCHAR) AS odd FROM account";
        platform.write(
            "projects/shop/bronze/loads.yml",
            format!(
                "version: 2\nloads:\n  - name: account\n    from: {{ target: crm, query: \"{query}\" }}\n"
            ),
        );
        platform.ok(&["run"]);
    }
}

#[test]
fn declared_types_are_what_arrives() {
    let platform = shop(
        "{ target: crm, query: \"FROM account\" }",
        "    columns:\n      - { name: id, data_type: bigint }\n      - { name: amount, data_type: \"decimal(12,2)\" }\n",
    );
    make(&platform, "crm/crm.duckdb", "CREATE TABLE account AS SELECT 1::SMALLINT AS ID, '12.50' AS amount");
    platform.ok(&["run"]);
    assert_eq!(typed(&platform), "ID BIGINT\namount DECIMAL(12,2)");
    platform.ok(&["run"]);
    make(&platform, "crm/crm.duckdb", "INSERT INTO account VALUES (2, 'twelve')");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    let wanted = "the column `amount`, row 2: `twelve` is no DECIMAL(12,2)";
    assert!(outcome.stderr.contains(wanted), "{}", outcome.stderr);
    make(
        &platform,
        "crm/crm.duckdb",
        "DELETE FROM account WHERE id = 2; INSERT INTO account SELECT range, repeat('9', 20) FROM range(3000)",
    );
    let outcome = platform.run(&["run"]);
    assert!(outcome.stderr.contains("the column `amount`, row 2: `9999"), "{}", outcome.stderr);
    assert_eq!(platform.rows("shop_dwh", ALL), "1 12.50");
}

#[test]
fn hourly_asks_for_what_has_changed() {
    let platform = shop(
        "{ target: crm, query: \"SELECT * FROM account -- all of them\" }",
        "    key: [id]\n    modified: changed\n    deleted: gone\n",
    );
    make(
        &platform,
        "crm/crm.duckdb",
        "CREATE TABLE account (id INTEGER, name VARCHAR, changed TIMESTAMPTZ, gone BOOLEAN);
         INSERT INTO account VALUES (1, 'a', '2026-01-01 08:00:00.000001+00', false), (2, 'b', '2026-01-01 10:00:00.123456+01', false)",
    );
    platform.ok(&["run"]);
    // One of the watermark's very time, in another zone; one within the lookback, one before it.
    make(
        &platform,
        "crm/crm.duckdb",
        "INSERT INTO account VALUES (3, 'c', '2026-01-01 11:00:00.123456+02', false), (4, 'd', '2026-01-01 08:56:00+00', false),
            (5, 'e', '2026-01-01 08:54:00+00', false);
         UPDATE account SET gone = true, changed = '2026-01-01 12:00:00+00' WHERE id = 1",
    );
    let plan = platform.ok(&["plan", "--pipeline", "hourly"]).stdout;
    assert!(plan.contains("-- on the target crm\nSELECT * FROM (SELECT * FROM account"), "{plan}");
    assert!(plan.contains("WHERE \"changed\" >= '2026-01-01 08:55:00.123456+00'"), "{plan}");
    let told = platform.ok(&["run", "--pipeline", "hourly"]).stderr;
    assert!(told.contains("3 rows (2 inserted, 1 deleted)"), "{told}");
    let ids = "SELECT string_agg(id, ' ' ORDER BY id) FROM raw.account";
    assert_eq!(platform.rows("shop_dwh", ids), "2 3 4");
    let told = platform.ok(&["run", "--pipeline", "hourly"]).stderr;
    assert!(told.contains("3 rows (unchanged)"), "{told}");
    let told = platform.ok(&["run"]).stderr;
    assert!(told.contains("shop.account  4 rows (1 inserted)"), "{told}");
}

#[test]
fn any_type_can_be_a_watermark() {
    for (kind, first, second) in [
        ("TIMESTAMP", "2026-01-01 08:00:00", "2026-01-01 09:00:00.000001"),
        ("TIMESTAMP_NS", "2026-01-01 08:00:00.123456789", "2026-01-01 08:00:00.123456790"),
        ("TIMESTAMP_S", "2026-01-01 08:00:00", "2026-01-01 08:00:01"),
        ("DATE", "2026-01-01", "2026-01-02"),
        ("BIGINT", "41", "42"),
        ("VARCHAR", "2026-01-01T08:00:00Z", "2026-01-01T08:00:01Z"),
        ("DECIMAL(20,0)", "41", "42"),
    ] {
        let platform = shop(
            "{ target: crm, query: \"SELECT * FROM account\" }",
            "    key: [id]\n    modified: changed\n    lookback: 0s\n    allow_empty: true\n",
        );
        make(&platform, "crm/crm.duckdb", &format!("CREATE TABLE account (id INTEGER, changed {kind})"));
        platform.ok(&["run"]);
        let insert = |id: u32, at: &str| {
            make(&platform, "crm/crm.duckdb", &format!("INSERT INTO account VALUES ({id}, '{at}')"));
        };
        let hourly = || platform.ok(&["run", "--pipeline", "hourly"]).stderr;
        insert(1, first);
        let told = hourly();
        assert!(told.contains("1 row"), "{kind}, from an empty table: {told}");
        insert(2, first);
        insert(3, second);
        hourly();
        hourly();
        assert_eq!(
            platform.rows("shop_dwh", "SELECT string_agg(id, ' ' ORDER BY id) FROM raw.account"),
            "1 2 3",
            "{kind}"
        );
    }
}

#[test]
fn columns_that_are_new_wait_for_the_daily_run() {
    let platform = shop(
        "{ target: crm, query: \"SELECT * FROM account\" }",
        "    key: [id]\n    modified: changed\n    on_schema_change: append\n",
    );
    make(
        &platform,
        "crm/crm.duckdb",
        "CREATE TABLE account AS SELECT 1 AS id, TIMESTAMP '2026-01-01 08:00:00' AS changed",
    );
    platform.ok(&["run"]);
    make(
        &platform,
        "crm/crm.duckdb",
        "ALTER TABLE account ADD COLUMN name VARCHAR; INSERT INTO account VALUES (2, '2026-01-01 09:00:00', 'b')",
    );
    platform.ok(&["run", "--pipeline", "hourly"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM raw.account WHERE id = 2"), "2 2026-01-01 09:00:00");
    platform.ok(&["run"]);
    assert_eq!(
        platform.rows("shop_dwh", "SELECT * FROM raw.account WHERE id = 2"),
        "2 2026-01-01 09:00:00 b"
    );
    make(&platform, "crm/crm.duckdb", "ALTER TABLE account DROP COLUMN name");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("removed name"), "{}", outcome.stderr);
}

#[test]
fn errors_name_the_side_and_the_line() {
    let query = "|\n        SELECT id,\n          CAST(name AS INTEGER) AS name\n        FROM account\n";
    let from = format!("\n      target: crm\n      query: {query}");
    let platform = shop(&from, "");
    make(
        &platform,
        "crm/crm.duckdb",
        "CREATE TABLE account AS SELECT range AS id, CASE WHEN range = 90000 THEN 'x' ELSE '1' END AS name FROM range(100000)",
    );
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains(
            "on the target `crm`, line 2 of the query: Conversion Error: Could not convert string 'x'"
        ),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("projects/shop/bronze/loads.yml:"), "{}", outcome.stderr);
    assert!(platform.try_rows("shop_dwh", "SELECT * FROM raw.account").is_err(), "nothing is left of it");
    assert!(
        platform.try_rows("shop_dwh", "SELECT * FROM raw.account__goldsmith").is_err(),
        "nothing is left of it"
    );
    for (query, wanted) in [
        (
            "SELECT id FROM acount",
            "on the target `crm`, line 1 of the query: Catalog Error: Table with name acount does not exist",
        ),
        ("DROP TABLE account", "on the target `crm`, line 1 of the query: Parser Error"),
        (
            "SELECT 1 AS a) AS x; DROP TABLE account; SELECT * FROM (SELECT 1",
            "`query` is more than one query",
        ),
        ("SELECT 1; SELECT 2", "`query` is more than one query: `SELECT` begins another"),
    ] {
        platform.write(
            "projects/shop/bronze/loads.yml",
            format!(
                "version: 2\nloads:\n  - name: account\n    from: {{ target: crm, query: \"{query}\" }}\n"
            ),
        );
        let outcome = platform.run(&["run"]);
        assert!(outcome.code == 1 || outcome.code == 2, "{query}");
        assert!(outcome.stderr.contains(wanted), "{query}: {}", outcome.stderr);
    }
}

#[test]
fn an_unknown_target_is_told_at_its_place() {
    let platform = shop("{ target: cmr, query: \"SELECT 1 AS id\" }", "");
    let outcome = platform.run(&["lint"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("there is no target `cmr`"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("projects/shop/bronze/loads.yml:4:21"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("did you mean `crm`?"), "{}", outcome.stdout);
}

#[test]
fn targets_that_cannot_be_read_say_so() {
    let platform = shop("{ target: crm, query: \"SELECT 1 AS id\" }", "");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("the target `crm` has no database"), "{}", outcome.stderr);
    // Planning needs nothing of it.
    platform.ok(&["plan"]);
    platform.write("goldsmith.yml", SETTINGS.replace("type: duckdb, path: crm", "type: sqlserver, host: x"));
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("the target `crm` has no `user`"), "{}", outcome.stderr);
}

#[test]
fn several_databases_are_found_by_their_names() {
    let platform = shop(
        "{ target: crm, query: \"SELECT a.id, b.n FROM one.account a JOIN two.main.b ON b.id = a.id\" }",
        "",
    );
    make(&platform, "crm/one.duckdb", "CREATE TABLE account AS SELECT 1 AS id");
    make(&platform, "crm/two.duckdb", "CREATE TABLE b AS SELECT 1 AS id, 'n' AS n");
    platform.write("crm/three.duckdb", "this is no database");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", ALL), "1 n");
}

#[test]
fn the_business_date_is_known_there() {
    let platform = shop("{ target: crm, query: \"SELECT getvariable('business_date') AS day\" }", "");
    make(&platform, "crm/crm.duckdb", "CREATE TABLE t (a INTEGER)");
    platform.ok(&["run", "--date", "2026-02-03"]);
    assert_eq!(platform.rows("shop_dwh", ALL), "2026-02-03");
}

#[test]
fn the_runs_own_folder_is_not_opened_twice() {
    let platform = shop("{ target: twin, query: \"SELECT id FROM other_dwh.raw.t\" }", "");
    platform.write(
        "goldsmith.yml",
        format!("{SETTINGS}  twin: {{ type: duckdb, path: ./warehouse/../warehouse }}\n"),
    );
    make(&platform, "warehouse/other_dwh.duckdb", "CREATE SCHEMA raw; CREATE TABLE raw.t AS SELECT 7 AS id");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", ALL), "7");
    // Its own database, which it writes to at the same time.
    platform.write(
        "projects/shop/bronze/loads.yml",
        "version: 2\nloads:\n  - name: account\n    from: { target: twin, query: \"SELECT count(*) AS n FROM shop_dwh.goldsmith.runs\" }\n",
    );
    platform.ok(&["run", "--pipeline", "init"]);
    assert_eq!(platform.rows("shop_dwh", ALL), "1");
    // Nothing can be written there by way of a query.
    platform.write(
        "projects/shop/bronze/loads.yml",
        "version: 2\nloads:\n  - name: account\n    from: { target: twin, query: \"DELETE FROM shop_dwh.goldsmith.runs RETURNING run_id\" }\n",
    );
    assert_eq!(platform.run(&["run"]).code, 1);
    assert_ne!(platform.rows("shop_dwh", "SELECT count(*) FROM goldsmith.runs"), "0");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_runs_own_file_is_refused() {
    let platform = shop("{ target: crm, query: \"SELECT 1 AS id\" }", "");
    make(&platform, "warehouse/shop_dwh.duckdb", "CREATE TABLE t (a INTEGER)");
    std::fs::create_dir_all(platform.path("crm")).expect("a folder");
    std::os::unix::fs::symlink(platform.path("warehouse/shop_dwh.duckdb"), platform.path("crm/crm.duckdb"))
        .expect("a link");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("`crm` of the target `crm` is a link to a file that this run holds itself"),
        "{}",
        outcome.stderr
    );
    // A link to the whole folder is the folder.
    std::fs::remove_dir_all(platform.path("crm")).expect("a folder");
    std::os::unix::fs::symlink(platform.path("warehouse"), platform.path("crm")).expect("a link");
    platform.ok(&["run"]);
}

#[test]
fn figures_of_the_source_are_compared() {
    let platform = shop(
        "{ target: crm, query: \"SELECT * FROM account\" }",
        "    key: [id]\n    control: { rows: true, sum: amount }\n",
    );
    make(
        &platform,
        "crm/crm.duckdb",
        "CREATE TABLE account AS SELECT range AS id, (range / 4)::DECIMAL(10,2) AS amount FROM range(5000); INSERT INTO account VALUES (1, 0.25)",
    );
    let told = platform.ok(&["run", "--log-format", "json"]).stderr;
    assert!(told.contains("as at the source: 5001 rows, sum of amount 3124375.25"), "{told}");
    // Figures that another reading would give: one that is never the same.
    platform.write(
        "projects/shop/bronze/loads.yml",
        "version: 2\nloads:\n  - name: account\n    from: { target: crm, query: \"SELECT id, random() AS amount FROM account\" }\n    control: { sum: amount }\n    on_schema_change: append\n",
    );
    let outcome = platform.run(&["run", "--pipeline", "init"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("the sum of amount is ")
            && outcome.stderr.contains(" arrived: nothing was changed"),
        "{}",
        outcome.stderr
    );
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.account"), "5000");
}

/// The other process of the next test: holds a database until its standard input ends.
#[test]
#[ignore = "no test: the process that `a_locked_target_is_waited_for` starts"]
fn hold_a_database() {
    let Ok(file) = std::env::var("GOLDSMITH_TEST_HOLD") else { return };
    let _held = duckdb::Connection::open(file).expect("nobody else holds it");
    println!("held");
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_locked_target_is_waited_for() {
    let platform = shop("{ target: crm, query: \"SELECT id FROM account\" }", "");
    make(&platform, "crm/crm.duckdb", "CREATE TABLE account AS SELECT 1 AS id");
    let mut holder = Command::new(std::env::current_exe().expect("this test"))
        .args(["hold_a_database", "--exact", "--ignored", "--nocapture"])
        .env("GOLDSMITH_TEST_HOLD", platform.path("crm/crm.duckdb"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test starts again");
    let mut lines = BufReader::new(holder.stdout.take().expect("piped")).lines();
    assert!(lines.any(|line| line.is_ok_and(|l| l.contains("held"))), "the other process holds the file");
    let refused = platform.run(&["run"]);
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        drop(holder.stdin.take());
        holder.wait().expect("the other process ends");
    });
    let waited = platform.run(&["run", "--wait", "30s"]);
    release.join().expect("the other process has ended");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("`crm.duckdb` is held by"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--wait"), "{}", refused.stderr);
    assert_eq!(waited.code, 0, "{}", waited.stderr);
    assert_eq!(platform.rows("shop_dwh", ALL), "1");
}

#[cfg(unix)]
#[test]
fn a_stopped_run_leaves_the_table_as_it_was() {
    let platform = shop("{ target: crm, query: \"SELECT * FROM account\" }", "");
    make(&platform, "crm/crm.duckdb", "CREATE TABLE account AS SELECT 1 AS id, 'a' AS name");
    platform.ok(&["run"]);
    // Rows without end; and a query that takes for ever before it has one.
    for query in [
        "SELECT range AS id, repeat('x', 100) AS name FROM range(1000000000000)",
        "SELECT count(*)::INTEGER AS id, 'x' AS name FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 5",
    ] {
        platform.write(
            "projects/shop/bronze/loads.yml",
            format!(
                "version: 2\nloads:\n  - name: account\n    from: {{ target: crm, query: \"{query}\" }}\n"
            ),
        );
        let mut child = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
            .args(["run", "--log-format", "json"])
            .current_dir(platform.path(""))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let is_endless = query.starts_with("SELECT range");
        let wanted = if is_endless {
            "\"rows_arrived\",\"id\":\"shop.account\",\"rows\":"
        } else {
            "\"step_started\""
        };
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        assert!(lines.any(|line| line.is_ok_and(|l| l.contains(wanted))), "it begins: {wanted}");
        std::thread::sleep(Duration::from_millis(500));
        let stopped = Command::new("kill").arg(child.id().to_string()).status().expect("kill");
        assert!(stopped.success());
        let told: Vec<String> = lines.map_while(Result::ok).collect();
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{told:#?}");
        assert_eq!(platform.rows("shop_dwh", ALL), "1 a");
    }
}

#[test]
fn a_query_that_keeps_rows_gets_the_memory_for_it() {
    let query = "SELECT a.id, count(*) AS n, max(b.name) AS name FROM account a JOIN account b USING (id) GROUP BY a.id ORDER BY name";
    let platform = shop(&format!("{{ target: crm, query: \"{query}\" }}"), "");
    make(
        &platform,
        "crm/crm.duckdb",
        "CREATE TABLE account AS SELECT range AS id, repeat(md5(range::VARCHAR), 4) AS name FROM range(400000)",
    );
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.account"), "400000");
    // Many columns, of which each wants a little.
    let columns: Vec<String> = (0..400).map(|n| format!("(range * {n})::VARCHAR AS c{n}")).collect();
    make(
        &platform,
        "crm/crm.duckdb",
        &format!("CREATE TABLE wide AS SELECT {} FROM range(20000)", columns.join(", ")),
    );
    platform.write(
        "projects/shop/bronze/loads.yml",
        "version: 2\nloads:\n  - name: wide\n    from: { target: crm, query: FROM wide }\n",
    );
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM raw.wide"), "20000");
    platform
        .write("goldsmith.yml", SETTINGS.replace("path: warehouse", "path: warehouse, memory_limit: much"));
    let outcome = platform.run(&["lint"]);
    assert!(outcome.stdout.contains("a size such as 512MB or 4GB"), "{}", outcome.stdout);
}

#[test]
fn figures_are_for_other_databases() {
    let loads = "version: 2\nloads:\n  - name: n\n    from: { file: n.csv }\n    control: { rows: true }\n";
    let platform = Platform::shop(&[("bronze/n.yml", loads), ("n.csv", "id\n1\n")]);
    let told = platform.run(&["lint"]).stdout;
    assert!(told.contains("`control` compares with another database, and has no effect here"), "{told}");
    // Within one target they are compared as well.
    platform.ok(&["run"]);
    platform.write("projects/next/project.yml", "name: next\nschedule: { daily: \"0 6 * * *\" }\n");
    platform.write(
        "projects/shop/silver/s.sql",
        "{{ config(materialized='table') }}\nselect id, 1.5 as amount from raw.n",
    );
    platform.write(
        "projects/next/bronze/n.yml",
        "version: 2\nloads:\n  - name: n\n    from: { project: shop, relation: silver.s }\n    control: { sum: amount }\n",
    );
    let told = platform.ok(&["run", "--log-format", "json"]).stderr;
    assert!(told.contains("as at the source: 1 rows, sum of amount 1.5"), "{told}");
}
