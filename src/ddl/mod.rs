//! The SQL that goldsmith itself writes, as pure functions from names to text; one file an
//! engine. A body of the user's goes in whole, and its place in the text is kept.

mod act;
pub mod checksum;
pub mod duckdb;

pub use act::{Act, Check, Commit, Figures, Input, Output, Publish, Root, ScriptText, Shape, Stream, Typed};

/// A statement of goldsmith's, which may hold SQL of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// Where the user's SQL begins in it.
    pub body_at: Option<usize>,
    /// What is done with it.
    pub act: Act,
    /// What is sent in its place when types that the engine guessed do not hold for all rows.
    pub careful: Option<String>,
}

impl Statement {
    /// A statement without SQL of the user's.
    #[must_use]
    pub fn own(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), body_at: None, act: Act::Run, careful: None }
    }

    /// A query whose rows are judged.
    #[must_use]
    pub fn check(sql: impl Into<String>, check: Check) -> Self {
        Self { act: Act::Check(check), ..Self::own(sql) }
    }

    /// `head`, then the user's SQL, then `tail` on a line of its own.
    #[must_use]
    pub fn around(head: &str, body: &str, tail: &str) -> Self {
        let body = trimmed_end(body);
        let mut sql = String::with_capacity(head.len() + body.len() + tail.len() + 1);
        sql.push_str(head);
        sql.push_str(body);
        if !tail.is_empty() {
            sql.push('\n');
            sql.push_str(tail);
        }
        Self { body_at: Some(head.len()), ..Self::own(sql) }
    }
}

/// A query without white space and semicolons at its end.
fn trimmed_end(sql: &str) -> &str {
    sql.trim_end_matches(|c: char| c.is_whitespace() || c == ';')
}
