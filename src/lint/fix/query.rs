//! SQL as tokens that know which `SELECT` they stand in, and the dotted names among them.

use std::collections::HashSet;
use std::ops::Range;

use crate::sql::{self, Keyword as K, Kind, Token};
use crate::words::Dialect;

/// How many parentheses around a table are looked through for its query.
const MOST_LEVELS: usize = 1_000;

/// A piece of SQL as tokens with their parentheses.
pub(super) struct Query<'a> {
    pub(super) sql: &'a str,
    pub(super) dialect: Dialect,
    pub(super) tokens: Vec<Token>,
    /// The parenthesis that each token stands in.
    around: Vec<Option<usize>>,
    /// The `SELECT` that each token stands in: a number, and for each its first and last token.
    select: Vec<usize>,
    bounds: Vec<Range<usize>>,
}

/// A dotted name among the tokens.
pub(super) struct Parts {
    /// The token of each part.
    pub(super) tokens: Vec<usize>,
    /// The token behind its last.
    pub(super) end: usize,
}

impl<'a> Query<'a> {
    /// Reads a piece of SQL whose statements start at these offsets.
    pub(super) fn new(sql: &'a str, dialect: Dialect, statements: &HashSet<usize>) -> Self {
        let tokens = sql::tokens(sql, dialect);
        let mut query = Self {
            sql,
            dialect,
            around: Vec::with_capacity(tokens.len()),
            select: Vec::with_capacity(tokens.len()),
            bounds: std::iter::once(0..0).collect(),
            tokens: Vec::new(),
        };
        let mut open: Vec<usize> = Vec::new();
        let mut selects = vec![0];
        for (i, token) in tokens.iter().enumerate() {
            if token.kind == Kind::Close && open.pop().is_some() {
                selects.pop();
            }
            let parts = [K::Union, K::Except, K::Intersect].into_iter().any(|k| token.is(k));
            if parts || statements.contains(&(token.start as usize)) {
                selects.pop();
                selects.push(query.bounds.len());
                query.bounds.push(i..i);
            }
            let select = selects.last().copied().unwrap_or_default();
            query.select.push(select);
            query.bounds[select].end = i + 1;
            query.around.push(open.last().copied());
            if token.kind == Kind::Open {
                open.push(i);
                selects.push(query.bounds.len());
                query.bounds.push(i + 1..i + 1);
            }
        }
        query.tokens = tokens;
        query
    }

    /// The token that starts at an offset.
    pub(super) fn starting(&self, offset: usize) -> Option<usize> {
        self.tokens.binary_search_by_key(&offset, |t| t.start as usize).ok()
    }

    /// The token that ends at an offset.
    pub(super) fn ending(&self, offset: usize) -> Option<usize> {
        self.tokens.binary_search_by_key(&offset, |t| t.end()).ok()
    }

    /// A token as it is written.
    pub(super) fn text(&self, at: usize) -> String {
        self.tokens[at].text(self.sql).to_owned()
    }

    /// Whether a token is a keyword.
    pub(super) fn is(&self, at: usize, keyword: K) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(keyword))
    }

    /// What a token is.
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    /// The tokens of the innermost query around a table.
    pub(super) fn scope(&self, first: usize) -> Range<usize> {
        let mut at = first;
        for _ in 0..MOST_LEVELS {
            let Some(open) = self.around[at] else { break };
            let begins = |k: &K| self.is(open + 1, *k);
            let query = [K::Select, K::With, K::From].iter().any(begins);
            if query || self.bounds[self.select[at]].start != open + 1 {
                break;
            }
            at = open;
        }
        self.bounds[self.select[at]].clone()
    }

    /// The dotted names among some tokens.
    pub(super) fn names(&self, range: Range<usize>) -> impl Iterator<Item = Parts> + '_ {
        let mut at = range.start;
        std::iter::from_fn(move || {
            while at < range.end {
                if self.tokens[at].is_name() && self.tokens[at].keyword.is_none_or(|k| !k.is_reserved()) {
                    let name = self.name(at);
                    at = name.end;
                    return Some(name);
                }
                at += 1;
            }
            None
        })
    }

    fn name(&self, start: usize) -> Parts {
        let mut parts = Parts { tokens: vec![start], end: start + 1 };
        loop {
            let mut next = parts.end;
            while self.kind(next) == Some(Kind::Dot) {
                next += 1;
            }
            let goes_on = next > parts.end && self.tokens.get(next).is_some_and(|t| t.is_name());
            if !goes_on {
                return parts;
            }
            parts.tokens.push(next);
            parts.end = next + 1;
        }
    }

    /// A part of a name without quotes, in lower case.
    pub(super) fn part(&self, name: &Parts, at: usize) -> String {
        let text = self.tokens[name.tokens[at]].text(self.sql);
        sql::parse_name(text, self.dialect).map_or_else(|| text.to_lowercase(), |n| n.name)
    }
}
