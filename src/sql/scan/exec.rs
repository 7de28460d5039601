//! `EXEC` and its kin: procedure calls, dynamic SQL, and the procedures whose arguments are names.

use super::Scanner;
use super::walk::Root;
use crate::sql::keyword::Keyword as K;
use crate::sql::lexer::lex;
use crate::sql::name::{Name, string_value};
use crate::sql::script::{Remote, Verb};
use crate::sql::token::Kind;
use crate::words::RelationName;

impl Scanner<'_> {
    /// EXEC at `i`; gives the end of the statement. What can't be seen in it is hidden at the word EXEC.
    pub(super) fn exec(&mut self, i: usize, to: usize) -> usize {
        let before = self.touches.hidden.len();
        let end = self.executed(i, to);
        if self.touches.hidden.len() > before {
            self.touches.hidden.truncate(before);
            self.hide(i);
        }
        end
    }

    /// Notes that at token `i` there is SQL that can't be seen.
    pub(super) fn hide(&mut self, i: usize) {
        self.touches.dynamic = true;
        let place = self.tokens.get(i).map(|t| self.place(t.span()));
        self.touches.hidden.extend(place);
    }

    fn executed(&mut self, i: usize, to: usize) -> usize {
        let next = i + 1;
        if self.is(next, K::As) {
            return to; // EXECUTE AS USER
        }
        if self.kind(next) == Some(Kind::Open) {
            self.exec_parentheses(next, to);
            return to;
        }
        let mut at = next;
        if self.kind(at) == Some(Kind::Variable) && self.kind(at + 1) == Some(Kind::Equals) {
            at += 2;
        }
        self.exec_name(at, to);
        to
    }

    /// `EXEC ('text' + 'text') [AT server]`.
    fn exec_parentheses(&mut self, open: usize, to: usize) {
        let (strings, end) = self.joined_strings(open + 1, to);
        let literal = !strings.is_empty() && matches!(self.kind(end), Some(Kind::Close | Kind::Comma));
        let close = self.closing(open);
        if self.is(close + 1, K::At) {
            self.hide(open);
            let query = strings.last().filter(|_| literal).map(|i| self.place(self.tokens[*i].span()));
            let span = self.place(self.tokens[open - 1].span());
            self.touches.remotes.push(Remote { function: "exec".to_owned(), span, query });
        } else if literal {
            self.read_strings(&strings);
        } else {
            self.hide(open);
        }
    }

    /// A procedure's name at `i`, with its arguments behind it.
    pub(super) fn exec_name(&mut self, i: usize, to: usize) {
        if i >= to {
            return;
        }
        let Some(name) = Name::at(self.tokens, i) else {
            self.hide(i);
            return;
        };
        self.record(name, Verb::Execute);
        let last = name.last(self.tokens).text(self.text).trim_matches(['[', ']', '"']).to_ascii_lowercase();
        match last.as_str() {
            "sp_executesql" => {
                // `EXEC other.sys.sp_executesql N'..'` runs the text in the other database.
                let chosen = name.relation(self.text, self.tokens).and_then(|n| n.database);
                let before = self.session.database.clone();
                self.session.database = chosen.map(Into::into).or_else(|| before.clone());
                self.exec_text(name.end, to);
                self.session.database = before;
            }
            "sp_msforeachtable" | "sp_msforeachdb" | "sp_execute" | "sp_prepexec" => {
                self.hide(i);
            }
            "sp_rename" => self.rename(name.end, to),
            _ if !self.is_tsql() => self.walk(name.end, to, Root::Expression),
            _ => {}
        }
    }

    /// The SQL that `sp_executesql`, or EXECUTE in a procedural body, gets as its first argument.
    pub(super) fn exec_text(&mut self, mut i: usize, to: usize) {
        if self.kind(i) == Some(Kind::Variable) && self.kind(i + 1) == Some(Kind::Equals) {
            i += 2;
        }
        let (strings, end) = self.joined_strings(i, to);
        let ends = end >= to
            || self.tokens[end].kind == Kind::Comma
            || self.is(end, K::Using)
            || self.is(end, K::Into);
        if strings.is_empty() || !ends {
            self.hide(i.min(to.saturating_sub(1)));
        } else {
            self.read_strings(&strings);
        }
    }

    /// `sp_rename 'old', 'new' [, 'type']` writes the table that it is about, under both names.
    fn rename(&mut self, from: usize, to: usize) {
        let strings: Vec<usize> =
            (from..to).filter(|i| self.tokens[*i].kind == Kind::String).take(3).collect();
        let [old, new, ..] = strings[..] else {
            self.hide(from.saturating_sub(1));
            return;
        };
        let kind =
            strings.get(2).map(|i| string_value(self.tokens[*i].text(self.text)).0.to_ascii_lowercase());
        let Some(mut name) = self.name_in(old) else { return };
        let span = self.place(self.tokens[old].span());
        match kind.as_deref() {
            // Without a type, three parts are a column's or an index's.
            Some("column" | "index") | None if kind.is_some() || name.database.is_some() => {
                let table = RelationName {
                    name: name.schema.take().unwrap_or_default(),
                    schema: name.database.take(),
                    database: name.server.take(),
                    server: None,
                };
                if !table.name.is_empty() {
                    self.record_relation(table, span, Verb::Alter);
                }
            }
            None | Some("object") => {
                let renamed = string_value(self.tokens[new].text(self.text)).0.to_lowercase();
                let renamed = RelationName { name: renamed, ..name.clone() };
                self.record_relation(name, span, Verb::Other);
                let span = self.place(self.tokens[new].span());
                self.record_relation(renamed, span, Verb::Other);
            }
            Some(_) => {}
        }
    }

    /// The name that a string holds.
    fn name_in(&self, string: usize) -> Option<RelationName> {
        let (value, _) = string_value(self.tokens[string].text(self.text));
        let tokens = lex(&value, self.dialect).tokens;
        Name::at(&tokens, 0)?.relation(&value, &tokens)
    }
}
