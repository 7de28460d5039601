//! The scripts and tests of a publication, as they ran.

use jiff::Timestamp;

use super::{Row, moment, number};
use crate::ddl::{ledger as sql, literal, time};
use crate::warehouse::{Connection, Error};
use crate::words::Dialect;

/// What ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A script.
    Script,
    /// A test.
    Test,
}

impl ItemKind {
    /// The word in the ledger and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Test => "test",
        }
    }
}

/// A script or a test, as it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// The node's id.
    pub name: String,
    /// Its file.
    pub path: Option<String>,
    /// The SHA-256 of the file.
    pub sha256: Option<String>,
    /// How it ended.
    pub status: String,
    /// Rows written, or rows that a test found.
    pub rows: Option<u64>,
    /// What it said.
    pub message: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

impl Item {
    pub(super) fn values(&self, dialect: Dialect, number: u64) -> Vec<String> {
        vec![
            number.to_string(),
            literal(dialect, self.kind.word()),
            literal(dialect, &self.name),
            sql::optional(dialect, self.path.as_deref()),
            sql::optional(dialect, self.sha256.as_deref()),
            literal(dialect, &self.status),
            self.rows.map_or_else(|| "NULL".into(), |n| n.to_string()),
            sql::optional(dialect, self.message.as_deref()),
            time(dialect, self.started_at),
            time(dialect, self.finished_at),
        ]
    }

    fn read(row: Row) -> Option<Self> {
        let [kind, name, path, sha256, status, rows, message, started, finished]: [_; 9] =
            row.try_into().ok()?;
        Some(Self {
            kind: if kind? == "script" { ItemKind::Script } else { ItemKind::Test },
            name: name?,
            path,
            sha256,
            status: status?,
            rows: number(rows),
            message,
            started_at: moment(started)?,
            finished_at: moment(finished)?,
        })
    }
}

/// The scripts and tests of a publication, in the order in which they ended.
///
/// # Errors
/// When the warehouse refuses the query.
pub fn items(connection: &mut dyn Connection, database: &str, number: u64) -> Result<Vec<Item>, Error> {
    let rows = connection.query(&sql::items(connection.dialect(), database, number))?;
    Ok(rows.rows.into_iter().filter_map(Item::read).collect())
}
