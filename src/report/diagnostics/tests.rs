use std::sync::Arc;

use super::{Format, counts, write};
use crate::report::{Look, Masker};
use crate::words::{Code, Diagnostic, Encoding, Severity, SourceFile, Span};

fn file(path: &str, text: &str) -> Arc<SourceFile> {
    SourceFile::new(path, text, Encoding::Utf8)
}

/// The place of `needle` in the file.
fn at(file: &SourceFile, needle: &str) -> Span {
    let start = file.text().find(needle).unwrap();
    Span::new(start, start + needle.len())
}

fn shown(diagnostics: &[Diagnostic], format: Format, look: &Look) -> String {
    let mut out = Vec::new();
    write(diagnostics, format, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn text(diagnostics: &[Diagnostic]) -> String {
    shown(diagnostics, Format::Text, &Look::plain())
}

fn three() -> Vec<Diagnostic> {
    let script = file(
        "projects/datev/gold/financial/pnl.sql",
        "-- P&L\r\nSELECT *\r\nFROM\tsfdc_dwh.silver.account AS a\r\n",
    );
    let yaml = file("projects/sfdc/project.yml", "name: sfdc\ndatabase: sfdc_dwh\n");
    let model = file("projects/datev/silver/a.sql", "select 1 from {{ ref('acount') }}\n");
    vec![
        Diagnostic::new(Code::CrossSourceRead, "`datev.pnl` reads `sfdc_dwh.silver.account`, which belongs to sfdc")
            .at(&script, at(&script, "sfdc_dwh.silver.account"))
            .label(&yaml, at(&yaml, "sfdc_dwh"), "this database is sfdc's")
            .node("datev.pnl")
            .relation("sfdc_dwh.silver.account")
            .help("import it into bronze, then read `raw.sf_account`:\nversion: 2\nloads:\n  - name: sf_account\n    from: { project: sfdc, relation: silver.account }"),
        Diagnostic::new(Code::UnknownRef, "there is no `acount`").at(&model, at(&model, "'acount'")).help("did you mean `account`?"),
        Diagnostic { severity: Severity::Warning, ..Diagnostic::new(Code::NeverReadLoad, "100% unused,\nreally").help("remove it") },
    ]
}

#[test]
fn shows_excerpts_labels_and_help() {
    insta::assert_snapshot!(text(&three()));
}

#[test]
fn writes_json() {
    insta::assert_snapshot!(shown(&three(), Format::Json, &Look::plain()));
    assert_eq!(shown(&[], Format::Json, &Look::plain()), "[]\n");
}

#[test]
fn writes_github_commands() {
    let odd = file("a,b:c%.sql", "x\ny\n");
    let mut all = three();
    all.push(Diagnostic::new(Code::InvalidSql, "two lines").at(&odd, Span::new(0, 3)));
    insta::assert_snapshot!(shown(&all, Format::Github, &Look::plain()));
}

#[test]
fn order_does_not_depend_on_the_order_of_finding() {
    let mut all = three();
    let forward = text(&all);
    all.reverse();
    assert_eq!(forward, text(&all));
    assert_eq!(counts(&all), "2 errors, 1 warning");
    assert_eq!(text(&[]), "");
}

#[test]
fn a_cycle_shows_each_edge_in_order() {
    let a = file("a.sql", "select 1 from b\n");
    let b = file("b.sql", &format!("{}select 1 from c\n", "\n".repeat(40)));
    let cycle = Diagnostic::new(Code::Cycle, "a, b and c depend on each other in a circle")
        .at(&a, at(&a, "b\n"))
        .label(&b, at(&b, "c\n"), "b reads c here")
        .label(&a, at(&a, "1"), "c reads a here");
    insta::assert_snapshot!(text(&[cycle]));
}

#[test]
fn hostile_files_are_harmless() {
    let hostile = file("evil\x1b[2J.sql", "select '\x1b[31m\u{9b}2J\u{202e}表表' as x, bad\r\n");
    let shown = text(&[Diagnostic::new(Code::InvalidSql, "no \x1b]0;owned\x07 thanks\nsecond")
        .at(&hostile, at(&hostile, "bad"))
        .help("try \x1b[1mthis\x1b[0m")]);
    assert!(!shown.contains(['\x1b', '\x07', '\u{9b}', '\u{202e}', '\r']));
    insta::assert_snapshot!(shown);
}

#[test]
fn spans_off_the_text_are_brought_inside() {
    let empty = file("empty.sql", "");
    let short = file("short.sql", "select 1\n");
    let wide = file("wide.sql", "äöü\r\n\tx");
    let shown = text(&[
        Diagnostic::new(Code::EmptyFile, "holds no SQL").at(&empty, Span::new(0, 0)),
        Diagnostic::new(Code::Unterminated, "never closed").at(&short, Span::new(900, 950)),
        Diagnostic::new(Code::InvalidSql, "empty place").at(&short, Span::new(7, 7)),
        Diagnostic::new(Code::InvalidSql, "inside a character").at(&wide, Span::new(1, 3)),
        Diagnostic::new(Code::InvalidSql, "after a tab, to the end").at(&wide, Span::new(9, 10)),
        Diagnostic::new(Code::InvalidSql, "the line end").at(&wide, Span::new(6, 8)),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn long_places_and_long_lines_are_cut() {
    let many: Vec<String> = (1..=40).map(|i| format!("line {i}")).collect();
    let many = file("many.sql", &(many.join("\n") + "\n"));
    let minified = format!("select {} bad {} worse\nend", "a,".repeat(3000), "表,".repeat(3000));
    let minified = file("minified.sql", &minified);
    let shown = text(&[
        Diagnostic::new(Code::InvalidSql, "forty lines").at(&many, Span::new(0, many.text().len())),
        Diagnostic::new(Code::InvalidSql, "one long line").at(&minified, at(&minified, "bad")).label(
            &minified,
            at(&minified, "worse"),
            "far away on the same line",
        ),
        Diagnostic::new(Code::InvalidSql, "all of it").at(&minified, Span::new(0, minified.text().len())),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn huge_lines_are_quick() {
    let huge = format!("select {} bad {}", "'x' ,".repeat(4_000_000), "1,".repeat(10_000_000));
    let huge = file("huge.sql", &huge);
    let begun = std::time::Instant::now();
    let shown = text(&[Diagnostic::new(Code::InvalidSql, "huge").at(&huge, at(&huge, "bad"))]);
    assert!(shown.len() < 2000);
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn secrets_are_hidden_everywhere() {
    let look = Look { masker: Masker::new(["hunter22"]), ..Look::plain() };
    let sql = file("hunter22.sql", "connect hunter22\n");
    let leaky = Diagnostic::new(Code::InvalidSql, "login with hunter22 failed")
        .at(&sql, at(&sql, "connect"))
        .label(&sql, Span::new(8, 16), "hunter22 here")
        .help("don't use hunter22");
    for format in [Format::Text, Format::Json, Format::Github] {
        let shown = shown(std::slice::from_ref(&leaky), format, &look);
        assert!(!shown.contains("hunter22") && shown.contains("*****"), "{shown}");
    }
}

#[test]
fn colours_only_where_wanted() {
    let look = Look { color: true, ..Look::plain() };
    assert!(shown(&three(), Format::Text, &look).contains("\x1b["));
    assert!(!text(&three()).contains('\x1b'));
}
