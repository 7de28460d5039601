//! Turns a name among the tokens into a reference, unless it is none: a CTE, a temporary table,
//! `inserted`, `deleted`. System objects go to a list of their own.

use std::sync::Arc;

use super::Scanner;
use super::frame::Base;
use super::system::{is_method, is_system};
use crate::sql::name::{Name, string_value, unquote};
use crate::sql::script::{FileReference, Reference, Remote, Verb};
use crate::sql::token::Kind;
use crate::words::{Dialect, RelationName, Span};

/// What a reference keeps.
const REFERENCE: usize = size_of::<Reference>();
/// What its name keeps where it first stands, about: itself, the texts of two parts, its slot.
const NAME: usize = size_of::<RelationName>() + 96;

impl Scanner<'_> {
    /// Records what is done to the relation named at `name`.
    pub(super) fn record(&mut self, name: Name, verb: Verb) {
        if self.kind(name.end) == Some(Kind::Dot) && self.kind(name.end + 1) == Some(Kind::Variable) {
            self.touches.dynamic = true; // a template's variable: stage.@table
            return;
        }
        let Some(relation) = name.relation(self.text, self.tokens) else { return };
        let place = self.place(name.span(self.tokens));
        self.record_relation(relation, place, verb);
    }

    /// Records what is done to `relation`.
    pub(super) fn record_relation(&mut self, relation: RelationName, span: Span, verb: Verb) {
        let relational = !matches!(verb, Verb::Call | Verb::Execute);
        if relational && self.is_temporary(&relation) {
            if verb == Verb::Drop {
                self.session.temps.remove(&relation.name);
            }
            if matches!(verb, Verb::Create | Verb::SelectInto) {
                let reference = self.reference(relation, span, verb);
                self.touches.temps.extend(reference);
            }
            return;
        }
        let system = is_system(&relation, self.dialect);
        let Some(reference) = self.reference(relation, span, verb) else { return };
        let touches = &mut self.touches;
        let list = match verb {
            _ if system => &mut touches.system,
            Verb::Read => &mut touches.reads,
            Verb::Drop => &mut touches.drops,
            Verb::Execute => &mut touches.executes,
            Verb::Call => &mut touches.functions,
            _ => &mut touches.writes,
        };
        list.push(reference);
    }

    /// A temporary table that is created.
    pub(super) fn record_temp(&mut self, name: Name, verb: Verb) {
        let Some(relation) = name.relation(self.text, self.tokens) else { return };
        let place = self.place(name.span(self.tokens));
        let name = relation.name.clone();
        if let Some(reference) = self.reference(relation, place, verb) {
            self.session.temps.insert(name);
            self.touches.temps.push(reference);
        }
    }

    /// A reference, if there is room for one more; its name is shared with those before it.
    pub(super) fn reference(&mut self, name: RelationName, span: Span, verb: Verb) -> Option<Reference> {
        let known = self.session.names.get(&name).map(Arc::clone);
        let bytes = if known.is_some() { REFERENCE } else { REFERENCE + NAME };
        if !self.session.budget.take(bytes, span.start) {
            return None;
        }
        let name = known.unwrap_or_else(|| {
            let name = Arc::new(name);
            self.session.names.insert(Arc::clone(&name));
            name
        });
        Some(Reference {
            name,
            span,
            verb,
            conditional: self.conditional,
            current_database: self.session.database.clone(),
        })
    }

    /// Whether the name is that of a temporary table, or of one that only a trigger sees.
    fn is_temporary(&self, relation: &RelationName) -> bool {
        let name = &relation.name;
        if self.is_tsql() {
            let bare = relation.schema.is_none() && relation.database.is_none();
            return name.starts_with('#') || bare && (name == "inserted" || name == "deleted");
        }
        let outer = relation.schema.as_deref().or(relation.database.as_deref());
        match outer {
            None => self.session.temps.contains(name),
            Some(outer) => outer == "temp" || outer == "pg_temp",
        }
    }

    /// The innermost CTE of that name that can be seen, as the table it changes if it is changed.
    pub(super) fn cte(&self, name: Name) -> Option<Base> {
        if name.dots > 0 || self.cte_names.is_empty() {
            return None;
        }
        let relation = name.relation(self.text, self.tokens)?;
        self.ctes.get(&relation.name)?.last().copied().map(Base)
    }

    /// Records a file named by the string, or the quoted name, at `at`.
    pub(super) fn record_file(&mut self, at: usize) {
        let token = self.tokens[at];
        let span = self.place(token.span());
        if !self.session.budget.take(size_of::<FileReference>() + token.len as usize, span.start) {
            return;
        }
        let text = token.text(self.text);
        let path = if token.kind == Kind::Quoted { unquote(text) } else { string_value(text).0 }.into_owned();
        self.touches.files.push(FileReference { path, span });
    }

    /// Records a text that another server runs: the last string before the closing parenthesis.
    pub(super) fn record_remote(&mut self, name: Name, open: usize) {
        let close = self.closing(open);
        let query = (open..close).rev().find(|i| self.tokens[*i].kind == Kind::String);
        let query = query.map(|i| self.place(self.tokens[i].span()));
        let function = name.last(self.tokens).text(self.text).to_ascii_lowercase();
        let span = self.place(name.span(self.tokens));
        if !self.session.budget.take(size_of::<Remote>() + 16, span.start) {
            return;
        }
        self.touches.remotes.push(Remote { function, span, query });
    }

    /// The parenthesis that closes the one at `open`, or where the search gives up: looking ahead
    /// without bound would make hostile input slow.
    pub(super) fn closing(&self, open: usize) -> usize {
        const BOUND: usize = 2500;
        let end = self.end.min(open + BOUND);
        let mut depth = 0_usize;
        for i in open..end {
            match self.tokens[i].kind {
                Kind::Open => depth += 1,
                Kind::Close if depth <= 1 => return i,
                Kind::Close => depth -= 1,
                _ => {}
            }
        }
        end
    }

    /// Records a function call; methods of columns and variables are none.
    pub(super) fn call(&mut self, name: Name) {
        let last = unquote(name.last(self.tokens).text(self.text));
        if name.dots > 0 && self.is_tsql() && is_method(&last) {
            return;
        }
        let is = |function: &str| last.eq_ignore_ascii_case(function);
        if self.dialect == Dialect::DuckDb && name.dots == 0 && (is("query") || is("query_table")) {
            self.hide(name.start);
        }
        self.record(name, Verb::Call);
    }
}
