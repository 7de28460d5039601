//! CREATE, ALTER, DROP and TRUNCATE of tables and indexes.

use super::Scanner;
use super::walk::Root;
use crate::sql::keyword::Keyword as K;
use crate::sql::name::{Name, string_value};
use crate::sql::script::{DefinitionKind, Verb};
use crate::sql::token::Kind;
use crate::words::{Dialect, RelationName};

impl Scanner<'_> {
    /// CREATE or ALTER at `i`: finds the object, whatever words stand before it.
    pub(super) fn define_or_alter(&mut self, i: usize, to: usize) {
        let alters = self.tokens[i].is(K::Alter) && self.is_tsql();
        let mut temp = false;
        for at in i + 1..to.min(i + 8) {
            let Some(keyword) = self.tokens[at].keyword else {
                if !self.is_tsql() && self.says(self.tokens[at], "policy") {
                    return self.policy(at + 1, to);
                }
                continue;
            };
            match keyword {
                K::Temp | K::Temporary => temp = true,
                K::Table if self.tokens[i].is(K::Alter) => return self.alter_table(at + 1, to),
                K::Table => return self.create_table(at + 1, to, temp),
                K::View if alters || self.tokens[i].is(K::Create) => return self.view(i, at + 1, to, temp),
                K::View => return self.alter_table(at + 1, to),
                K::Proc | K::Procedure => return self.routine(DefinitionKind::Procedure, i, at + 1, to),
                K::Function | K::Macro if temp && !self.is_tsql() => {
                    return self.temporary_routine(at + 1, to);
                }
                K::Function | K::Macro => return self.routine(DefinitionKind::Function, i, at + 1, to),
                K::Trigger => return self.trigger(i, at + 1, to),
                K::Synonym => return self.synonym(i, at + 1, to),
                K::Index => return self.index(at + 1, to),
                K::Schema if self.is_tsql() && self.tokens[i].is(K::Alter) => {
                    return self.transfer(at + 1, to);
                }
                K::Type if !self.is_tsql() => return self.walk(at + 1, to, Root::Expression),
                K::Partition if self.is_tsql() => return,
                K::Statistics | K::Sequence | K::Database | K::Schema | K::Type => return,
                _ => {}
            }
        }
    }

    /// Skips `IF EXISTS`, `IF NOT EXISTS`, `ONLY`.
    pub(super) fn skip_if(&self, mut at: usize) -> usize {
        while self.is(at, K::If) || self.is(at, K::Not) || self.is(at, K::Exists) || self.is(at, K::Only) {
            at += 1;
        }
        at
    }

    fn create_table(&mut self, at: usize, to: usize, temp: bool) {
        let Some(name) = Name::at(self.tokens, self.skip_if(at)) else { return };
        // The new name hides nothing from the query that fills it.
        self.walk(name.end, to, Root::Statement);
        if temp && !self.is_tsql() {
            self.record_temp(name, Verb::Create);
        } else {
            self.record(name, Verb::Create);
        }
    }

    /// ALTER TABLE: a write; SWITCH and RENAME have a second table.
    fn alter_table(&mut self, at: usize, to: usize) {
        let Some(name) = Name::at(self.tokens, self.skip_if(at)) else { return };
        self.record(name, Verb::Alter);
        let behind = name.end;
        if self.is(behind, K::Switch) {
            if let Some(at) = (behind..to).find(|at| self.tokens[*at].is(K::To))
                && let Some(target) = Name::at(self.tokens, at + 1)
            {
                self.record(target, Verb::Alter);
            }
        } else if self.is(behind, K::Rename)
            && self.is(behind + 1, K::To)
            && let Some(new) = Name::at(self.tokens, behind + 2)
            && let Some(old) = name.relation(self.text, self.tokens)
            && let Some(new_name) = new.relation(self.text, self.tokens)
        {
            let place = self.place(new.span(self.tokens));
            self.record_relation(RelationName { name: new_name.name, ..old }, place, Verb::Other);
        } else {
            self.walk(behind, to, Root::Expression);
        }
    }

    /// `CREATE INDEX i ON t`, `ALTER INDEX i ON t`: a write of the table.
    fn index(&mut self, at: usize, to: usize) {
        let on = (at..to.min(at + 12)).find(|at| self.tokens[*at].is(K::On));
        if let Some(on) = on
            && let Some(name) = Name::at(self.tokens, self.skip_if(on + 1))
        {
            self.record(name, Verb::Alter);
        }
    }

    /// `CREATE POLICY p ON t USING (..)`: a change of the table, whose conditions may read others.
    fn policy(&mut self, at: usize, to: usize) {
        self.index(at, to);
        self.walk(at, to, Root::Expression);
    }

    /// `ALTER SCHEMA s TRANSFER [OBJECT::]a.t` moves a table.
    fn transfer(&mut self, at: usize, to: usize) {
        let Some(schema) = Name::at(self.tokens, at) else { return };
        if !self.is(schema.end, K::Transfer) {
            return;
        }
        let typed = self.kind(schema.end + 2) == Some(Kind::Operator);
        let Some(name) =
            Name::at(self.tokens, schema.end + if typed { 3 } else { 1 }).filter(|n| n.end <= to)
        else {
            return;
        };
        self.record(name, Verb::Other);
        if let Some(moved) = name.relation(self.text, self.tokens)
            && let Some(schema) = schema.relation(self.text, self.tokens)
        {
            let place = self.place(name.span(self.tokens));
            self.record_relation(RelationName { schema: Some(schema.name), ..moved }, place, Verb::Other);
        }
    }

    /// DROP at `i`: tables, views and synonyms are dropped relations, an index is a change.
    pub(super) fn drop(&mut self, i: usize, to: usize) {
        let mut at = i + 1;
        while self.is(at, K::Materialized)
            || self.is(at, K::External)
            || self.tokens.get(at).is_some_and(|t| self.says(*t, "foreign"))
        {
            at += 1;
        }
        let Some(object) = self.tokens.get(at).and_then(|t| t.keyword) else { return };
        match object {
            K::Table | K::View | K::Synonym => self.names(at + 1, to, Verb::Drop),
            K::Index if self.is_tsql() => self.drop_index(at + 1, to),
            _ => {}
        }
    }

    fn drop_index(&mut self, at: usize, to: usize) {
        let at = self.skip_if(at);
        if (at..to.min(at + 8)).any(|at| self.tokens[at].is(K::On)) {
            return self.index(at, to);
        }
        let Some(name) = Name::at(self.tokens, at) else { return };
        if name.dots > 0 {
            let table = Name { start: name.start, end: name.end - 2, dots: name.dots - 1 };
            self.record(table, Verb::Alter);
        }
    }

    /// TRUNCATE at `i`.
    pub(super) fn truncate(&mut self, i: usize, to: usize) {
        let at = i + 1 + usize::from(self.is(i + 1, K::Table));
        self.names(at, to, Verb::Truncate);
    }

    /// Names between commas, up to the first word that is none.
    fn names(&mut self, at: usize, to: usize, verb: Verb) {
        let mut at = self.skip_if(at);
        while at < to {
            let Some(name) = Name::at(self.tokens, at) else { return };
            self.record(name, verb);
            if self.kind(name.end) != Some(Kind::Comma) {
                return;
            }
            at = self.skip_if(name.end + 1);
        }
    }

    /// The language of a `PostgreSQL` function, if it is one that can't be read.
    pub(super) fn is_foreign(&self, from: usize, to: usize) -> bool {
        let Some(at) = (from..to).find(|at| self.tokens[*at].is(K::Language)) else { return false };
        let Some(token) = self.tokens.get(at + 1) else { return false };
        let text = token.text(self.text);
        let language = if token.kind == Kind::String { string_value(text).0 } else { text.into() };
        self.dialect == Dialect::Postgres
            && !["sql", "plpgsql"].iter().any(|l| language.trim_matches('"').eq_ignore_ascii_case(l))
    }
}
