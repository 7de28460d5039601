//! `goldsmith deps` through the binary: any file, folder or standard input, in a platform or not.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

fn deps_with(folder: &Path, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .arg("deps")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Whoever reads no standard input closes it.
    let _ = std::io::Write::write_all(&mut stdin, input);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn deps(folder: &Path, arguments: &[&str]) -> Outcome {
    deps_with(folder, arguments, b"")
}

fn parsed(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn json_is_as_published() {
    let sql = b"USE x\r\nGO\r\n\r\nCREATE PROC dbo.p AS\r\nINSERT [A b].c SELECT * FROM d..e; EXEC q; EXEC(@s)\r\nGO\r\nDROP TABLE dbo.f\r\nSELECT dbo.g(1) FROM sys.tables";
    let folder = folder(&[("a.sql", sql)]);
    let told = parsed(&deps(folder.path(), &["a.sql", "--dialect", "tsql", "--format", "json"]));
    let name = |name: &str, line: usize, column: usize| json!({"name": name, "line": line, "column": column});
    let batch = |index: usize, line: usize| {
        json!({"index": index, "line": line, "reads": [], "writes": [], "drops": [], "executes": [],
               "functions": [], "system": [], "dynamic": false, "defines": []})
    };
    let (first, mut second, mut third) = (batch(0, 1), batch(1, 4), batch(2, 7));
    second["defines"] = json!([{
        "kind": "procedure", "name": "dbo.p", "line": 4, "reads": [name("d..e", 5, 30)],
        "writes": [name("a b.c", 5, 8)], "executes": [name("q", 5, 41)], "dynamic": true
    }]);
    third["drops"] = json!([name("dbo.f", 7, 12)]);
    third["functions"] = json!([name("dbo.g", 8, 8)]);
    third["system"] = json!([name("sys.tables", 8, 22)]);
    let file = json!({"path": "a.sql", "encoding": "utf-8", "batches": [first, second, third], "issues": []});
    assert_eq!(told, json!({"files": [file]}));
}

#[test]
fn every_encoding_is_read_and_named() {
    let utf16 = |text: &str| -> Vec<u8> {
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let folder = folder(&[
        ("1.sql", "select * from [gr\u{f6}\u{df}e]".as_bytes()),
        ("2.sql", "\u{feff}select * from [gr\u{f6}\u{df}e]".as_bytes()),
        ("3.sql", &utf16("select * from [gr\u{f6}\u{df}e]")),
        ("4.sql", b"select * from [gr\xF6\xDFe]"),
    ]);
    let told = parsed(&deps(folder.path(), &[".", "--format", "json"]));
    let files = told["files"].as_array().unwrap();
    let encodings: Vec<_> = files.iter().map(|f| f["encoding"].as_str().unwrap()).collect();
    assert_eq!(encodings, ["utf-8", "utf-8-bom", "utf-16le", "windows-1252"]);
    for file in files {
        assert_eq!(
            file["batches"][0]["reads"],
            json!([{"name": "gr\u{f6}\u{df}e", "line": 1, "column": 15}])
        );
    }
}

#[test]
fn what_is_not_understood_is_named_and_nothing_is_refused() {
    let folder = folder(&[
        ("binary.sql", &[0x4D, 0x5A, 0, 0xFF, 0xFE, 10, 7, 0]),
        ("empty.sql", b""),
        ("blank.sql", b"\r\n\t\r\nGO\r\n"),
        ("string.sql", b"select 1 from a\nwhere x = 'abc"),
        ("prose.txt", b"Dear all,\nplease don't run this."),
    ]);
    let all = ["binary.sql", "empty.sql", "blank.sql", "string.sql", "prose.txt"];
    let told = deps(folder.path(), &all);
    assert_eq!((told.code, told.stderr.as_str()), (0, ""));
    let expected = "binary.sql (windows-1252)\n  not understood: this is no text: it holds a zero byte (1:3)\n\
                    empty.sql (utf-8)\nblank.sql (utf-8)\nstring.sql (utf-8)\n  not understood: this \
                    string is never closed (2:11)\n  batch 0 (line 1)\n    reads      a (1:15)\nprose.txt (utf-8)\n  not \
                    understood: this string is never closed (2:11)\n  batch 0 (line 1)\n";
    assert_eq!(told.stdout, expected);
    let told = parsed(&deps(folder.path(), &["string.sql", "--format", "json"]));
    let issue = json!({"message": "this string is never closed", "line": 2, "column": 11});
    assert_eq!(told["files"][0]["issues"], json!([issue]));
}

#[test]
fn folders_hold_their_sql_files_in_order() {
    let folder = folder(&[
        ("b/z.SQL", b"select 1 from z"),
        ("b/a.sql", b"select 1 from a"),
        ("a.sql", b"select 1 from b"),
        ("notes.txt", b"select 1 from c"),
    ]);
    let told = parsed(&deps(folder.path(), &[".", "a.sql", "--format", "json"]));
    let paths: Vec<_> =
        told["files"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["./a.sql", "./b/a.sql", "./b/z.SQL", "a.sql"]);
}

#[test]
fn a_folder_without_sql_is_no_error() {
    let folder = folder(&[("a/x.txt", b"hello")]);
    let told = deps(folder.path(), &["a", "--format", "json"]);
    assert_eq!(parsed(&told), json!({"files": []}));
    assert_eq!(told.stderr, "note: there is no .sql file below a\n");
}

#[test]
fn what_can_t_be_read_does_not_stop_the_rest() {
    let folder = folder(&[("a.sql", b"select 1 from t")]);
    let told = deps(folder.path(), &["missing.sql", "a.sql", "--format", "json"]);
    assert_eq!(told.code, 2);
    assert!(told.stderr.starts_with("error: ") && told.stderr.contains("missing.sql"), "{}", told.stderr);
    let answer: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(answer["files"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn links_in_circles_end() {
    let folder = folder(&[("a/x.sql", b"select 1 from t")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/again")).unwrap();
    let told = deps(folder.path(), &["a", "--format", "json"]);
    let answer: Value = serde_json::from_str(&told.stdout).unwrap();
    let files = answer["files"].as_array().unwrap();
    assert!(files.iter().any(|file| file["path"] == "a/x.sql"), "{answer}");
    assert_eq!(told.code, 2, "{}", told.stderr);
}

#[test]
fn standard_input_is_read_in_the_dialect_asked_for() {
    let folder = folder(&[]);
    let told = deps_with(folder.path(), &["-", "--dialect", "duckdb"], b"FROM a JOIN 'b.csv' ON true");
    assert_eq!(told.stdout, "- (utf-8)\n  batch 0 (line 1)\n    reads      a (1:6)\n");
    let told = deps_with(folder.path(), &["-", "--dialect", "postgres"], b"select $$ from x $$ from a");
    assert_eq!(told.stdout, "- (utf-8)\n  batch 0 (line 1)\n    reads      a (1:26)\n");
    let told = deps_with(folder.path(), &["-"], b"select * from [a b]");
    assert_eq!(told.stdout, "- (utf-8)\n  batch 0 (line 1)\n    reads      a b (1:15)\n");
    let told = deps(folder.path(), &["-", "--dialect", "oracle"]);
    assert_eq!(told.code, 2);
}

#[test]
fn a_platform_gives_its_projects_dialects() {
    let platform = common::Platform::shop(&[("gold/financial/s.sql", "FROM a")]);
    let told = platform.ok_json(&["deps", "projects/shop/gold/financial/s.sql", "--format", "json"]);
    assert_eq!(told["files"][0]["batches"][0]["reads"][0]["name"], "a");
}

#[test]
fn synonyms_of_the_file_are_what_they_stand_for() {
    let sql = b"create synonym dbo.s for other.dbo.t\nGO\ninsert x select * from s";
    let folder = folder(&[("a.sql", sql)]);
    let told = parsed(&deps(folder.path(), &["a.sql", "--format", "json"]));
    let batches = &told["files"][0]["batches"];
    assert_eq!(batches[1]["reads"], json!([{"name": "other.dbo.t", "line": 3, "column": 24}]));
    assert_eq!(batches[0]["defines"][0]["kind"], "synonym");
}

#[test]
fn names_can_t_write_to_the_terminal() {
    let folder = folder(&[("a.sql", b"select * from [\x1b[31mred\x07\ntable]")]);
    let told = deps(folder.path(), &["a.sql"]);
    assert!(!told.stdout.contains(['\u{1b}', '\u{7}']), "{:?}", told.stdout);
    assert_eq!(told.stdout.lines().count(), 3, "{:?}", told.stdout);
}

#[test]
fn a_file_of_many_megabytes_is_told_batch_by_batch() {
    let sql = "INSERT dbo.a SELECT x, y FROM dbo.b\nGO\n".repeat(40_000);
    let folder = folder(&[("a.sql", sql.as_bytes())]);
    let told = deps(folder.path(), &["a.sql"]);
    assert_eq!(told.code, 0);
    assert_eq!(told.stdout.lines().count(), 1 + 3 * 40_000);
    assert!(told.stdout.ends_with("    reads      dbo.b (79999:31)\n    writes     dbo.a (79999:8)\n"));
}
