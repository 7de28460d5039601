//! Queries that take some of their rows, and windows that number theirs, where no ORDER BY says
//! which: a part of GS303. One pass over the tokens with a stack of parentheses.

use std::collections::HashMap;

use super::financial::{Finding, Passage};
use crate::sql::{Keyword, Kind, Token};
use crate::words::{Dialect, Span};

/// Window functions whose result depends on the order of rows.
const ORDERED: [&str; 11] = [
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "first_value",
    "last_value",
    "nth_value",
    "lag",
    "lead",
];
/// Aggregates whose result depends on the order of rows.
const LISTS: [&str; 8] = [
    "string_agg",
    "array_agg",
    "group_concat",
    "listagg",
    "json_agg",
    "jsonb_agg",
    "json_group_array",
    "xmlagg",
];
/// The same of DuckDB alone: names that other engines have for other things.
const DUCKDB_LISTS: [&str; 3] = ["list", "first", "last"];
/// `TOP` of as many rows as this is a way to say "all".
const ALL_ROWS: u64 = 2_147_483_647;

/// One query: what stands between its parentheses, up to the next `SELECT` on its own level.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "what has been seen of a query")]
struct Query {
    select: bool,
    from: bool,
    ordered: bool,
    exists: bool,
    limit: Option<(Span, &'static str)>,
}

impl Query {
    fn finish(&mut self, found: &mut Vec<Finding>) {
        let exists = self.exists;
        let query = std::mem::replace(self, Self { exists, ..Self::default() });
        if let Some((span, word)) = query.limit.filter(|_| query.from && !query.ordered && !exists) {
            found.push(finding(format!("takes some rows by {word} without ORDER BY"), span));
        }
    }
}

pub(super) fn find(passage: &Passage) -> Vec<Finding> {
    let mut found = Vec::new();
    let tokens = &passage.tokens;
    let closes = closes(tokens);
    for statement in &passage.statements {
        let range = statement.tokens();
        let reader = Reader { passage, tokens, closes: &closes, start: range.start, end: range.end };
        reader.rows_counted(&mut found);
        reader.queries(statement.conditional, &mut found);
        reader.windows(&mut found);
        reader.lists(&mut found);
    }
    found
}

/// For each opening parenthesis, where it is closed.
fn closes(tokens: &[Token]) -> Vec<usize> {
    let mut closes = vec![tokens.len(); tokens.len()];
    let mut open = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open.push(i),
            Kind::Close => {
                if let Some(start) = open.pop() {
                    closes[start] = i;
                }
            }
            _ => {}
        }
    }
    closes
}

struct Reader<'a> {
    passage: &'a Passage<'a>,
    tokens: &'a [Token],
    closes: &'a [usize],
    start: usize,
    end: usize,
}

impl Reader<'_> {
    fn is(&self, at: usize, keyword: Keyword) -> bool {
        at >= self.start && at < self.end && self.tokens[at].is(keyword)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).filter(|_| at < self.end).map(|t| t.kind)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).filter(|_| at < self.end).map_or("", |t| t.text(self.passage.text))
    }

    /// `SET ROWCOUNT 100`: all statements behind it stop after so many rows.
    fn rows_counted(&self, found: &mut Vec<Finding>) {
        let word = self.start + 1;
        let counts = self.passage.dialect == Dialect::TSql
            && self.is(self.start, Keyword::Set)
            && self.word(word).eq_ignore_ascii_case("rowcount")
            && self.word(word + 1) != "0";
        if counts && let Some(token) = self.tokens.get(word) {
            found.push(finding("takes some rows by SET ROWCOUNT".into(), token.span()));
        }
    }

    fn queries(&self, conditional: bool, found: &mut Vec<Finding>) {
        let mut stack = vec![Query::default()];
        for i in self.start..self.end {
            let before = i.checked_sub(1).filter(|b| *b >= self.start);
            match self.tokens[i].kind {
                Kind::Open => {
                    let exists = before.is_some_and(|b| self.is(b, Keyword::Exists));
                    stack.push(Query { exists, ..Query::default() });
                    continue;
                }
                Kind::Close if stack.len() > 1 => {
                    if let Some(mut query) = stack.pop() {
                        query.finish(found);
                    }
                    continue;
                }
                _ => {}
            }
            let Some(query) = stack.last_mut() else { return };
            let span = self.tokens[i].span();
            match self.tokens[i].keyword {
                Some(Keyword::Select) => {
                    if query.select {
                        query.finish(found);
                    }
                    query.select = true;
                }
                Some(Keyword::From) => query.from = true,
                Some(Keyword::Distinct)
                    if self.passage.dialect != Dialect::TSql
                        && self.is(i + 1, Keyword::On)
                        && self.kind(i + 2) == Some(Kind::Open) =>
                {
                    query.limit = Some((span, "DISTINCT ON"));
                }
                Some(Keyword::Order) if self.is(i + 1, Keyword::By) => {
                    query.ordered = !self.is_constant(i + 2);
                }
                Some(Keyword::Top) if self.takes_some(i + 1) => {
                    match before.map(|b| self.tokens[b].keyword) {
                        Some(Some(Keyword::Select | Keyword::Distinct | Keyword::All)) => {
                            query.limit = Some((span, "TOP"));
                        }
                        Some(Some(Keyword::Update | Keyword::Insert | Keyword::Merge)) => {
                            found.push(top(span));
                        }
                        // In a loop it comes to all rows in the end.
                        Some(Some(Keyword::Delete)) if !conditional => found.push(top(span)),
                        _ => {}
                    }
                }
                Some(Keyword::Limit)
                    if self.passage.dialect != Dialect::TSql
                        && !self.is(i + 1, Keyword::All)
                        && self.word(i + 1) != "0"
                        && matches!(
                            self.kind(i + 1),
                            Some(Kind::Number | Kind::Open | Kind::Variable | Kind::Word)
                        ) =>
                {
                    query.limit = Some((span, "LIMIT"));
                }
                Some(Keyword::Fetch)
                    if ["first", "next"].iter().any(|w| self.word(i + 1).eq_ignore_ascii_case(w))
                        && !self.is(i + 2, Keyword::From) =>
                {
                    query.limit = Some((span, "FETCH"));
                }
                _ => {}
            }
        }
        while let Some(mut query) = stack.pop() {
            query.finish(found);
        }
    }

    /// Whether what follows TOP is a number of rows that is neither none nor all.
    fn takes_some(&self, at: usize) -> bool {
        let (number, behind) = match self.kind(at) {
            Some(Kind::Open) => (at + 1, self.closes[at] + 1),
            Some(Kind::Number | Kind::Variable) => (at, at + 1),
            _ => return false,
        };
        let lone = self.kind(at) != Some(Kind::Open) || behind == number + 2;
        let count = self.word(number).parse::<u64>().ok().filter(|_| lone);
        let percent = self.is(behind, Keyword::Percent);
        !matches!(count, Some(0)) && !count.is_some_and(|n| n >= ALL_ROWS || percent && n >= 100)
    }

    /// Whether an ORDER BY that goes on here orders nothing: `NULL`, `(SELECT 1)`.
    fn is_constant(&self, at: usize) -> bool {
        let value = |i: usize| {
            matches!(self.kind(i), Some(Kind::Number | Kind::String))
                || self.word(i).eq_ignore_ascii_case("null")
        };
        let bracketed = self.kind(at) == Some(Kind::Open)
            && self.is(at + 1, Keyword::Select)
            && value(at + 2)
            && self.kind(at + 3) == Some(Kind::Close);
        let after = if bracketed { at + 4 } else { at + 1 };
        let last = self.kind(after) != Some(Kind::Comma);
        last && (bracketed || self.word(at).eq_ignore_ascii_case("null"))
    }

    /// Window functions over rows that nothing orders.
    fn windows(&self, found: &mut Vec<Finding>) {
        let mut names: Option<HashMap<String, usize>> = None;
        let mut ordered: HashMap<usize, bool> = HashMap::new();
        for i in self.start..self.end {
            let called = self.tokens[i].kind == Kind::Word && self.kind(i + 1) == Some(Kind::Open);
            if !called || !ORDERED.iter().any(|w| self.word(i).eq_ignore_ascii_case(w)) {
                continue;
            }
            let close = self.closes[i + 1];
            let Some(over) =
                (close + 1..self.end.min(close + 4)).find(|at| self.word(*at).eq_ignore_ascii_case("over"))
            else {
                continue;
            };
            let window = if self.kind(over + 1) == Some(Kind::Open) {
                Some(over + 1)
            } else {
                let names = names.get_or_insert_with(|| self.names());
                names.get(&self.word(over + 1).to_ascii_lowercase()).copied()
            };
            let Some(window) = window else { continue };
            if !*ordered.entry(window).or_insert_with(|| self.orders(window)) && !self.orders(i + 1) {
                let what = format!("numbers rows by {} without ORDER BY", self.word(i).to_uppercase());
                found.push(finding(what, self.tokens[i].span()));
            }
        }
    }

    /// Whether a word names an aggregate whose result depends on the order of rows.
    fn is_list(&self, word: &str) -> bool {
        let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
        match self.passage.dialect {
            Dialect::TSql => is(&["string_agg"]),
            Dialect::DuckDb => is(&LISTS) || is(&DUCKDB_LISTS),
            Dialect::Postgres => is(&LISTS),
        }
    }

    /// Aggregates that make a list of rows, or take one, in whatever order they come.
    fn lists(&self, found: &mut Vec<Finding>) {
        for i in self.start..self.end {
            let called = self.tokens[i].kind == Kind::Word && self.kind(i + 1) == Some(Kind::Open);
            let named = i > self.start
                && (self.kind(i - 1) == Some(Kind::Dot)
                    || self.is(i - 1, Keyword::Fetch)
                    || self.is(i - 1, Keyword::Function)
                    || self.is(i - 1, Keyword::Macro));
            if !called || named || !self.is_list(self.word(i)) {
                continue;
            }
            let close = self.closes[i + 1];
            let group = self.word(close + 1).eq_ignore_ascii_case("within")
                && self.kind(close + 3) == Some(Kind::Open)
                && self.orders(close + 3);
            let windowed = self.word(close + 1).eq_ignore_ascii_case("over")
                && (self.kind(close + 2) != Some(Kind::Open) || self.orders(close + 2));
            if !group && !windowed && !self.orders(i + 1) {
                let what = format!("puts rows in a row by {} without ORDER BY", self.word(i).to_uppercase());
                found.push(finding(what, self.tokens[i].span()));
            }
        }
    }

    /// The parentheses of `WINDOW name AS (..)` by the names, in lower case.
    fn names(&self) -> HashMap<String, usize> {
        let mut names = HashMap::new();
        let Some(window) = (self.start..self.end).find(|i| self.is(*i, Keyword::Window)) else {
            return names;
        };
        for at in window + 1..self.end {
            if self.is(at + 1, Keyword::As) && self.kind(at + 2) == Some(Kind::Open) {
                names.entry(self.word(at).to_ascii_lowercase()).or_insert(at + 2);
            }
        }
        names
    }

    /// Whether an ORDER BY stands directly in these parentheses, by something that varies; a window
    /// that is made of another (`OVER (w ..)`) is taken to be ordered there.
    fn orders(&self, open: usize) -> bool {
        let close = self.closes[open].min(self.end);
        let mut i = open + 1;
        let first = self.tokens.get(i).filter(|_| i < close);
        let windowed =
            self.tokens[open.saturating_sub(1)].text(self.passage.text).eq_ignore_ascii_case("over");
        if windowed
            && first.is_some_and(|t| {
                t.is_name() && !self.word(i).eq_ignore_ascii_case("partition") && t.keyword.is_none()
            })
        {
            return true;
        }
        while i < close {
            if self.kind(i) == Some(Kind::Open) {
                i = self.closes[i];
            } else if self.is(i, Keyword::Order) && self.is(i + 1, Keyword::By) {
                let number = self.kind(i + 2) == Some(Kind::Number) && self.kind(i + 3) == Some(Kind::Close);
                return !self.is_constant(i + 2) && !number;
            }
            i += 1;
        }
        false
    }
}

fn top(span: Span) -> Finding {
    finding("changes some rows by TOP, where nothing says which".into(), span)
}

fn finding(what: String, span: Span) -> Finding {
    Finding {
        what,
        span,
        help: "add ORDER BY over columns that name a row, so that each run takes the same".into(),
    }
}
