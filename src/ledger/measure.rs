//! Takes the figures of a relation as it is now.

use super::ColumnFact;
use crate::ddl::checksum::{Figures, Scheme};
use crate::ddl::ledger as sql;
use crate::sql::quote_name;
use crate::warehouse::{Connection, Error, ErrorKind};
use crate::words::RelationName;

/// A relation's columns and figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Its columns, by name.
    pub columns: Vec<ColumnFact>,
    /// Whether all of them are in the checksum.
    pub is_complete: bool,
    /// Its figures.
    pub figures: Figures,
}

/// The figures of a relation, of the rows where a condition holds. `None` if there is no such relation.
///
/// # Errors
/// When the warehouse refuses a query.
pub fn measure(
    connection: &mut dyn Connection,
    relation: &RelationName,
    ignored: &[String],
    condition: Option<&str>,
) -> Result<Option<Measured>, Error> {
    let columns = columns(connection, relation)?;
    if columns.is_empty() {
        return Ok(None);
    }
    let dialect = connection.dialect();
    let scheme = Scheme::new(dialect, &columns, ignored);
    let name = quote_name(dialect, relation);
    let rows = connection.query(&scheme.query(dialect, &name, condition))?;
    let figures = rows.rows.first().and_then(|row| scheme.read(row)).ok_or_else(|| {
        Error::new(ErrorKind::Statement, format!("the figures of {relation} can't be read"))
    })?;
    Ok(Some(Measured {
        columns: scheme.columns().iter().map(ColumnFact::from).collect(),
        is_complete: scheme.is_complete(),
        figures,
    }))
}

/// The columns of a relation in their order: name, type.
pub(super) fn columns(
    connection: &mut dyn Connection,
    relation: &RelationName,
) -> Result<Vec<(String, String)>, Error> {
    let rows = connection.query(&sql::columns(connection.dialect(), relation))?;
    Ok(rows
        .rows
        .into_iter()
        .filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
            Ok([Some(name), Some(kind)]) => Some((name, kind)),
            _ => None,
        })
        .collect())
}
