//! Definitions: views, procedures, functions, triggers, synonyms. What a body touches is its own.

use super::Scanner;
use super::walk::Root;
use crate::sql::keyword::Keyword as K;
use crate::sql::name::Name;
use crate::sql::script::{Definition, DefinitionKind, Touches, Verb};
use crate::sql::split::split_body;
use crate::sql::token::{Kind, Token};
use crate::words::Span;

impl Scanner<'_> {
    /// CREATE or ALTER VIEW: the view is written here, what it reads is its own.
    pub(super) fn view(&mut self, i: usize, at: usize, to: usize, temp: bool) {
        let Some(name) = Name::at(self.tokens, self.skip_if(at)) else { return };
        let mut body = name.end;
        if self.kind(body) == Some(Kind::Open) {
            body = self.closing(body) + 1;
        }
        while body < to && !self.is(body, K::As) {
            body += 1;
        }
        if temp && !self.is_tsql() {
            // Nobody else sees it: what it reads, the script reads.
            self.walk(body + 1, to, Root::Statement);
            return self.record_temp(name, Verb::Create);
        }
        self.record(name, Verb::Create);
        if !self.open_definition(DefinitionKind::View, name, i) {
            return;
        }
        self.walk((body + 1).min(to), to, Root::Statement);
        if (i..at).any(|word| self.is(word, K::Recursive)) {
            let own = name.relation(self.text, self.tokens);
            self.touches.reads.retain(|read| Some(&*read.name) != own.as_ref());
        }
        self.close_definition_before(to);
    }

    /// CREATE or ALTER PROCEDURE, FUNCTION, MACRO: in T-SQL the body goes to the end of the batch.
    pub(super) fn routine(&mut self, kind: DefinitionKind, i: usize, at: usize, to: usize) {
        let Some(name) = Name::at(self.tokens, self.skip_if(at)) else { return };
        if !self.open_definition(kind, name, i) || self.is_tsql() {
            return;
        }
        self.routine_body(name.end, to);
        self.close_definition_before(to);
    }

    /// A temporary routine: nobody else sees it, so what its body touches, the script touches.
    pub(super) fn temporary_routine(&mut self, at: usize, to: usize) {
        if let Some(name) = Name::at(self.tokens, self.skip_if(at)) {
            self.routine_body(name.end, to);
        }
    }

    /// The body of a routine outside T-SQL: a string, a query, or `BEGIN ATOMIC .. END`.
    fn routine_body(&mut self, from: usize, to: usize) {
        let parameters =
            if self.kind(from) == Some(Kind::Open) { (self.closing(from) + 1).min(to) } else { from };
        if self.is_foreign(parameters, to) {
            self.hide(from.saturating_sub(1));
            return;
        }
        let atomic = (parameters..to).find(|at| self.is(*at, K::Begin) && self.is(at + 1, K::Atomic));
        if let Some(begin) = atomic {
            if std::mem::replace(&mut self.in_atomic, true) {
                // No engine allows a definition in there.
                self.touches.dynamic = true;
                return;
            }
            for statement in split_body(self.tokens, begin + 2..to) {
                self.statement(statement.tokens, false);
            }
            self.in_atomic = false;
            return;
        }
        let start = (parameters..to).find(|at| self.is(*at, K::As) || self.is(*at, K::Return));
        let Some(start) = start else { return };
        let mut body = start + 1;
        if let Some(Kind::Dollar | Kind::String) = self.kind(body) {
            self.read_string(body, true);
        } else {
            body += usize::from(self.is(body, K::Table));
            self.walk(body, to, Root::Statement);
        }
    }

    /// `DO $$ .. $$` runs at once.
    pub(super) fn anonymous_block(&mut self, i: usize, to: usize) {
        if self.is_foreign(i, to) {
            self.hide(i);
            return;
        }
        let body = (i + 1..to).find(|at| matches!(self.tokens[*at].kind, Kind::Dollar | Kind::String));
        if let Some(body) = body {
            self.read_string(body, true);
        }
    }

    /// CREATE or ALTER TRIGGER: its table is its target, not what it reads.
    pub(super) fn trigger(&mut self, i: usize, at: usize, to: usize) {
        let Some(name) = Name::at(self.tokens, self.skip_if(at)) else { return };
        if !self.open_definition(DefinitionKind::Trigger, name, i) {
            return;
        }
        let on = (name.end..to).find(|at| self.is(*at, K::On));
        let table = on.filter(|on| !self.is(on + 1, K::Database) && !self.is(on + 1, K::All));
        if let Some(table) = table.and_then(|on| Name::at(self.tokens, on + 1)) {
            let span = self.place(table.span(self.tokens));
            let target = table
                .relation(self.text, self.tokens)
                .and_then(|name| self.reference(name, span, Verb::Other));
            if let Some(definition) = self.defines.last_mut() {
                definition.target = target;
            }
        }
        if self.is_tsql() {
            return;
        }
        let execute = (name.end..to).find(|at| self.is(*at, K::Execute));
        let called = execute.map(|at| {
            if self.is(at + 1, K::Function) || self.is(at + 1, K::Procedure) { at + 2 } else { at + 1 }
        });
        if let Some(called) = called.and_then(|at| Name::at(self.tokens, at)) {
            self.record(called, Verb::Execute);
        } else if let Some(table) = table.and_then(|on| Name::at(self.tokens, on + 1)) {
            self.trigger_body(table.end, to);
        }
        self.close_definition_before(to);
    }

    /// The statement behind the head of a trigger, which alone sees the tables that REFERENCING names.
    fn trigger_body(&mut self, from: usize, to: usize) {
        let starts = |k: K| matches!(k, K::Insert | K::Update | K::Delete | K::Merge | K::Select | K::With);
        let Some(body) = (from..to).find(|at| self.tokens[*at].keyword.is_some_and(starts)) else { return };
        let mut seen: Vec<String> = Vec::new();
        for at in from..body {
            if self.is(at, K::Table)
                && self.is(at + 1, K::As)
                && let Some(name) =
                    Name::at(self.tokens, at + 2).and_then(|n| n.relation(self.text, self.tokens))
                && self.session.temps.insert(name.name.clone())
            {
                seen.push(name.name);
            }
        }
        self.statement(body..to, false);
        for name in seen {
            self.session.temps.remove(&name);
        }
    }

    /// `CREATE SYNONYM s FOR t`.
    pub(super) fn synonym(&mut self, i: usize, at: usize, to: usize) {
        let Some(name) = Name::at(self.tokens, at) else { return };
        if !self.is(name.end, K::For) {
            return;
        }
        let Some(target) = Name::at(self.tokens, name.end + 1) else { return };
        if !self.open_definition(DefinitionKind::Synonym, name, i) {
            return;
        }
        self.record(target, Verb::Read);
        let span = self.place(target.span(self.tokens));
        let target =
            target.relation(self.text, self.tokens).and_then(|name| self.reference(name, span, Verb::Read));
        if let Some(definition) = self.defines.last_mut() {
            definition.target = target;
        }
        self.close_definition_before(to);
    }

    /// From here on everything is touched by the definition of `name`; `false` if there can be none.
    fn open_definition(&mut self, kind: DefinitionKind, name: Name, start: usize) -> bool {
        let Some(relation) = name.relation(self.text, self.tokens) else { return false };
        if self.outer.is_some() {
            self.close_definition_before(start);
        }
        let span = name.span(self.tokens);
        if !self.session.budget.take(size_of::<Definition>() + 64, self.place(span).start) {
            return false;
        }
        self.defines.push(Definition {
            kind,
            name: relation,
            span: self.place(span),
            extent: self.place(Span::new(self.tokens[start].start as usize, span.end)),
            target: None,
            current_database: self.session.database.clone(),
            touches: Touches::default(),
        });
        self.outer = Some((self.defines.len() - 1, std::mem::take(&mut self.touches)));
        true
    }

    /// Ends the open definition before token `to`.
    fn close_definition_before(&mut self, to: usize) {
        self.close_definition(to.checked_sub(1).and_then(|at| self.tokens.get(at)).copied());
    }

    /// Ends the open definition with the token `last`.
    pub(super) fn close_definition(&mut self, last: Option<Token>) {
        let Some((index, outer)) = self.outer.take() else { return };
        let end = last.map_or(0, |t| self.place(t.span()).end);
        let touches = std::mem::replace(&mut self.touches, outer);
        if let Some(definition) = self.defines.get_mut(index) {
            definition.extent.end = end.max(definition.extent.end);
            definition.touches = touches;
        }
    }
}
