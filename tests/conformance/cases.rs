//! Statements, transactions, sessions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use goldsmith::sql::{quote, quote_name};
use goldsmith::warehouse::{Connection, ErrorKind, Limited, RelationKind, Warehouse};
use goldsmith::words::Dialect;

use crate::engines::{Stage, one, run};

pub fn what_is_committed_stays_and_what_is_rolled_back_goes(stage: &mut Stage) {
    let mut c = stage.connect();
    assert!(!c.in_transaction().unwrap());
    c.begin().unwrap();
    assert!(c.in_transaction().unwrap());
    run(&mut *c, &["CREATE SCHEMA s", "CREATE TABLE s.t (n INTEGER)", "INSERT INTO s.t VALUES (1), (2)"]);
    c.commit().unwrap();
    assert!(!c.in_transaction().unwrap());
    c.begin().unwrap();
    run(&mut *c, &["INSERT INTO s.t VALUES (3)", "CREATE TABLE s.u (n INTEGER)", "DROP TABLE s.t"]);
    c.rollback().unwrap();
    c.rollback().expect("nothing to roll back");
    assert_eq!(one(&mut *stage.connect(), "SELECT sum(n) FROM s.t").as_deref(), Some("3"));
    assert!(stage.connect().query("SELECT * FROM s.u").is_err());
}

pub fn an_error_in_a_transaction_leaves_nothing(stage: &mut Stage) {
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER)"]);
    c.begin().unwrap();
    run(&mut *c, &["INSERT INTO t VALUES (1)"]);
    let error = c.execute("INSERT INTO nothing_of_this_name VALUES (1)").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
    assert!(error.message.contains("nothing_of_this_name"), "{error}");
    c.rollback().unwrap();
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("0"));
    // Nor does a commit of what has failed pass for one.
    c.begin().unwrap();
    run(&mut *c, &["INSERT INTO t VALUES (1)"]);
    c.execute("SELECT * FROM nothing_of_this_name").unwrap_err();
    let committed = c.commit();
    let _ = c.rollback();
    let rows = one(&mut *stage.connect(), "SELECT count(*) FROM t");
    assert_eq!(rows.as_deref(), Some(if committed.is_ok() { "1" } else { "0" }));
}

pub fn an_error_names_its_place_in_characters_of_any_width(stage: &mut Stage) {
    let sql = "SELECT 'größe 𝄞' AS a,\n       nowhere.x\nFROM (SELECT 1 AS y) AS b";
    let error = stage.connect().query(sql).unwrap_err();
    let at = error.position.expect("a place").offset;
    assert!(sql[at..].starts_with("nowhere"), "{:?}", &sql[at..]);
}

pub fn a_script_can_not_end_the_transaction(stage: &mut Stage) {
    if stage.dialect == Dialect::TSql {
        // Transactions nest there: sqlserver_alone.rs.
        return;
    }
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER)"]);
    for word in ["COMMIT", "ROLLBACK", "/* a */ commit", "BEGIN", "ABORT", "END"] {
        c.begin().unwrap();
        run(&mut *c, &["INSERT INTO t VALUES (1)"]);
        let error = c.execute(word).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Statement);
        assert!(error.message.contains("is not allowed here"), "{word}: {error}");
        assert!(c.in_transaction().unwrap(), "{word}");
        c.rollback().unwrap();
        assert_eq!(one(&mut *stage.connect(), "SELECT count(*) FROM t").as_deref(), Some("0"), "{word}");
    }
}

pub fn a_reader_sees_one_state(stage: &mut Stage) {
    let (mut writer, mut reader) = (stage.connect(), stage.connect());
    run(&mut *writer, &["CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)"]);
    reader.begin_reading().unwrap();
    assert_eq!(one(&mut *reader, "SELECT sum(n) FROM t").as_deref(), Some("1"));
    run(&mut *writer, &["INSERT INTO t VALUES (10)"]);
    assert_eq!(one(&mut *reader, "SELECT sum(n) FROM t").as_deref(), Some("1"));
    reader.commit().unwrap();
    assert_eq!(one(&mut *reader, "SELECT sum(n) FROM t").as_deref(), Some("11"));
}

pub fn a_reader_can_not_write(stage: &mut Stage) {
    if stage.dialect == Dialect::TSql {
        // It has no transactions that only read.
        return;
    }
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER)"]);
    c.begin_reading().unwrap();
    assert!(c.execute("INSERT INTO t VALUES (1)").is_err());
    c.rollback().unwrap();
}

const PASSING: &str = "CREATE TEMPORARY TABLE passing (n INTEGER)";

pub fn the_catalog_tells_tables_views_and_columns(stage: &mut Stage) {
    let mut c = stage.connect();
    run(
        &mut *c,
        &[
            "CREATE SCHEMA gold",
            "CREATE TABLE gold.fact (id BIGINT NOT NULL, amount DECIMAL(38,10), note VARCHAR(100), day DATE)",
            "CREATE VIEW gold.small AS SELECT id, amount FROM gold.fact",
            stage.say([PASSING, PASSING, "CREATE TABLE #passing (n INTEGER)"]),
        ],
    );
    let catalog = stage.warehouse().catalog(&[stage.database.clone(), "not_there".into()]).unwrap();
    assert!(catalog.has_schema(&stage.database, "gold"));
    assert!(!catalog.has_schema(&stage.database, "silver"));
    let fact = catalog.get(&stage.name("gold", "fact")).expect("the table");
    assert_eq!(fact.kind, RelationKind::Table);
    let names: Vec<&str> = fact.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id", "amount", "note", "day"]);
    assert_eq!(
        fact.kind_of("amount").unwrap().to_lowercase(),
        stage.say(["decimal(38,10)", "numeric(38,10)", "decimal(38,10)"])
    );
    let small = catalog.get(&stage.name("gold", "small")).expect("the view");
    assert_eq!((small.kind, small.columns.len()), (RelationKind::View, 2));
    assert!(catalog.relations().all(|(name, _)| name.name != "passing"));
}

pub fn a_database_that_is_not_there_holds_nothing(stage: &mut Stage) {
    assert_eq!(stage.warehouse().catalog(&["not_there".into()]).unwrap().relations().count(), 0);
    let Err(error) = stage.warehouse().connect("not_there") else { panic!("a session in nothing") };
    assert!(error.message.contains("not_there"), "{error}");
}

fn date(c: &mut dyn Connection, stage: &Stage) -> Option<String> {
    let sql = stage.say([
        "SELECT CAST(getvariable('business_date') AS VARCHAR)",
        "SELECT current_setting('goldsmith.business_date')",
        "SELECT CAST(SESSION_CONTEXT(N'business_date') AS nvarchar(10))",
    ]);
    one(c, sql)
}

pub fn the_business_date_is_known_to_the_session(stage: &mut Stage) {
    let mut c = stage.connect();
    c.set_business_date("2026-02-28").unwrap();
    assert_eq!(date(&mut *c, stage).as_deref(), Some("2026-02-28"));
    c.clean_session().unwrap();
    assert_eq!(date(&mut *c, stage).as_deref(), Some("2026-02-28"));
    c.begin().unwrap();
    c.clean_session().unwrap();
    assert_eq!(date(&mut *c, stage).as_deref(), Some("2026-02-28"));
    c.rollback().unwrap();
    assert_eq!(date(&mut *c, stage).as_deref(), Some("2026-02-28"));
}

pub fn a_session_is_left_clean(stage: &mut Stage) {
    for inside in [false, true] {
        let mut c = stage.connect();
        if inside {
            c.begin().unwrap();
        }
        let set = stage.say(["SET VARIABLE mine = 'x'", "SET mine.own = 'x'", "SET DATEFIRST 3"]);
        let make = "CREATE TEMPORARY TABLE left_over (n INTEGER)";
        let make = stage.say([make, make, "CREATE TABLE #left_over (n INTEGER)"]);
        run(&mut *c, &[make, "CREATE TABLE kept (n INTEGER)", set]);
        c.clean_session().unwrap();
        let get = stage.say([
            "SELECT getvariable('mine')",
            "SELECT nullif(current_setting('mine.own', true), '')",
            "SELECT nullif(@@DATEFIRST, 7)",
        ]);
        assert_eq!(one(&mut *c, get), None);
        assert_eq!(one(&mut *c, "SELECT count(*) FROM kept").as_deref(), Some("0"));
        let get =
            stage.say(["SELECT * FROM left_over", "SELECT * FROM left_over", "SELECT * FROM #left_over"]);
        // Babelfish tells no temporary tables.
        assert!(stage.is_babelfish() || c.query(get).is_err(), "inside: {inside}");
        c.rollback().unwrap();
        let _ = c.execute("DROP TABLE IF EXISTS kept");
    }
}

/// A query that would take hours; Babelfish goes on with what it is asked to stop, so its has to end by itself.
fn endless(stage: &Stage) -> &'static str {
    if stage.is_babelfish() {
        return "DECLARE @n int = 0; WHILE @n < 4000000 SET @n += 1; SELECT @n";
    }
    stage.say([
        "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range + b.range < 0",
        "SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 100000000) b WHERE a + b < 0",
        "SELECT count_big(*) FROM sys.all_objects a, sys.all_objects b, sys.all_objects c, sys.all_objects d \
         WHERE a.object_id + b.object_id + c.object_id + d.object_id = 1",
    ])
}

pub fn a_statement_that_takes_too_long_is_stopped(stage: &mut Stage) {
    let endless = endless(stage);
    let limited = Limited::new(Arc::clone(stage.warehouse()), Duration::from_millis(300));
    let mut c = limited.connect(&stage.database).unwrap();
    assert_eq!(one(&mut *c, "SELECT 1").as_deref(), Some("1"));
    let asked = Instant::now();
    let error = c.query(endless).unwrap_err();
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    // No interrupt of the run, and nothing to try again.
    assert_eq!(error.kind, ErrorKind::Statement, "{error}");
    assert_eq!(error.message, "it was stopped after 300ms, the `statement_timeout` of the target");
    if !stage.is_babelfish() {
        // Each statement has its own time.
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(150));
            assert_eq!(one(&mut *c, "SELECT 1").as_deref(), Some("1"), "the session goes on");
        }
    }
}

pub fn a_running_statement_is_stopped_within_a_second(stage: &mut Stage) {
    let endless = endless(stage);
    let mut c = stage.connect();
    let stop = c.cancel_handle();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        let asked = Instant::now();
        stop.cancel();
        asked
    });
    let error = c.query(endless).unwrap_err();
    let ended = Instant::now();
    assert_eq!(error.kind, ErrorKind::Cancelled, "{error}");
    assert!(ended - stopper.join().unwrap() < Duration::from_secs(1));
    // Babelfish hears of it when the statement has ended; its session is given up.
    if !stage.is_babelfish() {
        assert_eq!(one(&mut *c, "SELECT 1").as_deref(), Some("1"), "the session goes on");
    }
}

pub fn rows_written_are_counted(stage: &mut Stage) {
    let mut c = stage.connect();
    let mut rows = |sql: &str| c.execute(sql).expect(sql).rows;
    assert_eq!(rows("CREATE TABLE t (n INTEGER)").unwrap_or(0), 0);
    assert_eq!(rows("INSERT INTO t VALUES (1), (2), (3)"), Some(3));
    assert_eq!(rows("UPDATE t SET n = 5 WHERE n > 1"), Some(2));
    assert_eq!(rows("DELETE FROM t WHERE n = 1"), Some(1));
    let made = "-- why\nCREATE TABLE u AS SELECT * FROM t";
    assert_eq!(rows(stage.say([made, made, "-- why\nSELECT * INTO u FROM t"])), Some(2));
    assert_eq!(rows("WITH x AS (SELECT 9 AS n) INSERT INTO t SELECT n FROM x"), Some(1));
    assert_eq!(rows("CREATE VIEW v AS SELECT * FROM t"), None);
}

pub fn awkward_names_are_names(stage: &mut Stage) {
    let long = "n".repeat(63);
    let names = [
        "two words",
        "a\"b",
        "a'b",
        "a;b",
        "a]b",
        "[a]",
        "größe",
        "select",
        "𝄞",
        "a.b",
        "--",
        "/*",
        "%s",
        "a\\b",
        "$1",
        &long,
    ];
    let mut c = stage.connect();
    // Babelfish makes no schema with a bracket in its name, and tells no column with a clef.
    let is_limited = stage.is_babelfish();
    for schema in names.into_iter().filter(|name| !(is_limited && name.contains([']', '𝄞']))) {
        let quoted = quote(stage.dialect, schema);
        c.execute(&format!("CREATE SCHEMA {quoted}")).expect(schema);
        let name = stage.name(schema, schema);
        let table = quote_name(stage.dialect, &name);
        c.execute(&format!("CREATE TABLE {table} ({quoted} INTEGER)")).expect(schema);
        c.execute(&format!("INSERT INTO {table} ({quoted}) VALUES (7)")).expect(schema);
        assert_eq!(one(&mut *c, &format!("SELECT {quoted} FROM {table}")).as_deref(), Some("7"));
        let catalog = stage.warehouse().catalog(std::slice::from_ref(&stage.database)).unwrap();
        assert_eq!(catalog.get(&name).expect(schema).columns[0].0, schema);
    }
}

pub fn two_writers_of_one_row_can_be_tried_again(stage: &mut Stage) {
    let (mut a, mut b) = (stage.connect(), stage.connect());
    run(&mut *a, &["CREATE TABLE t (k INTEGER, n INTEGER)", "INSERT INTO t VALUES (1, 0), (2, 0)"]);
    a.begin().unwrap();
    b.begin().unwrap();
    run(&mut *a, &["UPDATE t SET n = 1 WHERE k = 1"]);
    run(&mut *b, &["UPDATE t SET n = 1 WHERE k = 2"]);
    // Where writers wait for each other, this is a deadlock; elsewhere each conflicts with the other.
    let other = std::thread::spawn(move || {
        let outcome = b.execute("UPDATE t SET n = 2 WHERE k = 1");
        let _ = b.rollback();
        outcome.err()
    });
    std::thread::sleep(Duration::from_millis(200));
    let own = a.execute("UPDATE t SET n = 2 WHERE k = 2").err();
    let _ = a.rollback();
    let errors: Vec<_> = own.into_iter().chain(other.join().unwrap()).collect();
    assert!(!errors.is_empty());
    for error in errors {
        assert_eq!(error.kind, ErrorKind::Transient, "{error}");
    }
}

pub fn a_run_holds_its_databases(stage: &mut Stage) {
    if stage.dialect == Dialect::DuckDb {
        // Another process: tests/publishing.rs.
        return;
    }
    let Err(error) = stage.open_again() else { panic!("it is held") };
    assert_eq!(error.kind, ErrorKind::Locked);
    assert!(error.message.contains(&format!("by process {}", std::process::id())), "{error}");
    stage.warehouse = None;
    stage.open_again().expect("it is free");
}
