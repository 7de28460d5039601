//! Texts that break readers: deep, wide, long, unclosed, or no text at all. Shared with the tests,
//! which take them small.

/// A piece `n` times.
fn times(piece: &str, n: usize) -> String {
    piece.repeat(n)
}

/// Bytes that look like nothing, the same on every machine.
fn noise(n: usize) -> Vec<u8> {
    let mut state = 42_u64;
    let mut bytes = Vec::with_capacity(n);
    while bytes.len() < n {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&state.to_le_bytes()[4..]);
    }
    bytes
}

/// The texts by name, in full size for a `share` of 1, and smaller by that factor otherwise.
pub fn texts(share: usize) -> Vec<(&'static str, Vec<u8>)> {
    let n = |full: usize| (full / share).max(1);
    let mut texts: Vec<(&'static str, Vec<u8>)> = deep(&n);
    texts.extend(wide(&n));
    texts.extend(many(&n));
    texts.extend(endless(&n));
    texts
}

fn deep(n: &dyn Fn(usize) -> usize) -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, n: usize, middle: &str, close: &str| {
        format!("{}{middle}{}", times(open, n), times(close, n)).into_bytes()
    };
    vec![
        ("100k nested parentheses", nested("(", n(100_000), "1", ")")),
        ("100k nested subqueries", nested("select * from (", n(100_000), "select 1 from t", ") a ")),
        ("50k open brackets", times("[", n(50_000)).into_bytes()),
        ("50k spaced brackets", times("[ ", n(50_000)).into_bytes()),
        ("100k open subqueries", times("select * from (", n(100_000)).into_bytes()),
        ("100k nested CTEs", times("with a(b) as (", n(100_000)).into_bytes()),
        ("100k broken CTEs", times("with a(", n(100_000)).into_bytes()),
        ("100k nested CASE", nested("case when 1 then ", n(100_000), "1", " end")),
        ("100k nested BEGIN", nested("begin ", n(100_000), "delete t", " end")),
        ("100k open BEGIN TRY", times("begin try ", n(100_000)).into_bytes()),
        ("100k nested IF", times("if 1 = 1 ", n(100_000)).into_bytes()),
        ("100k nested comments", nested("/*", n(100_000), "x", "*/")),
        ("100k PREPARE", times("prepare a as ", n(100_000)).into_bytes()),
        ("100k EXPLAIN", times("explain ", n(100_000)).into_bytes()),
        ("30k BEGIN ATOMIC", times("create procedure p begin atomic ", n(30_000)).into_bytes()),
        ("50k function calls", times("f(a,", n(50_000)).into_bytes()),
    ]
}

fn wide(n: &dyn Fn(usize) -> usize) -> Vec<(&'static str, Vec<u8>)> {
    let ctes: Vec<String> =
        (1..n(100_000)).map(|i| format!(", c{i} as (select * from c{})", i - 1)).collect();
    let ctes = ctes.concat();
    vec![
        (
            "200k OR terms",
            format!("select * from t where a = 1{}", times(" or a = 1", n(200_000))).into_bytes(),
        ),
        (
            "1M-element IN list",
            format!("select * from t where a in (1{})", times(",1", n(1_000_000))).into_bytes(),
        ),
        ("100k CTEs", format!("with c0 as (select 1){ctes} select * from c0").into_bytes()),
        ("100k tables", format!("update x set a = 1 from t{}", times(", dbo.t u", n(100_000))).into_bytes()),
        ("200k dots", format!("select a{} from t", times(".a", n(200_000))).into_bytes()),
        ("100k strings", format!("exec({}'')", times("'a'+", n(100_000))).into_bytes()),
        ("100k quotes in a string", format!("exec('{}')", times("''", n(100_000))).into_bytes()),
    ]
}

fn many(n: &dyn Fn(usize) -> usize) -> Vec<(&'static str, Vec<u8>)> {
    let inserts: Vec<String> = (0..n(700_000))
        .map(|i| format!("INSERT INTO dbo.t{} (a, b, c) VALUES ({i}, 'some text', GETDATE());\r\n", i % 100))
        .collect();
    vec![
        ("1M GO", times("GO\n", n(1_000_000)).into_bytes()),
        ("1M batches", times("select 1\nGO\n", n(1_000_000)).into_bytes()),
        ("50 MB of inserts", inserts.concat().into_bytes()),
        ("50 MB in one line", format!("select {} 1 from t", times("a.b, ", n(10_000_000))).into_bytes()),
        ("10M semicolons", times(";", n(10_000_000)).into_bytes()),
        ("5M statements", times("a;", n(5_000_000)).into_bytes()),
        ("2M EXEC", times("exec a ", n(2_000_000)).into_bytes()),
        ("500k procedures", times("create proc a as ", n(500_000)).into_bytes()),
        ("500k directives", times("-- goldsmith: reads a\n", n(500_000)).into_bytes()),
        (
            "500k directives behind code",
            times("a --goldsmith: allow GS101 because x\n", n(500_000)).into_bytes(),
        ),
        ("500k texts in strings", times("exec('select 1 from t') ", n(500_000)).into_bytes()),
        ("200k dollar tags", (0..n(200_000)).flat_map(|i| format!("$a{i}$ ").into_bytes()).collect()),
        ("100k remote queries", times("select * from openquery(", n(100_000)).into_bytes()),
        ("100k triggers", times("create trigger t on ", n(100_000)).into_bytes()),
        ("100k functions", times("create function f() returns int language ", n(100_000)).into_bytes()),
    ]
}

fn endless(n: &dyn Fn(usize) -> usize) -> Vec<(&'static str, Vec<u8>)> {
    let filler = times("select a from b ", n(500_000));
    let unclosed = |open: &str| format!("select 1 from t {open} {filler}").into_bytes();
    let utf16 = |bytes: Vec<u8>| [b"\xFF\xFE".to_vec(), bytes].concat();
    vec![
        ("an unclosed string", unclosed("'")),
        ("an unclosed name", unclosed("[")),
        ("an unclosed quoted name", unclosed("\"")),
        ("an unclosed comment", unclosed("/*")),
        ("an unclosed dollar quote", unclosed("$$")),
        ("an unclosed parenthesis", unclosed("(")),
        ("zero bytes", vec![0; n(10_000_000)]),
        ("noise", noise(n(10_000_000))),
        ("noise as UTF-16", utf16(noise(n(10_000_000)))),
        ("UTF-16 broken off", utf16("select 1 from t;".bytes().flat_map(|b| [b, 0]).chain([b'x']).collect())),
        ("empty lines", times("\r\n", n(10_000_000)).into_bytes()),
        ("one wide line", format!("select 'ä' x{}", times(", a.b from c", n(1_000_000))).into_bytes()),
        ("nothing", Vec::new()),
    ]
}
