//! SQL Server's protocol, against a server of the test's own that executes nothing: log in, errors behind rows,
//! connections that break, slow answers, what is printed.

use std::time::{Duration, Instant};

use goldsmith::warehouse::sqlserver::{Certificates, SqlServer};
use goldsmith::warehouse::{Access, Connection, Error, ErrorKind, Warehouse};

use crate::common::tds::{Answer, Server};

/// What goldsmith's own questions are answered beside what the test says.
fn usual(sql: &str) -> Vec<Answer> {
    if sql.starts_with("SELECT @@ROWCOUNT") {
        return vec![Answer::Rows(
            vec!["", "", "", ""],
            vec![vec![Some("3"), Some("1"), Some("2"), Some("Shared")]],
        )];
    }
    Vec::new()
}

fn start(answer: impl Fn(&str) -> Option<Vec<Answer>> + Send + Sync + 'static) -> Option<Server> {
    Server::start(move |sql| answer(sql).unwrap_or_else(|| usual(sql)))
}

fn connect(server: &Server) -> Box<dyn Connection> {
    SqlServer::open(server.settings.clone(), &[]).unwrap().connect("sales").expect("a session")
}

fn refused(server: &Server, settings: &goldsmith::warehouse::sqlserver::Settings) -> Error {
    let opened = SqlServer::open(settings.clone(), &[]).unwrap();
    let Err(error) = opened.connect("sales") else { panic!("it logs in: {:?}", server.heard()) };
    error
}

#[test]
fn a_session_is_set_up_alike_for_every_login() {
    let Some(server) = start(|_| None) else { return };
    connect(&server);
    let heard = server.heard();
    assert_eq!(heard[0], "log in to sales");
    assert!(heard[1].starts_with("USE [sales]; SET LANGUAGE us_english;"), "{heard:?}");
    assert!(heard[1].contains("SET XACT_ABORT ON"), "{heard:?}");
}

#[test]
fn a_login_that_is_refused_says_what_to_do_and_not_the_password() {
    let fails = |sql: &str| {
        (sql == "log in").then(|| vec![Answer::Error(18_456, 14, "Login failed for user 'goldsmith'.", 1)])
    };
    let Some(server) = start(fails) else { return };
    let error = refused(&server, &server.settings);
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.contains("Login failed for user 'goldsmith'. (Msg 18456, level 14)"), "{error}");
    assert!(error.message.contains("check user and password of the target"), "{error}");
    assert!(!error.message.contains("hunter2"), "{error}");
}

#[test]
fn a_certificate_that_nobody_vouches_for_ends_it_before_the_login() {
    let Some(server) = start(|_| None) else { return };
    let settings = goldsmith::warehouse::sqlserver::Settings {
        certificates: Certificates::Check(None),
        ..server.settings.clone()
    };
    let error = refused(&server, &settings);
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.contains("trust_server_certificate: true"), "{error}");
    assert!(server.heard().is_empty(), "{:?}", server.heard());
}

#[test]
fn an_error_behind_rows_is_the_outcome() {
    let answer = |sql: &str| {
        sql.contains("nowhere").then(|| {
            vec![
                Answer::Rows(vec!["a"], vec![vec![Some("1")], vec![None]]),
                Answer::Error(207, 16, "Invalid column name 'nowhere'.", 2),
                Answer::Rows(vec!["b"], vec![]),
            ]
        })
    };
    let Some(server) = start(answer) else { return };
    let mut c = connect(&server);
    let sql = "SELECT 1 AS a;\nSELECT nowhere;";
    let error = c.query(sql).unwrap_err();
    assert_eq!(
        (error.kind, error.position.unwrap().offset),
        (ErrorKind::Statement, sql.find("nowhere").unwrap())
    );
    assert_eq!(error.message, "Invalid column name 'nowhere'. (Msg 207, level 16)");
    // The connection is in step.
    c.execute("SELECT 1").unwrap();
}

#[test]
fn what_the_server_says_is_heard_in_order() {
    let answer = |sql: &str| {
        (sql == "EXEC talk").then(|| {
            vec![
                Answer::Print("größe"),
                Answer::Rows(vec!["a"], vec![]),
                Answer::Print("Warning: Null value is eliminated by an aggregate or other SET operation."),
                Answer::Print("Changed database context to 'x'."),
            ]
        })
    };
    let Some(server) = start(answer) else { return };
    let mut c = connect(&server);
    let said = c.execute("EXEC talk").unwrap().messages;
    assert_eq!(said, ["größe", "Warning: Null value is eliminated by an aggregate or other SET operation."]);
    let rows = c.execute("INSERT INTO t VALUES (1)").unwrap();
    assert_eq!((rows.rows, rows.messages.len()), (Some(3), 0));
}

#[test]
fn a_connection_that_breaks_is_opened_anew() {
    let Some(server) = start(|sql| (sql == "EXEC fatal").then(|| vec![Answer::Drop])) else { return };
    let mut c = connect(&server);
    c.set_business_date("2026-02-28").unwrap();
    c.begin().unwrap();
    let error = c.execute("EXEC fatal").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection, "{error}");
    assert_eq!(c.execute("SELECT 1").unwrap_err().kind, ErrorKind::Connection);
    c.rollback().expect("nothing stays of it");
    c.revive().unwrap();
    c.execute("SELECT 1").unwrap();
    let set = server.heard().into_iter().filter(|sql| sql.contains("@value = N'2026-02-28'")).count();
    assert_eq!(set, 2, "the new session knows the date");
}

#[test]
fn a_commit_whose_answer_is_lost_is_not_taken_for_one() {
    let Some(server) = start(|sql| sql.starts_with("COMMIT").then(|| vec![Answer::Drop])) else { return };
    let mut c = connect(&server);
    c.begin().unwrap();
    c.execute("INSERT INTO t VALUES (1)").unwrap();
    assert_eq!(c.commit().unwrap_err().kind, ErrorKind::Uncertain);
}

#[test]
fn what_became_of_a_commit_is_found_out() {
    for was_committed in [true, false] {
        let answer = move |sql: &str| {
            if sql.contains("COMMIT TRANSACTION") {
                return Some(vec![Answer::Drop]);
            }
            if sql.starts_with("SELECT fence") || sql.contains("@taken int") {
                return Some(vec![Answer::Rows(vec!["fence"], vec![vec![Some("1")]])]);
            }
            let is_asked = sql.starts_with("SET LOCK_TIMEOUT 5000; INSERT INTO goldsmith.[commits]");
            let taken = Answer::Error(2627, 14, "Violation of PRIMARY KEY constraint.", 1);
            (is_asked && was_committed).then(|| vec![taken])
        };
        let Some(server) = start(answer) else { return };
        let list = [("sales".to_owned(), Access::Write)];
        let held = SqlServer::open(server.settings.clone(), &list).unwrap();
        let mut c = held.connect("sales").unwrap();
        c.begin().unwrap();
        c.execute("INSERT INTO t VALUES (1)").unwrap();
        let outcome = c.commit().map_err(|error| error.kind);
        assert_eq!(outcome, if was_committed { Ok(()) } else { Err(ErrorKind::Connection) });
    }
}

#[test]
fn a_slow_statement_is_stopped_and_the_session_goes_on() {
    let Some(server) = start(|sql| (sql == "EXEC slow").then(|| vec![Answer::Hang])) else { return };
    let mut c = connect(&server);
    let stop = c.cancel_handle();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        stop.cancel();
        Instant::now()
    });
    let error = c.execute("EXEC slow").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled, "{error}");
    assert!(stopper.join().unwrap().elapsed() < Duration::from_secs(1));
    c.execute("SELECT 1").unwrap();
}

#[test]
fn money_is_asked_for_as_decimals() {
    let answer = |sql: &str| {
        if sql.starts_with("EXEC sys.sp_describe_first_result_set") {
            return Some(vec![Answer::Rows(
                vec!["is_hidden", "name", "system_type_name", "max_length", "precision", "scale"],
                vec![vec![Some("0"), Some("paid"), Some("money"), Some("8"), Some("19"), Some("4")]],
            )]);
        }
        if sql.contains("WITH RESULT SETS") {
            return Some(vec![Answer::Rows(vec!["paid"], vec![vec![Some("922337203685477.5807")]])]);
        }
        (sql == "SELECT paid FROM t").then(|| vec![Answer::Money("paid")])
    };
    let Some(server) = start(answer) else { return };
    let found = connect(&server).query("SELECT paid FROM t").unwrap();
    assert_eq!(found.rows, [[Some("922337203685477.5807".to_owned())]]);
    let asked = server.heard().pop().unwrap();
    assert_eq!(asked, "EXEC (N'SELECT paid FROM t') WITH RESULT SETS (([paid] decimal(19,4)))");
}
