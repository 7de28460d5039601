//! What SQL Server alone has: transactions that nest, batches, PRINT, money.

use std::time::Duration;

use goldsmith::warehouse::sqlserver::{Settings, SqlServer};
use goldsmith::warehouse::{Access, Connection, ErrorKind, Warehouse};
use goldsmith::words::RelationName;

use crate::engines::{one, run, sqlserver};
use crate::values::read;

#[test]
fn sqlserver_a_stray_commit_or_rollback_is_seen_and_leaves_nothing() {
    let Some(stage) = sqlserver("stray") else { return };
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER)"]);
    for stray in [
        "INSERT INTO t VALUES (1); COMMIT",
        "INSERT INTO t VALUES (1); ROLLBACK",
        "INSERT INTO t VALUES (1); ROLLBACK; BEGIN TRANSACTION; BEGIN TRANSACTION; INSERT INTO t VALUES (2)",
        "IF 1 = 1 BEGIN INSERT INTO t VALUES (1); COMMIT TRAN END",
    ] {
        c.begin().unwrap();
        run(&mut *c, &["INSERT INTO t VALUES (0)"]);
        let _ = c.execute(stray);
        assert!(!c.in_transaction().unwrap(), "{stray}");
        c.commit().unwrap_err();
        c.rollback().unwrap();
        assert_eq!(one(&mut *stage.connect(), "SELECT count(*) FROM t").as_deref(), Some("0"), "{stray}");
    }
}

#[test]
fn sqlserver_a_script_has_transactions_of_its_own() {
    let Some(stage) = sqlserver("nested") else { return };
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER)"]);
    c.begin().unwrap();
    run(&mut *c, &["BEGIN TRANSACTION; INSERT INTO t VALUES (1); COMMIT TRANSACTION"]);
    assert!(c.in_transaction().unwrap());
    c.commit().unwrap();
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("1"));
    c.begin().unwrap();
    run(&mut *c, &["BEGIN TRANSACTION; INSERT INTO t VALUES (1)"]);
    let error = c.commit().unwrap_err();
    assert!(error.message.contains("leaves a transaction of its own open"), "{error}");
    c.rollback().unwrap();
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("1"));
}

#[test]
fn sqlserver_a_script_that_catches_its_error_goes_on() {
    let Some(stage) = sqlserver("caught") else { return };
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER NOT NULL)", "CREATE TABLE logged (said NVARCHAR(400))"]);
    c.begin().unwrap();
    c.execute(
        "BEGIN TRY INSERT INTO t VALUES (NULL) END TRY\n\
         BEGIN CATCH INSERT INTO logged VALUES (ERROR_MESSAGE()) END CATCH;\nINSERT INTO t VALUES (1)",
    )
    .unwrap();
    assert!(c.in_transaction().unwrap());
    c.commit().unwrap();
    assert_eq!(one(&mut *c, "SELECT count(*) FROM logged").as_deref(), Some("1"));
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("1"));
    // Elsewhere an error ends the batch and the transaction.
    c.begin().unwrap();
    c.execute("INSERT INTO t VALUES (NULL); INSERT INTO t VALUES (2)").unwrap_err();
    assert!(!c.in_transaction().unwrap());
    c.rollback().unwrap();
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("1"));
}

#[test]
fn sqlserver_prints_are_kept_in_order() {
    let Some(stage) = sqlserver("prints") else { return };
    let mut c = stage.connect();
    let said = c.execute("PRINT N'größe'; SELECT 1 AS a; PRINT N'two'; SELECT 2 AS b").unwrap().messages;
    assert_eq!(said, ["größe", "two"]);
    assert!(c.execute("SELECT 1 AS a").unwrap().messages.is_empty());
}

#[test]
fn sqlserver_the_third_of_five_statements_is_told_with_its_line() {
    let Some(stage) = sqlserver("third") else { return };
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER NOT NULL)"]);
    let sql = "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\nINSERT INTO t VALUES (NULL);\n\
               INSERT INTO t VALUES (4);\nSELECT * FROM t;";
    c.begin().unwrap();
    let error = c.execute(sql).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
    assert!(error.message.contains("(Msg 515, level 16)"), "{error}");
    let at = error.position.expect("a place").offset;
    assert_eq!(sql[..at].matches('\n').count(), 2, "{at}");
    c.rollback().unwrap();
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("0"));
}

#[test]
fn sqlserver_money_is_exact() {
    let Some(stage) = sqlserver("money") else { return };
    let mut c = stage.connect();
    run(
        &mut *c,
        &["CREATE TABLE t (n MONEY)", "INSERT INTO t VALUES (922337203685477.5807), (-0.0001), (NULL)"],
    );
    let Ok(rows) = c.query("SELECT n FROM t ORDER BY n DESC") else {
        eprintln!("skipped: the server has no WITH RESULT SETS");
        return;
    };
    let cells: Vec<Option<&str>> = rows.rows.iter().map(|row| row[0].as_deref()).collect();
    assert_eq!(cells, [Some("922337203685477.5807"), Some("-0.0001"), None]);
    let kept = read(&mut *c, "SELECT n FROM t WHERE n > 0");
    c.begin().unwrap();
    c.append(&stage.name("dbo", "t"), &mut kept.batches.into_iter().map(Ok)).unwrap();
    c.commit().unwrap();
    let rows = one(&mut *c, "SELECT count(*) FROM t WHERE n = 922337203685477.5807");
    assert_eq!(rows.as_deref(), Some("2"));
}

#[test]
fn sqlserver_waits_for_a_lock_as_long_as_it_is_told() {
    let Some(stage) = sqlserver("waits") else { return };
    let mut holder = stage.connect();
    run(&mut *holder, &["CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)"]);
    holder.begin().unwrap();
    run(&mut *holder, &["UPDATE t SET n = 2"]);
    let settings = crate::common::sqlserver::settings().unwrap();
    let settings = Settings { lock_timeout: Duration::from_millis(300), ..settings };
    let list = [(stage.database.clone(), Access::Read)];
    let mut waiter = SqlServer::open(settings, &list).unwrap().connect(&stage.database).unwrap();
    waiter.begin().unwrap();
    let error = waiter.execute("DROP TABLE t").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement, "{error}");
    // Babelfish has no number of SQL Server's for it.
    let said = if stage.is_babelfish() { "lock timeout" } else { "it waited 300ms for a lock" };
    assert!(error.message.contains(said), "{error}");
    waiter.rollback().unwrap();
    holder.rollback().unwrap();
    waiter.begin().unwrap();
    run(&mut *waiter, &["DROP TABLE t"]);
    waiter.commit().unwrap();
}

#[test]
fn sqlserver_rows_of_another_database_stay_in_the_server() {
    let (Some(stage), Some(other)) = (sqlserver("copies"), sqlserver("copied")) else { return };
    let mut there = other.connect();
    run(
        &mut *there,
        &[
            "CREATE TABLE plain (id INTEGER, [a b] NVARCHAR(20), amount DECIMAL(38,10))",
            "INSERT INTO plain VALUES (1, N'größe 𝄞', 0.0000000001), (2, NULL, -12345678901234567890.5)",
            "CREATE TABLE priced (id INTEGER, price MONEY)",
            "INSERT INTO priced VALUES (1, 0.05)",
        ],
    );
    let mut c = stage.connect();
    run(
        &mut *c,
        &[
            "CREATE TABLE plain (id INTEGER, [a b] NVARCHAR(20), amount DECIMAL(38,10))",
            "CREATE TABLE priced (id INTEGER, price DECIMAL(19,4))",
        ],
    );
    let source = |table: &str| RelationName::new(&other.database, "dbo", table);
    let query = |table: &str| format!("SELECT * FROM [{}].[dbo].[{table}]", other.database);
    assert!(c.sees(&source("plain")).unwrap());
    assert!(!c.sees(&RelationName::new("no_such_database", "dbo", "plain")).unwrap());
    c.begin().unwrap();
    let copied = c.copy(&query("plain"), &stage.name("dbo", "plain")).unwrap();
    assert_eq!(copied, Some(2));
    // Money becomes decimals where rows are sent, and so it must here.
    let copied = c.copy(&query("priced"), &stage.name("dbo", "priced")).unwrap();
    assert_eq!(copied, None);
    c.commit().unwrap();
    let rows = |c: &mut dyn Connection, sql: &str| c.query(sql).unwrap().rows;
    let all = "SELECT id, [a b], amount FROM dbo.plain ORDER BY id";
    assert_eq!(rows(&mut *c, all), rows(&mut *there, all));
    assert_eq!(one(&mut *c, "SELECT count(*) FROM priced").as_deref(), Some("0"));
}
