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
        if self.is(body, K::Using) && self.kind(body + 2) == Some(Kind::Open) {
            body = self.closing(body + 2) + 1; // USING KEY (columns)
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
        let after = self.behind_search(i + 1);
        if self.kind(after) == Some(Kind::Comma)
            && let Some(next) = self.begin_cte(after + 1, recursive)
        {
            return next;
        }
        let frame = self.top();
        frame.fresh = true;
        frame.clause = Clause::Idle;
        after
    }

    /// Skips `SEARCH DEPTH FIRST BY x, y SET z` and `CYCLE x SET y TO 1 DEFAULT 0 USING z` at `at`.
    fn behind_search(&self, mut at: usize) -> usize {
        let is_clause = |at: usize| {
            self.kind(at) == Some(Kind::Word)
                && ["search", "cycle"].iter().any(|word| self.says(self.tokens[at], word))
        };
        while !self.is_tsql() && is_clause(at) {
            let Some(set) = (at..self.end.min(at + 64)).find(|at| self.is(*at, K::Set)) else { break };
            at = set + 2;
            while self.is(at, K::To) || self.is(at, K::Default) || self.is(at, K::Using) {
                at += 2;
            }
        }
        at.min(self.end)
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
