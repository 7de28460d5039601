//! What only a server can do: lose a connection, keep passwords, say something beside its answer.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use goldsmith::ddl::checksum::{Figures, Scheme};
use goldsmith::warehouse::postgres::{Encryption, Postgres, Settings};
use goldsmith::warehouse::{Access, Connection, ErrorKind, LOCK_TIMEOUT, Warehouse};
use std::time::Duration;

use crate::engines::{self, one, run};
use crate::values::{make_table, read, texts};

#[test]
fn postgres_says_what_scripts_say_in_order() {
    let Some(stage) = engines::postgres("messages") else { return };
    let mut c = stage.connect();
    let told = c
        .execute(
            "DROP TABLE IF EXISTS no_such_thing; DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$",
        )
        .unwrap();
    assert_eq!(told.messages, ["one", "two"]);
    assert!(c.execute("SELECT 1").unwrap().messages.is_empty());
}

#[test]
fn postgres_that_goes_away_is_told_apart_from_a_wrong_statement() {
    let Some(stage) = engines::postgres("goes_away") else { return };
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (n INTEGER)"]);
    c.begin().unwrap();
    run(&mut *c, &["INSERT INTO t VALUES (1)"]);
    let own = one(&mut *c, "SELECT pg_backend_pid()").unwrap();
    let mut other = stage.connect();
    run(&mut *other, &[&format!("SELECT pg_terminate_backend({own})")]);
    let error = c.execute("INSERT INTO t VALUES (2)").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection, "{error}");
    assert!(c.commit().is_err());
    assert_eq!(one(&mut *other, "SELECT count(*) FROM t").as_deref(), Some("0"));
}

#[test]
fn postgres_lets_nobody_write_whose_lock_another_run_has() {
    let Some(mut stage) = engines::postgres("fence") else { return };
    let mut old = stage.connect();
    run(&mut *old, &["CREATE TABLE t (n INTEGER)"]);
    // The session of the lock is cut off, as by a network; those that work are not.
    let mut other = stage.connect();
    run(
        &mut *other,
        &["SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"],
    );
    old.begin().expect("nobody else has taken it yet");
    run(&mut *old, &["INSERT INTO t VALUES (1)"]);
    let Err(error) = stage.open_again() else { panic!("the first one is still writing") };
    assert_eq!(error.kind, ErrorKind::Locked);
    old.commit().unwrap();
    let again = stage.open_again().expect("a lock whose session is gone is free");
    for error in [old.begin().unwrap_err(), old.execute("INSERT INTO t VALUES (2)").unwrap_err()] {
        assert_eq!(error.kind, ErrorKind::Locked, "{error}");
        assert!(error.message.contains("has lost its lock"), "{error}");
    }
    let mut new = again.connect(&stage.database).unwrap();
    new.begin().unwrap();
    run(&mut *new, &["INSERT INTO t VALUES (3)"]);
    new.commit().unwrap();
    assert_eq!(one(&mut *new, "SELECT sum(n) FROM t").as_deref(), Some("4"));
    stage.warehouse = None;
}

#[test]
fn postgres_keeps_its_password_out_of_what_it_says() {
    let Some(stage) = engines::postgres("password") else { return };
    run(&mut *stage.connect(), &["CREATE ROLE asked LOGIN SUPERUSER PASSWORD 'right'"]);
    let with = |password: &str| Settings {
        user: "asked".into(),
        password: Some(password.into()),
        ..engines::settings().unwrap()
    };
    let list = [(stage.database.clone(), Access::Read)];
    Postgres::open(with("right"), &list).expect("the right password");
    let settings = with("wr0ng-secret");
    assert!(!format!("{settings:?}").contains("wr0ng"));
    let Err(error) = Postgres::open(settings, &list) else { panic!("a wrong password") };
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(
        error.message.contains("(28P01)") && error.message.contains("check user and password"),
        "{error}"
    );
    assert!(!error.message.contains("wr0ng"), "{error}");
}

#[test]
fn postgres_that_is_not_there_is_told_with_its_name() {
    let settings = |host: &str, encryption: Encryption| Settings {
        host: host.into(),
        port: 1,
        user: "goldsmith".into(),
        password: None,
        database: "postgres".into(),
        encryption,
        lock_timeout: LOCK_TIMEOUT,
    };
    let list = [("d".to_owned(), Access::Read)];
    for (host, encryption) in
        [("127.0.0.1", Encryption::Verify(None)), ("no-such-host.invalid", Encryption::Disable)]
    {
        let Err(error) = Postgres::open(settings(host, encryption), &list) else { panic!("nobody is there") };
        assert_eq!(error.kind, ErrorKind::Connection);
        assert!(error.message.starts_with(&format!("{host}:1: ")), "{error}");
        assert!(error.message.contains("check host and port"), "{error}");
    }
    let missing = Encryption::Verify(Some("no/such/file.pem".into()));
    let Err(error) = Postgres::open(settings("127.0.0.1", missing), &list) else { panic!("no certificates") };
    assert!(error.message.contains("no/such/file.pem"), "{error}");
}

#[test]
fn postgres_names_who_has_a_lock_that_was_waited_for() {
    let Some(stage) = engines::postgres("waits") else { return };
    let mut holder = stage.connect();
    run(&mut *holder, &["CREATE TABLE t (n int)", "INSERT INTO t VALUES (1)"]);
    holder.begin().unwrap();
    run(&mut *holder, &["UPDATE t SET n = 2", "SET LOCAL application_name = 'a query window'"]);
    let settings = Settings { lock_timeout: Duration::from_millis(300), ..engines::settings().unwrap() };
    let list = [(stage.database.clone(), Access::Read)];
    let mut waiter = Postgres::open(settings, &list).unwrap().connect(&stage.database).unwrap();
    waiter.begin().unwrap();
    let error = waiter.execute("DROP TABLE t").unwrap_err();
    // Once is enough: the wait was the second try.
    assert_eq!(error.kind, ErrorKind::Statement);
    for part in [
        "lock timeout (55P03): it waited 300ms for a lock",
        "in `c_waits` a transaction is open of goldsmith on the server itself with a query window since 20",
        " (session ",
    ] {
        assert!(error.message.contains(part), "no `{part}` in: {error}");
    }
    assert!(!error.message.contains("; of "), "it does not name itself: {error}");
    waiter.rollback().unwrap();
    // A script that asks not to wait is told so, and may be tried again.
    waiter.begin().unwrap();
    let error = waiter.execute("SELECT n FROM t FOR UPDATE NOWAIT").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Transient, "{error}");
    assert!(!error.message.contains("waited"), "{error}");
    waiter.rollback().unwrap();
    // What a script sets ends with it.
    run(&mut *waiter, &["SET lock_timeout = 0"]);
    waiter.clean_session().unwrap();
    assert_eq!(one(&mut *waiter, "SHOW lock_timeout").as_deref(), Some("300ms"));
}

/// A socket that hands everything on to the server; once told to, it hands a COMMIT on and never its
/// answer.
fn proxy(folder: &std::path::Path, cut: &Arc<AtomicBool>) {
    let listener = UnixListener::bind(
        folder.join(format!(".s.PGSQL.{}", crate::common::postgres::server().unwrap().port)),
    )
    .unwrap();
    let server = crate::common::postgres::server().unwrap();
    let server = format!("{}/.s.PGSQL.{}", server.folder, server.port);
    let cut = Arc::clone(cut);
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = UnixStream::connect(&server) else { return };
            let cut = Arc::clone(&cut);
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let mut block = vec![0; 1 << 16];
                while let Ok(read @ 1..) = from.read(&mut block) {
                    let ends = block[..read].windows(6).any(|w| w == b"COMMIT");
                    if ends && cut.swap(false, Ordering::SeqCst) {
                        from.shutdown(std::net::Shutdown::Both).unwrap();
                        to.write_all(&block[..read]).unwrap();
                        std::thread::sleep(std::time::Duration::from_millis(300));
                        return;
                    }
                    if to.write_all(&block[..read]).is_err() {
                        return;
                    }
                }
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
            std::thread::spawn(move || std::io::copy(&mut { server }, &mut { client }));
        }
    });
}

#[test]
fn postgres_commit_whose_answer_was_lost_is_found_out() {
    let Some(stage) = engines::postgres("lost_answer") else { return };
    run(&mut *stage.connect(), &["CREATE TABLE t (n INTEGER)"]);
    let folder = tempfile::tempdir().unwrap();
    let cut = Arc::new(AtomicBool::new(false));
    proxy(folder.path(), &cut);
    let settings =
        Settings { host: folder.path().to_str().unwrap().to_owned(), ..engines::settings().unwrap() };
    let list = [(stage.database.clone(), Access::Read)];
    let warehouse = Postgres::open(settings, &list).unwrap();
    let mut c = warehouse.connect(&stage.database).unwrap();
    c.begin().unwrap();
    run(&mut *c, &["INSERT INTO t VALUES (1)"]);
    cut.store(true, Ordering::SeqCst);
    c.commit().expect("the server has committed, though nobody heard it say so");
    assert_eq!(one(&mut *stage.connect(), "SELECT count(*) FROM t").as_deref(), Some("1"));
    assert!(c.query("SELECT 1").is_err());
}

#[test]
fn postgres_and_duckdb_hold_the_same_rows_after_a_journey_there_and_back() {
    let Some(server) = engines::postgres("journey") else { return };
    let file = engines::duckdb();
    let (mut here, mut there) = (file.connect(), server.connect());
    make_table(&mut *here, "t", false);
    make_table(&mut *there, "model", false);
    run(&mut *there, &["CREATE TABLE t AS SELECT * FROM model WHERE false"]);
    run(&mut *here, &["CREATE TABLE back AS SELECT * FROM t WHERE false"]);
    let out = read(&mut *here, "SELECT * FROM t ORDER BY id");
    there.begin().unwrap();
    there.append(&server.name("public", "t"), &mut out.batches.into_iter().map(Ok)).unwrap();
    there.commit().unwrap();
    assert_eq!(texts(&mut *there, "t"), texts(&mut *there, "model"));
    let home = read(&mut *there, "SELECT * FROM t ORDER BY id");
    here.begin().unwrap();
    here.append(&file.name("main", "back"), &mut home.batches.into_iter().map(Ok)).unwrap();
    here.commit().unwrap();
    assert_eq!(texts(&mut *here, "back"), texts(&mut *here, "t"));
}

/// The figures of a table, as a publication records them.
fn figures(stage: &engines::Stage, c: &mut dyn Connection, table: &str, types: bool) -> Figures {
    let schema = stage.schema();
    let catalog = stage.warehouse().catalog(std::slice::from_ref(&stage.database)).unwrap();
    let columns = catalog.get(&stage.name(schema, table)).unwrap().columns.clone();
    let scheme = Scheme::new(stage.dialect, &columns, &[]);
    if types {
        let left_out: Vec<&str> =
            scheme.columns().iter().filter(|c| c.form.is_err()).map(|c| c.kind.as_str()).collect();
        println!("{:?} leaves out {left_out:?}", stage.dialect);
    }
    let rows = c.query(&scheme.query(stage.dialect, table, None)).unwrap();
    let figures = scheme.read(&rows.rows[0]).unwrap();
    // A publication adds up in this process where the engine is in it, with the same result.
    let taken = goldsmith::ledger::measure(c, &stage.name(schema, table), &[], None).unwrap().unwrap();
    assert_eq!(taken.figures, figures);
    figures
}

#[test]
fn postgres_and_duckdb_have_one_checksum_for_the_same_rows() {
    let Some(server) = engines::postgres("checksums") else { return };
    let file = engines::duckdb();
    let (mut here, mut there) = (file.connect(), server.connect());
    make_table(&mut *here, "t", false);
    make_table(&mut *there, "t", false);
    let same = figures(&file, &mut *here, "t", true);
    assert_eq!(same, figures(&server, &mut *there, "t", true));
    assert!(same.totals.len() > 4, "{:?}", same.totals);
    for c in [&mut here, &mut there] {
        let share = "CREATE TABLE share AS SELECT CAST(x AS DECIMAL(3,3)) AS x FROM (VALUES (0), (0.5), (-0.025)) v(x)";
        run(&mut **c, &[share]);
    }
    let share = figures(&file, &mut *here, "share", false);
    assert_eq!(share, figures(&server, &mut *there, "share", false));
    // A row's order says nothing; each value does.
    for c in [&mut here, &mut there] {
        run(&mut **c, &["CREATE TABLE u AS SELECT * FROM t ORDER BY id DESC"]);
    }
    assert_eq!(figures(&file, &mut *here, "u", false).checksum, same.checksum);
    assert_eq!(figures(&server, &mut *there, "u", false).checksum, same.checksum);
    for change in [
        "UPDATE u SET c9 = '' WHERE c9 IS NULL",
        "UPDATE u SET c14 = c14 + INTERVAL '1 microsecond' WHERE id = 0",
        "UPDATE u SET c6 = c6 + 0.0000000001 WHERE id = 1",
        "UPDATE u SET c5 = c5 + 1 WHERE id = 1",
        "UPDATE u SET c0 = NOT c0 WHERE id = 1",
        "DELETE FROM u WHERE id = 3",
    ] {
        run(&mut *here, &[change]);
        run(&mut *there, &[change]);
        let now = figures(&file, &mut *here, "u", false);
        assert_ne!(now.checksum, same.checksum, "{change}");
        assert_eq!(now, figures(&server, &mut *there, "u", false), "{change}");
    }
}

#[test]
fn postgres_is_asked_for_its_certificate() {
    let (Some(stage), Some(server)) = (engines::postgres("tls"), crate::common::postgres::server()) else {
        return;
    };
    let authority = camino::Utf8Path::new(&server.folder).join("ca.crt");
    if !authority.is_file() {
        eprintln!("skipped: there is no openssl to make certificates with");
        return;
    }
    let list = [(stage.database.clone(), Access::Read)];
    let open = |host: &str, encryption: Encryption| {
        Postgres::open(Settings { host: host.into(), encryption, ..engines::settings().unwrap() }, &list)
    };
    let encrypted = |warehouse: Postgres| {
        let mut c = warehouse.connect(&stage.database).unwrap();
        one(&mut *c, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").unwrap()
    };
    assert_eq!(encrypted(open("localhost", Encryption::Verify(Some(authority.clone()))).unwrap()), "t");
    assert_eq!(encrypted(open("localhost", Encryption::Require).unwrap()), "t");
    assert_eq!(encrypted(open("localhost", Encryption::Disable).unwrap()), "f");
    // Nobody knows the authority; then the name is another one.
    for (host, encryption) in
        [("localhost", Encryption::Verify(None)), ("127.0.0.1", Encryption::Verify(Some(authority)))]
    {
        let Err(error) = open(host, encryption) else { panic!("{host} must not be trusted") };
        assert_eq!(error.kind, ErrorKind::Connection);
        assert!(error.message.contains("certificate") && error.message.contains("sslrootcert"), "{error}");
    }
}
