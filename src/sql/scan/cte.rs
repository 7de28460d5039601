//! Common table expressions: names that hide relations until their statement or subquery ends.

use super::Scanner;
use super::frame::{Clause, Frame, Role};
use crate::sql::keyword::Keyword as K;
use crate::sql::name::Name;
use crate::sql::token::Kind;

impl Scanner<'_> {
    /// If the WITH at `i` starts common table expressions: the token to go on with.
    pub(super) fn with(&mut self, i: usize) -> Option<usize> {
        let mut at = i + 1;
        let mut recursive = self.is_tsql();
        if self.tokens.get(at).is_some_and(|t| t.is(K::Recursive)) {
            recursive = true;
            at += 1;
        }
        if self.tokens.get(at).is_some_and(|t| t.is(K::Xmlnamespaces))
            && self.kind(at + 1) == Some(Kind::Open)
        {
            let close = self.closing(at + 1);
            if self.kind(close + 1) != Some(Kind::Comma) {
                return Some(close + 1);
            }
            at = close + 2;
        }
        self.begin_cte(at, recursive)
    }

    /// If `name [(columns)] AS [[NOT] MATERIALIZED] (` stands at `at`: the first token of its body.
    fn begin_cte(&mut self, at: usize, recursive: bool) -> Option<usize> {
        let name = Name::at(self.tokens, at).filter(|n| n.dots == 0)?;
        let mut body = name.end;
        if self.kind(body) == Some(Kind::Open) {
            body = self.closing(body) + 1;
        }
        if !self.is(body, K::As) {
            return None;
        }
        body += 1;
        while self.is(body, K::Not) || self.is(body, K::Materialized) {
            body += 1;
        }
        if self.kind(body) != Some(Kind::Open) {
            return None;
        }
        if recursive {
            self.declare_cte(at, None);
        }
        // The name itself belongs to the enclosing frame and outlives the body's.
        let role = Role::Cte { name: at, recursive };
        self.push(body, Frame::new(role, self.cte_names.len(), self.aliases.len()));
        Some(body + 1)
    }

    /// Ends the body of the CTE named at `name` with the parenthesis at `i`.
    pub(super) fn end_cte(&mut self, i: usize, name: usize, recursive: bool, base: Option<usize>) -> usize {
        if recursive {
            let key = self.cte_names.last();
            if let Some(last) = key.and_then(|key| self.ctes.get_mut(key)).and_then(|stack| stack.last_mut())
            {
                *last = base;
            }
        } else {
            self.declare_cte(name, base);
        }
        if self.kind(i + 1) == Some(Kind::Comma)
            && let Some(next) = self.begin_cte(i + 2, recursive)
        {
            return next;
        }
        let frame = self.top();
        frame.fresh = true;
        frame.clause = Clause::Idle;
        i + 1
    }

    fn declare_cte(&mut self, name: usize, base: Option<usize>) {
        let relation = Name::at(self.tokens, name).and_then(|n| n.relation(self.text, self.tokens));
        if let Some(relation) = relation {
            self.ctes.entry(relation.name.clone()).or_default().push(base);
            self.cte_names.push(relation.name);
        }
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).filter(|_| at < self.end).map(|t| t.kind)
    }

    pub(super) fn is(&self, at: usize, keyword: K) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(keyword))
    }
}
