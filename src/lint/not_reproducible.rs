//! GS303: a financial script whose figures nobody could make again: it asks the clock, chance, or
//! takes some rows where nothing says which.

use super::financial::{Finding, Passage};
use super::query_order;
use crate::graph::Graph;
use crate::sql::{Keyword, Kind, Token};
use crate::words::{Dialect, Span};

/// Functions that tell the time.
const CLOCK: [&str; 17] = [
    "curdate",
    "curtime",
    "get_current_time",
    "getdate",
    "sysdatetime",
    "sysutcdatetime",
    "getutcdate",
    "sysdatetimeoffset",
    "now",
    "today",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "current_localtime",
    "current_localtimestamp",
    "get_current_timestamp",
];
/// The same without parentheses.
const CLOCK_WORDS: [&str; 5] =
    ["current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"];
/// Types whose text can be the clock's.
const TIMES: [&str; 5] = ["date", "time", "timestamp", "timestamptz", "timetz"];
/// Functions that throw dice.
const CHANCE: [&str; 14] = [
    "uuid_generate_v1mc",
    "newid",
    "newsequentialid",
    "uuid",
    "uuidv4",
    "uuidv7",
    "gen_random_uuid",
    "uuid_generate_v4",
    "uuid_generate_v1",
    "rand",
    "random",
    "setseed",
    "crypt_gen_random",
    "random_normal",
];

pub(super) fn find(_: &Graph, passage: &Passage) -> Vec<Finding> {
    let tokens = &passage.tokens;
    let mut found: Vec<Finding> = (0..tokens.len()).filter_map(|i| function(passage, tokens, i)).collect();
    if !passage.is_piece() {
        found.extend(query_order::find(passage));
    }
    if passage.dialect != Dialect::TSql {
        found.extend((0..tokens.len()).filter_map(|i| hidden_clock(passage, tokens, i)));
    }
    found.sort_by_key(|f| f.span.start);
    found
}

/// Clocks that don't look like one: `'now'::timestamp`, `date 'today'`, `age(x)`.
fn hidden_clock(passage: &Passage, tokens: &[Token], at: usize) -> Option<Finding> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.text(passage.text));
    let is_time = |i: usize| TIMES.iter().any(|t| word(i).eq_ignore_ascii_case(t));
    let before = at.checked_sub(1).map(|i| tokens[i]);
    let asks = match tokens[at].kind {
        Kind::String => {
            let value = word(at).trim_matches('\'').trim().to_ascii_lowercase();
            let cast = (at + 1..at + 4).find(|i| tokens.get(*i).is_none_or(|t| t.kind == Kind::Word));
            let behind = cast.is_some_and(|i| {
                let between = tokens[at].end()..tokens.get(i).map_or(0, |t| t.start as usize);
                passage.text.get(between).is_some_and(|b| b.trim() == "::") && is_time(i)
            });
            let spelled = tokens.get(at + 1).is_some_and(|t| t.is(Keyword::As)) && is_time(at + 2);
            ["now", "today", "tomorrow", "yesterday"].contains(&value.as_str())
                && (behind || spelled || at > 0 && is_time(at - 1))
        }
        Kind::Word if word(at).eq_ignore_ascii_case("age") => {
            tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Open)
                && before
                    .is_none_or(|t| t.kind != Kind::Dot && !t.is(Keyword::Function) && !t.is(Keyword::Macro))
                && takes_one(tokens, at + 1)
        }
        _ => false,
    };
    asks.then(|| Finding {
        what: format!("asks the clock ({})", word(at)),
        span: tokens[at].span(),
        help: format!("use the business date: {}", business_date(passage.dialect)),
    })
}

/// Whether the parentheses hold one argument; looking ahead has a bound.
fn takes_one(tokens: &[Token], open: usize) -> bool {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open).take(1000) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth <= 1 => return i > open + 1,
            Kind::Close => depth -= 1,
            Kind::Comma if depth == 1 => return false,
            _ => {}
        }
    }
    false
}

fn function(passage: &Passage, tokens: &[Token], at: usize) -> Option<Finding> {
    let token = tokens[at];
    if token.kind != Kind::Word {
        return None;
    }
    let before = at.checked_sub(1).map(|i| tokens[i]);
    let next = tokens.get(at + 1);
    let word = token.text(passage.text);
    let is = |list: &[&str]| list.iter().any(|w| w.eq_ignore_ascii_case(word));
    if token.is(Keyword::Tablesample) || is(&["sample"]) && is_sample(passage, before, next) {
        return Some(Finding {
            what: "takes a sample".into(),
            span: token.span(),
            help: "read all rows, or pick them by a condition".into(),
        });
    }
    let named = before.is_some_and(|t| {
        t.kind == Kind::Dot
            || matches!(
                t.keyword,
                Some(
                    Keyword::As
                        | Keyword::Function
                        | Keyword::Macro
                        | Keyword::Procedure
                        | Keyword::Proc
                        | Keyword::Table
                        | Keyword::Into
                        | Keyword::Insert
                        | Keyword::Exec
                        | Keyword::Execute
                )
            )
    });
    let called = next.is_some_and(|t| t.kind == Kind::Open && t.text(passage.text) == "(");
    let alone = is(&CLOCK_WORDS)
        && next.is_none_or(|t| t.kind != Kind::Dot)
        && (passage.dialect != Dialect::TSql || word.eq_ignore_ascii_case("current_timestamp"));
    if !alone && !called {
        return None;
    }
    if named || called && is_table(tokens, at) {
        return None;
    }
    let written = if called { format!("{}()", word.to_uppercase()) } else { word.to_uppercase() };
    if alone || called && is(&CLOCK) {
        return Some(Finding {
            what: format!("asks the clock ({written})"),
            span: token.span(),
            help: format!("use the business date: {}", business_date(passage.dialect)),
        });
    }
    (called && is(&CHANCE)).then(|| Finding {
        what: format!("leaves it to chance ({written})"),
        span: Span::new(token.start as usize, token.end()),
        help: "make keys and choices from the data, such as a number by ORDER BY over a unique key".into(),
    })
}

/// `USING SAMPLE 10%`, `USING SAMPLE reservoir(50 ROWS)`; not `MERGE .. USING sample ON`.
fn is_sample(passage: &Passage, before: Option<Token>, next: Option<&Token>) -> bool {
    let method = |t: &Token| {
        ["reservoir", "bernoulli", "system"].iter().any(|m| t.text(passage.text).eq_ignore_ascii_case(m))
    };
    passage.dialect == Dialect::DuckDb
        && before.is_some_and(|t| t.is(Keyword::Using))
        && next.is_some_and(|t| t.kind == Kind::Number || method(t))
}

/// Whether the parentheses are the columns of a CTE: `WITH random (a) AS (..)`.
fn is_table(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| tokens[i]) else { return false };
    if !before.is(Keyword::With) && !before.is(Keyword::Recursive) && before.kind != Kind::Comma {
        return false;
    }
    let plain = |t: &&Token| t.is_name() || t.kind == Kind::Comma;
    let columns = tokens[at + 2..].iter().take_while(plain).count();
    let rest = &tokens[at + 2 + columns..];
    columns > 0
        && matches!(rest, [close, a, open, ..] if close.kind == Kind::Close && a.is(Keyword::As) && open.kind == Kind::Open)
}

/// How a script asks for the business date.
fn business_date(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::TSql => "CAST(SESSION_CONTEXT(N'business_date') AS date)",
        Dialect::DuckDb => "getvariable('business_date')",
        Dialect::Postgres => "current_setting('goldsmith.business_date')::date",
    }
}
