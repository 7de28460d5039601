//! `--stream`: what loading from another target costs, row for row, beside `DuckDB`'s own copy of the same
//! table from one attached database into another.

use std::fs;
use std::io;
use std::path::Path;

use super::load::open;
use super::measure::{Used, least};
use super::{fresh, judged, row};

/// The fewest rows a second, by the clock.
const SPEED: f64 = 200_000.0;
/// The most memory, in bytes.
const MEMORY: u64 = 300_000_000;

/// What stands behind the target's path, so that `DuckDB` does not keep in memory what it has written.
const LIMIT: &str = ", memory_limit: 64MB";

/// Measures, prints, and tells whether the targets hold.
pub fn bench(goldsmith: &Path, root: &Path, rows: u64, tries: usize) -> io::Result<bool> {
    let project = root.join("projects/shop");
    fs::create_dir_all(project.join("bronze"))?;
    fs::write(
        project.join("project.yml"),
        "name: shop\ndatabase: shop\nschedule: { daily: \"0 5 * * *\" }\n",
    )?;
    fresh(root, "crm")?;
    let source = root.join("crm/crm.duckdb");
    generate(&source, rows).map_err(io::Error::other)?;
    let bytes = fs::metadata(&source)?.len();
    println!("{:<36} {:>9} {:>9} {:>9}   target", "", "CPU", "clock", "memory");
    let this = std::env::current_exe()?;
    let copy = [this.as_os_str(), "copy".as_ref(), source.as_os_str(), "floor/shop.duckdb".as_ref()];
    let floor = least(tries, root, &copy, || fresh(root, "floor"))?;
    row(&format!("floor: DuckDB copies {rows} rows, {} MB", bytes / 1_000_000), floor, "");
    let run = [goldsmith.as_os_str(), "run".as_ref()];
    let mut all = true;
    let figures = "    control: { rows: true, sum: amount }\n";
    let key = "    key: [id]\n    modified: changed\n";
    for (what, limit, more) in [
        ("memory_limit: 64MB", LIMIT, ""),
        ("the same, figures compared", LIMIT, figures),
        ("without a limit", "", ""),
        ("without a limit, with a key", "", key),
    ] {
        let platform = format!(
            "name: bench\ndefault_target: dev\ntargets:\n  dev: {{ type: duckdb, path: warehouse{limit} }}\n  \
             crm: {{ type: duckdb, path: crm }}\n"
        );
        fs::write(root.join("goldsmith.yml"), platform)?;
        let load = format!(
            "version: 2\nloads:\n  - name: orders\n    from: {{ target: crm, query: SELECT * FROM orders }}\n{more}"
        );
        fs::write(project.join("bronze/orders.yml"), load)?;
        let used = least(tries, root, &run, || fresh(root, "warehouse"))?;
        let (told, holds) = told(used, floor, rows);
        // Without a limit DuckDB keeps what it has written, and so it does in the floor.
        let is_promised = !limit.is_empty();
        row(what, used, &if is_promised { judged(holds, &told) } else { told });
        all &= holds || !is_promised;
    }
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn told(used: Used, floor: Used, rows: u64) -> (String, bool) {
    let speed = rows as f64 / used.wall.as_secs_f64().max(0.001);
    let ratio = used.wall.as_secs_f64() / floor.wall.as_secs_f64().max(0.001);
    let told = format!(
        "{SPEED} rows a second in {} MB: {speed:.0}, {ratio:.1} times the clock of the floor",
        MEMORY / 1_000_000
    );
    (told, speed >= SPEED && used.memory <= MEMORY)
}

/// `bench copy SOURCE DATABASE`: the floor.
pub fn copy(source: &str, database: &str) -> io::Result<()> {
    let send = || {
        open()?.execute_batch(&format!(
            "ATTACH '{source}' AS crm (READ_ONLY); ATTACH '{database}' AS shop; CREATE SCHEMA shop.raw; \
             CREATE TABLE shop.raw.orders AS SELECT * FROM crm.orders"
        ))
    };
    send().map_err(io::Error::other)
}

/// A database of orders: ids, texts, decimals, times with and without a zone, flags, nulls.
fn generate(file: &Path, rows: u64) -> duckdb::Result<()> {
    open()?.execute_batch(&format!(
        "ATTACH '{}' AS crm; CREATE TABLE crm.orders AS \
         SELECT range AS id, CAST(md5(range::VARCHAR) AS UUID) AS reference, 'customer ' || hash(range) % 100000 AS customer, \
         CAST(hash(range + 1) % 100000000 AS DECIMAL(18, 2)) / 100 AS amount, CAST(hash(range) % 1000000 AS DECIMAL(38, 10)) / 7 AS rate, \
         CASE WHEN range % 5 = 0 THEN NULL ELSE 'a note about order ' || hash(range) END AS note, \
         CASE WHEN range % 3 = 0 THEN NULL ELSE ['new', 'paid', 'sent'][range % 3 + 1] END AS status, \
         TIMESTAMP '2024-01-01' + INTERVAL (range % 50000000) SECOND AS created, \
         TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (range * 17) MILLISECOND AS changed, \
         DATE '2024-01-01' + CAST(range % 700 AS INTEGER) AS day, range % 7 = 0 AS open, \
         CASE WHEN range % 11 = 0 THEN NULL ELSE range / 3.7 END AS weight \
         FROM range({rows})",
        file.display()
    ))
}
