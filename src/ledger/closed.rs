//! Closed periods: months whose figures may not change any more.

use jiff::Timestamp;

use super::json::{read_pairs, write_pairs};
use super::relation::{read_columns, write_columns};
use super::{ColumnFact, Row, moment, number};
use crate::ddl::{ledger as sql, literal, time};
use crate::warehouse::{Connection, Error};
use crate::words::RelationName;

/// A closed period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// The month: `2026-02`.
    pub period: String,
    /// When it was closed, or changed for the last time.
    pub closed_at: Timestamp,
    /// By whom.
    pub closed_by: String,
    /// The number of the publication that stood then.
    pub number: u64,
    /// What may not change: of each relation the rows of the period.
    pub relations: Vec<ClosedRelation>,
    /// Why it was changed afterwards.
    pub reason: Option<String>,
    /// Who approved that.
    pub approved_by: Option<String>,
}

/// The rows of a closed period in one relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRelation {
    /// The relation.
    pub relation: RelationName,
    /// The column that tells the period.
    pub column: String,
    /// Its columns then.
    pub columns: Vec<ColumnFact>,
    /// Its rows of the period.
    pub rows: u64,
    /// Their checksum.
    pub checksum: String,
    /// Their totals.
    pub totals: Vec<(String, Option<String>)>,
}

/// Closes a period of a project, or records that a closed one was changed.
///
/// # Errors
/// When the warehouse refuses.
pub fn close(
    connection: &mut dyn Connection,
    database: &str,
    project: &str,
    closed: &ClosedPeriod,
) -> Result<(), Error> {
    let dialect = connection.dialect();
    let head = |relation: [String; 7]| {
        let mut row = vec![
            literal(dialect, project),
            literal(dialect, &closed.period),
            time(dialect, closed.closed_at),
            literal(dialect, &closed.closed_by),
            closed.number.to_string(),
        ];
        row.extend(relation);
        row.push(sql::optional(dialect, closed.reason.as_deref()));
        row.push(sql::optional(dialect, closed.approved_by.as_deref()));
        row
    };
    // The period itself has a row of its own, as there may be no relation to hold it by.
    let mut rows = vec![head(std::array::from_fn(|_| "NULL".to_owned()))];
    rows.extend(closed.relations.iter().map(|r| {
        head([
            literal(dialect, r.relation.schema.as_deref().unwrap_or_default()),
            literal(dialect, &r.relation.name),
            literal(dialect, &r.column),
            literal(dialect, &write_columns(&r.columns)),
            r.rows.to_string(),
            literal(dialect, &r.checksum),
            literal(dialect, &write_pairs(&r.totals)),
        ])
    }));
    connection.execute(&sql::insert(dialect, database, "closed_periods", &rows)).map(|_| ())
}

/// The closed periods of a project, by month.
///
/// # Errors
/// When the warehouse refuses the query.
pub fn closed(
    connection: &mut dyn Connection,
    database: &str,
    project: &str,
) -> Result<Vec<ClosedPeriod>, Error> {
    let rows = connection.query(&sql::closed(connection.dialect(), database, project))?;
    let mut periods: Vec<ClosedPeriod> = Vec::new();
    for row in rows.rows {
        let Some((head, relation)) = read(row, database) else { continue };
        match periods.last_mut() {
            Some(last) if last.period == head.period => {
                if relation.is_none() {
                    let relations = std::mem::take(&mut last.relations);
                    *last = ClosedPeriod { relations, ..head };
                }
            }
            _ => periods.push(head),
        }
        if let (Some(relation), Some(last)) = (relation, periods.last_mut()) {
            last.relations.push(relation);
        }
    }
    Ok(periods)
}

/// The condition that a row of a relation belongs to a month, as its column tells it. `None` when there is
/// no such column, or it tells no month.
///
/// # Errors
/// When the warehouse refuses the query.
pub fn period_condition(
    connection: &mut dyn Connection,
    relation: &RelationName,
    column: &str,
    month: &str,
) -> Result<Option<String>, Error> {
    let columns = super::measure::columns(connection, relation)?;
    let held = columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
    Ok(held.and_then(|(name, kind)| sql::in_month(connection.dialect(), name, kind, month)))
}

fn read(row: Row, database: &str) -> Option<(ClosedPeriod, Option<ClosedRelation>)> {
    let [
        period,
        at,
        by,
        no,
        schema,
        relation,
        column,
        columns,
        rows,
        checksum,
        totals,
        reason,
        approved_by,
    ]: [_; 13] = row.try_into().ok()?;
    let held = match (schema, relation, column, rows, checksum) {
        (Some(schema), Some(name), Some(column), rows, Some(checksum)) => Some(ClosedRelation {
            relation: RelationName::new(database, &schema, &name),
            column,
            columns: read_columns(columns.as_deref().unwrap_or_default()),
            rows: number(rows)?,
            checksum,
            totals: read_pairs(totals.as_deref().unwrap_or_default()),
        }),
        _ => None,
    };
    let head = ClosedPeriod {
        period: period?,
        closed_at: moment(at)?,
        closed_by: by?,
        number: number(no)?,
        relations: Vec::new(),
        reason,
        approved_by,
    };
    Some((head, held))
}
