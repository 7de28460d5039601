//! GS305: a financial script can't run inside the one transaction of its publication.

use super::financial::{Finding, Passage, is_financial};
use crate::analysis::AnalyzedNode;
use crate::graph::Graph;
use crate::sql::{Form, Keyword, Kind, Statement, Token};
use crate::words::{Code, Diagnostic, Dialect, Span};

/// How statements begin that begin or end a transaction, outside T-SQL.
const CONTROL: [&str; 10] = [
    "BEGIN",
    "START TRANSACTION",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "SET TRANSACTION",
    "PREPARE TRANSACTION",
];
/// The same in the body of a routine, where BEGIN is no transaction's.
const BODY: [&str; 2] = ["COMMIT", "ROLLBACK"];
/// How statements begin that no transaction takes, by dialect.
const TSQL: [&str; 12] = [
    "SET IMPLICIT_TRANSACTIONS",
    "SHUTDOWN",
    "KILL",
    "BACKUP",
    "RESTORE",
    "RECONFIGURE",
    "CREATE DATABASE",
    "ALTER DATABASE",
    "DROP DATABASE",
    "CREATE FULLTEXT",
    "ALTER FULLTEXT",
    "DROP FULLTEXT",
];
const DUCKDB: [&str; 3] = ["CHECKPOINT", "FORCE CHECKPOINT", "VACUUM"];
const POSTGRES: [&str; 18] = [
    "DISCARD ALL",
    "CREATE SUBSCRIPTION",
    "DROP SUBSCRIPTION",
    "CREATE INDEX IF NOT EXISTS CONCURRENTLY",
    "CREATE UNIQUE INDEX IF NOT EXISTS CONCURRENTLY",
    "VACUUM",
    "CREATE DATABASE",
    "DROP DATABASE",
    "ALTER SYSTEM",
    "CREATE TABLESPACE",
    "DROP TABLESPACE",
    "CREATE INDEX CONCURRENTLY",
    "CREATE UNIQUE INDEX CONCURRENTLY",
    "DROP INDEX CONCURRENTLY",
    "REINDEX DATABASE",
    "REINDEX SYSTEM",
    "REINDEX TABLE CONCURRENTLY",
    "REINDEX INDEX CONCURRENTLY",
];

/// Scripts that say so themselves; what their text holds is for [`find`].
pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let scripts = graph.indices().map(|i| graph.node(i)).filter(|n| is_financial(n) && !n.transaction);
    let tell = |script: &AnalyzedNode| {
        let node = &script.node;
        Diagnostic::new(
            Code::NotTransactional,
            format!("`{}` says `transaction off`, but financial gold is one transaction", node.name),
        )
        .at(&node.file, Span::default())
        .node(&node.id)
        .help("remove the comment; what can't run in a transaction belongs elsewhere")
    };
    scripts.map(tell).collect()
}

pub(super) fn find(_: &Graph, passage: &Passage) -> Vec<Finding> {
    let mut own = Own::default();
    let mut found = Vec::new();
    for statement in &passage.statements {
        let words = &passage.tokens[statement.tokens()];
        let Some(first) = words.first() else { continue };
        let begins = |list: &[&'static str]| list.iter().copied().find(|p| begins_with(passage, words, p));
        let (refused, control) = match passage.dialect {
            Dialect::TSql => (begins(&TSQL), None),
            Dialect::DuckDb => (begins(&DUCKDB), begins(&CONTROL)),
            Dialect::Postgres if passage.form == Some(Form::Body) => (None, begins(&BODY)),
            Dialect::Postgres => (begins(&POSTGRES), begins(&CONTROL)),
        };
        if let Some(phrase) = refused {
            found.push(Finding {
                what: format!("holds {phrase}, which can't run in the one transaction of financial gold"),
                span: first.span(),
                help: "move it out of gold/financial/".into(),
            });
        } else if let Some(phrase) = control {
            found.push(Finding {
                what: format!("holds {phrase}, but runs in the one transaction of financial gold"),
                span: first.span(),
                help: "remove it: goldsmith begins the transaction, and commits when all scripts and tests have passed".into(),
            });
        } else if passage.dialect == Dialect::TSql && !passage.is_piece() {
            own.statement(passage, words, statement, &mut found);
        }
    }
    found.extend(own.open.into_iter().map(|span| unmatched("BEGIN TRANSACTION that nothing commits", span)));
    found.sort_by_key(|f| f.span.start);
    found
}

/// Whether a statement begins with these words.
fn begins_with(passage: &Passage, words: &[Token], phrase: &str) -> bool {
    let mut at = words.iter();
    phrase.split(' ').all(|w| {
        at.next().is_some_and(|t| t.kind == Kind::Word && t.text(passage.text).eq_ignore_ascii_case(w))
    })
}

/// A T-SQL script's own transactions.
#[derive(Default)]
struct Own {
    /// Those that are begun and not ended yet.
    open: Vec<Span>,
    /// Whether any was begun before: what stands under a condition may end it.
    begun: bool,
    /// Whether there is a savepoint to go back to.
    saved: bool,
}

impl Own {
    fn statement(
        &mut self,
        passage: &Passage,
        words: &[Token],
        statement: &Statement,
        found: &mut Vec<Finding>,
    ) {
        let span = words[0].span();
        let transaction =
            words[1..].iter().take(2).any(|t| t.is(Keyword::Tran) || t.is(Keyword::Transaction));
        match words[0].keyword {
            Some(Keyword::Begin) if transaction => {
                self.open.push(span);
                self.begun = true;
            }
            Some(Keyword::Save) => self.saved = true,
            Some(Keyword::Commit) => self.end(statement, "COMMIT", span, found),
            Some(Keyword::Rollback) if self.saved && transaction && words.len() > 2 => {}
            Some(Keyword::Rollback) => self.end(statement, "ROLLBACK", span, found),
            Some(Keyword::While)
                if words.iter().any(|t| t.text(passage.text).eq_ignore_ascii_case("@@trancount")) =>
            {
                found.push(Finding {
                    what: "loops on @@TRANCOUNT, which would end the transaction of financial gold".into(),
                    span,
                    help: "remove the loop: goldsmith commits when all scripts and tests have passed".into(),
                });
            }
            _ => {}
        }
    }

    /// One that is ended: what stands under a condition may be another way out of the same one.
    fn end(&mut self, statement: &Statement, word: &str, span: Span, found: &mut Vec<Finding>) {
        let matched = self.open.pop().is_some() || statement.conditional && self.begun;
        if !matched {
            found.push(unmatched(&format!("{word} without a BEGIN TRANSACTION of its own"), span));
        }
    }
}

fn unmatched(what: &str, span: Span) -> Finding {
    Finding {
        what: format!("holds a {what}, but runs in the one transaction of financial gold"),
        span,
        help:
            "remove it: goldsmith begins the transaction, and commits when all scripts and tests have passed"
                .into(),
    }
}
