//! Sends each statement to the part of the scan that knows its first word.

use std::ops::Range;

use super::Scanner;
use super::frame::{Clause, Frame, Role};
use super::walk::Root;
use crate::sql::keyword::Keyword as K;
use crate::sql::name::{Name, unquote};
use crate::sql::script::{FileReference, Verb};
use crate::sql::token::Kind;
use crate::words::Dialect;

impl Scanner<'_> {
    /// Scans one statement; the first of a T-SQL batch may execute a procedure without EXEC.
    pub(super) fn statement(&mut self, range: Range<usize>, first: bool) {
        let (i, to) = (range.start, range.end);
        self.end = to;
        let Some(token) = self.tokens.get(i) else { return };
        let Some(keyword) = token.keyword else {
            if self.is_tsql() && first && token.is_name() && self.is_bare_call(i, to) {
                self.exec_name(i, to);
            } else {
                self.walk(i, to, Root::Expression);
            }
            return;
        };
        match keyword {
            K::Create | K::Alter => self.define_or_alter(i, to),
            K::Drop => self.drop(i, to),
            K::Truncate => self.truncate(i, to),
            K::Exec | K::Execute if self.is_tsql() => {
                self.exec(i, to);
            }
            K::Execute if self.origin.procedural => self.exec_text(i + 1, to),
            K::Use => self.use_database(i),
            K::Bulk if self.is(i + 1, K::Insert) => self.bulk_insert(i + 2, to),
            K::Update if self.is(i + 1, K::Statistics) => {}
            K::Fetch
            | K::Close
            | K::Deallocate
            | K::Grant
            | K::Deny
            | K::Revoke
            | K::Dbcc
            | K::Backup
            | K::Restore
            | K::Goto
            | K::Enable
            | K::Disable
            | K::Detach => {}
            K::Open if !self.origin.procedural => {}
            _ if self.is_tsql() => {
                let root = match keyword {
                    K::Select | K::With | K::Insert | K::Update | K::Delete | K::Merge => Root::Statement,
                    _ => Root::Expression,
                };
                self.walk(i, to, root);
            }
            _ => self.other_engines(i, to, keyword),
        }
    }

    /// Statements of `DuckDB` and `PostgreSQL` only.
    fn other_engines(&mut self, i: usize, to: usize, keyword: K) {
        match keyword {
            K::Copy => self.copy(i + 1, to),
            K::Attach | K::Import => self.files_of(i + 1, to),
            K::Call => self.exec_name(i + 1, to),
            K::Do => self.anonymous_block(i, to),
            K::Refresh => {
                if let Some(at) = (i + 1..to.min(i + 5)).find(|at| self.tokens[*at].is(K::View))
                    && let concurrently =
                        self.tokens.get(at + 1).is_some_and(|t| self.says(*t, "concurrently"))
                    && let Some(name) = Name::at(self.tokens, at + 1 + usize::from(concurrently))
                {
                    self.record(name, Verb::Other);
                }
            }
            K::Describe | K::Desc | K::Summarize | K::Show | K::Table | K::Pivot | K::Unpivot => {
                self.read_directly(i, to, keyword);
            }
            K::Explain | K::Analyze => {
                let start = (i + 1..to).find(|at| self.tokens[*at].keyword.is_some_and(K::starts));
                match start.or_else(|| {
                    (i + 1..to).find(|at| self.tokens[*at].is(K::With) || self.tokens[*at].is(K::From))
                }) {
                    Some(start) => self.statement(start..to, false),
                    None => self.walk(to, to, Root::Expression),
                }
            }
            K::Prepare => {
                if let Some(at) = (i..to).find(|at| self.tokens[*at].is(K::As)) {
                    self.statement(at + 1..to, false);
                }
            }
            _ => self.walk(i, to, Root::Statement),
        }
    }

    /// `SUMMARIZE t`, `DESCRIBE SELECT ..`, `PIVOT t ON ..`, `TABLE t`.
    fn read_directly(&mut self, i: usize, to: usize, keyword: K) {
        let next = self.tokens.get(i + 1).filter(|_| i + 1 < to);
        let Some(next) = next else { return };
        if next.keyword.is_some_and(|k| k.starts() || k == K::With || k == K::From) {
            return self.statement(i + 1..to, false);
        }
        let listing = ["tables", "databases", "schemas", "all"];
        let listed = matches!(keyword, K::Show | K::Describe | K::Desc)
            && listing.iter().any(|word| self.says(*next, word));
        if listed || keyword == K::Show && self.dialect == Dialect::Postgres {
            return;
        }
        let from = i + 1 + usize::from(next.is(K::Table));
        self.walk_from(from, to, matches!(keyword, K::Pivot | K::Unpivot));
    }

    /// Walks with a table to come first.
    fn walk_from(&mut self, from: usize, to: usize, pivot: bool) {
        self.walk(to, to, Root::Statement);
        self.end = to;
        self.frames.push(Frame::new(Role::Plain, 0, 0));
        self.top().clause = Clause::Source;
        self.top().pivot = pivot;
        self.run(from, to);
    }

    /// A statement that is no more than a name and arguments.
    fn is_bare_call(&self, i: usize, to: usize) -> bool {
        let Some(name) = Name::at(self.tokens, i) else { return false };
        name.end >= to
            || matches!(
                self.tokens[name.end].kind,
                Kind::Variable | Kind::String | Kind::Number | Kind::Quoted
            )
            || self.tokens[name.end].kind == Kind::Word && self.tokens[name.end].keyword.is_none()
    }

    fn use_database(&mut self, i: usize) {
        let Some(token) = self.tokens.get(i + 1).filter(|t| t.is_name()) else { return };
        let name = unquote(token.text(self.text)).to_lowercase();
        self.session.database = Some(name.into());
    }

    /// `BULK INSERT t FROM 'file'`.
    fn bulk_insert(&mut self, i: usize, to: usize) {
        let Some(name) = Name::at(self.tokens, i) else { return };
        self.record(name, Verb::Insert);
        if self.is(name.end, K::From) && name.end + 1 < to && self.tokens[name.end + 1].kind == Kind::String {
            self.record_file(name.end + 1);
        }
    }

    /// `COPY t TO 'file'`, `COPY t FROM 'file'`, `COPY (query) TO 'file'`.
    fn copy(&mut self, i: usize, to: usize) {
        let mut behind = i;
        if self.kind(i) == Some(Kind::Open) {
            behind = self.tokens[i..to].iter().rposition(|t| t.is(K::To)).map_or(to, |at| i + at);
            self.walk(i, behind, Root::Statement);
            self.end = to;
        } else if let Some(name) = Name::at(self.tokens, i) {
            behind = name.end;
            if self.kind(behind) == Some(Kind::Open) {
                behind = self.closing(behind) + 1;
            }
            if self.is(name.start, K::From) {
                // COPY FROM DATABASE a TO b touches everything.
                self.touches.dynamic = true;
            } else {
                self.record(name, if self.is(behind, K::From) { Verb::Insert } else { Verb::Read });
            }
        }
        if self.kind(behind + 1) == Some(Kind::String) {
            self.record_file(behind + 1);
        }
    }

    /// The files that a statement names by strings.
    fn files_of(&mut self, i: usize, to: usize) {
        if let Some(at) = (i..to).find(|at| self.tokens[*at].kind == Kind::String) {
            self.record_file(at);
        }
    }

    /// A client command: `:r file` brings in SQL that can't be seen here.
    pub(super) fn command(&mut self, i: usize) {
        let token = self.tokens[i];
        let text = token.text(self.text);
        if let Some(path) = text.strip_prefix(":r ").or_else(|| text.strip_prefix(":R ")) {
            let path = path.trim().trim_matches('"').to_owned();
            self.touches.files.push(FileReference { path, span: self.place(token.span()) });
            self.touches.dynamic = true;
        }
    }
}
