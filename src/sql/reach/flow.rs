//! Which strings flow into text that is run: those that stand where it is run, and those that
//! were put into the variables, temporary tables and cursors which stand there.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::literal::Literal;
use super::{Piece, postgres, tsql};
use crate::sql::keyword::Keyword as K;
use crate::sql::token::Kind;
use crate::words::Dialect;

/// Tokens that make up, or feed, text that is run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Source {
    pub(super) tokens: Range<usize>,
    /// Whether its strings flow on, or what it names alone.
    pub(super) strings: bool,
}

impl Source {
    pub(super) fn all(tokens: Range<usize>) -> Self {
        Self { tokens, strings: true }
    }
}

/// What the statements of one batch run, and what they put where.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What is run.
    pub(super) run: Vec<Source>,
    /// What was put under a name (in lower case): `@sql`, `#commands`, a cursor.
    pub(super) put: HashMap<String, Vec<Source>>,
    /// The parameters of the procedure that is defined, in order and in lower case.
    pub(super) parameters: Vec<String>,
    /// What is handed to procedures.
    pub(super) handed: Vec<Handed>,
}

/// What is handed to a procedure as one argument.
#[derive(Debug)]
pub(super) struct Handed {
    /// The first token of the procedure's name.
    pub(super) procedure: usize,
    /// Which argument it is, from 0.
    pub(super) position: usize,
    /// The parameter's name in lower case, where it is given.
    pub(super) parameter: Option<String>,
    /// Its tokens.
    pub(super) tokens: Range<usize>,
}

/// What flows where in one batch.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Texts that are run.
    pub(super) run: Vec<Literal>,
    /// Parameters of the procedure defined here that are run: which, and their names.
    pub(super) parameters: Vec<(usize, String)>,
    /// Texts that are handed to procedures.
    pub(super) handed: Vec<(Handed, Vec<Literal>)>,
}

/// So much is looked through of what is handed over in one batch.
const MOST: usize = 100_000;

impl Facts {
    pub(super) fn put(&mut self, name: &str, source: Source) {
        self.put.entry(name.to_lowercase()).or_default().push(source);
    }
}

/// What flows into the texts that the statements run, as far as it stands in strings.
pub(super) fn flow(piece: &Piece, statements: &[Range<usize>]) -> Flow {
    let (Some(first), Some(last)) = (statements.first(), statements.last()) else { return Flow::default() };
    let batch = first.start..last.end.min(piece.tokens.len());
    if !runs_anything(piece, batch.clone()) {
        return Flow::default();
    }
    let mut facts = Facts::default();
    let closers = closers(piece, batch);
    for statement in statements {
        match piece.dialect {
            Dialect::TSql => tsql::facts(piece, statement.clone(), &closers, &mut facts),
            Dialect::DuckDb => duckdb(piece, statement.clone(), &closers, &mut facts),
            Dialect::Postgres => postgres::facts(piece, statement.clone(), &mut facts),
        }
    }
    let open = std::mem::take(&mut facts.run);
    let mut left = usize::MAX;
    let (run, followed) = follow(piece, &facts, open, &mut left);
    let parameters = facts.parameters.iter().enumerate().filter(|(_, p)| followed.contains(*p));
    let parameters = parameters.map(|(nth, p)| (nth, p.clone())).collect();
    left = MOST;
    let mut handed = Vec::new();
    for argument in std::mem::take(&mut facts.handed) {
        let literals = follow(piece, &facts, vec![Source::all(argument.tokens.clone())], &mut left).0;
        if !literals.is_empty() {
            handed.push((argument, literals));
        }
    }
    Flow { run, parameters, handed }
}

/// The strings that flow into the sources, and the names that they come by.
fn follow(
    piece: &Piece,
    facts: &Facts,
    open: Vec<Source>,
    left: &mut usize,
) -> (Vec<Literal>, HashSet<String>) {
    let mut open: Vec<(Source, bool)> = open.into_iter().map(|source| (source, true)).collect();
    let mut literals = Vec::new();
    let mut done = HashSet::new();
    let mut followed = HashSet::new();
    while let Some((source, entire)) = open.pop() {
        if *left < source.tokens.len() || !done.insert(source.clone()) {
            continue;
        }
        *left -= source.tokens.len();
        if source.strings {
            let mut found = strings(piece, source.tokens.clone());
            if let [only] = found.as_mut_slice() {
                only.whole = entire && is_plain(piece, source.tokens.clone());
            }
            literals.extend(found);
        }
        let lone = source.tokens.len() == 1;
        for at in source.tokens {
            if let Some(name) = name(piece, at)
                && !followed.contains(&name)
            {
                let put = facts.put.get(&name).map_or(&[][..], Vec::as_slice);
                let entire = entire && lone && put.len() == 1;
                open.extend(put.iter().map(|source| (source.clone(), entire)));
                followed.insert(name);
            }
        }
    }
    (literals, followed)
}

/// Whether there is nothing but strings among the tokens, or behind the `=` among them.
fn is_plain(piece: &Piece, tokens: Range<usize>) -> bool {
    let tokens = piece.tokens.get(tokens).unwrap_or_default();
    let from = tokens.iter().position(|t| t.kind == Kind::Equals).map_or(0, |at| at + 1);
    tokens[from..].iter().all(|token| {
        matches!(token.kind, Kind::String | Kind::Dollar | Kind::Open | Kind::Close)
            || matches!(token.text(piece.text), "+" | "||")
    })
}

/// Whether there is any word that runs a text: most SQL has none and is done with.
fn runs_anything(piece: &Piece, mut batch: Range<usize>) -> bool {
    let runs = |at: usize| match piece.dialect {
        Dialect::TSql => {
            let token = piece.tokens[at];
            let start = token.text(piece.text).as_bytes().get(..3).unwrap_or_default();
            matches!(token.keyword, Some(K::Exec | K::Execute))
                || start.eq_ignore_ascii_case(b"sp_")
                || start.eq_ignore_ascii_case(b"xp_")
        }
        Dialect::DuckDb => {
            piece.tokens[at].is(K::Set) || piece.says(at, "query") || piece.says(at, "query_table")
        }
        Dialect::Postgres => matches!(piece.tokens[at].keyword, Some(K::Execute | K::Set)),
    };
    batch.any(runs)
}

/// The name under which something may have been put.
fn name(piece: &Piece, at: usize) -> Option<String> {
    let token = piece.tokens.get(at)?;
    match token.kind {
        Kind::Word | Kind::Variable => Some(token.text(piece.text).to_lowercase()),
        Kind::String if at > 1 && piece.says(at - 2, "getvariable") => {
            Some(token.text(piece.text).trim_matches('\'').to_lowercase())
        }
        _ => None,
    }
}

/// The strings among the tokens; those that `+`, `||` or CONCAT joins are one.
fn strings(piece: &Piece, tokens: Range<usize>) -> Vec<Literal> {
    let mut found: Vec<Literal> = Vec::new();
    let mut joined = false;
    let mut concat = 0_usize;
    let mut depth = 0_usize;
    for at in tokens {
        let Some(token) = piece.tokens.get(at) else { break };
        match token.kind {
            Kind::String | Kind::Dollar => {
                let mut literal = if joined { found.pop().unwrap_or_default() } else { Literal::default() };
                literal.push(piece.text, *token);
                found.push(literal);
                joined = false;
                continue;
            }
            Kind::Open => {
                depth += 1;
                if at > 0 && (piece.says(at - 1, "concat")) {
                    concat = depth;
                }
            }
            Kind::Close => {
                concat = if concat == depth { 0 } else { concat };
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        let plus =
            matches!(token.text(piece.text), "+" | "||") || concat == depth && token.kind == Kind::Comma;
        let after_string = at > 0 && matches!(piece.kind(at - 1), Some(Kind::String | Kind::Dollar));
        joined = plus && after_string;
    }
    found
}

/// For each opening parenthesis the token that closes it.
fn closers(piece: &Piece, batch: Range<usize>) -> HashMap<usize, usize> {
    let mut closers = HashMap::new();
    let mut open = Vec::new();
    for i in batch {
        match piece.tokens[i].kind {
            Kind::Open => open.push(i),
            Kind::Close => {
                closers.extend(open.pop().map(|start| (start, i)));
            }
            _ => {}
        }
    }
    closers
}

/// `query('..')`, `query_table('..')`, `SET VARIABLE v = '..'`, `SET search_path = '..'`.
fn duckdb(piece: &Piece, statement: Range<usize>, closers: &HashMap<usize, usize>, facts: &mut Facts) {
    let first = statement.start;
    if piece.tokens.get(first).is_some_and(|t| t.is(K::Set)) {
        if piece.says(first + 1, "variable") {
            if let Some(token) = piece.tokens.get(first + 2) {
                facts.put(token.text(piece.text), Source::all(first + 3..statement.end));
            }
            return;
        }
        let path = (first + 1..statement.end.min(first + 4))
            .any(|at| piece.says(at, "search_path") || piece.says(at, "schema"));
        if path {
            facts.run.push(Source::all(first + 1..statement.end));
        }
    }
    for at in statement.clone() {
        let runs = piece.says(at, "query") || piece.says(at, "query_table");
        if runs && piece.kind(at + 1) == Some(Kind::Open) && piece.kind(at.wrapping_sub(1)) != Some(Kind::Dot)
        {
            let end = closers.get(&(at + 1)).copied().unwrap_or(statement.end).min(statement.end);
            facts.run.push(Source::all(at + 2..end));
        }
    }
}
