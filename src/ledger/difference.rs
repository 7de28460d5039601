//! What differs between two states of one relation: rows added, removed and changed, and the totals
//! of numeric columns before and after.

use super::measure::columns;
use crate::ddl;
use crate::ddl::checksum::Scheme;
use crate::ddl::difference as sql;
use crate::sql::quote_name;
use crate::warehouse::{Connection, Error, ErrorKind, Rows};
use crate::words::RelationName;

/// The two states of a relation, and the columns that tell rows apart. A state that is missing has no rows.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// The earlier one.
    pub before: Option<&'a RelationName>,
    /// The later one.
    pub after: Option<&'a RelationName>,
    /// The key; without one nothing counts as changed, only as removed and added.
    pub key: &'a [String],
    /// Columns that are left out, as checksums leave them out.
    pub ignored: &'a [String],
}

/// A numeric column's totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnTotals {
    /// The column.
    pub column: String,
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
    /// After less before.
    pub change: Option<String>,
}

/// What differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rows before.
    pub rows_before: u64,
    /// Rows after.
    pub rows_after: u64,
    /// Rows that are only in the later state.
    pub added: u64,
    /// Rows that are only in the earlier one.
    pub removed: u64,
    /// Rows of the same key that are not alike; unknown without a key.
    pub changed: Option<u64>,
    /// Why there is no `changed` although a key is named.
    pub key_problem: Option<String>,
    /// Columns that only the later state has.
    pub columns_added: Vec<String>,
    /// Columns that only the earlier one has.
    pub columns_removed: Vec<String>,
    /// Totals of numeric columns of both.
    pub totals: Vec<ColumnTotals>,
}

impl Difference {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.added == 0
            && self.removed == 0
            && self.changed.unwrap_or(0) == 0
            && self.columns_added.is_empty()
            && self.columns_removed.is_empty()
    }
}

/// Compares two states of a relation.
///
/// # Errors
/// When the warehouse refuses a query.
pub fn difference(connection: &mut dyn Connection, sides: Sides<'_>) -> Result<Difference, Error> {
    let shape = Shape::of(connection, sides)?;
    let mut found = Difference {
        columns_added: shape.only(&shape.after, &shape.before),
        columns_removed: shape.only(&shape.before, &shape.after),
        ..Difference::default()
    };
    found.rows_before = count(connection, sides.before)?;
    found.rows_after = count(connection, sides.after)?;
    let common = shape.common();
    let dialect = connection.dialect();
    let quoted = |relation: &RelationName| quote_name(dialect, relation);
    match (sides.before, sides.after) {
        (Some(before), Some(after)) if !common.is_empty() => {
            (found.removed, found.added) =
                pair(connection, &sql::multiset(dialect, &quoted(before), &quoted(after), &common))?;
            let key: Vec<String> = sides.key.iter().filter_map(|k| stored(k, &common)).collect();
            if key.len() == sides.key.len() && !key.is_empty() {
                let doubled =
                    pair(connection, &sql::doubled(dialect, &quoted(before), &quoted(after), &key))?;
                if doubled == (0, 0) {
                    let changed = one(
                        connection,
                        &sql::changed(dialect, &quoted(before), &quoted(after), &key, &common),
                    )?;
                    found.changed = Some(changed);
                    found.added = found.added.saturating_sub(changed);
                    found.removed = found.removed.saturating_sub(changed);
                } else {
                    found.key_problem = Some(format!("{} is not unique", sides.key.join(", ")));
                }
            } else if !sides.key.is_empty() {
                found.key_problem = Some(format!("{} is not in both", sides.key.join(", ")));
            }
        }
        _ => (found.removed, found.added) = (found.rows_before, found.rows_after),
    }
    found.totals = totals(connection, sides, &shape)?;
    Ok(found)
}

/// Rows that differ, at most `limit` of each kind: their columns, and each row with a word before its values
/// (`removed`, `added`; a changed row is one of each).
///
/// # Errors
/// When the warehouse refuses a query.
pub fn sample(connection: &mut dyn Connection, sides: Sides<'_>, limit: usize) -> Result<Rows, Error> {
    let shape = Shape::of(connection, sides)?;
    let common = match (sides.before, sides.after) {
        (Some(_), Some(_)) => shape.common(),
        (Some(_), None) => shape.before.iter().map(|(n, _)| n.clone()).collect(),
        _ => shape.after.iter().map(|(n, _)| n.clone()).collect(),
    };
    if common.is_empty() {
        return Ok(Rows::default());
    }
    let key: Vec<String> = sides.key.iter().filter_map(|k| stored(k, &common)).collect();
    let dialect = connection.dialect();
    let quoted = |relation: &RelationName| quote_name(dialect, relation);
    let (before, after) = (sides.before.map(quoted), sides.after.map(quoted));
    let rows = connection.query(&sql::sample(
        connection.dialect(),
        before.as_deref(),
        after.as_deref(),
        &key,
        &common,
        limit,
    ))?;
    Ok(Rows { columns: common, rows: rows.rows })
}

/// The columns of both states.
struct Shape {
    before: Vec<(String, String)>,
    after: Vec<(String, String)>,
}

impl Shape {
    fn of(connection: &mut dyn Connection, sides: Sides<'_>) -> Result<Self, Error> {
        let mut of = |relation: Option<&RelationName>| match relation {
            Some(relation) => {
                let mut all = columns(connection, relation)?;
                all.retain(|(name, _)| !sides.ignored.iter().any(|i| i.eq_ignore_ascii_case(name)));
                Ok(all)
            }
            None => Ok(Vec::new()),
        };
        Ok(Self { before: of(sides.before)?, after: of(sides.after)? })
    }

    /// The columns of the later state that the earlier one has as well.
    fn common(&self) -> Vec<String> {
        let there = |name: &str| self.before.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        self.after.iter().filter(|(name, _)| there(name)).map(|(name, _)| name.clone()).collect()
    }

    fn only(&self, these: &[(String, String)], those: &[(String, String)]) -> Vec<String> {
        if self.before.is_empty() || self.after.is_empty() {
            return Vec::new();
        }
        let there = |name: &str| those.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        these.iter().filter(|(name, _)| !there(name)).map(|(name, _)| name.clone()).collect()
    }
}

/// A column as it is stored.
fn stored(column: &str, common: &[String]) -> Option<String> {
    common.iter().find(|c| c.eq_ignore_ascii_case(column)).cloned()
}

fn count(connection: &mut dyn Connection, relation: Option<&RelationName>) -> Result<u64, Error> {
    match relation {
        Some(relation) => {
            let dialect = connection.dialect();
            let name = quote_name(dialect, relation);
            one(connection, &format!("SELECT {} FROM {name}", ddl::text(dialect, "count(*)")))
        }
        None => Ok(0),
    }
}

fn one(connection: &mut dyn Connection, sql: &str) -> Result<u64, Error> {
    numbers(connection, sql)?.first().copied().ok_or_else(unreadable)
}

fn pair(connection: &mut dyn Connection, sql: &str) -> Result<(u64, u64), Error> {
    match numbers(connection, sql)?.as_slice() {
        [first, second] => Ok((*first, *second)),
        _ => Err(unreadable()),
    }
}

fn numbers(connection: &mut dyn Connection, sql: &str) -> Result<Vec<u64>, Error> {
    let rows = connection.query(sql)?;
    let row = rows.rows.into_iter().next().unwrap_or_default();
    row.into_iter().map(|cell| cell.and_then(|c| c.parse().ok()).ok_or_else(unreadable)).collect()
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Statement, "the difference can't be read")
}

fn totals(
    connection: &mut dyn Connection,
    sides: Sides<'_>,
    shape: &Shape,
) -> Result<Vec<ColumnTotals>, Error> {
    let mut of = |relation: Option<&RelationName>, columns: &[(String, String)]| match relation {
        Some(relation) => {
            let dialect = connection.dialect();
            let scheme = Scheme::new(dialect, columns, &[]);
            let (names, sums): (Vec<_>, Vec<_>) = scheme.totals(dialect).into_iter().unzip();
            if names.is_empty() {
                return Ok(Vec::new());
            }
            let rows = connection.query(&sql::totals(dialect, &quote_name(dialect, relation), &sums))?;
            let row = rows.rows.into_iter().next().unwrap_or_default();
            Ok(names.into_iter().zip(row).collect::<Vec<_>>())
        }
        None => Ok::<_, Error>(Vec::new()),
    };
    let before = of(sides.before, &shape.before)?;
    let after = of(sides.after, &shape.after)?;
    let mut pairs: Vec<(String, Option<String>, Option<String>)> = Vec::new();
    for (column, total) in &after {
        let earlier = before.iter().find(|(other, _)| other.eq_ignore_ascii_case(column));
        pairs.push((column.clone(), earlier.and_then(|(_, t)| t.clone()), total.clone()));
    }
    for (column, total) in before {
        if !pairs.iter().any(|(other, ..)| other.eq_ignore_ascii_case(&column)) {
            pairs.push((column, total, None));
        }
    }
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    // The warehouse subtracts: its decimals are exact.
    let values: Vec<(Option<&str>, Option<&str>)> =
        pairs.iter().map(|(_, b, a)| (b.as_deref(), a.as_deref())).collect();
    let changes = connection
        .query(&sql::subtract(connection.dialect(), &values))?
        .rows
        .into_iter()
        .next()
        .unwrap_or_default();
    Ok(pairs
        .into_iter()
        .zip(changes)
        .map(|((column, before, after), change)| ColumnTotals { column, before, after, change })
        .collect())
}
