//! SQL Server's protocol, against a server of the test's own that executes nothing: log in, errors behind rows,
//! connections that break, slow answers, what is printed.

use std::time::{Duration, Instant};

use goldsmith::warehouse::sqlserver::{Certificates, Login, Principal, Settings, SqlServer};
use goldsmith::warehouse::{Access, Connection, Error, ErrorKind, Warehouse};

use crate::common::http;
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

fn refused(server: &Server, settings: &Settings) -> Error {
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
    assert!(error.message.contains("check who the target logs in as"), "{error}");
    assert!(!error.message.contains("hunter2"), "{error}");
}

/// A server's settings for an application that is given its tokens by such an authority.
fn as_application(server: &Server, authority: &http::Server) -> Settings {
    let address = format!("http://127.0.0.1:{}", authority.port);
    let principal = Principal::new(&address, "contoso.com", "4a1b".into(), "hun/ter 2".into()).unwrap();
    Settings { login: Login::Principal(principal), ..server.settings.clone() }
}

fn json(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn an_application_logs_in_with_the_token_that_it_is_given() {
    let Some(server) = start(|_| None) else { return };
    let granted = |token: &str, seconds: u32| {
        json(
            "200 OK",
            &format!(r#"{{"token_type":"Bearer","expires_in":{seconds},"access_token":"{token}"}}"#),
        )
    };
    // The first one ends too soon to be used twice.
    let authority = http::Server::new(&[&granted("eyJhb.first", 60), &granted("eyJhb.second", 3600)]);
    let opened = SqlServer::open(as_application(&server, &authority), &[]).unwrap();
    for database in ["sales", "hr", "finance"] {
        opened.connect(database).expect("a session");
    }
    let log_ins: Vec<String> = server.heard().into_iter().filter(|h| h.starts_with("log in")).collect();
    assert_eq!(
        log_ins,
        [
            "log in to sales with the token eyJhb.first",
            "log in to hr with the token eyJhb.second",
            "log in to finance with the token eyJhb.second"
        ]
    );
    let posts = authority.posts();
    assert_eq!(posts.len(), 2);
    assert!(posts[0].head.starts_with("POST /contoso.com/oauth2/v2.0/token HTTP/1.1"), "{}", posts[0].head);
    assert!(posts[0].head.contains("application/x-www-form-urlencoded"), "{}", posts[0].head);
    assert_eq!(
        posts[0].body,
        "grant_type=client_credentials&client_id=4a1b&client_secret=hun%2Fter+2&scope=https%3A%2F%2Fdatabase.windows.net%2F.default"
    );
}

#[test]
fn an_application_that_gets_no_token_says_why_and_not_its_secret() {
    let Some(server) = start(|_| None) else { return };
    let expired = r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired.\r\nTrace ID: 17"}"#;
    for (answer, said) in [
        (json("401 Unauthorized", expired), "AADSTS7000222: The provided client secret keys are expired."),
        (json("400 Bad Request", r#"{"error":"invalid_request"}"#), "invalid_request"),
        (json("503 Service Unavailable", "<html>hunt</html>"), "it answered 503 Service Unavailable"),
        (json("200 OK", "{}"), "it answered without a token"),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n".into(),
            "it answered 302 Found",
        ),
        ("nonsense\r\n\r\n".into(), "what it answered is no HTTP"),
    ] {
        let authority = http::Server::new(&[&answer]);
        let error = refused(&server, &as_application(&server, &authority));
        assert_eq!(error.kind, ErrorKind::Connection);
        assert_eq!(
            error.message,
            format!("no token could be had from 127.0.0.1 for the application `4a1b`: {said}")
        );
    }
    assert!(server.heard().is_empty(), "nobody logs in without a token: {:?}", server.heard());
}

#[test]
fn nothing_is_built_on_an_engine_that_lacks_what_publishing_stands_on() {
    for (edition, name, lacks) in [
        ("6", "a dedicated SQL pool of Azure Synapse", "definitions inside transactions"),
        ("11", "a warehouse of Microsoft Fabric", "application locks (sp_getapplock)"),
    ] {
        let answer = move |sql: &str| {
            let asked = sql.contains("SERVERPROPERTY('EngineEdition')");
            asked.then(|| vec![Answer::Rows(vec![""], vec![vec![Some(edition)]])])
        };
        let Some(server) = start(answer) else { return };
        let list = [("sales".to_owned(), Access::Write)];
        let Err(written) = SqlServer::open(server.settings.clone(), &list) else { panic!("it is a target") };
        // A plan says it as well; rows may be read from there.
        let list = [("sales".to_owned(), Access::Read)];
        let opened = SqlServer::open(server.settings.clone(), &list).unwrap();
        let planned = opened.fits("sales").unwrap_err();
        for error in [written, planned] {
            for part in ["can't be a target", name, lacks, "from: { target, query }"] {
                assert!(error.message.contains(part), "no `{part}` in: {error}");
            }
        }
        let changes = |sql: &String| sql.contains("CREATE") || sql.contains("sp_getapplock");
        assert!(!server.heard().iter().any(changes), "{:?}", server.heard());
    }
}

#[test]
fn who_has_a_lock_that_was_waited_for_is_named() {
    let open = |rows: Vec<Vec<Option<&'static str>>>| vec![Answer::Rows(vec!["", "", "", "", ""], rows)];
    let maria = |session| {
        vec![Some("maria"), Some("LAPTOP7"), Some("SSMS"), Some("2026-11-02 09:12:33"), Some(session)]
    };
    let denied = || vec![Answer::Error(300, 14, "VIEW SERVER STATE permission was denied", 1)];
    for (answer, said) in [
        (
            open(vec![maria("57")]),
            "in `sales` a transaction is open of maria on LAPTOP7 with SSMS since 2026-11-02 09:12:33 (session 57)",
        ),
        (open(vec![maria("1"), maria("2"), maria("3"), maria("4"), maria("5")]), "(session 3); and 2 more"),
        (open(vec![]), "nobody has a transaction open in `sales` any more"),
        (denied(), "who has it can't be seen: VIEW SERVER STATE permission was denied"),
    ] {
        let answer = move |sql: &str| match sql {
            "DROP TABLE t" => {
                std::thread::sleep(Duration::from_millis(60));
                Some(vec![Answer::Error(1222, 16, "Lock request time out period exceeded.", 1)])
            }
            _ if sql.contains("dm_exec_sessions") => Some(answer.clone()),
            _ if sql.contains("@@SPID") => Some(vec![Answer::Rows(vec![""], vec![vec![Some("61")]])]),
            _ => None,
        };
        let Some(server) = start(answer) else { return };
        let settings = Settings { lock_timeout: Duration::from_millis(50), ..server.settings.clone() };
        let mut connection = SqlServer::open(settings, &[]).unwrap().connect("sales").unwrap();
        let error = connection.execute("DROP TABLE t").unwrap_err();
        assert_eq!(error.kind, ErrorKind::Statement, "once is enough");
        assert!(error.message.contains("(Msg 1222, level 16): it waited 50ms for a lock; "), "{error}");
        assert!(error.message.contains(said), "no `{said}` in: {error}");
        let heard = server.heard();
        assert!(heard.iter().any(|sql| sql.contains("SET LOCK_TIMEOUT 50;")), "{heard:?}");
        assert!(heard.iter().any(|sql| sql.contains("session_id <> 61")), "{heard:?}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_ends_it_before_the_login() {
    let Some(server) = start(|_| None) else { return };
    let settings = Settings { certificates: Certificates::Check(None), ..server.settings.clone() };
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
