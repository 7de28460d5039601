//! Takes the figures of a relation as it is now.

use super::ColumnFact;
use super::tally::tally;
use crate::ddl::checksum::{Figures, Form, Scheme};
use crate::ddl::ledger as sql;
use crate::sql::quote_name;
use crate::warehouse::{Connection, Error, ErrorKind};
use crate::words::RelationName;

/// The columns of a relation in their order: name, type.
type Columns = Vec<(String, String)>;

/// A relation's columns and figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Its columns, by name.
    pub columns: Vec<ColumnFact>,
    /// Those of them that hold floating-point numbers.
    pub floats: Vec<String>,
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
    measured(connection, relation, (&columns, ignored), condition)
}

/// The figures of several relations, of all their rows; each `None` if there is no such relation.
///
/// # Errors
/// When the warehouse refuses a query.
pub fn measure_all(
    connection: &mut dyn Connection,
    relations: &[(&RelationName, &[String])],
) -> Result<Vec<Option<Measured>>, Error> {
    if relations.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&RelationName> = relations.iter().map(|(name, _)| *name).collect();
    let mut columns = vec![Columns::new(); names.len()];
    for row in connection.query(&sql::columns_of_all(connection.dialect(), &names))?.rows {
        if let Ok([Some(nth), Some(name), Some(kind)]) = <[Option<String>; 3]>::try_from(row)
            && let Some(held) = nth.parse().ok().and_then(|nth: usize| columns.get_mut(nth))
        {
            held.push((name, kind));
        }
    }
    let both = relations.iter().zip(&columns);
    both.map(|((name, ignored), columns)| measured(connection, name, (columns, *ignored), None)).collect()
}

fn measured(
    connection: &mut dyn Connection,
    relation: &RelationName,
    (columns, ignored): (&Columns, &[String]),
    condition: Option<&str>,
) -> Result<Option<Measured>, Error> {
    if columns.is_empty() {
        return Ok(None);
    }
    let dialect = connection.dialect();
    let scheme = Scheme::new(dialect, columns, ignored);
    let name = quote_name(dialect, relation);
    let figures = match added_up(connection, &scheme, &name, condition)? {
        Some(figures) => figures,
        None => asked(connection, &scheme, &name, condition)?.ok_or_else(|| {
            Error::new(ErrorKind::Statement, format!("the figures of {relation} can't be read"))
        })?,
    };
    Ok(Some(Measured {
        columns: scheme.columns().iter().map(ColumnFact::from).collect(),
        floats: scheme
            .columns()
            .iter()
            .filter(|c| c.form == Ok(Form::Float))
            .map(|c| c.name.clone())
            .collect(),
        is_complete: scheme.is_complete(),
        figures,
    }))
}

/// The figures as this process adds them up; `None` where the engine has to.
fn added_up(
    connection: &mut dyn Connection,
    scheme: &Scheme,
    name: &str,
    condition: Option<&str>,
) -> Result<Option<Figures>, Error> {
    let Some(query) = scheme.values_query(connection.dialect(), name, condition) else { return Ok(None) };
    tally(connection, scheme, &query)
}

/// The figures as the engine adds them up.
fn asked(
    connection: &mut dyn Connection,
    scheme: &Scheme,
    name: &str,
    condition: Option<&str>,
) -> Result<Option<Figures>, Error> {
    let rows = connection.query(&scheme.query(connection.dialect(), name, condition))?;
    Ok(rows.rows.first().and_then(|row| scheme.read(row)))
}

/// The columns of a relation in their order: name, type.
pub(super) fn columns(connection: &mut dyn Connection, relation: &RelationName) -> Result<Columns, Error> {
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
