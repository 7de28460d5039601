//! The floors: what the same work costs without goldsmith, each run as a process of its own.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use duckdb::{Config, Connection};
use serde_json::Value;
use walkdir::WalkDir;

/// `bench read FOLDER`: walks a folder and reads every file in it.
pub fn read(folder: &str) -> io::Result<()> {
    let mut bytes = 0;
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            bytes += fs::read(entry.path())?.len();
        }
    }
    println!("{bytes}");
    Ok(())
}

/// `bench feed PLAN FILE`: sends every statement of a plan to `DuckDB`, in the plan's order, on one
/// connection, each in a transaction of its own as `DuckDB` does when nothing else is said. The
/// queries of tests are fetched. Nothing is recorded, timed, retried or reported.
pub fn feed(plan: &str, file: &str) -> io::Result<()> {
    let plan: Value = serde_json::from_reader(BufReader::new(File::open(plan)?))?;
    let steps = plan["steps"].as_array().ok_or_else(|| io::Error::other("the plan has no steps"))?;
    send(steps, Path::new(file)).map_err(io::Error::other)
}

fn send(steps: &[Value], file: &Path) -> duckdb::Result<()> {
    let config = Config::default()
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?;
    let connection = Connection::open_in_memory_with_flags(config)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    connection.execute_batch(&format!("ATTACH '{}' AS \"{name}\"; USE \"{name}\"", file.display()))?;
    for step in steps {
        let is_test = step["kind"] == "test";
        for sql in step["sql"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if is_test {
                connection.query_row(sql, [], |row| row.get::<_, i64>(0))?;
            } else {
                connection.execute(sql, [])?;
            }
        }
    }
    Ok(())
}
