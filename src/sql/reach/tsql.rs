//! What T-SQL runs as text, and what it puts into variables, temporary tables and cursors.

use std::collections::HashMap;
use std::ops::Range;

use super::Piece;
use super::flow::{Facts, Handed, Source};
use crate::sql::keyword::Keyword as K;
use crate::sql::name::{Name, unquote};
use crate::sql::token::Kind;

/// Procedures that run a text: how many of their arguments, from the first, are such.
const RUNNERS: [(&str, usize); 13] = [
    ("sp_executesql", 1),
    ("sp_prepexec", 3),
    ("sp_prepare", 3),
    ("sp_cursoropen", 2),
    ("sp_cursorprepexec", 4),
    ("sp_msforeachdb", 9),
    ("sp_msforeachtable", 9),
    ("sp_send_dbmail", 99),
    ("sp_add_jobstep", 99),
    ("sp_update_jobstep", 99),
    ("sp_execute_external_script", 99),
    ("sp_describe_first_result_set", 1),
    ("xp_cmdshell", 1),
];

/// Takes up one statement.
pub(super) fn facts(
    piece: &Piece,
    statement: Range<usize>,
    closers: &HashMap<usize, usize>,
    facts: &mut Facts,
) {
    let word = |at: usize| piece.tokens.get(at).and_then(|t| t.keyword);
    runner(piece, statement.start, statement.end, facts);
    let mut at = statement.start;
    while at < statement.end {
        at += 1;
        if matches!(word(at - 1), Some(K::Exec | K::Execute)) {
            at = exec(piece, at, statement.end, closers, facts);
        }
    }
    match word(statement.start) {
        Some(K::Set | K::Select | K::Update | K::With) => assigned(piece, &statement, facts),
        Some(K::Create | K::Alter) => parameters(piece, &statement, facts),
        Some(K::Declare) => declared(piece, &statement, facts),
        Some(K::Fetch) => {
            let into = statement.clone().find(|at| word(*at) == Some(K::Into)).unwrap_or(statement.end);
            for at in into..statement.end {
                if piece.kind(at) == Some(Kind::Variable) {
                    let source = Source { tokens: statement.start..into, strings: false };
                    facts.put(piece.tokens[at].text(piece.text), source);
                }
            }
        }
        _ => {}
    }
    filled(piece, &statement, facts);
}

/// What stands behind EXEC: `('text')`, a variable that names a procedure, or a procedure. Gives
/// the token to go on with.
fn exec(piece: &Piece, from: usize, to: usize, closers: &HashMap<usize, usize>, facts: &mut Facts) -> usize {
    let mut at = from;
    if piece.kind(at) == Some(Kind::Variable) && piece.kind(at + 1) == Some(Kind::Equals) {
        at += 2;
    }
    match piece.kind(at) {
        Some(Kind::Open) => {
            let end = closers.get(&at).copied().unwrap_or(to).min(to);
            // What another server runs is that server's.
            if !piece.tokens.get(end + 1).is_some_and(|t| t.is(K::At)) {
                facts.run.push(Source::all(at + 1..end));
            }
            return end;
        }
        Some(Kind::Variable) => facts.run.push(Source::all(at..at + 1)),
        _ if runner(piece, at, to, facts) => {}
        _ => handed(piece, at, to, facts),
    }
    at
}

/// The arguments of a procedure that is called at `at`, as far as strings may be in them.
fn handed(piece: &Piece, at: usize, to: usize, facts: &mut Facts) {
    let Some(name) = Name::at(piece.tokens, at) else { return };
    let mut depth = 0_usize;
    let (mut from, mut position) = (name.end, 0);
    for end in name.end..=to {
        match piece.kind(end).filter(|_| end < to) {
            Some(Kind::Open) => depth += 1,
            Some(Kind::Close) => depth = depth.saturating_sub(1),
            Some(Kind::Comma) | None if depth == 0 || end == to => {
                let named =
                    piece.kind(from) == Some(Kind::Variable) && piece.kind(from + 1) == Some(Kind::Equals);
                let parameter = named.then(|| piece.tokens[from].text(piece.text).to_lowercase());
                let tokens = if named { from + 2..end } else { from..end };
                if tokens.clone().any(|i| matches!(piece.kind(i), Some(Kind::String | Kind::Variable))) {
                    facts.handed.push(Handed { procedure: at, position, parameter, tokens });
                }
                (from, position) = (end + 1, position + 1);
            }
            _ => {}
        }
    }
}

/// The parameters in the head of CREATE or ALTER PROCEDURE.
fn parameters(piece: &Piece, statement: &Range<usize>, facts: &mut Facts) {
    let is = |at: &usize, wanted: &[K]| piece.tokens[*at].keyword.is_some_and(|k| wanted.contains(&k));
    let near = statement.start + 1..statement.end.min(statement.start + 6);
    let Some(word) = near.clone().find(|at| is(at, &[K::Proc, K::Procedure])) else { return };
    let end = (word..statement.end).find(|at| is(at, &[K::As])).unwrap_or(statement.end);
    let names = (word..end).filter(|at| piece.kind(*at) == Some(Kind::Variable));
    facts.parameters.extend(names.map(|at| piece.tokens[at].text(piece.text).to_lowercase()));
}

/// Takes up a procedure at `at` that runs a text; gives false if it is none.
fn runner(piece: &Piece, at: usize, to: usize, facts: &mut Facts) -> bool {
    let Some(name) = Name::at(piece.tokens, at) else { return false };
    let last = unquote(name.last(piece.tokens).text(piece.text)).to_lowercase();
    let Some((_, count)) = RUNNERS.iter().find(|(runner, _)| *runner == last) else { return false };
    let mut depth = 0_usize;
    let mut commas = 0;
    let end = (name.end..to).find(|at| {
        match piece.kind(*at) {
            Some(Kind::Open) => depth += 1,
            Some(Kind::Close) => depth = depth.saturating_sub(1),
            Some(Kind::Comma) if depth == 0 => commas += 1,
            _ => {}
        }
        commas == *count
    });
    facts.run.push(Source::all(name.end..end.unwrap_or(to)));
    true
}

/// `SET @v = ..`, `SELECT @v = .., @w += .. FROM ..`
fn assigned(piece: &Piece, statement: &Range<usize>, facts: &mut Facts) {
    let mut depth = 0_usize;
    let mut open: Option<(usize, usize)> = None;
    let mut names = Vec::new();
    let mut end = statement.end;
    for at in statement.clone() {
        let token = piece.tokens[at];
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Comma if depth == 0 => close(piece, &mut open, at, facts),
            Kind::Variable if depth == 0 && open.is_none() => {
                let next = at + 1 + usize::from(piece.kind(at + 1) == Some(Kind::Operator));
                let equals = piece.kind(next) == Some(Kind::Equals) || piece.says(at + 1, "+=");
                if equals {
                    open = Some((at, at + 1));
                    names.push(at);
                }
            }
            _ if depth == 0 && token.is(K::From) => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    close(piece, &mut open, end, facts);
    // So do rows: of derived tables, of CTEs, of tables that were filled before.
    let with = piece.tokens[statement.start].is(K::With);
    let rows = if with { statement.clone() } else { end..statement.end };
    for at in names.into_iter().filter(|_| !rows.is_empty()) {
        facts.put(piece.tokens[at].text(piece.text), Source::all(rows.clone()));
    }
}

fn close(piece: &Piece, open: &mut Option<(usize, usize)>, end: usize, facts: &mut Facts) {
    if let Some((name, from)) = open.take() {
        facts.put(piece.tokens[name].text(piece.text), Source::all(from..end));
    }
}

/// `DECLARE @v type = ..`, `DECLARE c CURSOR FOR SELECT ..`
fn declared(piece: &Piece, statement: &Range<usize>, facts: &mut Facts) {
    let cursor = (statement.start + 2..statement.end.min(statement.start + 8))
        .any(|at| piece.tokens[at].is(K::Cursor));
    if let Some(name) = piece.tokens.get(statement.start + 1).filter(|t| t.is_name() && cursor) {
        facts.put(name.text(piece.text), Source::all(statement.start + 2..statement.end));
        return;
    }
    let mut depth = 0_usize;
    let mut open: Option<(usize, usize)> = None;
    for at in statement.clone() {
        match piece.tokens[at].kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Comma if depth == 0 => close(piece, &mut open, at, facts),
            Kind::Variable if depth == 0 && open.is_none() => open = Some((at, at + 1)),
            _ => {}
        }
    }
    close(piece, &mut open, statement.end, facts);
}

/// `INSERT t ..`, `UPDATE @t ..`, `SELECT .. INTO #t`: the whole statement flows into the table.
fn filled(piece: &Piece, statement: &Range<usize>, facts: &mut Facts) {
    for at in statement.clone() {
        if !matches!(piece.tokens[at].keyword, Some(K::Insert | K::Update | K::Into | K::Merge)) {
            continue;
        }
        let Some(token) = piece.tokens.get(at + 1) else { continue };
        let table = Name::at(piece.tokens, at + 1).map(|n| n.last(piece.tokens)).or(Some(*token));
        let table = table.filter(|t| matches!(t.kind, Kind::Word | Kind::Variable) && t.keyword.is_none());
        if let Some(table) = table.filter(|_| !piece.tokens[statement.start].is(K::Fetch)) {
            facts.put(table.text(piece.text), Source::all(statement.clone()));
        }
    }
}
