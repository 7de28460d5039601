//! Appends batches to a table of `DuckDB`'s.

use arrow_array::{Array, RecordBatch, StringArray};
use duckdb::Connection as Handle;

use super::error;
use crate::warehouse::{Error, ErrorKind};
use crate::words::RelationName;

/// How much of a value is shown, in characters.
const SHOWN: usize = 80;

/// Appends all batches, and tells how many rows they were.
pub(super) fn append(
    handle: &Handle,
    table: &RelationName,
    batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
) -> Result<u64, Error> {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let (database, schema) = (part(&table.database), part(&table.schema));
    let mut appender =
        handle.appender_to_catalog_and_db(&table.name, &database, &schema).map_err(error::read)?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        let told = |e| explain(handle, error::read(e), &batch, rows);
        appender.append_record_batch(batch.clone()).map_err(told)?;
        rows += batch.num_rows() as u64;
    }
    appender.flush().map_err(error::read)?;
    Ok(rows)
}

/// Names the column, and the value where it is text, of one that does not fit the column's type.
fn explain(handle: &Handle, error: Error, batch: &RecordBatch, before: u64) -> Error {
    let place = || {
        let rest = error.message.strip_prefix("type mismatch in AppendDataChunk, expected ")?;
        let (kind, rest) = rest.split_once(", got ")?;
        let nth: usize = rest.rsplit_once(" for column ")?.1.trim().parse().ok()?;
        let schema = batch.schema_ref();
        Some((nth, schema.fields().get(nth)?.name().clone(), kind))
    };
    let Some((nth, name, kind)) = place() else { return error };
    let message = if let Some((row, value)) = first_misfit(handle, batch.column(nth), kind) {
        format!("the column `{name}`, row {}: `{value}` is no {kind}", before + row as u64 + 1)
    } else {
        let (first, last) = (before + 1, before + batch.num_rows() as u64);
        format!("the column `{name}`: one of the values in rows {first} to {last} is no {kind}")
    };
    Error::new(ErrorKind::Statement, message)
}

/// The first text that can't be read as a type, with its place.
fn first_misfit(handle: &Handle, column: &dyn Array, kind: &str) -> Option<(usize, String)> {
    let texts = column.as_any().downcast_ref::<StringArray>()?;
    // A session of its own: that of the appender is in the middle of a transaction.
    let session = handle.try_clone().ok()?;
    let mut fits =
        session.prepare(&format!("SELECT TRY_CAST(CAST(? AS VARCHAR) AS {kind}) IS NOT NULL")).ok()?;
    texts.iter().enumerate().find_map(|(row, text)| {
        let text = text?;
        let is_fit: bool = fits.query_row([text], |row| row.get(0)).ok()?;
        (!is_fit).then(|| (row, text.chars().take(SHOWN).collect()))
    })
}
