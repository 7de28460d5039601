//! Hostile input: any bytes, and sizes that break recursive or quadratic readers.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{IssueKind, Script, decode, read, statements, tokens};
use crate::words::{Dialect, Span};

fn check_span(text: &str, span: Span) {
    assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {}", text.len());
    assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
}

fn check(text: &str, dialect: Dialect) -> Script {
    let mut end = 0;
    for token in tokens(text, dialect) {
        check_span(text, token.span());
        assert!(token.span().start >= end);
        end = token.end();
    }
    let script = read(text, dialect);
    let mut end = 0;
    for batch in &script.batches {
        assert!(batch.span.start >= end);
        check_span(text, batch.span);
        let mut last = batch.span.start;
        for statement in &batch.statements {
            check_span(text, statement.span);
            assert!(statement.span.start >= last && statement.span.end <= batch.span.end);
            last = statement.span.end;
        }
        end = batch.span.end;
        let defined = batch.defines.iter().map(|d| &d.touches);
        for touches in defined.chain([&batch.touches]) {
            let lists = [
                &touches.reads,
                &touches.writes,
                &touches.drops,
                &touches.executes,
                &touches.functions,
                &touches.system,
                &touches.temps,
            ];
            for reference in lists.into_iter().flatten() {
                check_span(text, reference.span);
            }
        }
    }
    script.issues.iter().for_each(|i| check_span(text, i.span));
    script.directives.iter().for_each(|d| check_span(text, d.span));
    let all = statements(text, dialect).len();
    let read = script.statements().count();
    let cut = script.issues.iter().any(|i| i.kind == IssueKind::TooDense);
    assert!(if cut { read <= all } else { read == all }, "{read} of {all}");
    script
}

/// Pieces that mean something, so that random rows of them reach deep.
const PIECES: &[&str] = &[
    "select",
    "from",
    "insert",
    "into",
    "update",
    "delete",
    "merge",
    "using",
    "with",
    "a",
    "b.c",
    "[d]",
    "\"e\"",
    "as",
    "(",
    ")",
    ",",
    ";",
    ".",
    "'f'",
    "@g",
    "#h",
    "=",
    "\nGO\n",
    "go 5",
    "create",
    "alter",
    "drop",
    "table",
    "view",
    "procedure",
    "function",
    "trigger",
    "exec",
    "begin",
    "end",
    "if",
    "else",
    "while",
    "case",
    "when",
    "then",
    "set",
    "on",
    "join",
    "cross apply",
    "union all",
    "values",
    "output",
    "for system_time as of",
    "$$",
    "$x$",
    "'exec(''select 1 from t'')'",
    "exec('select * from x",
    "--",
    "/*",
    "*/",
    "\n",
    "-- goldsmith: reads q.r\n",
    "-- goldsmith: allow GS101 because x\n",
    "openquery(",
    "temp",
    "copy",
    "to",
    "ä",
    "\u{feff}",
    ":r x\n",
    "$(v)",
    "sp_rename",
    "sp_executesql N'select 1 from z'",
    "recursive",
    "not",
    "distinct",
    "language",
    "atomic",
    "do",
    "use",
    "truncate",
    "pivot",
    "describe",
    "index",
    "schema",
    "transfer",
    "synonym",
    "rename to",
    "switch to",
    "try",
    "catch",
];

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (text, _) = decode(&bytes);
        for dialect in Dialect::ALL {
            check(&text, dialect);
        }
    }

    #[test]
    fn any_row_of_words_is_read(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        let text = pieces.join(" ");
        for dialect in Dialect::ALL {
            check(&text, dialect);
        }
    }
}

#[test]
fn sizes_that_break_others() {
    let big = [
        ("parentheses", format!("select {}1{} from t", "(".repeat(100_000), ")".repeat(100_000))),
        ("open parentheses", "select * from (".repeat(100_000)),
        ("or", format!("select * from t where a = 1{}", " or a = 1".repeat(200_000))),
        ("brackets", "[".repeat(50_000)),
        ("spaced brackets", "[ ".repeat(50_000)),
        ("in list", format!("select * from t where a in (1{})", ",1".repeat(1_000_000))),
        ("comments", "/*".repeat(100_000)),
        (
            "ctes",
            format!("with a as (select 1){} select * from a", ", b as (select * from a)".repeat(50_000)),
        ),
        ("nested ctes", "with a(b) as (".repeat(100_000)),
        ("broken ctes", "with a(".repeat(100_000)),
        ("tables", format!("update x set a = 1 from t{}", ", dbo.t u".repeat(100_000))),
        ("begins", "begin ".repeat(100_000)),
        ("ifs", "if 1 = 1 ".repeat(100_000)),
        ("cases", format!("select {}", "case when 1 then ".repeat(100_000))),
        ("dots", format!("select a{}", ".a".repeat(200_000))),
        ("batches", "select * from t\nGO\n".repeat(50_000)),
        ("remote", "select * from openquery(".repeat(50_000)),
        ("strings", format!("exec({})", "'a'+".repeat(100_000))),
        ("procedures", "create procedure p as select * from t ".repeat(30_000)),
        ("functions", "create function f() returns int language ".repeat(30_000)),
        ("triggers", "create trigger t on ".repeat(30_000)),
        ("dollars", "$a$ $b$ ".repeat(50_000)),
        ("explain", "explain ".repeat(100_000)),
        ("prepare", "prepare a as ".repeat(100_000)),
        ("explained prepare", "explain prepare a as ".repeat(50_000)),
        ("describe", "describe select ".repeat(50_000)),
        ("atomic", "create procedure p begin atomic ".repeat(30_000)),
        ("directives", "-- goldsmith: reads a.b\n".repeat(50_000)),
        ("trailing directives", "select 1 -- goldsmith: allow GS101 because x\n".repeat(50_000)),
    ];
    for (name, text) in big {
        for dialect in Dialect::ALL {
            let start = Instant::now();
            check(&text, dialect);
            let took = start.elapsed();
            println!("{took:?} {name} in {dialect}");
            assert!(took < Duration::from_secs(8), "{name} in {dialect} took {took:?}");
        }
    }
}
