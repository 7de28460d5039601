//! A daily run, killed with SIGKILL at a hundred moments: each table is old or new, financial gold is one
//! or the other as a whole, nothing half-done is left lying about, and the next run ends as an
//! undisturbed one would.

#![cfg(unix)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::Platform;

/// How many runs are killed.
const KILLS: u32 = 100;
const DATABASES: [&str; 2] = ["shop_dwh", "books_dwh"];
const DATE: [&str; 2] = ["--date", "2026-03-02"];

/// Two projects: loads with a key, an import, silver, both tracks of gold, several scripts.
fn platform() -> Platform {
    Platform::new(&[
        (
            "projects/shop/project.yml",
            "name: shop\ndatabase: shop_dwh\nschedule: { daily: \"0 5 * * *\", hourly: \"0 7-19 * * *\" }\n",
        ),
        (
            "projects/shop/bronze/loads.yml",
            "version: 2\nloads:\n  - name: orders\n    from: { file: \"data/orders.csv\" }\n    key: [id]\n    modified: changed\n\
             \x20 - name: customers\n    from: { file: \"data/customers.jsonl\" }\n    key: [id]\n",
        ),
        (
            "projects/shop/silver/order.sql",
            "{{ config(materialized='table') }}\nselect o.*, c.name from raw.orders o join raw.customers c on c.id = o.customer",
        ),
        (
            "projects/shop/gold/operational/by_customer.sql",
            "{{ config(materialized='table') }}\nselect name, sum(amount) as amount from {{ ref('order') }} group by name",
        ),
        (
            "projects/shop/silver/log.sql",
            "{{ config(materialized='incremental', unique_key='id') }}\nselect id, amount from {{ ref('order') }}",
        ),
        (
            "projects/books/project.yml",
            "name: books\ndatabase: books_dwh\nschedule: { daily: \"0 6 * * *\" }\n",
        ),
        (
            "projects/books/bronze/loads.yml",
            "version: 2\nloads:\n  - name: orders\n    from: { project: shop, relation: silver.order }\n    key: [id]\n    modified: changed\n",
        ),
        (
            "projects/books/gold/financial/revenue.sql",
            "CREATE OR REPLACE TABLE fin.revenue AS SELECT customer, sum(amount) AS amount, getvariable('business_date') AS day FROM raw.orders GROUP BY ALL;\n",
        ),
        (
            "projects/books/gold/financial/total.sql",
            "CREATE TABLE IF NOT EXISTS fin.total (day DATE, amount DECIMAL(18,2));\nDELETE FROM fin.total;\n\
             INSERT INTO fin.total SELECT day, sum(amount) FROM fin.revenue GROUP BY day;\n",
        ),
        (
            "projects/books/tests/adds_up.sql",
            "select 1 from fin.total t where t.amount <> (select sum(amount) from fin.revenue)",
        ),
    ])
}

/// The source in one of two states.
fn source(platform: &Platform, state: u32) {
    let mut orders = String::from("id,customer,amount,changed\n");
    for id in 0..(6000 + state * 500) {
        let amount = (id * 37 + state * id % 11) % 10_000;
        let _ = writeln!(
            orders,
            "{id},{},{}.{:02},2026-03-01 {:02}:00:00",
            id % 50,
            amount / 100,
            amount % 100,
            state + 1
        );
    }
    platform.write("projects/shop/data/orders.csv", orders);
    let mut customers = String::new();
    for id in 0..50 {
        let _ = writeln!(customers, "{{\"id\": {id}, \"name\": \"customer {id} of {state}\"}}");
    }
    platform.write("projects/shop/data/customers.jsonl", customers);
}

/// Each table's rows as one figure that does not depend on their order; and goldsmith's own books are
/// left out, since they tell of every attempt.
fn figures(platform: &Platform) -> BTreeMap<String, String> {
    let mut figures = BTreeMap::new();
    for database in DATABASES {
        let tables = "SELECT table_schema, table_name FROM information_schema.tables WHERE NOT starts_with(table_schema, 'goldsmith') ORDER BY ALL";
        for line in platform.rows(database, tables).lines() {
            let name = line.replacen(' ', ".", 1);
            let sum = format!("SELECT count(*), sum(hash(t)::HUGEINT) FROM {name} AS t");
            figures.insert(format!("{database}.{name}"), platform.rows(database, &sum));
        }
    }
    figures
}

/// The nodes that the books say succeeded since the first run, as `database.name`.
fn succeeded(platform: &Platform) -> BTreeSet<String> {
    let mut nodes = BTreeSet::new();
    for database in DATABASES {
        let steps = "SELECT split_part(node, '.', 2) FROM goldsmith.steps WHERE status = 'success' AND kind NOT IN ('test', 'publish') \
                     AND run_id <> (SELECT min(run_id) FROM goldsmith.runs)";
        nodes.extend(platform.rows(database, steps).lines().map(|name| format!("{database}.{name}")));
    }
    nodes
}

/// The tables that are not what they were, as `database.name`.
fn changed(old: &BTreeMap<String, String>, then: &BTreeMap<String, String>) -> BTreeSet<String> {
    let changed = then.iter().filter(|(table, figure)| old.get(*table) != Some(*figure));
    changed
        .map(|(table, _)| {
            let parts: Vec<&str> = table.split('.').collect();
            format!("{}.{}", parts[0], parts[2])
        })
        .collect()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file");
    }
}

/// Starts a daily run; the caller kills it.
fn start(platform: &Platform) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["run", "--platform"])
        .arg(platform.path(""))
        .args(DATE)
        .env_remove("GOLDSMITH_SELECT")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

#[test]
fn each_table_is_old_or_new_whenever_a_run_is_killed() {
    let platform = platform();
    source(&platform, 0);
    platform.ok(&[&["run"], &DATE[..]].concat());
    let old = figures(&platform);
    copy(&platform.path("warehouse"), &platform.path("kept"));
    source(&platform, 1);
    let began = Instant::now();
    start(&platform).wait().expect("it ends");
    let whole = began.elapsed();
    let new = figures(&platform);
    assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
    assert!(old.iter().all(|(table, figure)| new[table] != *figure), "every table differs between the two");
    let mut halfway = 0;
    for kill in 0..KILLS {
        copy(&platform.path("kept"), &platform.path("warehouse"));
        let mut run = start(&platform);
        // Evenly spread over the run, each at a moment of its own.
        let jitter = u32::from_be_bytes(kill.wrapping_mul(2_654_435_769).to_be_bytes()) % 1000;
        std::thread::sleep(whole.mul_f64((f64::from(kill) + f64::from(jitter) / 1000.0) / f64::from(KILLS)));
        run.kill().expect("a process of ours");
        run.wait().expect("it is gone");
        let then = figures(&platform);
        for (table, figure) in &then {
            assert!(
                old.get(table) == Some(figure) || new.get(table) == Some(figure),
                "{table} is neither old nor new when the run is killed after {kill}% of its time"
            );
        }
        assert_eq!(succeeded(&platform), changed(&old, &then), "what the books tell, after {kill}%");
        let published = |table: &str| then[table] == new[table];
        assert_eq!(published("books_dwh.fin.revenue"), published("books_dwh.fin.total"), "after {kill}%");
        halfway += u32::from(then != old && then != new);
        platform.ok(&[&["run"], &DATE[..]].concat());
        assert_eq!(figures(&platform), new, "the next run ends like an undisturbed one, after {kill}%");
    }
    assert!(halfway > 0, "no run was killed between its first table and its last: nothing was shown");
    eprintln!(
        "{halfway} of {KILLS} kills hit between the first table and the last ({:?} a run)",
        Duration::from_millis(u64::try_from(whole.as_millis()).unwrap_or(0))
    );
}
