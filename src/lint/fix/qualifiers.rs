//! How a query speaks of a table that it reads: whether it gave it an alias, and where its columns
//! are qualified by the table's own name, which is about to change.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::query::{Parts, Query};
use crate::sql::{Keyword as K, Kind};
use crate::words::{Dialect, RelationName, Span};

/// How many tokens are walked for one piece of SQL; far more than any honest query needs.
const MOST_WALKED: usize = 3_000_000;

/// Looks into a piece of SQL for what speaks of its tables.
pub(super) struct Qualifiers<'a> {
    query: Query<'a>,
    /// Where the names of tables start.
    tables: HashSet<usize>,
    /// The mentions in each query that was looked at, by its first and last token.
    seen: RefCell<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    mentions: HashMap<(usize, usize), Rc<Mentions>>,
    /// How many tokens were walked.
    walked: usize,
}

/// Where a query speaks of a table beside reading it.
#[derive(Debug, Default)]
struct Mentions {
    /// The table's own name as it is written where it stands alone in front of a column.
    short: Option<String>,
    /// Whether a word that has to be quoted would stand alone after a cut.
    unquoted: bool,
    /// How many tables have that name.
    namesakes: usize,
    cuts: Vec<Span>,
    whole: Vec<Span>,
}

/// What a query needs when the name of one of its tables changes.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// The old last part, to be an alias: columns are qualified by it, or will be when what is in
    /// front of it is cut.
    pub(super) alias: Option<String>,
    /// Whether columns are qualified by the last part alone.
    pub(super) short: bool,
    /// What to take out: database and schema in front of `table.column`.
    pub(super) cuts: Vec<Span>,
    /// Qualified columns whose whole qualifier may be printed by a tag: `{{ ref(..) }}.column`.
    pub(super) whole: Vec<Span>,
    /// Whether an alias would be ambiguous or could not stand there.
    pub(super) stuck: bool,
}

impl<'a> Qualifiers<'a> {
    /// Reads a piece of SQL whose tables and statements start at these offsets.
    pub(super) fn new(
        sql: &'a str,
        dialect: Dialect,
        tables: HashSet<usize>,
        statements: &HashSet<usize>,
    ) -> Self {
        Self { query: Query::new(sql, dialect, statements), tables, seen: RefCell::default() }
    }

    /// What the query around the table named at `place` needs; `relation` is its full name. Places
    /// that `is_own` denies are other files' text.
    pub(super) fn needs(&self, place: Span, relation: &RelationName, is_own: impl Fn(Span) -> bool) -> Needs {
        let (Some(first), Some(last)) = (self.query.starting(place.start), self.query.ending(place.end))
        else {
            return Needs::default();
        };
        let (aliased, sure) = self.alias_behind(last + 1);
        if aliased {
            return Needs::default();
        }
        let scope = self.query.scope(first);
        let Some(mentions) = self.mentions(scope, relation, is_own) else {
            return Needs { alias: Some(String::new()), stuck: true, ..Needs::default() };
        };
        let mut needs =
            Needs { cuts: mentions.cuts.clone(), whole: mentions.whole.clone(), ..Needs::default() };
        needs.short = mentions.short.is_some();
        if needs.short || !needs.cuts.is_empty() {
            let written = || self.query.tokens[last].text(self.query.sql).to_owned();
            needs.alias = Some(mentions.short.clone().unwrap_or_else(written));
            let ambiguous = mentions.namesakes > 1 && !needs.cuts.is_empty();
            needs.stuck = !sure || !self.takes_alias(first) || ambiguous || mentions.unquoted;
        }
        needs
    }

    /// The mentions of a table in a query. `None` when queries nest so deep that looking into each
    /// would take too long.
    fn mentions(
        &self,
        scope: Range<usize>,
        relation: &RelationName,
        is_own: impl Fn(Span) -> bool,
    ) -> Option<Rc<Mentions>> {
        let key = (scope.start, scope.end);
        if let Some(known) = self.seen.borrow().mentions.get(&key) {
            return Some(Rc::clone(known));
        }
        let walked = self.seen.borrow().walked + scope.len();
        if walked > MOST_WALKED {
            return None;
        }
        let mut found = Mentions::default();
        for name in self.query.names(scope) {
            let span = self.query.tokens[name.tokens[0]].span().to(self.query.tokens[name.end - 1].span());
            if !is_own(span) {
                continue;
            }
            if self.tables.contains(&span.start) {
                found.namesakes +=
                    usize::from(self.query.part(&name, name.tokens.len() - 1) == relation.name);
                continue;
            }
            match self.qualifier(&name, relation) {
                Some(0) => found.short = found.short.or_else(|| Some(self.query.text(name.tokens[0]))),
                Some(at) => {
                    let (from, table) =
                        (self.query.tokens[name.tokens[0]], self.query.tokens[name.tokens[at]]);
                    found.unquoted |= table.kind == Kind::Word && needs_quotes(table.text(self.query.sql));
                    found.whole.push(Span::new(from.start as usize, table.end()));
                    found.cuts.push(Span::new(from.start as usize, table.start as usize));
                }
                None if self.is_bare(&name, relation) => {
                    found.short = found.short.or_else(|| Some(self.query.text(name.tokens[0])));
                }
                None => {}
            }
        }
        let found = Rc::new(found);
        let mut seen = self.seen.borrow_mut();
        seen.walked = walked;
        seen.mentions.insert(key, Rc::clone(&found));
        Some(found)
    }

    /// `AS` in the case of the word in front of a table.
    pub(super) fn as_word(&self, place: Span) -> &'static str {
        let before =
            self.query.starting(place.start).and_then(|first| self.query.tokens.get(first.checked_sub(1)?));
        let upper =
            before.is_some_and(|t| t.text(self.query.sql).starts_with(|c: char| c.is_ascii_uppercase()));
        if upper { "AS" } else { "as" }
    }

    /// Whether an alias stands at a token, and whether that, or its absence, is sure.
    fn alias_behind(&self, at: usize) -> (bool, bool) {
        let Some(token) = self.query.tokens.get(at) else { return (false, true) };
        match token.keyword {
            Some(K::As) => (true, true),
            Some(K::For) => (false, !self.query.is(at + 1, K::SystemTime)),
            Some(K::At) => (false, self.query.kind(at + 1) != Some(Kind::Open)),
            Some(
                K::Limit
                | K::Offset
                | K::Qualify
                | K::Window
                | K::Output
                | K::Returning
                | K::Positional
                | K::Natural
                | K::Anti,
            ) => (false, true),
            Some(keyword) if keyword.is_reserved() => (false, true),
            Some(_) => (true, true),
            None if token.kind == Kind::Open => (false, false),
            None if token.is_name() => (!self.query.is(at + 1, K::Join), true),
            None => (false, true),
        }
    }

    /// Whether an alias can follow a table that stands at a token.
    fn takes_alias(&self, first: usize) -> bool {
        let Some(before) = first.checked_sub(1) else { return false };
        matches!(self.query.kind(before), Some(Kind::Comma | Kind::Open))
            || [K::From, K::Join, K::Using, K::Apply].into_iter().any(|k| self.query.is(before, k))
    }

    /// Which part of a qualified column is the table, if the qualifier names the relation.
    fn qualifier(&self, name: &Parts, relation: &RelationName) -> Option<usize> {
        let open = self.query.kind(name.end) == Some(Kind::Dot);
        let count = if open { name.tokens.len() } else { name.tokens.len() - 1 };
        let parts: Vec<String> = (0..count.min(3)).map(|i| self.query.part(name, i)).collect();
        let outer = [relation.database.as_deref(), relation.schema.as_deref()];
        let table = relation.name.as_str();
        let [database, schema] = outer.map(Option::unwrap_or_default);
        match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [t, ..] if *t == table => Some(0),
            [s, t, ..] if *t == table && (*s == schema || *s == database) => Some(1),
            [d, s, t] if *t == table && *s == schema && *d == database => Some(2),
            _ => None,
        }
    }

    /// Whether a word is the table itself in place of a column: a whole row outside T-SQL.
    fn is_bare(&self, name: &Parts, relation: &RelationName) -> bool {
        let at = name.tokens[0];
        if self.query.dialect == Dialect::TSql
            || name.tokens.len() > 1
            || self.query.part(name, 0) != relation.name
        {
            return false;
        }
        let before = at.checked_sub(1).map(|b| self.query.tokens[b]);
        let defines = before.is_some_and(|t| {
            t.kind == Kind::Close
                || matches!(t.kind, Kind::Quoted | Kind::String | Kind::Number)
                || t.kind == Kind::Word && t.keyword.is_none()
                || [K::As, K::From, K::Join, K::With].into_iter().any(|k| t.is(k))
        });
        !defines && self.query.kind(name.end) != Some(Kind::Open) && !self.query.is(name.end, K::As)
    }
}

/// Whether a word that is a name behind a dot may mean something else without one.
fn needs_quotes(word: &str) -> bool {
    const ALSO: [&str; 34] = [
        "add",
        "and",
        "any",
        "array",
        "both",
        "cast",
        "check",
        "collate",
        "current",
        "file",
        "foreign",
        "false",
        "identity",
        "key",
        "leading",
        "like",
        "null",
        "off",
        "over",
        "percent",
        "plan",
        "primary",
        "public",
        "read",
        "rule",
        "session_user",
        "some",
        "symmetric",
        "system_user",
        "trailing",
        "true",
        "user",
        "variadic",
        "within",
    ];
    K::of(word.as_bytes()).is_some() || ALSO.iter().any(|also| word.eq_ignore_ascii_case(also))
}

#[cfg(test)]
mod tests {
    use super::Qualifiers;
    use crate::sql;
    use crate::words::{Dialect, RelationName};

    fn told(text: &str) -> String {
        let relation = RelationName::new("d", "s", "t");
        let script = sql::read(text, Dialect::DuckDb);
        let tables = script.reads().map(|r| r.span.start).collect();
        let statements = script.statements().map(|s| s.span.start).collect();
        let query = Qualifiers::new(text, Dialect::DuckDb, tables, &statements);
        let place = script.reads().find(|r| r.name == relation).unwrap().span;
        let needs = query.needs(place, &relation, |_| true);
        let cuts: Vec<&str> = needs.cuts.iter().map(|s| &text[s.start..s.end]).collect();
        format!(
            "{} {cuts:?}{}",
            needs.alias.as_deref().unwrap_or("-"),
            if needs.stuck { " stuck" } else { "" }
        )
    }

    #[test]
    fn an_alias_only_where_columns_need_one() {
        let cases = [
            ("select a from d.s.t", "- []"),
            ("select t.a from d.s.t", "t []"),
            ("select t.* from d.s.\"T\" where 1 = 1", "t []"),
            ("select t from d.s.t", "t []"),
            ("select a as t from d.s.t", "- []"),
            ("select x.a from d.s.t x", "- []"),
            ("select t.a from d.s.t as t", "- []"),
            ("select d.s.t.a, s.t.b, t.c from d.s.t", "t [\"d.s.\", \"s.\"]"),
            ("select d.s.t.* from d.s.t", "t [\"d.s.\"]"),
            ("with t as (select a from d.s.t) select t.a from t", "- []"),
            ("with t as (select t.a from d.s.t) select a from t", "t []"),
            ("select a from (d.s.t join u using (i)) where t.a = 1", "t []"),
            ("select a from u, d.s.t where t.a = u.a", "t []"),
            ("select a from u semi join d.s.t on t.i = u.i", "t []"),
            ("select a from d.s.t semi join u on t.i = u.i", "t []"),
            ("select a from d.s.t limit 1", "- []"),
            ("select d.s.t.a from d.s.t, e.s.t", "t [\"d.s.\"] stuck"),
            ("select t.a from d.s.t at (version => 1)", "t [] stuck"),
            ("summarize d.s.t", "- []"),
            ("select d.s.t.a from d.s.t union all select d.s.t.a from d.s.t", "t [\"d.s.\"]"),
            ("select a from d.s.t; select t.a from u", "- []"),
            ("(select a from d.s.t) union (select t.a from u t)", "- []"),
            ("select s.\"T\".a from d.s.t", "t [\"s.\"]"),
            (")) select t.a from ((d.s.t", "t []"),
        ];
        for (text, wanted) in cases {
            assert_eq!(told(text), wanted, "{text}");
        }
    }
}
