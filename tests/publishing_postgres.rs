//! Financial gold on PostgreSQL, with readers on it all the time: old or new, whatever happens.

#![cfg(unix)]

mod common;

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::postgres::Place;

/// How many publications are killed.
const KILLS: u32 = 200;
/// The first one's business date is the day after this one.
const BEGINNING: &str = "2026-03-01";

const ENTRY: &str = "CREATE TABLE IF NOT EXISTS fin.entry (id INT, account INT, amount NUMERIC(18,2), as_of DATE);
DELETE FROM fin.entry;
INSERT INTO fin.entry SELECT i, i % 97, i * 3 + (goldsmith.business_date() - DATE '2026-01-01'), goldsmith.business_date()
FROM generate_series(1, 20000) i;
";
const BALANCE: &str =
    "CREATE TABLE IF NOT EXISTS fin.balance (account INT, amount NUMERIC(38,2), as_of DATE);
DELETE FROM fin.balance;
INSERT INTO fin.balance SELECT account, sum(amount), max(as_of) FROM fin.entry GROUP BY account;
";
const TOTAL: &str =
    "CREATE OR REPLACE VIEW fin.total AS SELECT sum(amount) AS amount, max(as_of) AS as_of FROM fin.balance;
";

fn place() -> Option<Place> {
    Place::shop(
        true,
        &[
            ("gold/financial/entry.sql", ENTRY),
            ("gold/financial/balance.sql", BALANCE),
            ("gold/financial/total.sql", TOTAL),
            (
                "tests/adds_up.sql",
                "select 1 from fin.total where amount is distinct from (select sum(amount) from fin.entry)",
            ),
        ],
    )
}

/// What a report shows, in one statement: each relation's dates, whether the totals reconcile, the date.
const REPORT: &str = "SELECT e.first, e.last, b.first, b.last, t.as_of, e.amount = b.amount AND b.amount = t.amount, e.n \
     FROM (SELECT min(as_of) AS first, max(as_of) AS last, sum(amount) AS amount, count(*) AS n FROM fin.entry) e, \
          (SELECT min(as_of) AS first, max(as_of) AS last, sum(amount) AS amount FROM fin.balance) b, fin.total t";

/// The business date that a report is of, if it is of one and adds up.
fn date_of(cells: &[Option<&str>]) -> Result<String, String> {
    match cells.split_at_checked(5) {
        Some(([Some(date), others @ ..], [Some("t"), Some("20000")]))
            if others.iter().all(|o| *o == Some(date)) =>
        {
            Ok((*date).to_owned())
        }
        _ => Err(format!("{cells:?}")),
    }
}

fn report(client: &mut postgres::Client) -> Result<String, String> {
    let answers = client.simple_query(REPORT).map_err(|e| format!("{e}: {:?}", e.as_db_error()))?;
    let row = answers.iter().find_map(|answer| match answer {
        postgres::SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.ok_or("no row")?;
    date_of(&(0..row.len()).map(|i| row.get(i)).collect::<Vec<_>>())
}

fn day(nth: u32) -> String {
    let first: jiff::civil::Date = BEGINNING.parse().unwrap();
    (first + jiff::Span::new().days(i64::from(nth))).to_string()
}

/// Lets the readers go, whatever happens.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn command(place: &Place, date: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    command
        .args(["run", "--date", date, "--wait", "60s", "--platform"])
        .arg(place.platform.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[test]
fn readers_see_the_old_figures_or_the_new_ones_while_publications_are_killed() {
    let Some(place) = place() else { return };
    let mut next = 1;
    place.done(&["run", "--date", &day(next)]);
    next += 1;
    let began = Instant::now();
    assert!(command(&place, &day(next)).status().unwrap().success());
    let whole = began.elapsed();
    let mut standing = day(next);
    let over = AtomicBool::new(false);
    let wrong: Mutex<Vec<String>> = Mutex::default();
    let (mut killed, mut reports, mut longest) = (0, 0_u64, Duration::ZERO);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let (mut client, mut seen, mut longest) = (place.client(), 0_u64, Duration::ZERO);
                    let mut last = String::new();
                    while !over.load(Ordering::SeqCst) {
                        let began = Instant::now();
                        match report(&mut client) {
                            Ok(date) if date >= last => last = date,
                            Ok(date) => wrong.lock().unwrap().push(format!("{date} after {last}")),
                            Err(problem) => wrong.lock().unwrap().push(problem),
                        }
                        seen += 1;
                        longest = longest.max(began.elapsed());
                        std::thread::sleep(Duration::from_millis(2));
                    }
                    (seen, longest)
                })
            })
            .collect();
        let ends = Over(&over);
        for kill in 0..KILLS {
            next += 1;
            let mut run = command(&place, &day(next)).spawn().unwrap();
            let jitter = u32::from_be_bytes(kill.wrapping_mul(2_654_435_769).to_be_bytes()) % 1000;
            let share = (f64::from(kill) + f64::from(jitter) / 1000.0) / f64::from(KILLS);
            std::thread::sleep(whole.mul_f64(share * 1.4));
            run.kill().unwrap();
            run.wait().unwrap();
            // The server may still be at the statement that nobody waits for any more, or at the commit.
            let ledger = || place.rows("SELECT max(business_date) FROM goldsmith.publications");
            let asked = Instant::now();
            while place.rows(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'goldsmith' AND datname = current_database()",
            ) != "0"
            {
                assert!(asked.elapsed() < Duration::from_secs(30), "its sessions are gone soon");
                std::thread::sleep(Duration::from_millis(5));
            }
            let shown = report(&mut place.client()).expect("a whole report");
            assert_eq!(shown, ledger(), "the ledger has what readers see, after {share:.3}");
            if shown == standing {
                killed += 1;
            } else {
                assert_eq!(shown, day(next));
                standing = shown;
            }
            // Rows of what was rolled back would slow the next one down, which is not what is tried here.
            place.execute("VACUUM fin.entry");
            if kill % 20 == 0 {
                place.done(&["publications", "verify"]);
            }
        }
        drop(ends);
        for reader in readers {
            let (seen, held) = reader.join().unwrap();
            reports += seen;
            longest = longest.max(held);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {reports} reports: {:?}", wrong.len(), wrong.first());
    assert!(killed < KILLS, "none of {KILLS} publications was committed");
    assert!(killed > KILLS / 4, "only {killed} of {KILLS} publications were killed before they ended");
    assert!(reports > u64::from(KILLS), "the readers were there");
    next += 1;
    assert!(command(&place, &day(next)).status().unwrap().success(), "the next run is not disturbed");
    place.done(&["publications", "verify", "latest"]);
    eprintln!(
        "{killed} of {KILLS} killed before the commit ({whole:?} each); {reports} reports, the longest took {longest:?}"
    );
}

#[test]
fn whatever_goes_wrong_the_old_publication_stands() {
    let Some(place) = place() else { return };
    place.done(&["run", "--date", "2026-03-02"]);
    let figures = "SELECT md5(string_agg(e::text || e.xmin::text, ',' ORDER BY id)) FROM fin.entry e \
                   UNION ALL SELECT md5(string_agg(b::text || b.xmin::text, ',' ORDER BY account)) FROM fin.balance b";
    let before = place.rows(figures);
    place.execute(
        "CREATE PROCEDURE public.commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; \
         CREATE PROCEDURE public.rolls_back() LANGUAGE plpgsql AS $$ BEGIN ROLLBACK; END $$",
    );
    let wrong = [
        ("SELECT 1/0;\n", "total.sql:2:"),
        ("COMMIT;\n", "COMMIT"),
        ("ROLLBACK;\n", "ROLLBACK"),
        ("BEGIN;\n", "BEGIN"),
        ("PREPARE TRANSACTION 'mine';\n", "PREPARE"),
        ("CALL public.commits();\n", "invalid transaction termination"),
        ("CALL public.rolls_back();\n", "invalid transaction termination"),
        ("DO $$ BEGIN COMMIT; END $$;\n", "GS305"),
        (
            "DO $$ BEGIN PERFORM 1/0; EXCEPTION WHEN others THEN NULL; END $$;\nDELETE FROM fin.balance;\n",
            "shop.adds_up",
        ),
        ("-- goldsmith: transaction off\n", "transaction"),
        ("DELETE FROM fin.balance WHERE account = 7;\n", "shop.adds_up"),
        ("SELECT pg_terminate_backend(pg_backend_pid());\n", "57P01"),
        ("SET LOCAL statement_timeout = 10; SELECT pg_sleep(5);\n", "statement timeout"),
    ];
    for (text, told) in wrong {
        place.platform.write("projects/shop/gold/financial/total.sql", format!("{TOTAL}{text}"));
        let outcome = place.run(&["run", "--date", "2026-03-03"]);
        assert!([1, 2, 3].contains(&outcome.code), "{text}: {}", outcome.code);
        assert!(
            outcome.stderr.contains(told) || outcome.stdout.contains(told),
            "{text}: {}{}",
            outcome.stdout,
            outcome.stderr
        );
        assert_eq!(place.rows(figures), before, "{text}");
        assert_eq!(place.rows("SELECT count(*) FROM goldsmith.publications"), "1", "{text}");
        place.done(&["publications", "verify"]);
    }
    // An error that the script catches itself is its own affair.
    place.platform.write(
        "projects/shop/gold/financial/total.sql",
        format!("{TOTAL}DO $$ BEGIN PERFORM 1/0; EXCEPTION WHEN others THEN NULL; END $$;\n"),
    );
    place.done(&["run", "--date", "2026-03-03"]);
    assert_eq!(report(&mut place.client()).unwrap(), "2026-03-03");
}

/// Waits until a script of the run that has just been started is at its `pg_sleep`.
fn until_it_sleeps(place: &Place) {
    let sleeping =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    let began = Instant::now();
    while place.rows(sleeping) != "1" {
        assert!(began.elapsed() < Duration::from_secs(30), "it gets there");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_run_that_is_cancelled_publishes_nothing() {
    let Some(place) = place() else { return };
    place.done(&["run", "--date", "2026-03-02"]);
    place.platform.write("projects/shop/gold/financial/total.sql", format!("{TOTAL}SELECT pg_sleep(60);\n"));
    let mut run = command(&place, "2026-03-03").spawn().unwrap();
    until_it_sleeps(&place);
    let asked = Instant::now();
    let pid = nix::unistd::Pid::from_raw(i32::try_from(run.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let status = run.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert!(!status.success());
    assert_eq!(report(&mut place.client()).unwrap(), "2026-03-02");
    assert_eq!(place.rows("SELECT count(*) FROM goldsmith.publications"), "1");
}

#[test]
fn of_twenty_that_start_at_once_one_publishes() {
    let Some(place) = place() else { return };
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let start = || place.platform.run(&["run", "--date", "2026-03-02", "--wait", "60s"]);
        let starts: Vec<_> = (0..20).map(|_| scope.spawn(start)).collect();
        starts
            .into_iter()
            .map(|start| {
                let outcome = start.join().unwrap();
                assert!(
                    outcome.code == 0 || outcome.stderr.contains("published already"),
                    "{}",
                    outcome.stderr
                );
                outcome.code
            })
            .collect()
    });
    assert_eq!(codes.iter().filter(|c| **c == 0).count(), 1, "{codes:?}");
    assert_eq!(place.rows("SELECT count(*) FROM goldsmith.publications"), "1");
}

#[test]
fn who_comes_second_is_told_who_holds_the_database() {
    let Some(place) = place() else { return };
    place.done(&["run", "--date", "2026-03-02"]);
    place.platform.write("projects/shop/gold/financial/total.sql", format!("{TOTAL}SELECT pg_sleep(3);\n"));
    let mut run = command(&place, "2026-03-03").spawn().unwrap();
    until_it_sleeps(&place);
    let second = place.run(&["run", "--date", "2026-03-04"]);
    assert_eq!(second.code, 3, "{}", second.stderr);
    assert!(second.stderr.contains(&format!("is held by process {}", run.id())), "{}", second.stderr);
    assert!(run.wait().unwrap().success());
}

#[test]
fn the_ledger_answers_on_postgresql_as_on_duckdb() {
    let Some(place) = place() else { return };
    place.done(&["run", "--date", "2026-03-02"]);
    place.platform.write("projects/shop/gold/financial/entry.sql", ENTRY.replace("i * 3", "i * 4"));
    place.done(&["run", "--date", "2026-03-03"]);
    let listed = place.done(&["publications", "list"]);
    assert!(
        listed.stdout.contains("shop@2026-03-02") && listed.stdout.contains("shop@2026-03-03"),
        "{}",
        listed.stdout
    );
    let diff = place.done(&["publications", "diff", "shop@2026-03-02", "shop@2026-03-03"]);
    assert!(diff.stdout.contains("fin.balance") && diff.stdout.contains("entry.sql"), "{}", diff.stdout);
    place.execute("UPDATE fin.balance SET amount = 0 WHERE account = 5");
    let verify = place.run(&["publications", "verify"]);
    assert_eq!(verify.code, 1, "{}{}", verify.stdout, verify.stderr);
    assert!(verify.stdout.contains("fin.balance"), "{}", verify.stdout);
    place.done(&["publications", "restore", "shop@2026-03-02", "--reason", "a mistake"]);
    assert_eq!(report(&mut place.client()).unwrap(), "2026-03-02");
    place.done(&["publications", "verify"]);
    place.done(&["publications", "show", "latest"]);
    place.done(&["publications", "export", "latest"]);
}

#[test]
fn the_rules_of_the_day_hold_on_postgresql() {
    let account = "id,amount,changed\n1,10.50,2026-01-01 08:00:00\n2,7,2026-01-02 08:00:00\n";
    let Some(place) = Place::shop(
        true,
        &[
            (
                "bronze/loads.yml",
                "version: 2\nloads:\n  - name: account\n    from: { file: bronze/account.csv }\n    key: [id]\n    modified: changed\n\
                 \x20   columns:\n      - { name: amount, data_type: \"numeric(18,2)\" }\n",
            ),
            ("bronze/account.csv", account),
            (
                "gold/financial/total.sql",
                "CREATE TABLE IF NOT EXISTS fin.total (amount NUMERIC(18,2));\nDELETE FROM fin.total;\n\
                 INSERT INTO fin.total SELECT sum(amount) FROM raw.account;\n",
            ),
        ],
    ) else {
        return;
    };
    let project = place.platform.read("projects/shop/project.yml");
    place.platform.write("projects/shop/project.yml", project.replace('}', ", hourly: \"15 * * * *\" }"));
    place.done(&["run", "--date", "2026-03-02"]);
    let refused = |args: &[&str], told: &str| {
        let outcome = place.run(args);
        assert_eq!(outcome.code, 3, "{}{}", outcome.stdout, outcome.stderr);
        assert!(outcome.stderr.contains(told), "no `{told}` in:\n{}", outcome.stderr);
    };
    refused(&["run", "--date", "2026-03-02"], "published already");
    let financial = ["run", "--select", "track:financial", "--date", "2026-03-03"];
    refused(&financial, "--allow-stale");
    place.done(&["run", "--date", "2026-03-03", "--exclude", "track:financial"]);
    place.platform.write("projects/shop/bronze/account.csv", account.replace("7,2026-01-02", "8,2026-01-03"));
    place.done(&["run", "--date", "2026-03-03", "--pipeline", "hourly"]);
    assert_eq!(place.rows("SELECT sum(amount) FROM raw.account"), "18.50");
    refused(&financial, "--allow-hourly-inputs");
    place.done(&[&financial[..], &["--allow-hourly-inputs", "they are in"]].concat());
    assert_eq!(place.rows("SELECT amount FROM fin.total"), "18.50");
    let told = place.done(&["publications", "show", "latest"]);
    assert!(told.stdout.contains("they are in") && told.stdout.contains("shop.account"), "{}", told.stdout);
    let status = place.done(&["status"]);
    assert!(status.stdout.contains("account"), "{}", status.stdout);
}
