//! One statement's text to the parser's tree, within bounds that no text can break.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sqlparser::ast::Statement;
use sqlparser::dialect::{Dialect as Grammar, DuckDbDialect, MsSqlDialect, PostgreSqlDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token as Piece, Tokenizer};

use super::blank::{Blanked, blanked};
use crate::sql::{Keyword, Kind, Token, tokens};
use crate::words::{Dialect, Span};

/// The parser recurses: nothing longer or deeper is given to it.
const LONGEST: usize = 400_000;
const MOST_TOKENS: usize = 40_000;
const DEEPEST: usize = 60;

/// A parsed statement.
pub(super) struct Parsed {
    pub(super) statement: Statement,
    pub(super) places: Places,
    pub(super) blanked: Blanked,
}

/// Parses a statement.
///
/// # Errors
/// Why it can't be followed, and where in `text`.
pub(super) fn parse(text: &str, dialect: Dialect) -> Result<Parsed, (usize, String)> {
    bounded(text, dialect).map_err(|why| (0, why.to_owned()))?;
    let blanked = blanked(text, dialect);
    let places = Places::new(&blanked.text);
    let parsed = catch_unwind(AssertUnwindSafe(|| attempt(&blanked.text, dialect)));
    let Ok(parsed) = parsed else { return Err((0, "the parser failed on this statement".into())) };
    match parsed {
        Ok(statement) => Ok(Parsed { statement, places, blanked }),
        Err((at, why)) => Err((at.map_or(0, |at| places.offset(at)), why)),
    }
}

/// Whether the parser can be trusted with a text.
fn bounded(text: &str, dialect: Dialect) -> Result<(), &'static str> {
    if text.len() > LONGEST {
        return Err("the statement is too long to follow its columns");
    }
    let tokens = tokens(text, dialect);
    if tokens.len() > MOST_TOKENS {
        return Err("the statement is too long to follow its columns");
    }
    let deep = deepest(text, &tokens);
    if deep > DEEPEST { Err("the statement is nested too deep to follow its columns") } else { Ok(()) }
}

/// How deep a statement is nested. The parser tries each POSITION twice, with all that is in it, so
/// that one counts as much as several others.
fn deepest(text: &str, tokens: &[Token]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut open: Vec<usize> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let weight = match (token.kind, token.keyword) {
            (Kind::Open, _) => {
                let before = i.checked_sub(1).map_or("", |i| tokens[i].text(text));
                if before.eq_ignore_ascii_case("position") { 6 } else { 1 }
            }
            (_, Some(Keyword::Case)) => 1,
            (Kind::Close, _) | (_, Some(Keyword::End)) => {
                depth -= open.pop().unwrap_or_default();
                continue;
            }
            _ => continue,
        };
        open.push(weight);
        depth += weight;
        deepest = deepest.max(depth);
    }
    deepest
}

type Failure = (Option<Location>, String);

fn attempt(text: &str, dialect: Dialect) -> Result<Statement, Failure> {
    let grammar: &dyn Grammar = match dialect {
        Dialect::TSql => &MsSqlDialect {},
        Dialect::DuckDb => &DuckDbDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
    };
    let tokens = Tokenizer::new(grammar, text)
        .tokenize_with_location()
        .map_err(|error| (Some(error.location), error.message))?;
    let mut parser =
        Parser::new(grammar).with_recursion_limit(4 * DEEPEST).with_tokens_with_locations(tokens);
    let parsed = parser.parse_statement();
    while parser.consume_token(&Piece::SemiColon) {}
    let next = parser.peek_token();
    match parsed {
        Ok(statement) if next.token == Piece::EOF => Ok(statement),
        // Where it gave up, not why: the reason names its own inner words.
        _ => Err((Some(next.span.start), not_understood(&next.token))),
    }
}

fn not_understood(token: &Piece) -> String {
    let mut word = token.to_string();
    if let Some((at, _)) = word.char_indices().nth(30) {
        word.truncate(at);
        word.push_str("..");
    }
    let word = word.replace(['\n', '\r'], " ");
    match token {
        Piece::EOF => "the statement ends before it is complete".to_owned(),
        _ => format!("can't be parsed at `{word}`"),
    }
}

/// The way from the parser's lines and columns to offsets.
#[derive(Default)]
pub(super) struct Places {
    /// The first character of each line.
    lines: Vec<u32>,
    /// The offset of each character, where they differ.
    offsets: Vec<u32>,
    length: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut lines = vec![0];
        lines.extend(text.chars().enumerate().filter(|(_, c)| *c == '\n').map(|(at, _)| narrow(at + 1)));
        let offsets = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| narrow(at)).collect()
        };
        Self { lines, offsets, length: text.len() }
    }

    fn offset(&self, place: Location) -> usize {
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let line = self.lines.get(count(place.line).saturating_sub(1)).map_or(self.length, |at| *at as usize);
        let at = line.saturating_add(count(place.column).saturating_sub(1));
        let offset = if self.offsets.is_empty() {
            at
        } else {
            self.offsets.get(at).map_or(self.length, |o| *o as usize)
        };
        offset.min(self.length)
    }

    /// A span of the parser's as offsets.
    pub(super) fn span(&self, span: sqlparser::tokenizer::Span) -> Span {
        Span::new(self.offset(span.start), self.offset(span.end))
    }
}
