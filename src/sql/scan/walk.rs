//! The walk over one statement: keeps the stack of parentheses and hands each word on.

use super::Scanner;
use super::frame::{Base, Clause, Expect, Frame, Role};
use crate::sql::name::Name;
use crate::sql::script::Verb;
use crate::sql::token::Kind;
use crate::words::Dialect;

/// Kinds of roots that a walk may start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// A query or a change may start here.
    Statement,
    /// An expression: only parentheses and SELECT start queries.
    Expression,
}

impl Scanner<'_> {
    /// Walks over the tokens from `from` to `to`.
    pub(super) fn walk(&mut self, from: usize, to: usize, root: Root) {
        self.frames.clear();
        self.beyond = 0;
        self.ctes.clear();
        self.cte_names.clear();
        self.aliases.clear();
        self.end = to;
        let mut frame = Frame::new(Role::Plain, 0, 0);
        frame.fresh = root == Root::Statement;
        self.frames.push(frame);
        self.run(from, to);
    }

    /// Walks with the frame of the statement already there.
    pub(super) fn run(&mut self, from: usize, to: usize) {
        let mut i = from;
        while i < to {
            i = self.step(i);
        }
        while let Some(frame) = self.frames.pop() {
            self.leave(&frame);
        }
    }

    /// The innermost frame; the walk keeps one for the statement itself.
    pub(super) fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the frame of the statement stays until the walk ends")
    }

    fn step(&mut self, i: usize) -> usize {
        match self.tokens[i].kind {
            Kind::Word | Kind::Quoted => return self.word(i),
            Kind::Open => self.open(i),
            Kind::Close => return self.close(i),
            Kind::Comma => {
                let frame = self.top();
                frame.alias = None;
                if frame.clause == Clause::After {
                    frame.clause = Clause::Source;
                }
            }
            Kind::Variable => return self.variable(i),
            Kind::String | Kind::Dollar => self.string(i),
            _ => {
                let frame = self.top();
                frame.fresh = false;
                frame.alias = None;
            }
        }
        i + 1
    }

    /// Puts a frame on the stack, unless that is too deep: then the parenthesis is only counted,
    /// and what stands in it is read as if it stood around it.
    pub(super) fn push(&mut self, i: usize, frame: Frame) {
        const DEEPEST: usize = 10_000;
        if self.frames.len() < DEEPEST {
            return self.frames.push(frame);
        }
        self.beyond += 1;
        if self.session.too_deep.is_none() {
            self.session.too_deep = Some(self.place(self.tokens[i].span()));
        }
    }

    fn open(&mut self, i: usize) {
        let (ctes, aliases) = (self.cte_names.len(), self.aliases.len());
        let frame = self.top();
        let role = if frame.expect == Expect::Nothing && frame.clause == Clause::Source {
            Role::Source
        } else {
            Role::Plain
        };
        if role == Role::Plain && frame.clause != Clause::Idle {
            frame.fresh = false;
        }
        let seeks_alias = frame.seeks();
        self.push(i, Frame { seeks_alias, ..Frame::new(role, ctes, aliases) });
    }

    fn close(&mut self, i: usize) -> usize {
        if self.beyond > 0 {
            self.beyond -= 1;
            return i + 1;
        }
        if self.frames.len() < 2 {
            return i + 1;
        }
        let Some(frame) = self.frames.pop() else { return i + 1 };
        self.leave(&frame);
        match frame.role {
            Role::Plain => {}
            Role::Source => {
                let parent = self.top();
                parent.clause = Clause::After;
                parent.fresh = false;
                parent.alias = Some(Base(frame.base));
                parent.base = parent.base.or(frame.base);
            }
            Role::Cte { name, recursive } => return self.end_cte(i, name, recursive, frame.base),
        }
        i + 1
    }

    /// Forgets what could only be seen within a frame, and settles its target.
    fn leave(&mut self, frame: &Frame) {
        if let Some((token, verb)) = frame.target {
            self.settle(token, verb, frame.alias_mark);
        }
        if !frame.is_join() {
            self.aliases.truncate(frame.alias_mark);
        }
        while self.cte_names.len() > frame.cte_mark {
            if let Some(name) = self.cte_names.pop()
                && let Some(stack) = self.ctes.get_mut(&name)
            {
                stack.pop();
            }
        }
    }

    fn word(&mut self, i: usize) -> usize {
        let frame = self.top();
        if frame.expect != Expect::Nothing {
            return self.expected(i);
        }
        if frame.clause == Clause::Source {
            return self.source(i);
        }
        match self.tokens[i].keyword {
            Some(keyword) => self.keyword(i, keyword),
            None => self.name(i),
        }
    }

    /// A name where no relation has to come: an alias, a column, or a call.
    pub(super) fn name(&mut self, i: usize) -> usize {
        let recording = self.frames.last().is_some_and(Frame::seeks);
        let frame = self.top();
        frame.fresh = false;
        if let Some(base) = frame.alias.take()
            && recording
            && self.session.budget.take(size_of::<super::Alias>(), self.tokens[i].start as usize)
        {
            if self.aliases.last().is_some_and(|own| own.base == base && base != Base(None)) {
                self.aliases.pop();
            }
            self.aliases.push(super::Alias { token: i, base });
        }
        if self.tokens.get(i + 1).is_none_or(|t| t.kind != Kind::Dot) {
            return i + 1;
        }
        let Some(name) = Name::at(self.tokens, i) else { return i + 1 };
        let calls = self.kind(name.end) == Some(Kind::Open) && self.says(self.tokens[name.end], "(");
        if calls && name.dots > 0 {
            self.call(name);
        }
        name.end
    }

    fn variable(&mut self, i: usize) -> usize {
        // A method of the variable, @xml.nodes('/a'), or a name that a template's variable begins.
        let mut next = i + 1;
        while next < self.end && matches!(self.tokens[next].kind, Kind::Dot | Kind::Word | Kind::Quoted) {
            let part = self.tokens[next].kind != Kind::Dot;
            if part && self.tokens[next - 1].kind != Kind::Dot {
                break;
            }
            next += 1;
        }
        let hides = self.dialect == Dialect::Postgres || next > i + 1 && self.kind(next) != Some(Kind::Open);
        let frame = self.top();
        frame.fresh = false;
        if hides && (frame.expect != Expect::Nothing || frame.clause == Clause::Source) {
            self.touches.dynamic = true;
        }
        let frame = self.top();
        if let Expect::Target(verb) = frame.expect {
            frame.expect = Expect::Nothing;
            self.changes(verb);
        } else if frame.expect != Expect::Nothing {
            frame.expect = Expect::Nothing;
        } else if frame.clause == Clause::Source {
            frame.clause = Clause::After;
            frame.alias = Some(Base(None));
        }
        next
    }

    fn string(&mut self, i: usize) {
        let duckdb = self.dialect == Dialect::DuckDb;
        if duckdb && self.kind(i + 1) == Some(Kind::Colon) {
            return; // an alias before its table: FROM 'a' : t
        }
        let frame = self.top();
        frame.fresh = false;
        frame.alias = None;
        if frame.clause == Clause::Source && frame.expect == Expect::Nothing {
            frame.clause = Clause::After;
            frame.alias = Some(Base(None));
            if duckdb {
                self.record_file(i);
            }
        }
    }

    /// What follows the target of a statement that changes data.
    pub(super) fn changes(&mut self, verb: Verb) {
        let frame = self.top();
        frame.clause = Clause::Rest;
        frame.query = matches!(verb, Verb::Update | Verb::Delete);
        frame.using = matches!(verb, Verb::Delete | Verb::Merge);
    }
}
