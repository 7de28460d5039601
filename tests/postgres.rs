//! Platforms on PostgreSQL, through the binary: loads, models, seeds, scripts, tests, publications.

mod common;

use std::fmt::Write as _;

use common::postgres::Place;

const LOADS: &str = "\
version: 2
loads:
  - name: account
    from: { file: bronze/account.csv }
    key: [id]
    modified: changed
    columns:
      - { name: id, data_type: bigint }
      - { name: amount, data_type: \"numeric(18,2)\" }
  - name: event
    from: { file: bronze/event.jsonl }
";

fn loads() -> Option<Place> {
    Place::shop(
        false,
        &[
            ("bronze/loads.yml", LOADS),
            (
                "bronze/account.csv",
                "id,name,amount,changed\n1,Müller & Söhne,10.50,2026-01-01 08:00:00\n2,\"a \"\"b\"\"\",-0.05,2026-01-02 08:00:00\n3,,7,2026-01-03 08:00:00\n",
            ),
            ("bronze/event.jsonl", "{\"id\": 1, \"what\": \"made\"}\n{\"id\": 2, \"what\": null}\n"),
            ("seeds/region.csv", "code,name\nde,Germany\nfr,France\n"),
            (
                "silver/amounts.sql",
                "{{ config(materialized='table') }}\nselect a.id, a.name, a.amount, r.name as region from {{ source('shop', 'account') }} a join {{ ref('region') }} r on r.code = 'de'\n",
            ),
            (
                "silver/big.sql",
                "{{ config(materialized='view') }}\nselect * from {{ ref('amounts') }} where amount > 1\n",
            ),
            (
                "silver/growing.sql",
                "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}\nselect id, amount from {{ ref('amounts') }}\n",
            ),
            (
                "gold/financial/report.sql",
                "DROP TABLE IF EXISTS fin.report;\nCREATE TABLE fin.report AS SELECT count(*) AS n, sum(amount) AS amount FROM silver.big;\n",
            ),
            (
                "silver/silver.yml",
                "version: 2\nmodels:\n  - name: amounts\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n",
            ),
        ],
    )
}

#[test]
fn a_platform_runs_on_postgresql_as_it_does_on_duckdb() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    assert_eq!(
        place.rows("SELECT id, name, amount, changed, pg_typeof(amount) FROM raw.account ORDER BY id"),
        "1|Müller & Söhne|10.50|2026-01-01 08:00:00|numeric\n2|a \"b\"|-0.05|2026-01-02 08:00:00|numeric\n3|null|7.00|2026-01-03 08:00:00|numeric"
    );
    assert_eq!(place.rows("SELECT * FROM raw.event ORDER BY id"), "1|made\n2|null");
    assert_eq!(
        place.rows("SELECT * FROM silver.big ORDER BY id"),
        "1|Müller & Söhne|10.50|Germany\n3|null|7.00|Germany"
    );
    assert_eq!(place.rows("SELECT * FROM fin.report"), "2|17.50");
    assert_eq!(place.rows("SELECT * FROM silver.growing ORDER BY id"), "1|10.50\n2|-0.05\n3|7.00");
    place.platform.write(
        "projects/shop/bronze/account.csv",
        "id,name,amount,changed\n1,Müller,11,2026-01-05 08:00:00\n2,b,2,2026-01-02 08:00:00\n4,new,4.25,2026-01-06 08:00:00\n",
    );
    let again = place.done(&["run"]);
    assert!(again.stderr.contains("drift: 1 row removed and 1 row corrected"), "{}", again.stderr);
    assert_eq!(place.rows("SELECT id, name FROM silver.big ORDER BY id"), "1|Müller\n2|b\n4|new");
    assert_eq!(place.rows("SELECT * FROM silver.growing ORDER BY id"), "1|11.00\n2|2.00\n3|7.00\n4|4.25");
    assert_eq!(
        place.rows("SELECT load, mode, row_count, inserted, updated, deleted, differing FROM goldsmith.loads WHERE load = 'shop.account' ORDER BY finished_at"),
        "shop.account|full|3|3|0|0|null\nshop.account|full|3|1|2|1|1"
    );
    assert_eq!(place.rows("SELECT tablename FROM pg_tables WHERE tablename LIKE '%\\_\\_goldsmith%'"), "");
    let shown = place.done(&["show", "amounts", "--rows", "2"]);
    assert!(shown.stdout.contains("11.00"), "{}", shown.stdout);
    place.done(&["status"]);
}

#[test]
fn what_others_put_on_a_table_stays_when_it_is_built_again() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    place.execute(
        "CREATE ROLE reader_of_shop; GRANT SELECT ON silver.amounts, raw.account TO reader_of_shop; \
         CREATE SCHEMA bi; CREATE VIEW bi.own AS SELECT sum(amount) AS amount FROM silver.amounts; \
         CREATE VIEW bi.upon AS SELECT amount * 2 AS twice FROM bi.own; GRANT SELECT ON bi.upon TO PUBLIC",
    );
    place.done(&["run"]);
    assert_eq!(place.rows("SELECT twice FROM bi.upon"), "34.90");
    // Another shape: the views that stand on it are made again, with their grants.
    place.platform.write(
        "projects/shop/silver/amounts.sql",
        "{{ config(materialized='table') }}\nselect 'x' as extra, a.id, a.name, a.amount + 1 as amount from {{ source('shop', 'account') }} a\n",
    );
    let alone = place.run(&["run", "--select", "amounts"]);
    assert_eq!(alone.code, 1);
    assert!(alone.stderr.contains("the view silver.big can not be made on it any more"), "{}", alone.stderr);
    assert_eq!(place.rows("SELECT twice FROM bi.upon"), "34.90");
    place.done(&["run"]);
    assert_eq!(place.rows("SELECT twice FROM bi.upon"), "40.90");
    let grants = "SELECT table_schema || '.' || table_name || ' ' || grantee FROM information_schema.role_table_grants \
                  WHERE grantee IN ('reader_of_shop', 'PUBLIC') AND table_schema IN ('bi', 'silver', 'raw') ORDER BY 1";
    assert_eq!(
        place.rows(grants),
        "bi.upon PUBLIC\nraw.account reader_of_shop\nsilver.amounts reader_of_shop"
    );
}

#[test]
fn a_model_changes_from_view_to_table_and_back_under_other_views() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    place.execute("CREATE SCHEMA bi; CREATE VIEW bi.own AS SELECT count(*) AS n FROM silver.big");
    let model = "projects/shop/silver/big.sql";
    let view = place.platform.read(model);
    for text in [view.replace("'view'", "'table'"), view] {
        place.platform.write(model, text);
        place.done(&["run", "--select", "big"]);
        assert_eq!(place.rows("SELECT n FROM bi.own"), "2");
    }
    assert_eq!(place.rows("SELECT relkind FROM pg_class WHERE oid = 'silver.big'::regclass"), "v");
}

#[test]
fn an_error_is_told_at_the_line_of_the_users_file() {
    let Some(place) = Place::shop(
        false,
        &[(
            "gold/financial/report.sql",
            "CREATE TABLE fin.one AS SELECT 1 AS n;\n\nCREATE TABLE fin.two AS\nSELECT wrong_column FROM fin.one;\nCREATE TABLE fin.three AS SELECT 3 AS n;\n",
        )],
    ) else {
        return;
    };
    let outcome = place.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("gold/financial/report.sql:4:8"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("column \"wrong_column\" does not exist (42703)"), "{}", outcome.stderr);
    assert_eq!(place.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'fin'"), "0");
}

#[test]
fn imports_come_from_another_database_of_the_server() {
    let Some(place) = loads() else { return };
    let books = format!("{}_books", place.database);
    let project = place.platform.read("projects/shop/project.yml");
    place
        .platform
        .write("projects/shop/project.yml", format!("{project}public: [raw.account, silver.amounts]\n"));
    place.platform.write(
        "projects/books/project.yml",
        format!(
            "name: books\ndatabase: {books}\nschedule: {{ daily: \"0 6 * * *\", hourly: \"30 * * * *\" }}\n"
        ),
    );
    place.platform.write(
        "projects/books/bronze/loads.yml",
        "version: 2\nloads:\n  - name: amounts\n    from: { project: shop, relation: silver.amounts }\n    key: [id]\n    control: { rows: true, sum: amount }\n\
         \x20 - name: account\n    from: { project: shop, relation: raw.account }\n    key: [id]\n    modified: changed\n",
    );
    let first = place.done(&["run"]);
    assert!(!first.stderr.contains("ERROR"), "{}", first.stderr);
    let rows = |sql: &str| {
        let settings = format!(
            "host={} port={} user=goldsmith dbname={books}",
            place.server().folder,
            place.server().port
        );
        let mut client = postgres::Client::connect(&settings, postgres::NoTls).unwrap();
        let row = client.query_one(&format!("SELECT ({sql})::text"), &[]).unwrap();
        row.get::<_, Option<String>>(0).unwrap_or_default()
    };
    assert_eq!(
        rows("SELECT string_agg(id || ' ' || amount, ',' ORDER BY id) FROM raw.amounts"),
        "1 10.50,2 -0.05,3 7.00"
    );
    assert_eq!(
        rows(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'raw.amounts'::regclass AND attname = 'amount'"
        ),
        "numeric(18,2)"
    );
    // Only what has changed since, in the hourly pipeline.
    place.execute("UPDATE raw.account SET amount = 99, changed = '2026-01-04 08:00:00' WHERE id = 2; UPDATE raw.account SET name = 'unseen' WHERE id = 1");
    place.done(&["run", "--pipeline", "hourly", "--select", "books.account"]);
    assert_eq!(
        rows("SELECT string_agg(id || ' ' || amount, ',' ORDER BY id) FROM raw.account"),
        "1 10.50,2 99.00,3 7.00"
    );
    assert_eq!(rows("SELECT count(*) FROM raw.account WHERE name = 'unseen'"), "0");
    assert_eq!(
        rows(
            "SELECT string_agg(mode || ' ' || coalesce(updated, 0), ',' ORDER BY finished_at) FROM goldsmith.loads WHERE load = 'books.account'"
        ),
        "full 0,delta 1"
    );
}

/// A day of hourly runs, in fast motion, on a server that cuts connections off at random.
#[test]
fn a_day_of_lost_connections_ends_like_a_quiet_one() {
    let quiet = || {
        let place = loads()?;
        place.platform.write(
            "projects/shop/project.yml",
            place.platform.read("projects/shop/project.yml").replace('}', ", hourly: \"15 * * * *\" }"),
        );
        Some(place)
    };
    let (Some(calm), Some(rough)) = (quiet(), quiet()) else { return };
    let mut random = 20_260_123_u64;
    let mut next = move || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random >> 33
    };
    let mut rows = vec![(1_u64, 10_u64, 0_u64)];
    let (mut failed, mut retried) = (0, 0);
    for hour in 0..24_u64 {
        for _ in 0..next() % 4 {
            rows.push((rows.len() as u64 + 1, next() % 1000, hour));
        }
        let changed = usize::try_from(next()).unwrap() % rows.len();
        rows[changed] = (rows[changed].0, next() % 1000, hour);
        let mut csv = String::from("id,name,amount,changed\n");
        for (id, amount, hour) in &rows {
            let _ = writeln!(csv, "{id},name {id},{amount}.{:02},2026-01-01 {hour:02}:30:00", id % 100);
        }
        for place in [&calm, &rough] {
            place.platform.write("projects/shop/bronze/account.csv", &csv);
        }
        let pipeline = if hour == 0 { "daily" } else { "hourly" };
        calm.done(&["run", "--pipeline", pipeline]);
        if hour == 0 {
            rough.done(&["run", "--pipeline", pipeline]);
            continue;
        }
        let over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let wait = std::time::Duration::from_millis(10 + next() % 60);
            let (rough, over) = (&rough, &over);
            scope.spawn(move || {
                let mut client = rough.client();
                while !over.load(std::sync::atomic::Ordering::SeqCst) {
                    std::thread::sleep(wait);
                    let cut = "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity \
                               WHERE application_name = 'goldsmith' AND datname = current_database() ORDER BY random() LIMIT 1) p";
                    client.batch_execute(cut).unwrap();
                }
            });
            let run = rough.run(&["run", "--pipeline", pipeline, "--wait", "30s"]);
            failed += u32::from(run.code != 0);
            retried += u32::from(run.stderr.contains("retry  ") || run.stdout.contains("retry  "));
            over.store(true, std::sync::atomic::Ordering::SeqCst);
        });
    }
    rough.done(&["run", "--pipeline", "hourly", "--wait", "30s"]);
    for sql in [
        "SELECT id, name, amount, changed FROM raw.account ORDER BY id",
        "SELECT * FROM silver.big ORDER BY id",
        "SELECT * FROM silver.growing ORDER BY id",
    ] {
        assert_eq!(rough.rows(sql), calm.rows(sql), "{sql}");
    }
    eprintln!("of 24 runs {failed} failed and {retried} went on with connections opened anew");
    assert!(failed + retried > 2, "too few lost a connection");
}

/// The step is tried again on a new connection, unless it may have left something behind.
#[test]
fn a_step_that_loses_its_connection_is_tried_again() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    place.execute("CREATE SCHEMA lost; CREATE SEQUENCE lost.tries");
    let cut = "SELECT CASE WHEN nextval('lost.tries') = 1 THEN pg_terminate_backend(pg_backend_pid()) END;\n";
    let note = "CREATE SCHEMA IF NOT EXISTS ops;\nCREATE TABLE IF NOT EXISTS ops.note (n bigint, day date);\n\
                TRUNCATE ops.note;\nINSERT INTO ops.note SELECT 7, CAST(current_setting('goldsmith.business_date') AS date);\n";
    let report = "DROP TABLE IF EXISTS fin.report;\n\
                  CREATE TABLE fin.report AS SELECT count(*) AS n, sum(amount) AS amount FROM silver.big;\n";
    for (pipeline, file, text) in
        [("init", "init/note.sql", note), ("daily", "gold/financial/report.sql", report)]
    {
        place.execute("ALTER SEQUENCE lost.tries RESTART");
        place.platform.write(&format!("projects/shop/{file}"), format!("{text}{cut}"));
        let name = file.rsplit('/').next().unwrap().trim_end_matches(".sql");
        let run = place.done(&["run", "--pipeline", pipeline, "--select", name, "--date", "2026-03-04"]);
        assert!(run.stderr.contains("retry  "), "{}", run.stderr);
        assert_eq!(place.rows("SELECT last_value FROM lost.tries"), "2", "{name}");
    }
    assert_eq!(place.rows("SELECT n || ' ' || day FROM ops.note"), "7 2026-03-04");
    // What commits by itself may have been done already.
    place.execute("ALTER SEQUENCE lost.tries RESTART");
    place.platform.write(
        "projects/shop/init/note.sql",
        format!("-- goldsmith: transaction off\nINSERT INTO ops.note VALUES (8, NULL);\n{cut}"),
    );
    let run = place.run(&["run", "--pipeline", "init", "--select", "note"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(place.rows("SELECT last_value FROM lost.tries"), "1");
}

#[test]
fn debug_says_step_by_step_what_works_and_how_to_mend_what_does_not() {
    let Some(place) = loads() else { return };
    let settings = place.platform.read("goldsmith.yml");
    let first = place.done(&["debug"]);
    assert!(
        first
            .stdout
            .contains(&format!("ok    database {}: not there yet: the first run makes it", place.database))
    );
    place.done(&["run"]);
    let good = place.done(&["debug"]);
    for expected in [
        "ok    log in: as goldsmith to postgres",
        "ok    version: PostgreSQL ",
        "may make schemas",
        "UTF8, collation C",
    ] {
        assert!(good.stdout.contains(expected), "no `{expected}` in:\n{}", good.stdout);
    }
    place.execute(&format!(
        "DROP ROLE IF EXISTS small_{0}; CREATE ROLE small_{0} LOGIN; REVOKE TEMPORARY ON DATABASE {0} FROM PUBLIC",
        place.database
    ));
    let port = place.server().port;
    let cases = [
        (
            settings.replace("user: goldsmith", &format!("user: small_{}", place.database)),
            "FAIL  database shop",
            "CREATE, TEMPORARY is missing",
        ),
        (settings.replace("user: goldsmith", "user: nobody_of_this_name"), "FAIL  log in", "(28000)"),
        (settings.replace(&format!("port: {port}"), "port: 1"), "FAIL  socket", "is the server up"),
        (
            settings
                .replace(&place.server().folder, "localhost")
                .replace("protected", "sslmode: disable, protected"),
            "warn  encryption",
            "remove `sslmode: disable`",
        ),
        (
            settings.replace(&place.server().folder, "no-such-host.invalid"),
            "FAIL  name",
            "check `host` of the target",
        ),
        (
            settings
                .replace(&place.server().folder, "localhost")
                .replace(&format!("port: {port}"), "port: 1"),
            "FAIL  port",
            "is the server up, does it listen",
        ),
    ];
    for (text, line, help) in cases {
        place.platform.write("goldsmith.yml", text);
        let told = place.run(&["debug"]);
        assert_eq!(told.code, i32::from(line.starts_with("FAIL")), "{}{}", told.stdout, told.stderr);
        assert!(
            told.stdout.contains(line) && told.stdout.contains(help),
            "no `{line}` or `{help}` in:\n{}",
            told.stdout
        );
    }
}

#[test]
fn a_target_that_can_not_be_is_told_at_its_line() {
    let Some(place) = loads() else { return };
    let settings = place.platform.read("goldsmith.yml");
    for (from, to, told) in [
        ("user: goldsmith", "sslmode: maybe, user: goldsmith", "`sslmode` is none that goldsmith knows"),
        ("user: goldsmith, ", "", "the target `pg` has no `user`"),
        ("port: ", "port: x", "a port is a number from 1 to 65535"),
        ("user: goldsmith", "user: \"{{ env_var('NOT_SET_ANYWHERE') }}\"", "NOT_SET_ANYWHERE"),
    ] {
        place.platform.write("goldsmith.yml", settings.replace(from, to));
        let outcome = place.run(&["run"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains(told) && outcome.stderr.contains("goldsmith.yml:4:"),
            "{}",
            outcome.stderr
        );
    }
}

/// A query window was left open over lunch.
#[test]
fn a_step_that_waits_for_somebody_elses_lock_names_them() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    let settings = place.platform.read("goldsmith.yml");
    place
        .platform
        .write("goldsmith.yml", settings.replace("user: goldsmith", "lock_timeout: 700ms, user: goldsmith"));
    let mut window = place.client();
    window
        .batch_execute(
            "SET application_name = 'query window'; BEGIN; SELECT * FROM silver.amounts FOR UPDATE",
        )
        .expect("a lock");
    let outcome = place.run(&["run", "--select", "amounts"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    for part in
        ["it waited 700ms for a lock", "with query window since 20", "projects/shop/silver/amounts.sql"]
    {
        assert!(outcome.stderr.contains(part), "no `{part}` in:\n{}", outcome.stderr);
    }
    window.batch_execute("COMMIT").expect("it ends");
    place.done(&["run", "--resume"]);
}

/// A laptop with DuckDB, which takes rows from the company's server.
#[test]
fn duckdb_loads_what_a_query_on_postgresql_gives() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    let settings = format!(
        "name: small\ndefault_target: dev\ntargets:\n  dev: {{ type: duckdb, path: warehouse }}\n  crm: {{ type: postgres, host: \"{}\", port: {}, user: goldsmith, database: {} }}\n",
        place.server().folder,
        place.server().port,
        place.database
    );
    let laptop = common::Platform::shop(&[(
        "bronze/loads.yml",
        "version: 2\nloads:\n  - name: account\n    from: { target: crm, query: \"select *, id * 2 as twice, now()::timestamp > changed as old from raw.account\" }\n    key: [id]\n    control: { rows: true, sum: amount }\n",
    )]);
    laptop.write("goldsmith.yml", settings);
    laptop.ok(&["run"]);
    assert_eq!(
        laptop.rows("shop_dwh", "SELECT id, name, amount, changed, twice, old FROM raw.account ORDER BY id"),
        "1 Müller & Söhne 10.50 2026-01-01 08:00:00 2 true\n2 a \"b\" -0.05 2026-01-02 08:00:00 4 true\n3 - 7.00 2026-01-03 08:00:00 6 true"
    );
    assert!(laptop.rows("shop_dwh", "DESCRIBE raw.account").contains("amount DECIMAL(18,2)"));
    let wrong = laptop.read("projects/shop/bronze/loads.yml").replace("from raw.account", "from raw.acount");
    laptop.write("projects/shop/bronze/loads.yml", wrong);
    let outcome = laptop.run(&["run"]);
    assert_eq!(outcome.code, 1);
    let told = "on the target `crm`, line 1 of the query: relation \"raw.acount\" does not exist (42P01)";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
}

#[test]
fn files_with_types_of_their_own_come_in_again_and_again() {
    let Some(place) = Place::shop(
        false,
        &[
            (
                "bronze/loads.yml",
                "version: 2\nloads:\n  - name: everything\n    from: { file: bronze/all.parquet }\n    key: [id]\n    columns:\n\
                 \x20     - { name: nested, data_type: jsonb }\n\
                 \x20 - name: event\n    from: { file: bronze/event.jsonl }\n    columns:\n      - { name: what, data_type: jsonb }\n",
            ),
            (
                "bronze/event.jsonl",
                "{\"id\": 1, \"what\": {\"a\": 1}, \"many\": [1, 2]}\n{\"id\": 2, \"what\": null, \"many\": null}\n",
            ),
        ],
    ) else {
        return;
    };
    let file = place.platform.path("projects/shop/bronze/all.parquet");
    let rows = "SELECT i AS id, 'ä𝄞' || i AS \"na me\", CAST(i * 1.5 AS DECIMAL(18,4)) AS d, CAST(i AS UBIGINT) AS ub, \
                CAST(i AS UTINYINT) AS ut, i % 2 = 0 AS b, TIMESTAMP '2026-01-01' AS ts, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS tz, \
                DATE '2026-01-01' AS dt, TIME '10:00:01.5' AS tm, CAST('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' AS UUID) AS u, \
                CAST('abc' AS BLOB) AS bl, [1, 2, NULL] AS li, CAST(i AS FLOAT) AS fl, {'a': i} AS nested FROM range(3) r(i)";
    let write = |rows: &str| {
        let engine = duckdb::Connection::open_in_memory().unwrap();
        engine.execute_batch(&format!("COPY ({rows}) TO '{}'", file.display())).unwrap();
    };
    write(rows);
    for _ in 0..3 {
        place.done(&["run"]);
    }
    assert_eq!(
        place.rows("SELECT id, \"na me\", d, ub, ut, b, ts, dt, tm, u, bl, li, fl, nested FROM raw.everything WHERE id = 1"),
        "1|ä𝄞1|1.5000|1|1|f|2026-01-01 00:00:00|2026-01-01|10:00:01.5|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|\\x616263|{1,2,NULL}|1|{\"a\": 1}"
    );
    assert_eq!(
        place.rows("SELECT id, what ->> 'a', many FROM raw.event ORDER BY id"),
        "1|1|{1,2}\n2|null|null"
    );
    write(&rows.replace("AS DECIMAL(18,4)) AS d", "AS DOUBLE) AS d"));
    let retyped = place.run(&["run"]);
    assert_eq!(retyped.code, 1);
    assert!(retyped.stderr.contains("retyped d (numeric(18,4) to double precision)"), "{}", retyped.stderr);
    write(&rows.replace("AS d,", "AS d, {'b': 1} AS other,"));
    let new = place.run(&["run", "--pipeline", "init"]);
    assert_eq!(new.code, 1);
    assert!(
        new.stderr.contains("the column `other`") && new.stderr.contains("declare a `data_type`"),
        "{}",
        new.stderr
    );
}
