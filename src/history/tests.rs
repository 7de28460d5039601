use camino::Utf8Path;

use super::Books;
use crate::ddl;
use crate::warehouse::Access;
use crate::warehouse::Warehouse;
use crate::warehouse::duckdb::{DuckDb, Memory};
use crate::words::Dialect;

fn warehouse(folder: &Utf8Path, sql: &[&str]) -> DuckDb {
    let opened = DuckDb::open(folder, folder, &[("d".to_owned(), Access::Write)], Memory::Much).unwrap();
    let mut connection = opened.connect("d").unwrap();
    for statement in sql {
        connection.execute(statement).unwrap();
    }
    opened
}

fn made() -> Vec<String> {
    ddl::bookkeeping(Dialect::DuckDb, "d").into_iter().map(|s| s.sql).collect()
}

#[test]
fn what_was_recorded_is_read_back_the_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let made = made();
    let mut sql: Vec<&str> = made.iter().map(String::as_str).collect();
    sql.extend([
        "INSERT INTO goldsmith.runs VALUES ('a', 'daily', 'dev', '2026-01-01', '2026-01-01 05:00:00+00', '2026-01-01 05:20:00+00', 'success', '0'), ('b', 'hourly', 'dev', '2026-01-01', '2026-01-01 06:00:00+00', NULL, 'error', '0')",
        "INSERT INTO goldsmith.attempts VALUES ('b', 'hourly', 'dev', '2026-01-01', '2026-01-01 06:00:00+00', '{}', '[\"x\"]', '0')",
        "INSERT INTO goldsmith.steps VALUES ('a', 's', NULL, 'load', 'success', 5, NULL, '2026-01-01 05:00:00+00', '2026-01-01 05:01:00+00'), ('z', 't', NULL, 'load', 'success', 5, NULL, now(), now())",
        "INSERT INTO goldsmith.loads VALUES ('a', 'p.l', 'full', '2026-01-01', 3, 1, 1, 1, 0, NULL, 'w', NULL, '2026-01-01 05:00:00+00', '2026-01-01 05:01:00+00'), ('0', 'p.l', 'full', '2025-01-01', 9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-01 05:00:00+00', '2025-01-01 05:01:00+00'), ('b', 'p.l', 'delta', '2026-01-01', 4, 1, 0, 0, NULL, NULL, 'x', '{}', '2026-01-01 06:00:00+00', '2026-01-01 06:01:00+00')",
    ]);
    let warehouse = warehouse(folder, &sql);
    let mut books = Books::open(&warehouse, "d").unwrap();
    let runs = books.runs(10).unwrap().unwrap();
    assert_eq!(runs.iter().map(|r| r.run_id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(runs[1].duration(), Some(std::time::Duration::from_mins(20)));
    assert_eq!(runs[0].duration(), None);
    assert_eq!(books.runs(1).unwrap().unwrap().len(), 1);
    assert_eq!(books.attempts(10).unwrap().unwrap()[0].steps.as_deref(), Some("[\"x\"]"));
    assert_eq!(books.steps(&["a", "'"]).unwrap().unwrap()[0].rows, Some(5));
    assert_eq!(books.steps(&[]).unwrap().unwrap(), []);
    let loads = books.last_loads().unwrap().unwrap();
    let told: Vec<_> = loads.iter().map(|l| (l.mode.as_str(), l.rows, l.watermark.as_deref())).collect();
    assert_eq!(told, [("delta", Some(4), Some("x")), ("full", Some(3), Some("w"))]);
    assert_eq!(loads[1].finished_at.to_string(), "2026-01-01T05:01:00Z");
}

#[test]
fn a_table_that_is_not_there_is_not_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let made = made();
    let sql: Vec<&str> = made.iter().map(String::as_str).chain(["DROP TABLE goldsmith.loads"]).collect();
    let warehouse = warehouse(folder, &sql);
    let mut books = Books::open(&warehouse, "d").unwrap();
    assert_eq!(books.last_loads().unwrap(), None);
    assert_eq!(books.runs(10).unwrap(), Some(Vec::new()));
}
