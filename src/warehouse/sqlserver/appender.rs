//! Appends batches to a table of SQL Server's by a bulk load. The server takes each column in its own type
//! alone, so that values are made into that here; what does not fit is told with its column and row.

use arrow_array::RecordBatch;
use tiberius::{ColumnData, MetaDataColumn, TokenRow};

use super::value::Kind;
use super::wire::Wire;
use crate::sql::quote_name;
use crate::warehouse::{Error, ErrorKind};
use crate::words::{Dialect, RelationName};

/// Appends all batches, and tells how many rows they were.
pub(super) fn append(
    wire: &mut Wire,
    table: &RelationName,
    batches: &mut dyn Iterator<Item = Result<RecordBatch, Error>>,
) -> Result<u64, Error> {
    let name = quote_name(Dialect::TSql, table);
    let sql = format!("INSERT BULK {name}");
    wire.during(&sql, async |client| {
        let columns = client.column_metadata(&name, &["*"]).await?;
        let kinds = match kinds(&columns) {
            Ok(kinds) => kinds,
            Err(error) => return Ok(Err(error)),
        };
        let mut load = client.bulk_insert(&name).await?;
        let (mut sent, mut failed) = (0, None);
        for batch in batches {
            match batch.and_then(|batch| rows(&batch, &kinds, &columns, sent)) {
                Ok(rows) => {
                    for row in rows {
                        load.send(row).await?;
                        sent += 1;
                    }
                }
                // What was sent is taken up as it is, for the caller to roll back: a load that breaks off
                // would take the connection with it.
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        load.finalize().await?;
        Ok(failed.map_or(Ok(sent), Err))
    })?
}

fn kinds(columns: &[MetaDataColumn<'_>]) -> Result<Vec<Kind>, Error> {
    columns
        .iter()
        .map(|column| {
            Kind::of(&column.base().ty).ok_or_else(|| {
                let message =
                    format!("the column `{}` is of a type that can't be loaded in bulk", column.col_name());
                Error::new(ErrorKind::Statement, message)
            })
        })
        .collect()
}

/// All rows of a batch, as the table's columns take them; `before` were sent already.
fn rows(
    batch: &RecordBatch,
    kinds: &[Kind],
    columns: &[MetaDataColumn<'_>],
    before: u64,
) -> Result<Vec<TokenRow<'static>>, Error> {
    if batch.num_columns() != kinds.len() {
        let message = format!("{} columns come for a table with {}", batch.num_columns(), kinds.len());
        return Err(Error::new(ErrorKind::Statement, message));
    }
    let mut rows: Vec<Vec<ColumnData<'static>>> = Vec::with_capacity(batch.num_rows());
    rows.resize_with(batch.num_rows(), || Vec::with_capacity(kinds.len()));
    for ((values, kind), column) in batch.columns().iter().zip(kinds).zip(columns) {
        for (nth, row) in rows.iter_mut().enumerate() {
            row.push(kind.value(values, nth).map_err(|why| {
                let place = before + nth as u64 + 1;
                let message = format!("the column `{}`, row {place}: the value {why}", column.col_name());
                Error::new(ErrorKind::Conversion, message)
            })?);
        }
    }
    Ok(rows
        .into_iter()
        .map(|values| {
            let mut row = TokenRow::with_capacity(values.len());
            for value in values {
                row.push(value);
            }
            row
        })
        .collect())
}
