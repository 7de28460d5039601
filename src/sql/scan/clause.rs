//! What each keyword means for the clause that the walk is in.

use super::Scanner;
use super::frame::{Clause, Expect};
use crate::sql::keyword::Keyword as K;
use crate::sql::name::Name;
use crate::sql::script::Verb;
use crate::sql::token::Kind;
use crate::words::Dialect;

impl Scanner<'_> {
    /// The keyword at `i`, where no relation has to come; gives the token to go on with.
    pub(super) fn keyword(&mut self, i: usize, keyword: K) -> usize {
        match keyword {
            K::With => return self.with_keyword(i),
            K::Insert | K::Update | K::Delete | K::Merge if self.top().fresh => {
                return self.change(i, keyword);
            }
            K::From if self.is_from_clause(i) => self.expect_source(),
            K::Table if self.is_direct_table(i) => {
                self.expect_source();
                return i + 1;
            }
            K::Exec | K::Execute if self.frames.len() == 1 && self.top().change == Some(Verb::Insert) => {
                return self.exec(i, self.end);
            }
            K::For => return self.for_keyword(i),
            K::References => {
                let name = Name::at(self.tokens, i + 1);
                return name.map_or(i + 1, |name| name.end);
            }
            K::As => {}
            _ if !keyword.is_reserved() && self.top().alias.is_some() && !self.ends_clause(i, keyword) => {
                return self.name(i);
            }
            _ => {
                self.within(i, keyword);
                let frame = self.top();
                frame.alias = None;
            }
        }
        self.top().fresh = false;
        i + 1
    }

    /// Whether an unreserved keyword goes on with the query rather than naming an alias.
    fn ends_clause(&self, i: usize, keyword: K) -> bool {
        match keyword {
            K::Limit | K::Offset => !matches!(self.kind(i + 1), None | Some(Kind::Comma | Kind::Close)),
            K::Qualify
            | K::Window
            | K::Output
            | K::Returning
            | K::Asof
            | K::Positional
            | K::Natural
            | K::Anti => true,
            _ => false,
        }
    }

    fn within(&mut self, i: usize, keyword: K) {
        let before = self.tokens.get(i.wrapping_sub(1)).and_then(|t| t.keyword);
        let procedural = self.origin.procedural;
        let frame = self.top();
        match keyword {
            K::Select => {
                frame.query = true;
                frame.clause = Clause::Select;
                frame.output = false;
            }
            K::Perform if procedural && frame.fresh => {
                frame.query = true;
                frame.clause = Clause::Select;
            }
            K::Join if frame.query || frame.clause == Clause::After => frame.clause = Clause::Source,
            K::Apply if matches!(before, Some(K::Cross | K::Outer)) => frame.clause = Clause::Source,
            K::On if frame.pivot => frame.clause = Clause::Rest,
            K::Using if frame.using => {
                frame.using = false;
                frame.clause = Clause::Source;
            }
            K::Into if frame.output => {
                frame.output = false;
                frame.expect = Expect::Into(Verb::Insert);
            }
            K::Into if frame.clause == Clause::Select && !procedural => {
                frame.expect = Expect::Into(Verb::SelectInto);
            }
            K::Output => {
                frame.output = frame.change.is_some();
                if frame.output {
                    frame.clause = Clause::Rest;
                }
            }
            K::When if frame.change == Some(Verb::Merge) => frame.clause = Clause::Rest,
            K::Where
            | K::Group
            | K::Order
            | K::Having
            | K::Qualify
            | K::Window
            | K::Limit
            | K::Offset
            | K::Option
            | K::Union
            | K::Except
            | K::Intersect
            | K::Set
            | K::Returning
            | K::Values
                // In a select list these are WITHIN GROUP (ORDER BY ..), and INTO may still come.
                if frame.clause != Clause::Select =>
            {
                frame.clause = Clause::Rest;
            }
            _ => {}
        }
    }

    fn with_keyword(&mut self, i: usize) -> usize {
        let behind_table = matches!(self.top().clause, Clause::After | Clause::Select);
        if !behind_table && let Some(next) = self.with(i) {
            return next;
        }
        self.top().fresh = false;
        i + 1
    }

    fn expect_source(&mut self) {
        let frame = self.top();
        frame.query = true;
        frame.clause = Clause::Source;
        frame.alias = None;
    }

    /// Whether the FROM at `i` starts a clause: not in `EXTRACT(year FROM x)` or `IS DISTINCT FROM`.
    fn is_from_clause(&mut self, i: usize) -> bool {
        if self.is(i.wrapping_sub(1), K::Distinct)
            && (self.is(i.wrapping_sub(2), K::Is) || self.is(i.wrapping_sub(2), K::Not))
        {
            return false;
        }
        let from_first = self.dialect == Dialect::DuckDb;
        let root = self.frames.len() == 1;
        let frame = self.top();
        frame.query || from_first && (frame.fresh || root)
    }

    /// Whether `TABLE t` at `i` is short for `SELECT * FROM t`.
    fn is_direct_table(&self, i: usize) -> bool {
        const BEFORE: [K; 5] = [K::As, K::Union, K::All, K::Except, K::Intersect];
        !self.is_tsql()
            && self.tokens.get(i.wrapping_sub(1)).and_then(|t| t.keyword).is_some_and(|k| BEFORE.contains(&k))
            && self.tokens.get(i + 1).is_some_and(|t| t.is_name() && !t.keyword.is_some_and(K::is_reserved))
    }

    /// A statement that changes data, or such a part of one, starts with the keyword at `i`.
    fn change(&mut self, i: usize, keyword: K) -> usize {
        let verb = match keyword {
            K::Insert => Verb::Insert,
            K::Update => Verb::Update,
            K::Delete => Verb::Delete,
            _ => Verb::Merge,
        };
        let frame = self.top();
        frame.fresh = false;
        frame.change = Some(verb);
        frame.expect = Expect::Target(verb);
        i + 1
    }

    /// `FOR SYSTEM_TIME ..` belongs to the table before it; any other FOR ends the clause.
    fn for_keyword(&mut self, i: usize) -> usize {
        let frame = self.top();
        frame.fresh = false;
        if frame.clause != Clause::After || !self.is(i + 1, K::SystemTime) {
            let frame = self.top();
            if frame.clause != Clause::Select {
                frame.clause = Clause::Rest;
            }
            frame.alias = None;
            return i + 1;
        }
        match self.tokens.get(i + 2).and_then(|t| t.keyword) {
            Some(K::As) => (i + 5).min(self.end),
            Some(K::From | K::Between) => (i + 6).min(self.end),
            Some(K::Contained) if self.kind(i + 4) == Some(Kind::Open) => {
                (self.closing(i + 4) + 1).min(self.end)
            }
            _ => (i + 3).min(self.end),
        }
    }
}
