//! A publication, killed with SIGKILL at two hundred moments: afterwards either the old one stands or the
//! new one, with its row in the ledger and its rows in the archive, and never a mixture. `DuckDB` lets no
//! other process look in while it runs, so the database is opened anew after each kill.

#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use common::Platform;

/// How many publications are killed.
const KILLS: u32 = 200;
const OLD: &str = "2026-03-02";
const NEW: &str = "2026-03-03";

/// Three scripts whose figures carry the business date and must reconcile; enough rows that a publication
/// takes a while.
fn platform() -> Platform {
    Platform::new(&[
        (
            "goldsmith.yml",
            "name: small\ndefault_target: prod\ntargets:\n  prod: { type: duckdb, path: warehouse, protected: true }\n",
        ),
        (
            "projects/books/project.yml",
            "name: books\ndatabase: books_dwh\nschedule: { daily: \"0 6 * * *\" }\n",
        ),
        ("projects/books/seeds/factor.csv", "factor\n3\n"),
        (
            "projects/books/gold/financial/entry.sql",
            "CREATE OR REPLACE TABLE fin.entry AS SELECT i AS id, i % 97 AS account, \
             CAST(i * (SELECT factor FROM raw.factor) + day(goldsmith.business_date()) AS DECIMAL(18,2)) AS amount, \
             goldsmith.business_date() AS as_of FROM range(60000) r(i);\n",
        ),
        (
            "projects/books/gold/financial/balance.sql",
            "CREATE TABLE IF NOT EXISTS fin.balance (account BIGINT, amount DECIMAL(38,2), as_of DATE);\n\
             DELETE FROM fin.balance;\n\
             INSERT INTO fin.balance SELECT account, sum(amount), max(as_of) FROM fin.entry GROUP BY account;\n",
        ),
        (
            "projects/books/gold/financial/total.sql",
            "CREATE OR REPLACE VIEW fin.total AS SELECT sum(amount) AS amount, max(as_of) AS as_of FROM fin.balance;\n",
        ),
        (
            "projects/books/tests/reconciles.sql",
            "select 1 from fin.total where amount <> (select sum(amount) from fin.entry)",
        ),
    ])
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file");
    }
}

fn publish(platform: &Platform) -> Child {
    Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["run", "--date", NEW, "--select", "project:books,track:financial", "--platform"])
        .arg(platform.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

/// What readers see: each relation's dates and its total.
fn seen(platform: &Platform) -> String {
    platform.rows(
        "books_dwh",
        "SELECT min(as_of), max(as_of), sum(amount), count(*) FROM fin.entry UNION ALL \
         SELECT min(as_of), max(as_of), sum(amount), count(*) FROM fin.balance UNION ALL \
         SELECT as_of, as_of, amount, 1 FROM fin.total",
    )
}

#[test]
fn the_old_publication_stands_or_the_new_one_whenever_it_is_killed() {
    let platform = platform();
    let daily = platform.run(&["run", "--date", OLD]);
    assert_eq!(daily.code, 0, "{}", daily.stderr);
    let old = seen(&platform);
    copy(&platform.path("warehouse"), &platform.path("kept"));
    let began = Instant::now();
    assert!(publish(&platform).wait().expect("it ends").success());
    let whole = began.elapsed();
    let new = seen(&platform);
    assert!(old.contains(OLD) && new.contains(NEW) && !new.contains(OLD), "{old}\n{new}");
    let (mut stood, mut inside) = (0, 0);
    for kill in 0..KILLS {
        copy(&platform.path("kept"), &platform.path("warehouse"));
        let mut run = publish(&platform);
        let jitter = u32::from_be_bytes(kill.wrapping_mul(2_654_435_769).to_be_bytes()) % 1000;
        let share = (f64::from(kill) + f64::from(jitter) / 1000.0) / f64::from(KILLS);
        std::thread::sleep(whole.mul_f64(share * 1.1));
        // Whether it is inside of its transaction: what it has written so far lies in the log.
        inside += u32::from(platform.path("warehouse/books_dwh.duckdb.wal").exists());
        run.kill().expect("a process of ours");
        run.wait().expect("it is gone");
        let now = seen(&platform);
        let ledger =
            platform.rows("books_dwh", "SELECT business_date FROM goldsmith.publications ORDER BY number");
        match ledger.as_str() {
            "2026-03-02" => {
                assert_eq!(now, old, "the old one stands, after {share:.3} of its time");
                stood += 1;
            }
            "2026-03-02\n2026-03-03" => assert_eq!(now, new, "the new one stands, after {share:.3}"),
            other => panic!("the ledger holds {other} after {share:.3}"),
        }
        let verdict = platform.run(&["publications", "verify"]);
        assert_eq!(verdict.code, 0, "{}{}", verdict.stdout, verdict.stderr);
        let archived = platform.run(&["publications", "verify", "latest"]);
        assert_eq!(archived.code, 0, "{}{}", archived.stdout, archived.stderr);
        // A run that comes after is neither refused nor misled.
        if kill % 10 == 0 && now == old {
            assert!(publish(&platform).wait().expect("it ends").success());
            assert_eq!(seen(&platform), new);
        }
    }
    assert!(stood > KILLS / 4, "only {stood} of {KILLS} publications were killed before they ended");
    eprintln!(
        "{stood} of {KILLS} killed before the commit, {inside} with something written ({whole:?} each)"
    );
}
