//! T-SQL statements, which need no semicolons: a statement ends where a word starts the next.
//! Most such words are reserved; the rest of this file is about where they don't start one.

use std::ops::Range;

use super::{keyword, kind, statement};
use crate::sql::keyword::Keyword as K;
use crate::sql::name::Name;
use crate::sql::script::Statement;
use crate::sql::token::{Kind, Token};
use crate::words::Dialect;

/// Splits at statement starts, semicolons and block words. Bare BEGIN, END and ELSE belong to none.
pub(super) fn split(tokens: &[Token], range: Range<usize>, limit: usize) -> Vec<Statement> {
    let mut splitter = Splitter {
        tokens,
        end: range.end,
        out: Vec::new(),
        start: range.start,
        open: false,
        verb: None,
        awaits_query: false,
        awaits_set: false,
        head: false,
        granting: false,
        inserts_inside: false,
        cases: 0,
        blocks: Vec::new(),
        conditional: false,
    };
    let mut i = range.start;
    let mut depth = 0_usize;
    while i < range.end {
        if splitter.out.len() >= limit {
            return splitter.out;
        }
        match tokens[i].kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Semicolon | Kind::Command => {
                depth = 0;
                splitter.finish(i);
                splitter.start = i + 1;
                i += 1;
                continue;
            }
            _ => {}
        }
        if !splitter.open && splitter.start == i && tokens[i].keyword.is_none() {
            splitter.begin(i);
        } else if let Some(word) = tokens[i].keyword
            && (depth == 0 || splitter.was_never_closed(i, word))
        {
            depth = 0;
            i = splitter.word(i, word);
            continue;
        }
        i += 1;
    }
    splitter.finish(range.end);
    splitter.out
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts about the open statement")]
struct Splitter<'a> {
    tokens: &'a [Token],
    end: usize,
    out: Vec<Statement>,
    /// Where the statement that is open starts, or where the next may.
    start: usize,
    /// Whether a statement is open.
    open: bool,
    /// The first word of the open statement, if that is a keyword.
    verb: Option<K>,
    /// Whether the open statement goes on with a SELECT, VALUES, EXEC or the verb behind a CTE.
    awaits_query: bool,
    /// Whether the open UPDATE has not come to its SET.
    awaits_set: bool,
    /// Whether the open statement is the head of a procedure, function or trigger.
    head: bool,
    /// Whether the open statement lists permissions, whose words start nothing.
    granting: bool,
    /// Whether the open statement has an INSERT in parentheses.
    inserts_inside: bool,
    cases: usize,
    /// For each open block, whether it only runs under a condition.
    blocks: Vec<bool>,
    /// Whether the next statement only runs under a condition.
    conditional: bool,
}

impl Splitter<'_> {
    fn is_conditional(&self) -> bool {
        self.conditional || self.blocks.last().is_some_and(|block| *block)
    }

    /// Ends the open statement before token `end`.
    fn finish(&mut self, end: usize) {
        if std::mem::take(&mut self.open) {
            let conditional = self.is_conditional();
            let statement = statement(self.tokens, self.start..end, conditional);
            let keeps = matches!(statement.as_ref().and_then(|s| s.keyword), Some(K::If | K::While));
            self.conditional = keeps;
            self.out.extend(statement);
        }
        self.start = end;
        self.verb = None;
        self.awaits_query = false;
        self.head = false;
        self.granting = false;
        self.inserts_inside = false;
        self.cases = 0;
    }

    /// Begins a statement with token `at`.
    fn begin(&mut self, at: usize) {
        self.finish(at);
        let word = keyword(self.tokens, at);
        self.open = true;
        self.verb = word;
        self.awaits_query = matches!(word, Some(K::With | K::Insert));
        self.awaits_set = word == Some(K::Update);
        self.granting = matches!(word, Some(K::Grant | K::Deny | K::Revoke));
        if matches!(word, Some(K::Create | K::Alter)) {
            let object = (at + 1..at + 4)
                .filter_map(|i| keyword(self.tokens, i))
                .find(|k| !matches!(k, K::Or | K::Alter | K::Replace));
            self.head = matches!(object, Some(K::Proc | K::Procedure | K::Function | K::Trigger));
            self.awaits_query = object == Some(K::View);
        }
    }

    /// Whether the keyword at `i` can't stand in parentheses, so that some were never closed.
    fn was_never_closed(&mut self, i: usize, word: K) -> bool {
        match word {
            // FROM (INSERT t OUTPUT inserted.i SELECT ..)
            K::Insert => {
                self.inserts_inside = true;
                false
            }
            K::Alter | K::Create | K::Declare | K::Drop | K::Print | K::Raiserror | K::While => true,
            K::Truncate => keyword(self.tokens, i + 1) == Some(K::Table),
            // Its place is behind a parenthesis, a set operation or a column list, not behind a value.
            K::Select if !self.inserts_inside => self.tokens.get(i.wrapping_sub(1)).is_some_and(|before| {
                before.keyword.is_none()
                    && (before.is_name()
                        || matches!(before.kind, Kind::String | Kind::Number | Kind::Variable))
            }),
            _ => false,
        }
    }

    /// Looks at a keyword outside parentheses; gives the token to go on with.
    fn word(&mut self, i: usize, word: K) -> usize {
        if self.head && !self.ends_head(i, word) {
            return i + 1;
        }
        if !self.open && !matches!(word, K::Begin | K::Else | K::End) {
            self.begin(i);
            self.cases = usize::from(word == K::Case);
            return i + 1;
        }
        match word {
            K::Case => self.cases += 1,
            K::End if self.cases > 0 => self.cases -= 1,
            K::End => return self.block_end(i),
            K::Else if self.cases == 0 => {
                self.finish(i);
                self.start = i + 1;
                self.conditional = true;
            }
            K::Begin => return self.block_start(i),
            K::Values => self.awaits_query = false,
            K::On | K::To | K::From if self.granting => self.granting = false,
            _ if self.starts(i, word) => self.begin(i),
            K::Select | K::Exec | K::Execute => self.awaits_query = false,
            K::Insert | K::Update | K::Delete | K::Merge if self.verb == Some(K::With) => {
                self.awaits_query = word == K::Insert;
                self.awaits_set |= word == K::Update;
            }
            K::Set => self.awaits_set = false,
            // CREATE TABLE t AS WITH c AS (..) SELECT, CURSOR FOR WITH c AS (..) SELECT
            K::With if matches!(keyword(self.tokens, i.wrapping_sub(1)), Some(K::As | K::For)) => {
                self.awaits_query = true;
            }
            _ => {}
        }
        i + 1
    }

    /// Whether the body starts here, in the head of a procedure, function or trigger.
    fn ends_head(&mut self, i: usize, word: K) -> bool {
        let before = keyword(self.tokens, i.wrapping_sub(1));
        let parameter = kind(self.tokens, i.wrapping_sub(1)) == Some(Kind::Variable);
        match word {
            K::As if !parameter && !matches!(before, Some(K::Execute | K::Exec)) => {
                self.finish(i + 1);
                false
            }
            K::Begin | K::Return => true,
            _ => false,
        }
    }

    fn block_start(&mut self, i: usize) -> usize {
        let next = keyword(self.tokens, i + 1);
        if matches!(next, Some(K::Tran | K::Transaction | K::Distributed | K::Dialog | K::Conversation)) {
            self.begin(i);
            return i + 1;
        }
        self.finish(i);
        let catch = next == Some(K::Catch);
        let block = self.is_conditional() || catch;
        self.blocks.push(block);
        self.conditional = false;
        let mut after = i + 1 + usize::from(matches!(next, Some(K::Try | K::Catch | K::Atomic)));
        if next == Some(K::Atomic) && keyword(self.tokens, after) == Some(K::With) {
            after = (after..self.end)
                .find(|i| kind(self.tokens, *i) == Some(Kind::Close))
                .map_or(after, |close| close + 1);
        }
        self.start = after;
        after
    }

    fn block_end(&mut self, i: usize) -> usize {
        let next = keyword(self.tokens, i + 1);
        if next == Some(K::Conversation) {
            self.begin(i);
            return i + 1;
        }
        self.finish(i);
        self.conditional = false;
        self.blocks.pop();
        self.start = i + 1 + usize::from(matches!(next, Some(K::Try | K::Catch)));
        self.start
    }

    /// Whether the keyword at `i` starts a statement although another one is open.
    fn starts(&self, i: usize, word: K) -> bool {
        let next = keyword(self.tokens, i + 1);
        let before = keyword(self.tokens, i.wrapping_sub(1));
        match word {
            K::Disable | K::Enable => next == Some(K::Trigger) && self.verb != Some(K::Alter),
            K::Copy => next == Some(K::Into),
            K::Throw => {
                !matches!(before, Some(K::As)) && !matches!(kind(self.tokens, i - 1), Some(Kind::Comma))
            }
            K::With => self.is_cte(i),
            _ if !word.starts() || self.granting => false,
            K::Select => {
                let goes_on =
                    matches!(before, Some(K::Union | K::All | K::Except | K::Intersect | K::As | K::For));
                !self.awaits_query && !goes_on
            }
            K::Exec | K::Execute => {
                let insert = self.awaits_query && matches!(self.verb, Some(K::Insert | K::With));
                !insert && before != Some(K::With)
            }
            K::If => {
                // DROP TABLE IF EXISTS, DROP COLUMN IF EXISTS
                let dropping = (2..4).any(|back| keyword(self.tokens, i.wrapping_sub(back)) == Some(K::Drop));
                !(dropping && next == Some(K::Exists) && kind(self.tokens, i + 2) != Some(Kind::Open))
            }
            K::Insert | K::Update | K::Delete | K::Merge => self.starts_change(i, word, before),
            K::Set => self.starts_set(i, before),
            // CREATE OR ALTER
            K::Alter if before == Some(K::Or) => false,
            K::Alter | K::Drop => self.starts_definition(i, next),
            // WITH GRANT OPTION
            K::Grant => before != Some(K::With),
            K::Fetch => !matches!(before, Some(K::Row | K::Rows)),
            K::Open | K::Close | K::Use | K::Kill | K::Save => before != Some(K::As),
            _ => true,
        }
    }

    fn starts_change(&self, i: usize, word: K, before: Option<K>) -> bool {
        if self.awaits_query && self.verb == Some(K::With) {
            return false;
        }
        match before {
            // AFTER UPDATE: a trigger, or a predicate of a security policy
            Some(K::Bulk | K::After | K::Before) => return false,
            Some(K::Then) if matches!(self.verb, Some(K::Merge | K::With)) => return false,
            Some(K::On) if matches!(self.verb, Some(K::Create | K::Alter)) => return false,
            Some(K::For) if word == K::Update => return false,
            _ => {}
        }
        match word {
            // OPTION (MERGE JOIN), ALTER PARTITION FUNCTION f() MERGE RANGE (1)
            K::Merge => {
                !matches!(keyword(self.tokens, i + 1), Some(K::Join | K::Union))
                    && (self.verb != Some(K::Alter) || kind(self.tokens, i + 2) != Some(Kind::Open))
            }
            // UPDATE(column) asks in a trigger what has changed.
            K::Update => kind(self.tokens, i + 1) != Some(Kind::Open),
            _ => true,
        }
    }

    fn starts_set(&self, i: usize, before: Option<K>) -> bool {
        match self.verb {
            Some(K::Update | K::With) if self.awaits_set => false,
            Some(K::Merge | K::With) if before == Some(K::Update) => false,
            Some(K::Alter) => {
                keyword(self.tokens, self.start + 1) != Some(K::Database)
                    && kind(self.tokens, i + 1) != Some(Kind::Open)
                    && !matches!(before, Some(K::Delete | K::Update))
            }
            Some(K::Create) => !matches!(before, Some(K::Delete | K::Update)),
            _ => true,
        }
    }

    fn starts_definition(&self, i: usize, next: Option<K>) -> bool {
        if self.verb != Some(K::Alter) {
            return true;
        }
        if keyword(self.tokens, self.start + 1) == Some(K::Table)
            && Name::at(self.tokens, self.start + 2).is_some_and(|name| name.end == i)
        {
            return false; // ALTER TABLE t DROP INDEX i
        }
        matches!(
            next,
            Some(
                K::Table
                    | K::View
                    | K::Proc
                    | K::Procedure
                    | K::Function
                    | K::Index
                    | K::Trigger
                    | K::Schema
                    | K::Synonym
                    | K::Database
                    | K::Sequence
                    | K::Type
                    | K::Statistics
            )
        )
    }

    /// Whether the WITH at `i` names a common table expression: `name AS (` or `name (..) AS (`.
    fn is_cte(&self, i: usize) -> bool {
        let tokens = self.tokens;
        if self.awaits_query && self.verb == Some(K::Create) {
            return false;
        }
        if matches!(self.verb, Some(K::Declare)) && keyword(tokens, i.wrapping_sub(1)) == Some(K::For) {
            return false;
        }
        if keyword(tokens, i.wrapping_sub(1)) == Some(K::As) {
            return false;
        }
        if keyword(tokens, i + 1) == Some(K::Xmlnamespaces) {
            return kind(tokens, i + 2) == Some(Kind::Open);
        }
        if !tokens
            .get(i + 1)
            .is_some_and(|t| t.is_name() && !t.keyword.is_some_and(|k| k.is_reserved(Dialect::TSql)))
        {
            return false;
        }
        match kind(tokens, i + 2) {
            Some(Kind::Open) => true,
            _ => keyword(tokens, i + 2) == Some(K::As) && kind(tokens, i + 3) == Some(Kind::Open),
        }
    }
}
