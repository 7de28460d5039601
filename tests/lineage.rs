//! Column lineage through the binary: the tables of cases in `fixtures/lineage/<dialect>.txt`, SQL
//! in, columns out. A case is `=== name`, the SQL, `---`, and a line for each column.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The JSON of `goldsmith deps - --columns`.
fn deps(sql: &str, dialect: &str) -> Value {
    let mut child = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["deps", "-", "--columns", "--format", "json", "--dialect", dialect])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("piped");
    let sql = sql.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(sql.as_bytes()));
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("written").expect("all of it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("?").to_owned()
}

/// One line for each column and each statement that can't be followed.
fn told(deps: &Value) -> String {
    let mut out = String::new();
    for batch in deps["files"][0]["batches"].as_array().expect("batches") {
        lines(batch, "", &mut out);
        for definition in batch["defines"].as_array().expect("definitions") {
            let name = format!("{} {}: ", text(&definition["kind"]), text(&definition["name"]));
            lines(definition, &name, &mut out);
        }
    }
    out
}

fn lines(at: &Value, prefix: &str, out: &mut String) {
    for column in at["columns"].as_array().expect("columns") {
        let relation = column["relation"].as_str().map_or(String::new(), |r| format!("{r}."));
        let position = column["position"].as_u64().map_or(String::new(), |p| format!("#{p} "));
        let from: Vec<String> = column["from"].as_array().expect("from").iter().map(origin).collect();
        let from = if from.is_empty() { "nothing".to_owned() } else { from.join(", ") };
        let how = if column["how"] == "computed" && from != "nothing" { " computed" } else { "" };
        writeln!(out, "{prefix}{relation}{position}{} <- {from}{how}", text(&column["column"]))
            .expect("a string");
    }
    for one in at["not_followed"].as_array().expect("list") {
        writeln!(out, "{prefix}{}:{}: {}", one["line"], one["column"], text(&one["why"])).expect("a string");
    }
}

fn origin(origin: &Value) -> String {
    match origin["candidates"].as_array() {
        Some(all) if all.is_empty() => format!("{}?", text(&origin["column"])),
        Some(all) => {
            let all: Vec<String> = all.iter().map(text).collect();
            format!("{}({})?", text(&origin["column"]), all.join("|"))
        }
        None => format!("{}.{}", text(&origin["relation"]), text(&origin["column"])),
    }
}

/// Runs a table of cases; `UPDATE_LINEAGE=1` writes what comes out, to be read line by line.
fn cases(dialect: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/lineage/{dialect}.txt"));
    let table = fs::read_to_string(&path).expect("the table of cases").replace("\r\n", "\n");
    let mut parts = table.split("\n=== ");
    let mut new = parts.next().expect("a heading").to_owned();
    let mut wrong = String::new();
    let mut count = 0;
    for case in parts {
        let (name, rest) = case.split_once('\n').expect("a name");
        let (sql, expected) = rest.split_once("\n---").expect("a line of three dashes");
        let told = told(&deps(sql, dialect));
        if told.trim() != expected.trim() {
            writeln!(wrong, "=== {name}\n{sql}\nexpected:\n{}\ntold:\n{told}", expected.trim())
                .expect("a string");
        }
        write!(new, "\n=== {name}\n{sql}\n---\n{told}").expect("a string");
        count += 1;
    }
    assert!(count > 0, "no cases");
    if std::env::var_os("UPDATE_LINEAGE").is_some() {
        fs::write(&path, new).expect("written");
        return;
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn t_sql() {
    cases("tsql");
}

#[test]
fn duckdb() {
    cases("duckdb");
}

#[test]
fn postgres() {
    cases("postgres");
}
