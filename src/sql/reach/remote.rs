//! Where SQL reaches another server, or a file that lies on one.

use super::literal::Literal;
use super::names::names;
use super::{Piece, ServerUse, Shape};
use crate::sql::keyword::Keyword as K;
use crate::sql::lexer::lex;
use crate::sql::name::{Name, string_value, unquote};
use crate::sql::token::{Kind, Token};
use crate::words::{Dialect, Span};

/// Functions that reach another server or database file, by dialect.
const TSQL: [&str; 3] = ["openquery", "openrowset", "opendatasource"];
const DUCKDB: [&str; 15] = [
    "postgres_scan",
    "postgres_scan_pushdown",
    "postgres_query",
    "postgres_execute",
    "postgres_attach",
    "mysql_scan",
    "mysql_query",
    "mysql_execute",
    "mysql_attach",
    "sqlite_scan",
    "sqlite_query",
    "sqlite_attach",
    "odbc_scan",
    "odbc_query",
    "read_duckdb",
];

/// What a path begins with that leads to another machine.
const SCHEMES: [&str; 20] = [
    "http://",
    "https://",
    "s3://",
    "s3a://",
    "s3n://",
    "gs://",
    "gcs://",
    "r2://",
    "az://",
    "azure://",
    "abfs://",
    "abfss://",
    "hf://",
    "ftp://",
    "sftp://",
    "hdfs://",
    "postgres:",
    "postgresql:",
    "mysql:",
    "md:",
];

/// Types of databases that ATTACH reaches on other servers, or in files of other programs.
const TYPES: [&str; 8] =
    ["postgres", "mysql", "sqlite", "odbc", "mssql", "iceberg", "ducklake", "motherduck"];

/// The databases that ATTACH gives another name: the name, and the file's without its ending.
pub(in crate::sql) fn attached(text: &str, tokens: &[Token]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for at in (0..tokens.len()).filter(|at| tokens[*at].is(K::Attach)) {
        let path = (at + 1..tokens.len().min(at + 6)).find(|i| tokens[*i].kind == Kind::String);
        let Some(path) = path.filter(|p| tokens.get(p + 1).is_some_and(|t| t.is(K::As))) else { continue };
        let Some(alias) = tokens.get(path + 2).filter(|t| t.is_name()) else { continue };
        let value = string_value(tokens[path].text(text)).0;
        let file = value.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        found.push((unquote(alias.text(text)).to_lowercase(), stem.to_lowercase()));
    }
    found
}

/// All places in a text, in its order.
pub(super) fn servers(text: &str, tokens: &[Token], dialect: Dialect) -> Vec<ServerUse> {
    let piece = Piece { text, tokens, dialect, procedural: false };
    (0..tokens.len()).filter_map(|at| server(&piece, at)).collect()
}

fn server(piece: &Piece, at: usize) -> Option<ServerUse> {
    let token = piece.tokens[at];
    let opens = piece.kind(at + 1) == Some(Kind::Open);
    if !matches!(token.kind, Kind::Word | Kind::String) {
        return None;
    }
    let says = |word: &str| token.text(piece.text).eq_ignore_ascii_case(word);
    let any = |words: &[&str]| words.iter().any(|w| says(w));
    let lower = || token.text(piece.text).to_ascii_lowercase();
    match (piece.dialect, token.kind) {
        (Dialect::TSql, Kind::Word) if opens && any(&TSQL) => tsql(piece, at),
        (Dialect::TSql, Kind::Word) if matches!(token.keyword, Some(K::Exec | K::Execute)) && opens => {
            exec_at(piece, at)
        }
        (Dialect::TSql, Kind::Word) if says("sp_addlinkedserver") => used(piece, at, None),
        (Dialect::DuckDb, Kind::Word) if opens && any(&DUCKDB) => called(piece, at, &lower()),
        (Dialect::DuckDb, Kind::Word) if token.is(K::Attach) => attach(piece, at),
        (Dialect::DuckDb, Kind::String) if is_remote(piece, token) && is_file(piece, at) => {
            let path = string_value(token.text(piece.text)).0;
            let server = origin(&path).to_owned();
            Some(ServerUse { what: format!("`{server}`"), server, span: token.span(), names: Vec::new() })
        }
        (Dialect::Postgres, Kind::Word) if opens && lower().starts_with("dblink") => {
            called(piece, at, &lower())
        }
        (Dialect::Postgres, Kind::Word)
            if lower() == "foreign" || lower() == "server" || lower() == "subscription" =>
        {
            foreign(piece, at)
        }
        (Dialect::Postgres, Kind::Word) if says("program") && at > 0 => {
            let copies = matches!(piece.tokens[at - 1].keyword, Some(K::From | K::To));
            if copies { used(piece, at, Some("COPY .. PROGRAM")) } else { None }
        }
        (Dialect::TSql, Kind::Word)
            if lower() == "external" && at > 0 && piece.tokens[at - 1].is(K::Create) =>
        {
            let data = piece.says(at + 1, "data") || piece.says(at + 1, "table");
            if data { used(piece, at, Some("an external data source")) } else { None }
        }
        _ => None,
    }
}

/// OPENQUERY and its kin. A bulk read of a file of one's own is no other server.
fn tsql(piece: &Piece, at: usize) -> Option<ServerUse> {
    if piece.tokens.get(at + 2).is_some_and(|t| t.is(K::Bulk)) {
        let path = piece.tokens.get(at + 3).filter(|t| t.kind == Kind::String && is_remote(piece, **t));
        path?;
    }
    called(piece, at, &piece.tokens[at].text(piece.text).to_ascii_uppercase())
}

fn used(piece: &Piece, at: usize, what: Option<&str>) -> Option<ServerUse> {
    let token = piece.tokens.get(at)?;
    let what = what.map_or_else(|| token.text(piece.text).to_ascii_lowercase(), str::to_owned);
    Some(ServerUse { server: what.clone(), what, span: token.span(), names: Vec::new() })
}

/// A function with the text that it sends: the last string in its parentheses.
fn called(piece: &Piece, at: usize, what: &str) -> Option<ServerUse> {
    let span = piece.tokens.get(at)?.span();
    // OPENQUERY's first argument is the server's name.
    let server = piece.tokens.get(at + 2).filter(|t| t.is_name() && what == "OPENQUERY");
    let server = server.map_or(what.to_owned(), |t| unquote(t.text(piece.text)).to_lowercase());
    Some(ServerUse { what: what.to_owned(), server, span, names: sent(piece, at + 1) })
}

/// `EXEC ('..') AT server`.
fn exec_at(piece: &Piece, at: usize) -> Option<ServerUse> {
    let close = closing(piece, at + 1)?;
    if !piece.tokens.get(close + 1)?.is(K::At) {
        return None;
    }
    let name = Name::at(piece.tokens, close + 2)?;
    let server = unquote(name.last(piece.tokens).text(piece.text)).into_owned();
    let span = piece.tokens[at].span();
    let what = format!("EXEC .. AT {server}");
    Some(ServerUse { what, server: server.to_lowercase(), span, names: sent(piece, at + 1) })
}

/// The names in the strings between the parentheses at `open`, in the order of the text.
fn sent(piece: &Piece, open: usize) -> Vec<String> {
    let close = closing(piece, open).unwrap_or(open);
    let mut found: Vec<String> = Vec::new();
    for token in piece.tokens[open..close].iter().filter(|t| matches!(t.kind, Kind::String | Kind::Dollar)) {
        let mut literal = Literal::default();
        literal.push(piece.text, *token);
        let tokens = lex(&literal.value, piece.dialect).tokens;
        let within =
            Piece { text: &literal.value, tokens: &tokens, dialect: piece.dialect, procedural: false };
        let named = names(&within).into_iter();
        let named = named
            .filter(|n| n.shape == Shape::Relation || n.shape == Shape::Alone && after_from(&within, n.span));
        for name in named.map(|n| n.name.to_string()) {
            if !found.contains(&name) && found.len() < 5 {
                found.push(name);
            }
        }
    }
    found
}

/// Whether FROM or JOIN stands before a place.
fn after_from(piece: &Piece, span: Span) -> bool {
    let at = piece.tokens.partition_point(|t| (t.start as usize) < span.start);
    at > 0 && matches!(piece.tokens[at - 1].keyword, Some(K::From | K::Join))
}

/// The parenthesis that closes the one at `open`; looking ahead has a bound.
fn closing(piece: &Piece, open: usize) -> Option<usize> {
    const BOUND: usize = 256;
    let mut depth = 0_usize;
    for at in open..piece.tokens.len().min(open + BOUND) {
        match piece.tokens[at].kind {
            Kind::Open => depth += 1,
            Kind::Close if depth <= 1 => return Some(at),
            Kind::Close => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `ATTACH '..' (TYPE postgres)`, `ATTACH 'postgres:..'`.
fn attach(piece: &Piece, at: usize) -> Option<ServerUse> {
    let end = (at..piece.tokens.len().min(at + 60)).find(|i| piece.tokens[*i].kind == Kind::Semicolon);
    let end = end.unwrap_or(piece.tokens.len().min(at + 60));
    let typed = (at..end).any(|i| {
        let next =
            piece.tokens.get(i + 1).map(|t| t.text(piece.text).trim_matches('\'').to_ascii_lowercase());
        piece.says(i, "type") && next.is_some_and(|t| TYPES.contains(&t.as_str()))
    });
    let path = (at + 1..end).find(|i| piece.tokens[*i].kind == Kind::String)?;
    let value = string_value(piece.tokens[path].text(piece.text)).0.to_ascii_lowercase();
    let prefixed = ["sqlite:", "ducklake:", "odbc:", "iceberg:"].iter().any(|p| value.starts_with(p));
    if typed || prefixed || is_remote(piece, piece.tokens[path]) {
        return used(piece, at, Some("ATTACH"));
    }
    None
}

/// `CREATE SERVER`, `CREATE FOREIGN TABLE`, `IMPORT FOREIGN SCHEMA`, `CREATE SUBSCRIPTION`.
fn foreign(piece: &Piece, at: usize) -> Option<ServerUse> {
    let before = at.checked_sub(1).and_then(|i| piece.tokens.get(i))?;
    let makes = before.is(K::Create) || before.is(K::Import);
    if !makes {
        return None;
    }
    let mut words = [before.text(piece.text), piece.tokens[at].text(piece.text)].join(" ");
    if piece.says(at, "foreign") {
        let object = piece.tokens.get(at + 1).filter(|t| t.is(K::Table) || t.is(K::Schema))?;
        words = [&words, object.text(piece.text)].join(" ");
    }
    used(piece, at, Some(&words.to_ascii_uppercase()))
}

fn is_remote(piece: &Piece, token: Token) -> bool {
    let value = string_value(token.text(piece.text)).0.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| value.starts_with(scheme))
}

/// The part of a path that says where it leads, without what may be secret behind it.
fn origin(path: &str) -> &str {
    let start = path.find("://").map_or(0, |at| at + 3);
    let end = path[start..].find(['/', '?', ' ']).map_or(path.len(), |at| start + at);
    let host = path[start..end].rfind('@').map_or(start, |at| start + at + 1);
    if host == start { &path[..end] } else { &path[host..end] }
}

/// Whether the string at `at` stands where a file does: behind FROM, TO, or in a reading function.
fn is_file(piece: &Piece, at: usize) -> bool {
    let mut before = at;
    while before > 0
        && matches!(piece.tokens[before - 1].kind, Kind::Open | Kind::Comma | Kind::String)
        && at - before < 200
    {
        before -= 1;
    }
    let Some(token) = before.checked_sub(1).and_then(|i| piece.tokens.get(i)) else { return false };
    let text = token.text(piece.text).to_ascii_lowercase();
    if before == at {
        return matches!(token.keyword, Some(K::From | K::Join | K::To));
    }
    text.starts_with("read_") || text.ends_with("_scan") || matches!(text.as_str(), "glob" | "sniff_csv")
}
