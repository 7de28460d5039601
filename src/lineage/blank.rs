//! Covers with spaces what says how a statement runs and nothing of its columns, so that the
//! parser need not know it. Everything else keeps its place.

use crate::sql::{Keyword as K, Kind, Token, tokens};
use crate::words::Dialect;

/// Words in parentheses behind a table that are hints.
const HINTS: [&str; 24] = [
    "nolock",
    "readuncommitted",
    "readcommitted",
    "readcommittedlock",
    "repeatableread",
    "serializable",
    "snapshot",
    "holdlock",
    "updlock",
    "xlock",
    "rowlock",
    "paglock",
    "tablock",
    "tablockx",
    "readpast",
    "nowait",
    "noexpand",
    "forceseek",
    "forcescan",
    "index",
    "keepidentity",
    "keepdefaults",
    "ignore_constraints",
    "ignore_triggers",
];

/// A statement's text without what the parser need not know.
#[derive(Default)]
pub(super) struct Blanked {
    /// As long as before.
    pub(super) text: String,
    /// Whether it was `INSERT .. BY NAME`.
    pub(super) by_name: bool,
    /// Where the names end whose `+=` became `=`.
    pub(super) compound: Vec<usize>,
}

/// Covers what says nothing of columns.
pub(super) fn blanked(text: &str, dialect: Dialect) -> Blanked {
    match dialect {
        Dialect::TSql => tsql(text),
        Dialect::DuckDb => {
            let named = by_name(text);
            let by_name = named.is_some();
            Blanked { text: named.unwrap_or_else(|| text.to_owned()), by_name, ..Blanked::default() }
        }
        Dialect::Postgres => Blanked { text: text.to_owned(), ..Blanked::default() },
    }
}

/// An INSERT without its BY NAME or BY POSITION, if it has one that means names.
fn by_name(text: &str) -> Option<String> {
    let tokens = tokens(text, Dialect::DuckDb);
    if !tokens.first()?.is(K::Insert) {
        return None;
    }
    let query = tokens.iter().position(|t| t.is(K::Select) || t.is(K::From) || t.is(K::With))?;
    let by = tokens[..query].iter().position(|t| t.is(K::By))?;
    let name = tokens.get(by + 1).filter(|t| t.is(K::Name))?;
    let (start, end) = (tokens[by].start as usize, name.end());
    Some(format!("{}{}{}", &text[..start], " ".repeat(end - start), &text[end..]))
}

fn tsql(text: &str) -> Blanked {
    let dialect = Dialect::TSql;
    let text = &variables(text);
    let mut cover = Cover { text, tokens: tokens(text, dialect), covered: Vec::new() };
    let changes = cover.tokens.iter().any(|t| t.is(K::Update));
    let mut compound = Vec::new();
    let mut at = 0;
    while at < cover.tokens.len() {
        if changes && cover.is_compound(at) {
            compound.push(cover.tokens[at - 1].end());
            cover.blank(at, at + 1);
        }
        let end = cover.end(at).unwrap_or(at);
        cover.blank(at, end);
        at = end.max(at + 1);
    }
    Blanked { text: cover.apply(), compound, ..Blanked::default() }
}

/// Stand for `$(` and `)` of sqlcmd's variables, so that they are names to the parser.
const OPENS: &str = "\u{18d}";
const CLOSES: &str = "$";

/// A text with sqlcmd's variables as names, as long as before.
fn variables(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("$(") {
        let name = rest[at + 2..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let end = at + 2 + name;
        if name > 0 && rest[end..].starts_with(')') {
            out.extend([&rest[..at], OPENS, &rest[at + 2..end], CLOSES]);
            rest = &rest[end + 1..];
        } else {
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
        }
    }
    out.push_str(rest);
    out
}

/// A name as the user wrote it.
pub(super) fn restored(name: String) -> String {
    let Some(at) = name.find(OPENS) else { return name };
    let (before, behind) = (&name[..at], &name[at + OPENS.len()..]);
    let behind = behind.replacen(CLOSES, ")", 1);
    restored(format!("{before}$({behind}"))
}

struct Cover<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    covered: Vec<(usize, usize)>,
}

impl Cover<'_> {
    fn is(&self, at: usize, keyword: K) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(keyword))
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    fn opens(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Open)
    }

    fn word(&self, at: usize, words: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|t| {
            t.kind == Kind::Word && words.iter().any(|w| t.text(self.text).eq_ignore_ascii_case(w))
        })
    }

    /// The token behind the parenthesis that closes the one at `at`.
    fn behind(&self, at: usize) -> usize {
        let mut depth = 0usize;
        for (i, token) in self.tokens.iter().enumerate().skip(at) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth <= 1 => return i + 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// Behind the parentheses at `at`, if there are any.
    fn past(&self, at: usize) -> usize {
        if self.opens(at) { self.behind(at) } else { at }
    }

    /// Where the parentheses around the token end, or the text.
    fn clause_end(&self, at: usize) -> usize {
        let mut depth = 0usize;
        for (i, token) in self.tokens.iter().enumerate().skip(at) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close | Kind::Semicolon if depth == 0 => return i,
                Kind::Close => depth -= 1,
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// If what starts at `at` says nothing of columns: the token behind it.
    fn end(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1).and_then(|i| self.tokens[i].keyword);
        let token = self.tokens[at];
        match token.keyword {
            Some(K::Option) if self.opens(at + 1) => return Some(self.behind(at + 1)),
            Some(K::With) => return self.with(at),
            Some(K::Group) if self.word(at + 2, &["grouping"]) && self.opens(at + 4) => {
                return Some(self.behind(at + 4));
            }
            Some(K::Top) if starts_rows(before) => return self.top(at),
            Some(K::Loop | K::Merge) if self.is(at + 1, K::Join) => return Some(at + 1),
            Some(K::For) => return self.rest(at),
            Some(K::Tablesample) => return Some(self.past(at + 1).max(at + 1)),
            Some(K::Where) if self.word(at + 1, &["current"]) && self.is(at + 2, K::Of) => {
                return Some(at + 4);
            }
            // `FROM ::fn_x (..)`
            None if self.scoped(at) => return Some(at + 1),
            Some(K::Bulk) if at > 0 && self.opens(at - 1) => return Some(at + 1),
            _ => {}
        }
        if self.is(at + 1, K::Join) && self.word(at, &["hash", "remote"]) && before.is_some() {
            return Some(at + 1);
        }
        // `dbo.t (NOLOCK)`
        let hinted = token.kind == Kind::Open
            && at > 0
            && self.tokens[at - 1].is_name()
            && self.word(at + 1, &HINTS)
            && matches!(self.kind(at + 2), Some(Kind::Close | Kind::Comma | Kind::Equals));
        hinted.then(|| self.behind(at))
    }

    /// Whether `+=` or the like stands behind a name.
    fn is_compound(&self, at: usize) -> bool {
        let (Some(token), Some(next)) = (self.tokens.get(at), self.tokens.get(at + 1)) else { return false };
        token.kind == Kind::Operator
            && matches!(token.text(self.text), "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^")
            && next.kind == Kind::Equals
            && at > 0
            && self.tokens[at - 1].is_name()
    }

    /// Whether the token is of a `::` in front of a system function.
    fn scoped(&self, at: usize) -> bool {
        let colon = |i: usize| self.tokens.get(i).is_some_and(|t| t.text(self.text).starts_with(':'));
        let from = |i: usize| {
            i.checked_sub(1)
                .and_then(|i| self.tokens[i].keyword)
                .is_some_and(|k| matches!(k, K::From | K::Join | K::Apply))
        };
        colon(at) && (from(at) || at > 0 && colon(at - 1) && from(at - 1))
    }

    fn with(&self, at: usize) -> Option<usize> {
        if self.opens(at + 1) && self.word(at + 2, &HINTS) {
            return Some(self.behind(at + 1));
        }
        if self.word(at + 1, &["rollup", "cube", "ties", "approximate"]) {
            return Some(at + 2);
        }
        if self.word(at + 1, &["schemabinding", "encryption", "view_metadata"]) {
            return (at..self.tokens.len()).find(|i| self.is(*i, K::As));
        }
        if self.word(at + 1, &["check"]) && self.is(at + 2, K::Option) {
            return Some(at + 3);
        }
        None
    }

    /// `TOP (n) PERCENT WITH TIES`
    fn top(&self, at: usize) -> Option<usize> {
        let mut end = match self.kind(at + 1)? {
            Kind::Open => self.behind(at + 1),
            Kind::Number | Kind::Variable => at + 2,
            _ => return None,
        };
        if self.is(end, K::Percent) {
            end += 1;
        }
        if self.is(end, K::With) && self.word(end + 1, &["ties", "approximate"]) {
            end += 2;
        }
        Some(end)
    }

    /// `FOR XML ..`, `FOR SYSTEM_TIME ..`
    fn rest(&self, at: usize) -> Option<usize> {
        if self.word(at + 1, &["xml", "json", "browse"]) {
            return Some(self.clause_end(at));
        }
        if !self.is(at + 1, K::SystemTime) {
            return None;
        }
        match self.tokens.get(at + 2).and_then(|t| t.keyword) {
            Some(K::As) => Some(at + 5),
            Some(K::From | K::Between) => Some(at + 6),
            Some(K::Contained) => Some(self.past(at + 4)),
            _ => Some(at + 3),
        }
    }

    fn blank(&mut self, from: usize, to: usize) {
        let to = to.min(self.tokens.len());
        if from < to {
            self.covered.push((self.tokens[from].start as usize, self.tokens[to - 1].end()));
        } else if let Some(token) = self.tokens.get(from)
            && self.is(from, K::With)
            && self.word(from + 1, &["xmlnamespaces"])
        {
            self.namespaces(from, token.end());
        }
    }

    /// `WITH XMLNAMESPACES (..), c AS (..)` keeps its WITH, if tables follow.
    fn namespaces(&mut self, with: usize, with_end: usize) {
        let behind = self.past(with + 2);
        let comma = self.kind(behind) == Some(Kind::Comma);
        let last = if comma { behind } else { behind - 1 };
        let start = if comma { with_end } else { self.tokens[with].start as usize };
        if let Some(last) = self.tokens.get(last) {
            self.covered.push((start, last.end()));
        }
    }

    fn apply(self) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for (from, to) in self.covered {
            if from < at {
                continue;
            }
            out.push_str(&self.text[at..from]);
            for c in self.text[from..to].chars() {
                if c == '\n' {
                    out.push(c);
                } else {
                    out.extend(std::iter::repeat_n(' ', c.len_utf8()));
                }
            }
            at = to;
        }
        out.push_str(&self.text[at..]);
        out
    }
}

fn starts_rows(before: Option<K>) -> bool {
    matches!(before, Some(K::Select | K::Distinct | K::All | K::Insert | K::Update | K::Delete | K::Merge))
}

#[cfg(test)]
mod tests {
    use super::blanked;
    use crate::words::Dialect;

    #[test]
    fn covers_hints_and_keeps_places() {
        for (sql, left) in [
            ("select top (1) with ties a from t (nolock) option (recompile)", "select a from t"),
            (
                "select * from a with (nolock) x inner hash join b on 1=1",
                "select * from a x inner join b on 1=1",
            ),
            (
                "with xmlnamespaces ('u' as n), c as (select 1 x) select x from c",
                "with c as (select 1 x) select x from c",
            ),
            ("select (select x from t for xml path(''), type) y", "select (select x from t ) y"),
            ("select * from t for system_time as of @d x", "select * from t x"),
            ("select * from openjson(@j) with (a int)", "select * from openjson(@j) with (a int)"),
            ("create view v with schemabinding as select 1 x", "create view v as select 1 x"),
        ] {
            let got = blanked(sql, Dialect::TSql).text;
            assert_eq!(got.len(), sql.len());
            assert_eq!(got.split_whitespace().collect::<Vec<_>>().join(" "), left);
        }
        assert_eq!(blanked("a option (ä\n)", Dialect::TSql).text.len(), "a option (ä\n)".len());
    }
}
