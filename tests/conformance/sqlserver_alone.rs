//! What SQL Server alone has: transactions that nest, batches, PRINT, money.

use goldsmith::warehouse::ErrorKind;

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
