//! The constructs that the reader promises to know, each with cases of its own in `fixtures/sql`.
//! A row: how often real warehouse scripts hold it (percent of files, where that was measured),
//! what it is, a piece of SQL that its cases must hold, and the names of those cases.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::words::Dialect;

type Row = (&'static str, &'static str, &'static str, &'static [&'static str]);

const TSQL: &[Row] = &[
    ("80", "bracketed names", "[", &["bracketed three-part name", "closing bracket in a name"]),
    ("46", "procedures", "proc", &["procedure", "create or alter procedure"]),
    ("31", "three-part names", ".dbo.", &["update of a database elsewhere"]),
    ("28", "EXEC", "exec", &["exec", "variable as procedure"]),
    ("27", "INSERT..SELECT", "insert", &["insert select", "insert from union", "insert with cte"]),
    ("23", "views", "view", &["view", "view with cte", "alter view", "drop tables and views"]),
    ("19", "#temp", "#", &["insert into a temp table", "update temp by alias", "select into temp"]),
    ("17", "INSERT without INTO", "insert dbo.", &["insert without into", "insert values, then select"]),
    ("17", "TRY/CATCH", "begin try", &["try catch"]),
    ("16", "DECLARE @x =", "declare @", &["declare with defaults and cte", "assignment and subquery"]),
    ("15", "SELECT INTO", "into", &["select into", "select into behind within group"]),
    ("13", "IF OBJECT_ID .. DROP", "object_id", &["if object_id then drop", "if exists of all kinds"]),
    ("12", "CTE", "with", &["cte", "recursive cte", "cte ends with its statement", "insert with cte"]),
    ("12", "IF EXISTS(SELECT", "exists", &["if exists of all kinds", "if not exists insert"]),
    ("11", "alias = expr", "x = ", &["alias = expression"]),
    ("10", "table variables", "@t", &["table variables", "insert into a table variable"]),
    ("9", "USE db", "use ", &["use", "use of several databases"]),
    ("9", "four-part names", "srv.db.dbo.", &["four-part name"]),
    ("8", "dynamic SQL", "exec", &["dynamic", "dynamic concatenation with a variable"]),
    ("8", "UPDATE alias FROM", "update", &["update by alias", "update by bracketed alias"]),
    ("8", "table functions in FROM", "apply", &["apply with functions", "apply with everything"]),
    ("8", "'string' alias", "'from'", &["string aliases", "string aliases behind expressions"]),
    ("7", "names with spaces", "[", &["names with spaces", "bracketed three-part name"]),
    ("7", "WHILE", "while", &["while", "cursor"]),
    ("6", "INSERT..EXEC", "exec", &["insert exec", "insert exec of text", "insert exec in all its forms"]),
    ("6", "NOLOCK", "nolock", &["hints with and without WITH", "update by alias after an old hint"]),
    ("6", "OUTPUT INTO", "output", &["output into", "update with output into", "merge"]),
    ("5", "DELETE without FROM", "delete dbo.", &["delete without from"]),
    ("5", "MERGE", "merge", &["merge", "merge using a query", "merge through a cte"]),
    ("5", "TRUNCATE", "truncate", &["truncate"]),
    ("4", "sqlcmd $(var)", "$(", &["sqlcmd", "sqlcmd variable in a name"]),
    ("4", "\"quoted\" names", "\"", &["quoted names", "quoted table behind every join"]),
    ("2", "db..t", "..", &["db..t", "use of several databases"]),
    ("2", "##temp", "##", &["global temporary tables", "create temp table"]),
    ("2", "OPENJSON", "openjson", &["openjson and string_split", "apply with everything"]),
    ("2", "FOR XML", "for xml", &["for xml in a subquery", "for xml deep inside"]),
    ("2", "OPTION", "option (", &["option after a table", "option behind everything"]),
    ("1.5", "APPLY", "apply", &["apply with functions", "cross apply values"]),
    ("<1", "cursors", "cursor", &["cursor", "cursor with cte and for update", "cursor variable"]),
    ("<1", "PIVOT", "pivot", &["pivot", "unpivot of a table", "pivot over a cte with hints"]),
    ("<1", "temporal tables", "system_time", &["system time", "temporal tables"]),
    ("<1", "DELETE alias", "delete", &["delete alias", "delete from alias from"]),
    ("<1", "OPENQUERY", "openquery", &["openquery", "openquery and its kin in every place"]),
    ("<1", "sp_rename", "sp_rename", &["sp_rename of a table", "sp_rename in all its forms"]),
    ("", "GO", "go", &["batches", "go in odd places", "go with a comment that follows"]),
    ("", "keywords as names", "select", &["unquoted keywords as names", "keywords as aliases"]),
    ("", "comments inside names", "/*", &["comment inside a name", "comments between every word"]),
    (
        "",
        "aliases that shadow tables",
        "from",
        &["alias that shadows a table", "update alias that shadows a table"],
    ),
    (
        "",
        "nested CTEs that reuse a name",
        "with",
        &["nested ctes reusing a name", "ctes that reuse a name in several statements"],
    ),
    ("", "UPDATE TOP (1) x", "update top (", &["update top", "update top without a schema"]),
    ("", "OPTION (RECOMPILE) after a table", "option (recompile)", &["option after a table"]),
    ("", "MERGE .. USING (SELECT ..)", "using (select", &["merge using a query"]),
    (
        "",
        "SET STATISTICS TIME ON DELETE ..",
        "set statistics time",
        &["set statistics before delete", "set statements run into the next"],
    ),
    ("", "FOR XML in subqueries", "(select", &["for xml in a subquery"]),
    (
        "",
        "EXEC('literal')",
        "exec",
        &["literal text", "text within text", "exec of text with quotes and databases"],
    ),
    ("", "sqlcmd :r", ":r ", &["sqlcmd", "sqlcmd commands"]),
    (
        "",
        "CREATE PROC without parentheses",
        "create proc ",
        &["create proc without parentheses or semicolons"],
    ),
    ("", "triggers", "create trigger", &["trigger", "instead of trigger", "database trigger"]),
    ("", "synonyms", "create synonym", &["synonym", "synonyms"]),
    (
        "",
        "functions",
        "create function",
        &["scalar function", "inline table function", "multi-statement table function"],
    ),
    ("", "directives", "goldsmith:", &["directives", "directives within a procedure"]),
];

const DUCKDB: &[Row] = &[
    ("", "FROM-first queries", "from", &["from first", "bare from", "from first in a union"]),
    (
        "",
        "CREATE TABLE AS",
        "create",
        &["create or replace table as", "create table as from", "create table as"],
    ),
    (
        "",
        "INSERT .. ON CONFLICT",
        "on conflict",
        &["insert on conflict", "insert on conflict in all its forms"],
    ),
    ("", "COPY", "copy", &["copy to", "copy query to", "copy from", "copy in all its forms"]),
    ("", "ATTACH", "attach", &["attach", "attach and detach"]),
    (
        "",
        "table functions on files",
        "read_",
        &["table functions", "list of files", "table functions on files"],
    ),
    ("", "files as tables", "'", &["files in quotes", "from first of files"]),
    ("", "dollar quotes", "$$", &["dollar quotes", "dollar quotes hold no sql"]),
    ("", "macros", "macro", &["scalar macro", "table macro"]),
    ("", "PIVOT", "pivot", &["pivot statement", "unpivot statement", "pivots of everything"]),
    ("", "MERGE", "merge", &["merge"]),
    ("", "temporary tables", "temp", &["temp table", "temp view"]),
];

const POSTGRES: &[Row] = &[
    (
        "",
        "dollar quotes",
        "$",
        &["function in plpgsql", "dollar quotes within dollar quotes", "tags that look like ends"],
    ),
    ("", "COPY", "copy", &["copy", "copy in all its forms", "psql commands in the middle"]),
    (
        "",
        "INSERT .. ON CONFLICT",
        "on conflict",
        &["insert on conflict", "insert on conflict in all its forms"],
    ),
    ("", "CREATE TABLE AS", "create", &["create table as", "create table as in all its forms"]),
    (
        "",
        "data-modifying CTEs",
        "returning",
        &["data-modifying cte", "data-modifying ctes that feed each other"],
    ),
    (
        "",
        "procedural bodies",
        "plpgsql",
        &["function in plpgsql", "plpgsql with everything", "dynamic in plpgsql"],
    ),
    ("", "BEGIN ATOMIC", "begin atomic", &["begin atomic"]),
    ("", "DO", "do $$", &["do block"]),
    ("", "triggers", "create trigger", &["trigger"]),
    ("", "materialized views", "materialized", &["materialized view", "views of all kinds"]),
    ("", "functions in FROM", "from", &["lateral and functions in from", "functions in from"]),
    ("", "SELECT INTO", "into", &["select into"]),
    ("", "MERGE", "merge", &["merge", "merge with everything"]),
];

/// The SQL of each case of a dialect, in lower case, by the case's name.
fn cases(dialect: Dialect, faults: &mut String) -> HashMap<String, String> {
    let folder = format!("{}/fixtures/sql/{dialect}", env!("CARGO_MANIFEST_DIR"));
    let mut cases = HashMap::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let text = fs_err::read_to_string(entry.unwrap().path()).unwrap();
        for case in text.split("\n=== ").skip(1) {
            let (name, rest) = case.split_once('\n').unwrap();
            let (sql, _) = rest.split_once("\n---").unwrap();
            if cases.insert(name.to_owned(), sql.to_lowercase()).is_some() {
                writeln!(faults, "{dialect}: two cases are named {name}").unwrap();
            }
        }
    }
    cases
}

#[test]
fn every_construct_has_its_cases() {
    let mut faults = String::new();
    for (dialect, rows) in [(Dialect::TSql, TSQL), (Dialect::DuckDb, DUCKDB), (Dialect::Postgres, POSTGRES)] {
        let cases = cases(dialect, &mut faults);
        let mut constructs = HashSet::new();
        for (_, construct, piece, names) in rows {
            assert!(constructs.insert(construct) && !names.is_empty(), "{construct}");
            for name in *names {
                match cases.get(*name) {
                    None => writeln!(faults, "{dialect}, {construct}: no case is named {name}").unwrap(),
                    Some(sql) if !sql.contains(piece) => {
                        writeln!(faults, "{dialect}, {construct}: `{piece}` is not in {name}").unwrap();
                    }
                    Some(_) => {}
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
