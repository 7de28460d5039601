//! Appends batches to a table of `PostgreSQL`'s by `COPY`. The server reads text into whatever type
//! the column is of.

use std::io::Write;

use arrow_array::{Array, RecordBatch};
use postgres::Client;

use super::{error, text};
use crate::sql::quote_name;
use crate::warehouse::{Error, ErrorKind};
use crate::words::{Dialect, RelationName};

/// How many bytes are sent at once.
const BLOCK: usize = 1 << 16;

/// Appends all batches, and tells how many rows they were.
pub(super) fn append(
    client: &mut Client,
    table: &RelationName,
    batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
) -> Result<u64, Error> {
    let sql = format!("COPY {} FROM STDIN", quote_name(Dialect::Postgres, table));
    let mut writer = client.copy_in(sql.as_str()).map_err(error::read)?;
    let mut block = Vec::with_capacity(2 * BLOCK);
    let mut rows = 0_u64;
    for batch in batches {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            for (nth, column) in batch.columns().iter().enumerate() {
                if nth > 0 {
                    block.push(b'\t');
                }
                if column.is_null(row) {
                    block.extend_from_slice(b"\\N");
                } else if let Err(why) = text::write(&mut block, column, row) {
                    let name = batch.schema_ref().field(nth).name().clone();
                    return Err(misfit(&name, rows + 1, &why));
                }
            }
            block.push(b'\n');
            rows += 1;
            if block.len() >= BLOCK {
                if let Err(failed) = writer.write_all(&block) {
                    // The server's own reason comes with the end.
                    return Err(writer.finish().map_or_else(explain, |_| error::read_copy(failed, &sql)));
                }
                block.clear();
            }
        }
    }
    writer.write_all(&block).map_err(|e| error::read_copy(e, &sql))?;
    writer.finish().map_err(explain)
}

fn misfit(column: &str, row: u64, why: &str) -> Error {
    Error::new(ErrorKind::Statement, format!("the column `{column}`, row {row}: the value {why}"))
}

/// Says in which column and row a value did not fit, as the server's context tells:
/// `COPY t, line 3, column amount: "abc"`.
fn explain(failed: postgres::Error) -> Error {
    let place = failed.as_db_error().and_then(|told| {
        let context = told.where_()?.lines().next()?;
        let (_, rest) = context.split_once(", line ")?;
        let (row, rest) = rest.split_once(", column ")?;
        let (column, value) = rest.split_once(": ").unwrap_or((rest, ""));
        Some(format!("the column `{column}`, row {row}: {}", value.trim_matches('"')))
    });
    let told = error::read(failed);
    match place {
        Some(place) => Error { message: format!("{place}: {}", told.message), ..told },
        None => told,
    }
}
