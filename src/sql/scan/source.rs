//! Where a relation has to come: tables in FROM, targets of changes, INTO.

use super::Scanner;
use super::frame::{Base, Clause, Expect};
use crate::sql::keyword::Keyword as K;
use crate::sql::name::{Name, unquote};
use crate::sql::script::Verb;
use crate::sql::token::{Kind, Token};
use crate::words::Dialect;

/// What may stand in parentheses behind a table without WITH.
const HINTS: [&str; 20] = [
    "nolock",
    "readuncommitted",
    "updlock",
    "holdlock",
    "rowlock",
    "tablock",
    "tablockx",
    "paglock",
    "readpast",
    "xlock",
    "readcommitted",
    "readcommittedlock",
    "repeatableread",
    "serializable",
    "snapshot",
    "noexpand",
    "forceseek",
    "forcescan",
    "index",
    "nowait",
];

/// Functions whose rows come from another server or a file.
const REMOTE: [&str; 3] = ["openquery", "openrowset", "opendatasource"];

/// Functions of T-SQL whose first argument is the table that they search.
const TABLE_OF: [&str; 6] = [
    "changetable",
    "containstable",
    "freetexttable",
    "semantickeyphrasetable",
    "semanticsimilaritytable",
    "semanticsimilaritydetailstable",
];

impl Scanner<'_> {
    /// The word at `i` where a table has to come; gives the token to go on with.
    pub(super) fn source(&mut self, i: usize) -> usize {
        let fresh = self.top().fresh;
        match self.tokens[i].keyword {
            Some(K::Lateral | K::Only) => return i + 1,
            Some(K::Rows) if self.is(i + 1, K::From) => return i + 2,
            Some(K::Describe | K::Desc | K::Summarize | K::Pivot | K::Unpivot | K::Table)
                if fresh && self.tokens.get(i + 1).is_some_and(|t| t.is_name() || t.kind == Kind::Open) =>
            {
                self.top().pivot = matches!(self.tokens[i].keyword, Some(K::Pivot | K::Unpivot));
                return i + 1;
            }
            Some(K::Show) if fresh => {
                self.top().clause = Clause::Rest;
                return i + 1;
            }
            Some(K::Insert | K::Update | K::Delete | K::Merge | K::Values) if fresh => {
                let frame = self.top();
                frame.clause = Clause::Idle;
                return self.keyword(i, self.tokens[i].keyword.unwrap_or(K::Values));
            }
            Some(K::With) if fresh => {
                self.top().clause = Clause::Idle;
                return self.keyword(i, K::With);
            }
            Some(keyword) if keyword.is_reserved() => {
                if !matches!(keyword, K::Select | K::From) {
                    self.top().clause = Clause::Rest;
                }
                return self.keyword(i, keyword);
            }
            _ => {}
        }
        let Some(name) = Name::at(self.tokens, i) else { return i + 1 };
        if name.dots == 0 && !self.is_tsql() && self.kind(name.end) == Some(Kind::Colon) {
            return name.end + 1;
        }
        self.top().fresh = false;
        if self.kind(name.end) == Some(Kind::Open) {
            if !self.is_tsql() || !self.is_hint(name.end + 1) {
                return self.table_function(name);
            }
            self.table(name);
            return self.closing(name.end) + 1;
        }
        self.table(name);
        name.end
    }

    /// A table or CTE that is read.
    fn table(&mut self, name: Name) {
        let cte = self.cte(name);
        if cte.is_none() {
            self.record(name, Verb::Read);
        }
        let base = cte.unwrap_or(Base(Some(name.start)));
        let frame = self.top();
        frame.base = frame.base.or(base.0);
        frame.clause = Clause::After;
        frame.alias = Some(base);
    }

    /// A function in place of a table; its arguments are walked as an expression.
    fn table_function(&mut self, name: Name) -> usize {
        let text = name.last(self.tokens).text(self.text);
        let remote = self.is_tsql() && REMOTE.iter().any(|r| text.eq_ignore_ascii_case(r));
        let reads_files = self.dialect == Dialect::DuckDb && reads_files(text);
        self.call(name);
        if remote {
            self.record_remote(name, name.end);
            if self.tokens.get(name.end + 1).is_some_and(|t| t.is(K::Bulk))
                && self.kind(name.end + 2) == Some(Kind::String)
            {
                self.record_file(name.end + 2);
            }
        }
        if reads_files {
            self.files_in(name.end);
        }
        if self.is_tsql() && TABLE_OF.iter().any(|f| text.eq_ignore_ascii_case(f)) {
            self.table_argument(name.end + 1);
        }
        let frame = self.top();
        frame.clause = Clause::After;
        frame.alias = Some(Base(None));
        name.end
    }

    /// The table at `i`, the first argument of a function over one; CHANGES or VERSION may precede it.
    fn table_argument(&mut self, i: usize) {
        let word = self.tokens.get(i).is_some_and(|t| self.says(*t, "changes") || self.says(*t, "version"));
        let led = word && self.tokens.get(i + 1).is_some_and(|t| t.is_name());
        if let Some(name) = Name::at(self.tokens, i + usize::from(led)) {
            self.record(name, Verb::Read);
        }
    }

    /// The files among the arguments of a function that reads files: strings that no `=` precedes.
    fn files_in(&mut self, open: usize) {
        for i in open + 1..self.closing(open) {
            let before = self.tokens[i - 1].kind;
            if self.tokens[i].kind == Kind::String && matches!(before, Kind::Open | Kind::Comma) {
                self.record_file(i);
            }
        }
    }

    fn is_hint(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at).filter(|t| t.kind == Kind::Word) else { return false };
        let text = token.text(self.text);
        HINTS.iter().any(|h| text.eq_ignore_ascii_case(h))
            && matches!(
                self.kind(at + 1),
                Some(Kind::Close | Kind::Comma | Kind::Equals | Kind::Open | Kind::Word)
            )
    }

    /// The word at `i` where the target of a change or an INTO has to come.
    pub(super) fn expected(&mut self, i: usize) -> usize {
        let token = self.tokens[i];
        let before = self.tokens.get(i.wrapping_sub(1)).and_then(|t| t.keyword);
        match token.keyword {
            Some(K::Top | K::Percent | K::Into | K::From | K::Only | K::Or | K::Unlogged | K::Table) => {
                return i + 1;
            }
            Some(K::Replace | K::Ignore) if before == Some(K::Or) => return i + 1,
            Some(K::Temp | K::Temporary)
                if matches!(self.top().expect, Expect::Into(_))
                    && self.tokens.get(i + 1).is_some_and(|t| t.is_name()) =>
            {
                self.top().temp = true;
                return i + 1;
            }
            Some(keyword) if keyword.is_reserved() => {
                self.top().expect = Expect::Nothing;
                return self.keyword(i, keyword);
            }
            _ => {}
        }
        let Some(name) = Name::at(self.tokens, i) else { return i + 1 };
        let frame = self.top();
        let (expect, temp) = (frame.expect, frame.temp);
        frame.expect = Expect::Nothing;
        match expect {
            Expect::Into(verb) if temp => self.record_temp(name, verb),
            Expect::Into(verb) => self.record(name, verb),
            Expect::Target(verb) => self.target(name, verb),
            Expect::Nothing => {}
        }
        name.end
    }

    fn target(&mut self, name: Name, verb: Verb) {
        self.changes(verb);
        let text = name.last(self.tokens).text(self.text);
        if self.kind(name.end) == Some(Kind::Open) && REMOTE.iter().any(|r| text.eq_ignore_ascii_case(r)) {
            self.call(name);
            return self.record_remote(name, name.end);
        }
        if self.is_tsql() && name.dots == 0 {
            self.top().target = Some((name.start, verb));
        } else {
            self.record(name, verb);
        }
    }

    /// Records a target of one part, which may be an alias in FROM, or a CTE.
    pub(super) fn settle(&mut self, token: usize, verb: Verb, aliases: usize) {
        let Some(name) = Name::at(self.tokens, token) else { return };
        let by_alias = matches!(verb, Verb::Update | Verb::Delete)
            .then(|| {
                self.aliases[aliases..].iter().find(|a| self.same(self.tokens[a.token], self.tokens[token]))
            })
            .flatten();
        let base = match by_alias {
            Some(alias) => alias.base,
            None => self.cte(name).unwrap_or(Base(Some(token))),
        };
        if let Some(name) = base.0.and_then(|base| Name::at(self.tokens, base)) {
            self.record(name, verb);
        }
    }

    /// Whether a token is this word, in any case.
    pub(super) fn says(&self, token: Token, word: &str) -> bool {
        token.text(self.text).eq_ignore_ascii_case(word)
    }

    /// Whether two tokens name the same thing.
    fn same(&self, a: Token, b: Token) -> bool {
        let (a, b) = (unquote(a.text(self.text)), unquote(b.text(self.text)));
        a.eq_ignore_ascii_case(&b) || !a.is_ascii() && a.to_lowercase() == b.to_lowercase()
    }
}

/// Whether a `DuckDB` function reads the files that its arguments name.
fn reads_files(function: &str) -> bool {
    let lower = function.to_ascii_lowercase();
    lower.starts_with("read_")
        || matches!(
            lower.as_str(),
            "parquet_scan" | "sniff_csv" | "glob" | "parquet_metadata" | "parquet_schema"
        )
}
