//! Checksums of relations that don't depend on the order of rows, computed by the warehouse in one
//! pass, the same figure on every engine for the same data. `docs/publications.md` settles what goes
//! in and in which form; a change of it is a new [`VERSION`].

mod form;
mod query;
mod values;

use std::fmt::Write;

pub use form::{Form, LeftOut, Total};

use crate::sql::quote;
use crate::words::{Dialect, sha256};

/// The version of the rules; checksums of different versions can't be compared.
pub const VERSION: &str = "1";

/// A column, and what a checksum makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as stored.
    pub name: String,
    /// Its type, as the engine calls it.
    pub kind: String,
    /// The form in which it goes in, or why it does not.
    pub form: Result<Form, LeftOut>,
}

/// How a relation is summed up: its columns, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    columns: Vec<Column>,
}

/// What a relation holds, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Its rows.
    pub rows: u64,
    /// The checksum, with its version: `1:` and 32 hexadecimal digits.
    pub checksum: String,
    /// The sum of each numeric column, as text; null where there is no value.
    pub totals: Vec<(String, Option<String>)>,
}

impl Column {
    /// How it is added up; `None` where it is not.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        Total::of(self)
    }
}

impl Scheme {
    /// Of columns (name, type) of a relation of this dialect's engine; `ignored` ones stay out of the
    /// checksum. The order of the columns makes no difference.
    #[must_use]
    pub fn new(dialect: Dialect, columns: &[(String, String)], ignored: &[String]) -> Self {
        let mut columns: Vec<Column> = columns
            .iter()
            .map(|(name, kind)| {
                let is_ignored = ignored.iter().any(|i| i.eq_ignore_ascii_case(name));
                let form = if is_ignored { Err(LeftOut::Ignored) } else { Form::of(dialect, kind) };
                Column { name: name.clone(), kind: kind.clone(), form }
            })
            .collect();
        columns.sort_by_key(|c| (c.name.to_lowercase(), c.name.clone()));
        Self { columns }
    }

    /// The columns, by name.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether every column goes in, so that equal checksums mean equal rows.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.columns.iter().all(|c| c.form.is_ok())
    }

    /// The query of one row that [`Scheme::read`] reads: of a relation (quoted), of the rows where a
    /// condition holds.
    #[must_use]
    pub fn query(&self, dialect: Dialect, relation: &str, condition: Option<&str>) -> String {
        query::query(dialect, &self.columns, relation, condition)
    }

    /// The query of the rows themselves, a value of each column that goes in, for an engine in this
    /// process: there it is quicker to read them than to let the engine make texts of them. `None` where
    /// only [`Scheme::query`] will do. Columns that Arrow has no type of the same form for come as text.
    #[must_use]
    pub fn values_query(&self, dialect: Dialect, relation: &str, condition: Option<&str>) -> Option<String> {
        values::query(dialect, &self.columns, relation, condition)
    }

    /// Reads the answer to the query. `None` where it is none.
    #[must_use]
    pub fn read(&self, row: &[Option<String>]) -> Option<Figures> {
        let (head, totals) = row.split_at_checked(2)?;
        let rows: u64 = head.first()?.as_deref()?.parse().ok()?;
        let sum = head.get(1)?.as_deref().unwrap_or("0");
        let names = self.columns.iter().filter(|c| c.total().is_some()).map(|c| c.name.clone());
        Some(Figures {
            rows,
            checksum: self.digest(rows, sum),
            totals: names.zip(totals.iter().map(|t| t.as_deref().map(plain))).collect(),
        })
    }

    /// The columns that have a total, each with the SQL of it.
    #[must_use]
    pub fn totals(&self, dialect: Dialect) -> Vec<(String, String)> {
        let sum = |c: &Column| c.total().map(|total| total.sql(&quote(dialect, &c.name)));
        self.columns.iter().filter_map(|c| Some((c.name.clone(), sum(c)?))).collect()
    }

    /// The columns with their types, the rows and their sum, in one short text.
    fn digest(&self, rows: u64, sum: &str) -> String {
        let mut told = VERSION.to_owned();
        for column in &self.columns {
            if let Ok(form) = column.form {
                let _ = write!(told, "\n{}\u{1f}{}", column.name.to_lowercase(), form.word());
            }
        }
        let _ = write!(told, "\n{rows}\n{sum}");
        let digits: String = sha256(told.as_bytes()).chars().take(32).collect();
        format!("{VERSION}:{digits}")
    }
}

/// A number without `.` and zeros at its end, so that it does not tell the engine's scale.
#[must_use]
pub fn plain(number: &str) -> String {
    if !number.contains('.') || number.contains(['e', 'E']) {
        return number.to_owned();
    }
    let short = number.trim_end_matches('0').trim_end_matches('.');
    if short.is_empty() || short == "-" || short == "-0" { "0".into() } else { short.to_owned() }
}

#[cfg(test)]
mod tests;
