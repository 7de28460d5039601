//! Executes the pages of the lint's rules: each example is laid over `fixtures/lint/base`. What a
//! page calls bad must raise its code, what it calls good must raise no error, and not the code.

mod common;

use std::fs;
use std::path::Path;

use common::Platform;
use serde_json::Value;

/// Nothing raises it: every file of bytes is text in some encoding.
const NEVER_RAISED: [&str; 1] = ["GS902"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the fenced blocks under a heading.
fn examples(page: &str, heading: &str) -> Vec<(String, String)> {
    let Some((_, rest)) = page.split_once(&format!("\n## {heading}\n")) else { return Vec::new() };
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let blocks = section.split("```").skip(1).step_by(2);
    blocks
        .map(|block| {
            let (head, text) = block.split_once('\n').expect("a line of its own");
            let (_, path) = head.split_once(' ').unwrap_or_else(|| panic!("`{head}` names no path"));
            (path.to_owned(), text.to_owned())
        })
        .collect()
}

/// What is told of files, compared with what was before where a page has such files.
fn lint(before: &[(String, String)], files: &[(String, String)]) -> Vec<Value> {
    let platform = Platform::fixture("lint/base");
    let mut words = vec!["lint", "--format", "json"];
    if !before.is_empty() {
        for (path, text) in before {
            platform.write(path, text);
        }
        for git in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "before"]] {
            common::git(&platform.path(""), git);
        }
        words.extend(["--since", "HEAD"]);
    }
    for (path, text) in files {
        platform.write(path, text);
    }
    let outcome = platform.run(&words);
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome:?}"))
}

#[test]
fn examples_are_as_bad_and_as_good_as_the_pages_say() {
    let mut wrong = Vec::new();
    let mut pages = 0;
    for entry in fs::read_dir(root().join("docs/lint")).expect("the pages") {
        let path = entry.expect("a page").path();
        let code = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let page = fs::read_to_string(&path).expect("a page");
        pages += 1;
        let has = |found: &[Value], code: &str| found.iter().any(|d| d["code"] == code);
        let before = examples(&page, "Before");
        let (bad, good) = (examples(&page, "Bad"), examples(&page, "Good"));
        if NEVER_RAISED.contains(&code.as_str()) {
            continue;
        }
        if bad.is_empty() || good.is_empty() {
            wrong.push(format!("{code}: there must be a bad and a good example"));
            continue;
        }
        let found = lint(&before, &bad);
        if !has(&found, &code) {
            wrong.push(format!("{code}: the bad example does not raise it, but {found:#?}"));
        }
        let found = lint(&before, &good);
        if has(&found, &code) || found.iter().any(|d| d["severity"] == "error") {
            wrong.push(format!("{code}: the good example raises {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pages >= 25, "{pages} pages");
}

#[test]
fn the_base_of_the_examples_is_clean() {
    assert_eq!(lint(&[], &[]), Vec::<Value>::new());
}

#[test]
fn a_page_is_printed_as_it_is_written() {
    let platform = Platform::fixture("lint/base");
    let page = fs::read_to_string(root().join("docs/lint/GS101.md")).expect("a page");
    for word in ["GS101", "gs101", "cross-source-read"] {
        assert_eq!(platform.ok(&["lint", "--explain", word]).stdout, page);
    }
    let rows = platform.ok_json(&["lint", "--explain", "GS1xx", "GS201", "--format", "json"]);
    let codes: Vec<&str> = rows.as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["GS101", "GS102", "GS103", "GS104", "GS105", "GS106", "GS107", "GS108", "GS109", "GS110", "GS201"]
    );
    let outcome = platform.run(&["lint", "--explain", "cross-source-reed"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("did you mean `cross-source-read`?"), "{}", outcome.stderr);
}
