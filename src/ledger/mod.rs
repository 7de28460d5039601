//! The ledger of publications in a project's own database: what was published when, by whom, from
//! what, with which figures. Reads it and adds to it; nothing in it is ever changed.

mod closed;
mod difference;
mod item;
mod json;
mod measure;
mod publication;
mod relation;
mod tally;

pub use closed::{ClosedPeriod, ClosedRelation, close, closed, period_condition};
pub use difference::{ColumnTotals, Difference, Sides, difference, sample};
pub use item::{Item, ItemKind, items};
pub use measure::{Measured, measure, measure_all};
pub use publication::{Publication, PublicationKind, find, publications};
pub use relation::{ColumnFact, RelationRecord, Role, relations};

use jiff::Timestamp;

use crate::ddl::ledger as sql;
use crate::warehouse::{Connection, Error, ErrorKind};

/// A row of text.
type Row = Vec<Option<String>>;

/// Adds a publication with all that belongs to it, in the transaction that is open.
///
/// # Errors
/// When the warehouse refuses, as it does when another publication of this edition stands already.
pub fn add(
    connection: &mut dyn Connection,
    database: &str,
    publication: &Publication,
    relations: &[RelationRecord],
    items: &[Item],
) -> Result<(), Error> {
    let dialect = connection.dialect();
    connection
        .execute(&sql::insert(dialect, database, "publications", &[publication.values(dialect)]))
        .map_err(|error| {
            if error.message.to_lowercase().contains("duplicate key") {
                Error::new(
                    ErrorKind::Statement,
                    format!("{} has been published meanwhile by another run", publication.id()),
                )
            } else {
                error
            }
        })?;
    let number = publication.number;
    let rows: Vec<Vec<String>> = relations.iter().map(|r| r.values(dialect, number)).collect();
    let acts: Vec<Vec<String>> = items.iter().map(|i| i.values(dialect, number)).collect();
    for (table, rows) in [("publication_relations", rows), ("publication_items", acts)] {
        if !rows.is_empty() {
            connection.execute(&sql::insert(dialect, database, table, &rows))?;
        }
    }
    Ok(())
}

/// The number that the next publication of a database gets.
///
/// # Errors
/// When the warehouse refuses the query.
pub fn next_number(connection: &mut dyn Connection, database: &str) -> Result<u64, Error> {
    let rows = connection.query(&sql::next_number(connection.dialect(), database))?;
    let cell = rows.rows.into_iter().next().and_then(|row| row.into_iter().next().flatten());
    cell.and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::new(ErrorKind::Statement, "the ledger gives no number"))
}

/// A point in time, of microseconds since 1970 in text.
fn moment(cell: Option<String>) -> Option<Timestamp> {
    Timestamp::from_microsecond(cell?.parse().ok()?).ok()
}

/// Whether an engine's text of a yes or no means yes.
fn is_yes(text: &str) -> bool {
    matches!(text, "true" | "t" | "1")
}

fn number(cell: Option<String>) -> Option<u64> {
    cell?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn each_engine_has_its_own_yes() {
        assert!(["true", "t", "1"].into_iter().all(is_yes));
        assert!(!["false", "f", "0", ""].into_iter().any(is_yes));
    }
}
