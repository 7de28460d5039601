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

/// Whatever it is given, it ends soon and says what it can't follow; columns in front are there.
#[test]
fn hostile_statements() {
    let many = 20_000;
    let doubling: String = (1..60).fold("WITH c0 AS (SELECT a, b FROM dbo.t)".to_owned(), |sql, n| {
        format!("{sql}, c{n} AS (SELECT l.*, r.* FROM c{m} l, c{m} r)", m = n - 1)
    });
    let nested =
        |open: &str, close: &str, deep: usize| format!("{}1{}", open.repeat(deep), close.repeat(deep));
    let hostile = [
        ("or", format!("SELECT x FROM dbo.t WHERE {} 1=1", "a=1 OR ".repeat(200_000))),
        (
            "or in a list",
            format!("SELECT CASE WHEN {} 1=1 THEN x END AS v FROM dbo.t", "a=1 OR ".repeat(9_000)),
        ),
        ("plus", format!("SELECT {} x AS v FROM dbo.t", "y + ".repeat(19_000))),
        ("in", format!("SELECT x FROM dbo.t WHERE y IN ({} 1)", "1,".repeat(1_000_000))),
        ("parentheses", format!("SELECT {} AS v FROM dbo.t", nested("(", ")", 100_000))),
        ("some parentheses", format!("SELECT {} AS v FROM dbo.t", nested("(", ")", 59))),
        ("from", format!("SELECT * FROM {}", nested("(SELECT * FROM ", ") x", 59))),
        ("brackets", "[".repeat(50_000)),
        ("joins", format!("SELECT * FROM dbo.t {}", "JOIN dbo.u ON 1=1 ".repeat(4_000))),
        ("unions", format!("SELECT x FROM dbo.t {}", "UNION ALL SELECT x FROM dbo.u ".repeat(4_000))),
        ("doubling", format!("{doubling} SELECT * FROM c59")),
        ("scalar", format!("SELECT {} AS v", nested("(SELECT MAX(x) + ", " FROM dbo.t)", 50))),
        ("case", format!("SELECT {} AS v FROM dbo.t", nested("CASE WHEN a = 1 THEN ", " END", 100_000))),
        ("case without end", format!("SELECT {} AS v FROM dbo.t", "CASE WHEN a THEN ".repeat(9_000))),
        ("not", format!("SELECT {} x AS v FROM dbo.t", "NOT ".repeat(19_000))),
        ("minus", format!("SELECT {} x AS v FROM dbo.t", "- ".repeat(19_000))),
        ("position", format!("SELECT {} AS v FROM dbo.t", nested("position(", " in x)", 58))),
        ("columns", format!("SELECT {} x FROM dbo.t, dbo.u", "y,".repeat(many - 10))),
        ("unclosed", "SELECT ('abc FROM dbo.t".to_owned()),
        ("casts", format!("SELECT x{} AS v FROM dbo.t", "::int".repeat(9_000))),
        ("dots", format!("SELECT a{} AS v FROM dbo.t", ".b".repeat(9_000))),
    ];
    for dialect in ["tsql", "duckdb", "postgres"] {
        for (name, sql) in &hostile {
            let started = std::time::Instant::now();
            let deps =
                deps(&format!("SELECT first FROM dbo.first;\n{sql};\nSELECT last FROM dbo.last"), dialect);
            let took = started.elapsed();
            assert!(took < std::time::Duration::from_secs(20), "{dialect} {name} took {took:?}");
            let told = told(&deps);
            assert!(told.starts_with("first <- dbo.first.first"), "{dialect} {name}: {told:.200}");
        }
    }
}

/// Statements without number that each ask for much: the script as a whole is bounded, too.
#[test]
fn a_script_of_hostile_statements() {
    let doubling: String = (1..20).fold("WITH c0 AS (SELECT a, b FROM dbo.t)".to_owned(), |sql, n| {
        format!("{sql}, c{n} AS (SELECT l.*, r.* FROM c{m} l, c{m} r)", m = n - 1)
    });
    let script = format!("{doubling} SELECT a FROM c19;\n").repeat(200);
    let started = std::time::Instant::now();
    let deps = deps(&script, "tsql");
    assert!(started.elapsed() < std::time::Duration::from_secs(90), "took {:?}", started.elapsed());
    assert!(told(&deps).contains("too many columns to follow"));
}

/// Words of SQL in any order, cut anywhere: nothing panics, every statement ends.
#[test]
fn any_row_of_words() {
    use goldsmith::lineage::{Known, read};
    use goldsmith::sql;
    use goldsmith::words::{Dialect, RelationName};
    use proptest::prelude::*;

    let word = prop::sample::select(vec![
        "select",
        "from",
        "where",
        "with",
        "c",
        "as",
        "(",
        ")",
        ",",
        "*",
        "t",
        ".",
        "a",
        "b",
        "=",
        "+",
        "union all",
        "join",
        "on",
        "using (a)",
        "natural join",
        "cross apply",
        "insert into",
        "update",
        "set",
        "merge into",
        "when matched then",
        "when not matched then",
        "values",
        "case",
        "when",
        "then",
        "end",
        "exists",
        "in",
        "over",
        "pivot",
        "unpivot",
        "for",
        "#t",
        "@v",
        "'s'",
        "1",
        "into",
        "create view v as",
        "create table x",
        ";",
        "go\n",
        "exec",
        "declare @v table",
        "option (recompile)",
        "top 1",
        "with (nolock)",
        "nolock",
        "group by",
        "order by",
        "lateral",
        "unnest",
        "position(",
        "$(db)",
        "[",
        "]",
        "\"",
        "\u{e4}",
        "\u{18d}",
        "::",
        "by name",
        "recursive",
        "for xml path('')",
        "xmlnamespaces",
        "values (1)",
        "exclude (a)",
        "replace (a as b)",
        "use",
        "return",
    ]);
    let row = prop::collection::vec(word, 1..60);
    let cases = ProptestConfig { cases: 400, ..ProptestConfig::default() };
    proptest!(cases, |(words in row, dialect in prop::sample::select(vec![Dialect::TSql, Dialect::DuckDb, Dialect::Postgres]))| {
        let text = words.join(" ");
        let script = sql::read(&text, dialect);
        let names = |name: &RelationName| name.resolved("d", "s");
        let lineage = read(&text, &script, dialect, &names, &mut Known::new());
        for unread in &lineage.unread {
            prop_assert!(!unread.why.contains("an error of goldsmith's own") && !unread.why.contains("parser failed"), "{text}");
            prop_assert!(unread.span.start <= text.len());
        }
    });
}

const TWO_PROJECTS: [(&str, &str); 7] = [
    ("projects/crm/project.yml", "name: crm\ndatabase: crm_dwh\n"),
    (
        "projects/crm/bronze/loads.yml",
        "version: 2\nloads:\n  - name: people\n    from: { file: \"data/people.csv\", delimiter: \";\" }\n",
    ),
    ("projects/crm/data/people.csv", "Id;Name;\"Born on\"\n1;Ada;1815-12-10\n"),
    (
        "projects/crm/silver/person.sql",
        "{{ config(materialized='table') }}\n{% set n = 'name' %}\nselect p.*, upper({{ n }}) as loud\nfrom {{ source('crm', 'people') }} as p\n",
    ),
    ("projects/fin/project.yml", "name: fin\ndatabase: fin_dwh\n"),
    (
        "projects/fin/bronze/loads.yml",
        "version: 2\nloads:\n  - name: person\n    from: { project: crm, relation: silver.person }\n",
    ),
    (
        "projects/fin/gold/financial/report.sql",
        "CREATE OR REPLACE TABLE fin.report AS\nSELECT * FROM raw.person;\n",
    ),
];

#[test]
fn a_model_is_rendered_and_its_columns_are_known_to_others() {
    let platform = common::Platform::new(&TWO_PROJECTS);
    let deps = platform.ok_json(&["deps", "projects/crm/silver/person.sql", "--columns", "--format", "json"]);
    let batch = &deps["files"][0]["batches"][0];
    assert_eq!(batch["reads"][0]["name"], "crm_dwh.raw.people");
    assert_eq!(batch["reads"][0]["line"], 4);
    let expected = "crm_dwh.silver.person.id <- crm_dwh.raw.people.id\n\
                    crm_dwh.silver.person.name <- crm_dwh.raw.people.name\n\
                    crm_dwh.silver.person.born on <- crm_dwh.raw.people.born on\n\
                    crm_dwh.silver.person.loud <- crm_dwh.raw.people.name computed\n";
    assert_eq!(told(&deps), expected);
    assert_eq!(batch["columns"][3]["line"], 3, "the line of the template");
    let deps = platform.ok_json(&["deps", "projects/fin/gold/financial", "--columns", "--format", "json"]);
    let expected = "fin.report.id <- raw.person.id\nfin.report.name <- raw.person.name\n\
                    fin.report.born on <- raw.person.born on\nfin.report.loud <- raw.person.loud\n";
    assert_eq!(told(&deps), expected);
}

#[test]
fn without_columns_a_model_is_rendered_too_and_nothing_is_added() {
    let platform = common::Platform::new(&TWO_PROJECTS);
    let deps = platform.ok_json(&["deps", "projects/crm/silver/person.sql", "--format", "json"]);
    let batch = &deps["files"][0]["batches"][0];
    assert_eq!(batch["reads"][0]["name"], "crm_dwh.raw.people");
    assert!(batch.get("columns").is_none());
    assert!(batch.get("not_followed").is_none());
}

#[test]
fn show_tells_the_columns_of_a_node() {
    let platform = common::Platform::new(&TWO_PROJECTS);
    let shown = platform.ok_json(&["show", "fin.person", "--format", "json"]);
    let loud = &shown["columns"][3];
    assert_eq!(loud["column"], "loud");
    assert_eq!(loud["from"][0]["relation"], "crm_dwh.silver.person");
    assert_eq!(loud["how"], "copied");
    let text = platform.ok(&["show", "report"]).stdout;
    assert!(text.contains("fin_dwh.fin.report.loud <- fin_dwh.raw.person.loud"), "{text}");
}

#[test]
fn text_tells_what_cannot_be_followed_where_it_stands() {
    let platform = common::Platform::new(&[(
        "a.sql",
        "SELECT x FROM dbo.a, dbo.b\nGO\nSELECT FROM WHERE\nGO\nINSERT u SELECT z y FROM t\n",
    )]);
    let text = platform.ok(&["deps", "a.sql", "--columns", "--dialect", "tsql"]).stdout;
    for line in [
        "x <- x of dbo.a or dbo.b? (1)",
        "not followed: can't be parsed at `WHERE` (3:13)",
        "u.1 (as y) <- t.z (5)",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

/// A table may be made, a view or a procedure be defined, in a file that comes later.
#[test]
fn files_know_of_each_other() {
    let platform = common::Platform::new(&[
        ("sql/a.sql", "INSERT dbo.t EXEC dbo.p\nGO\nSELECT * FROM dbo.v"),
        ("sql/b.sql", "CREATE PROC dbo.p AS SELECT x, y FROM dbo.src"),
        ("sql/c.sql", "CREATE TABLE dbo.t (a int, b int)\nGO\nCREATE VIEW dbo.v AS SELECT b AS k FROM dbo.t"),
    ]);
    let deps = platform.ok_json(&["deps", "sql", "--columns", "--format", "json", "--dialect", "tsql"]);
    assert_eq!(told(&deps), "dbo.t.a <- dbo.src.x\ndbo.t.b <- dbo.src.y\nk <- dbo.t.b\n");
}
