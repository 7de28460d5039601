//! Runs the tables of cases in `fixtures/sql/<dialect>/*.txt`: SQL in, what it touches out.
//! A case is `=== name`, the SQL, `---`, and a line for each list that is not empty.

use std::fmt::Write as _;

use super::read;
use super::script::{Definition, Reference, Script};
use crate::words::Dialect;

fn joined(references: &[Reference]) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in references.iter().map(|r| r.name.to_string()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

fn line(out: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        writeln!(out, "{key}: {value}").unwrap();
    }
}

fn told(script: &Script) -> String {
    let mut out = String::new();
    for (i, batch) in script.batches.iter().enumerate() {
        if script.batches.len() > 1 {
            writeln!(out, "batch {i}").unwrap();
        }
        let touches = &batch.touches;
        line(&mut out, "reads", &joined(&touches.reads));
        line(&mut out, "writes", &joined(&touches.writes));
        line(&mut out, "drops", &joined(&touches.drops));
        line(&mut out, "executes", &joined(&touches.executes));
        line(&mut out, "functions", &joined(&touches.functions));
        line(&mut out, "system", &joined(&touches.system));
        line(&mut out, "temps", &joined(&touches.temps));
        let files: Vec<_> = touches.files.iter().map(|f| f.path.as_str()).collect();
        line(&mut out, "files", &files.join(", "));
        line(&mut out, "dynamic", if touches.dynamic { "true" } else { "" });
        for definition in &batch.defines {
            out.push_str(&defined(definition));
        }
    }
    let issues: Vec<_> = script.issues.iter().map(|i| i.kind.to_string()).collect();
    line(&mut out, "issues", &issues.join(", "));
    out
}

fn defined(definition: &Definition) -> String {
    let touches = &definition.touches;
    let mut out = format!("{} {}:", definition.kind.word(), definition.name);
    let lists = [
        ("reads", &touches.reads),
        ("writes", &touches.writes),
        ("drops", &touches.drops),
        ("executes", &touches.executes),
        ("functions", &touches.functions),
        ("system", &touches.system),
    ];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        write!(out, " {key} {}", joined(list)).unwrap();
    }
    if let Some(target) = &definition.target {
        write!(out, " on {}", target.name).unwrap();
    }
    out.push_str(if touches.dynamic { " dynamic\n" } else { "\n" });
    out
}

#[test]
fn cases() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sql");
    let (mut failures, mut count) = (String::new(), 0);
    for dialect in Dialect::ALL {
        let mut paths: Vec<_> =
            fs_err::read_dir(format!("{root}/{dialect}")).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let text = fs_err::read_to_string(&path).unwrap();
            for case in text.split("\n=== ").skip(1) {
                let (name, rest) = case.split_once('\n').unwrap();
                let (sql, expected) = rest.split_once("\n---").unwrap_or_else(|| panic!("{name}: no ---"));
                let got = told(&read(sql, dialect));
                count += 1;
                if got.trim() != expected.trim() {
                    writeln!(
                        failures,
                        "{dialect}: {name}\n{sql}\n--- expected\n{}\n--- got\n{got}",
                        expected.trim()
                    )
                    .unwrap();
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(count >= 150, "only {count} cases");
}
