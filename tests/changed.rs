//! `goldsmith changed`: which projects a change touches, by git.

mod common;

use common::Platform;
use serde_json::Value;

/// Runs git on a platform; it must succeed.
#[track_caller]
fn git(platform: &Platform, args: &[&str]) {
    common::git(&platform.path(""), args);
}

fn project(name: &str, more: &str) -> String {
    format!("name: {name}\nowner: {name}-team\ndatabase: {name}_dwh\n{more}")
}

/// crm is imported by books, which is imported by board; hr stands alone.
fn platform() -> Platform {
    let platform = Platform::new(&[
        (
            "projects/crm/project.yml",
            &project("crm", "public: [silver.account, silver.deal]\nvars: { rate: 2 }\n"),
        ),
        (
            "projects/crm/bronze/loads.yml",
            "loads:\n  - name: a\n    from: { file: data/a.csv, delimiter: \",\" }\n  - name: d\n    from: { file: data/d.csv, delimiter: \",\" }\n",
        ),
        ("projects/crm/data/a.csv", "id\n1\n"),
        ("projects/crm/data/d.csv", "id\n1\n"),
        ("projects/crm/macros/m.sql", "{% macro one() %}1{% endmacro %}"),
        ("projects/crm/silver/account.sql", "select id, {{ one() }} as one from raw.a"),
        ("projects/crm/silver/deal.sql", "select id from raw.d"),
        ("projects/crm/silver/inner.sql", "select id, {{ var('rate') }} as rate from raw.d"),
        ("projects/crm/tests/t.sql", "select id from silver.account where id is null"),
        ("projects/books/project.yml", &project("books", "public: [silver.sum]\n")),
        (
            "projects/books/bronze/loads.yml",
            "loads:\n  - name: crm_account\n    from: { project: crm, relation: silver.account }\n",
        ),
        ("projects/books/silver/sum.sql", "select count(*) as n from raw.crm_account"),
        ("projects/board/project.yml", &project("board", "")),
        (
            "projects/board/bronze/loads.yml",
            "loads:\n  - name: books_sum\n    from: { project: books, relation: silver.sum }\n",
        ),
        ("projects/hr/project.yml", &project("hr", "")),
        (
            "projects/hr/bronze/loads.yml",
            "loads:\n  - name: h\n    from: { command: [cat, ../../shared/h.csv] }\n",
        ),
        ("shared/h.csv", "id\n1\n"),
        ("README.md", "words"),
        (".gitignore", "target/\nwarehouse/\n"),
    ]);
    git(&platform, &["init", "-q", "-b", "main"]);
    git(&platform, &["add", "."]);
    git(&platform, &["commit", "-qm", "one"]);
    platform
}

/// `project how`, in one line.
#[track_caller]
fn touched(platform: &Platform, since: &str) -> String {
    let found = platform.ok_json(&["changed", "--since", since, "--format", "json"]);
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    let projects = found["projects"].as_array().expect("a list").iter();
    let told: Vec<String> =
        projects.map(|p| format!("{} {}", text(&p["project"]), text(&p["how"]))).collect();
    told.join(", ")
}

#[test]
fn a_change_goes_as_far_as_what_it_makes_is_imported() {
    let platform = platform();
    assert_eq!(touched(&platform, "HEAD"), "");
    let told = platform.ok(&["changed", "--since", "HEAD"]).stdout;
    assert_eq!(told, "since HEAD: no project is touched\n");
    let direct = "crm direct";
    let through = "board import, books import, crm direct";
    for (file, text, expected) in [
        ("projects/crm/macros/m.sql", "{% macro one() %}2{% endmacro %}", through),
        ("projects/crm/silver/account.sql", "select id, 2 as one from raw.a", through),
        ("projects/crm/silver/deal.sql", "select id, 1 as one from raw.d", direct),
        ("projects/crm/data/a.csv", "id\n2\n", through),
        ("projects/crm/data/d.csv", "id\n2\n", direct),
        ("projects/crm/tests/t.sql", "select id from silver.account where id < 0", direct),
        ("projects/crm/seeds/s.csv", "id\n1\n", direct),
        ("projects/crm/NOTES.md", "words", direct),
        ("projects/crm/helper.py", "pass", through),
        ("shared/h.csv", "id\n2\n", "hr direct"),
        ("README.md", "other words", ""),
        (
            "goldsmith.yml",
            "name: small\ntargets:\n  dev: { type: duckdb, path: other }\n",
            "board direct, books direct, crm direct, hr direct",
        ),
    ] {
        platform.write(file, text);
        assert_eq!(touched(&platform, "HEAD"), expected, "{file}");
        git(&platform, &["add", "."]);
        assert_eq!(touched(&platform, "HEAD"), expected, "{file}, staged");
        git(&platform, &["commit", "-qm", "next"]);
        assert_eq!(touched(&platform, "HEAD"), "", "{file}, committed");
        assert_eq!(touched(&platform, "HEAD~1"), expected, "{file}, since before");
    }
}

#[test]
fn deleted_and_renamed_files_touch_what_read_them() {
    let platform = platform();
    git(&platform, &["mv", "projects/crm/silver/account.sql", "projects/crm/silver/customer.sql"]);
    assert_eq!(touched(&platform, "HEAD"), "board import, books import, crm direct");
    git(&platform, &["reset", "-q", "--hard"]);
    std::fs::remove_file(platform.path("projects/crm/silver/deal.sql")).expect("a file");
    assert_eq!(touched(&platform, "HEAD"), "crm direct");
    git(&platform, &["checkout", "-q", "."]);
    std::fs::remove_dir_all(platform.path("projects/crm")).expect("a folder");
    let found = platform.ok_json(&["changed", "--since", "HEAD", "--format", "json"]);
    assert_eq!(found["gone"], serde_json::json!(["crm"]));
    assert_eq!(touched(&platform, "HEAD"), "board import, books import");
}

#[test]
fn compared_is_where_the_branch_left() {
    let platform = platform();
    git(&platform, &["checkout", "-qb", "work"]);
    platform.write("projects/hr/silver/x.sql", "select id from raw.h");
    git(&platform, &["add", "."]);
    git(&platform, &["commit", "-qm", "work"]);
    git(&platform, &["checkout", "-q", "main"]);
    platform.write("projects/crm/silver/deal.sql", "select 3 as id");
    git(&platform, &["commit", "-qam", "meanwhile"]);
    git(&platform, &["checkout", "-q", "work"]);
    assert_eq!(touched(&platform, "main"), "hr direct");
}

#[test]
fn the_reasons_are_told_and_the_repository_stays_as_it_is() {
    let platform = platform();
    platform.write("projects/crm/silver/account.sql", "select id from raw.a");
    let index = std::fs::read(platform.path(".git/index")).expect("an index");
    let told = platform.ok(&["changed", "--since", "HEAD"]).stdout;
    assert_eq!(std::fs::read(platform.path(".git/index")).expect("an index"), index);
    insta::assert_snapshot!("changed_text", told);
    let told = platform.ok(&["changed", "--since", "HEAD", "--format", "github"]).stdout;
    let (any, matrix) = told.trim_end().split_once('\n').expect("two lines");
    assert_eq!(any, "any=true");
    let matrix: Value =
        serde_json::from_str(matrix.strip_prefix("matrix=").expect("a matrix")).expect("JSON");
    assert_eq!(matrix["include"][2]["project"], "crm");
    assert_eq!(matrix["include"][2]["owner"], "crm-team");
    git(&platform, &["checkout", "-q", "."]);
    let told = platform.ok(&["changed", "--since", "HEAD", "--format", "github"]).stdout;
    assert_eq!(told, "any=false\nmatrix={\"include\":[]}\n");
}

#[test]
fn a_platform_below_the_repository_and_one_that_is_new() {
    let outer = platform();
    std::fs::create_dir_all(outer.path("sub/projects")).expect("a folder");
    outer.write("sub/goldsmith.yml", "name: sub\ntargets:\n  dev: { type: duckdb, path: warehouse }\n");
    outer.write("sub/projects/a/project.yml", "name: a\n");
    let run = |since: &str| {
        let args = ["--platform", "sub", "changed", "--since", since];
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_goldsmith"))
            .args(args)
            .current_dir(outer.path(""))
            .output()
            .expect("the binary");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert!(run("HEAD").contains("there is nothing to compare with"), "{}", run("HEAD"));
    git(&outer, &["add", "."]);
    git(&outer, &["commit", "-qm", "sub"]);
    outer.write("sub/projects/a/silver/x y ü.sql", "select 1 as n");
    outer.write("projects/hr/silver/x.sql", "select id from raw.h");
    let told = run("HEAD");
    assert!(told.contains("added projects/a/silver/x y ü.sql"), "{told}");
    assert!(!told.contains("hr"), "{told}");
}

#[test]
fn what_git_does_not_know_is_a_usage_error() {
    let platform = platform();
    for since in ["nowhere", "--output=x", "HEAD:README.md", ""] {
        let outcome = platform.run(&["changed", &format!("--since={since}")]);
        assert_eq!(outcome.code, 2, "{since}: {}{}", outcome.stdout, outcome.stderr);
        assert!(outcome.stderr.contains("git knows no revision"), "{}", outcome.stderr);
    }
    assert!(!platform.path("x").exists());
    let alone = Platform::shop(&[]);
    let outcome = alone.run(&["changed", "--since", "HEAD"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("no git repository"), "{}", outcome.stderr);
}
