//! Carries out one statement of a step: runs it, or judges what it answers.

use super::{SchemaChange, control};
use crate::ddl::{Act, Check};
use crate::nouns::OnSchemaChange;
use crate::plan::Text;
use crate::warehouse::{Connection, Error, ErrorKind, Rows};

/// What a load did to its table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadCounts {
    /// Rows in the table afterwards.
    pub rows: Option<u64>,
    /// Rows that were not there before.
    pub inserted: Option<u64>,
    /// Rows that are other than before.
    pub updated: Option<u64>,
    /// Rows that are gone.
    pub deleted: Option<u64>,
    /// Drift of a full load: keys that the source does not have any more.
    pub vanished: Option<u64>,
    /// Drift of a full load: rows missing or other, though not changed since the last watermark.
    pub differing: Option<u64>,
    /// The newest `modified` in the table, as text.
    pub watermark: Option<String>,
}

impl LoadCounts {
    /// Reads the one row of a counting query.
    fn read(rows: &Rows) -> Self {
        let cell = |nth: usize| rows.rows.first().and_then(|row| row.get(nth)).and_then(Option::as_deref);
        let count = |nth: usize| cell(nth).and_then(|c| c.parse().ok());
        Self {
            rows: count(0),
            inserted: count(1),
            updated: count(2),
            deleted: count(3),
            vanished: count(4),
            differing: count(5),
            watermark: cell(6).map(str::to_owned),
        }
    }

    /// The rows that the load wrote or removed.
    #[must_use]
    pub fn changed(&self) -> Option<u64> {
        Some(self.inserted? + self.updated? + self.deleted?)
    }
}

/// What a statement came to.
#[derive(Debug, Default)]
pub(super) struct Acted {
    pub(super) rows: Option<u64>,
    pub(super) messages: Vec<String>,
    pub(super) counts: Option<LoadCounts>,
}

/// Why a statement did not do.
pub(super) enum Refusal {
    Error(Error),
    Schema(Box<SchemaChange>),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Carries a statement out; `careful` sends its second form, where it has one.
pub(super) fn act(text: &Text, careful: bool, connection: &mut dyn Connection) -> Result<Acted, Refusal> {
    let sql = text.careful.as_ref().filter(|_| careful).unwrap_or(&text.sql);
    match &text.act {
        Act::Run => {
            let outcome = connection.execute(sql)?;
            Ok(Acted { rows: outcome.rows, messages: outcome.messages, counts: None })
        }
        Act::Check(check) => judge(check, &connection.query(sql)?),
        // A test's: see `judge`.
        Act::Apart(_) => Ok(Acted::default()),
        Act::Stream(stream) => {
            let message = format!("rows of the target `{}` can't come in here", stream.from.target);
            Err(Error::new(ErrorKind::Statement, message).into())
        }
        // It takes what the steps before it have come to, which only the unit knows.
        Act::Publish(publish) => {
            let message = format!("{} can't be published without its scripts", publish.project);
            Err(Error::new(ErrorKind::Statement, message).into())
        }
    }
}

fn judge(check: &Check, rows: &Rows) -> Result<Acted, Refusal> {
    let sentences = || rows.rows.iter().filter_map(|row| row.first()?.clone());
    match check {
        Check::Shape(shape) => {
            let incoming: Vec<(String, String)> = rows
                .rows
                .iter()
                .filter_map(|row| match row.as_slice() {
                    [Some(name), kind, ..] => Some((name.clone(), kind.clone().unwrap_or_default())),
                    _ => None,
                })
                .collect();
            match SchemaChange::find(shape, &incoming) {
                None => Ok(Acted::default()),
                Some(change) if change.is_taken(shape.on_schema_change) => {
                    Ok(Acted { messages: vec![taken(&change, shape.on_schema_change)], ..Acted::default() })
                }
                Some(change) => Err(Refusal::Schema(Box::new(change))),
            }
        }
        Check::Refuse => match sentences().next() {
            Some(sentence) => Err(Error::new(ErrorKind::Statement, sentence).into()),
            None => Ok(Acted::default()),
        },
        Check::Tell => Ok(Acted { messages: sentences().collect(), ..Acted::default() }),
        Check::Control(sum) => {
            let row = rows.rows.first().map(Vec::as_slice).unwrap_or_default();
            let (source, arrived) = row.split_at((1 + usize::from(sum.is_some())).min(row.len()));
            let message = control::compare(source, arrived, sum.as_deref())
                .map_err(|message| Error::new(ErrorKind::Statement, message))?;
            Ok(Acted { messages: vec![message], ..Acted::default() })
        }
        Check::Counts => {
            let counts = LoadCounts::read(rows);
            Ok(Acted { rows: counts.rows, counts: Some(counts), ..Acted::default() })
        }
    }
}

fn taken(change: &SchemaChange, on_schema_change: OnSchemaChange) -> String {
    format!("the source has changed its shape: {change} (on_schema_change: {on_schema_change})")
}
