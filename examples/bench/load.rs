//! `--loads`: what loading a large CSV file costs, beside `DuckDB`'s own insert of the same file.

use std::fs;
use std::io;
use std::path::Path;

use duckdb::{Config, Connection};

use super::measure::{Used, least};
use super::{fresh, judged, row};

/// The most time of a first load by the clock, against its floor.
const FIRST: f64 = 1.3;

const PLATFORM: &str =
    "name: bench\ndefault_target: dev\ntargets:\n  dev: { type: duckdb, path: warehouse }\n";

/// Measures, prints, and tells whether the target holds.
pub fn bench(goldsmith: &Path, root: &Path, rows: u64, tries: usize) -> io::Result<bool> {
    let project = root.join("projects/shop");
    fs::create_dir_all(project.join("data"))?;
    fs::write(root.join("goldsmith.yml"), PLATFORM)?;
    fs::write(
        project.join("project.yml"),
        "name: shop\ndatabase: shop\nschedule: { daily: \"0 5 * * *\" }\n",
    )?;
    let file = project.join("data/orders.csv");
    generate(&file, rows).map_err(io::Error::other)?;
    let bytes = fs::metadata(&file)?.len();
    println!("{:<36} {:>9} {:>9} {:>9}   target", "", "CPU", "clock", "memory");
    let this = std::env::current_exe()?;
    let insert = [this.as_os_str(), "insert".as_ref(), file.as_os_str(), "floor/shop.duckdb".as_ref()];
    let floor = least(tries, root, &insert, || fresh(root, "floor"))?;
    row(&format!("floor: DuckDB reads {rows} rows, {} MB", bytes / 1_000_000), floor, "");
    let ratio = |used: Used| used.wall.as_secs_f64() / floor.wall.as_secs_f64().max(0.001);
    let run = [goldsmith.as_os_str(), "run".as_ref()];
    let mut all = true;
    for (what, key) in
        [("first load", ""), ("first load, with a key", "    key: [id]\n    modified: changed\n")]
    {
        fs::create_dir_all(project.join("bronze"))?;
        let load =
            format!("version: 2\nloads:\n  - name: orders\n    from: {{ file: data/orders.csv }}\n{key}");
        fs::write(project.join("bronze/orders.yml"), load)?;
        let used = least(tries, root, &run, || fresh(root, "warehouse"))?;
        let holds = ratio(used) <= FIRST;
        let judged = judged(holds, &format!("{FIRST} times the clock of the floor: {:.2}", ratio(used)));
        // Checking ten million keys is no part of what is promised of a first load.
        row(
            what,
            used,
            if key.is_empty() { judged } else { format!("{:.2} times the floor", ratio(used)) }.as_str(),
        );
        all &= holds || !key.is_empty();
    }
    let used = least(tries, root, &run, || Ok(()))?;
    row("reload, drift counted", used, &format!("{:.2} times the floor", ratio(used)));
    let hourly = [goldsmith.as_os_str(), "run".as_ref(), "--pipeline".as_ref(), "hourly".as_ref()];
    let used = least(tries, root, &hourly, || Ok(()))?;
    row("hourly, nothing new", used, &format!("{:.2} times the floor", ratio(used)));
    Ok(all)
}

/// `bench insert FILE DATABASE`: the floor.
pub fn insert(file: &str, database: &str) -> io::Result<()> {
    let send = || {
        let connection = open()?;
        connection.execute_batch(&format!(
            "ATTACH '{database}' AS shop; CREATE SCHEMA shop.raw; \
             CREATE TABLE shop.raw.orders AS SELECT * FROM read_csv('{file}')"
        ))
    };
    send().map_err(io::Error::other)
}

/// A file of orders: numbers, texts, decimals, times, flags, nulls.
fn generate(file: &Path, rows: u64) -> duckdb::Result<()> {
    open()?.execute_batch(&format!(
        "COPY (SELECT range AS id, 'customer ' || (range * 7919) % 100000 AS customer, \
         CAST((range * 31) % 1000000 AS DECIMAL(12, 2)) / 100 AS amount, \
         CASE WHEN range % 5 = 0 THEN NULL ELSE 'note ' || range % 1000 END AS note, \
         TIMESTAMP '2024-01-01' + INTERVAL (range % 50000000) SECOND AS changed, \
         DATE '2024-01-01' + CAST(range % 700 AS INTEGER) AS day, range % 7 = 0 AS open \
         FROM range({rows})) TO '{}' (HEADER)",
        file.display()
    ))
}

/// An instance of `DuckDB` that reaches out for nothing.
pub fn open() -> duckdb::Result<Connection> {
    let config = Config::default()
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?;
    Connection::open_in_memory_with_flags(config)
}
