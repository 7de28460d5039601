//! What a publication read and made: relations with their figures.

use serde_json::{Value, json};

use super::json::{read_pairs, write_pairs};
use super::{Row, number};
use crate::ddl::checksum::{Column, LeftOut};
use crate::ddl::{ledger as sql, literal};
use crate::warehouse::{Connection, Error};
use crate::words::{Dialect, RelationName};

/// What a relation was to a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It was made.
    Output,
    /// It was read.
    Input,
    /// A load stood behind what was read.
    Root,
}

impl Role {
    /// The word in the ledger and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Input => "input",
            Self::Root => "root",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Output, Self::Input, Self::Root].into_iter().find(|r| r.word() == word)
    }
}

/// A column as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFact {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Why the checksum leaves it out: `ignored`, `type`.
    pub left_out: Option<String>,
}

impl From<&Column> for ColumnFact {
    fn from(column: &Column) -> Self {
        let left_out = column.form.err().map(|why| match why {
            LeftOut::Ignored => "ignored",
            LeftOut::Kind => "type",
        });
        Self { name: column.name.clone(), kind: column.kind.clone(), left_out: left_out.map(str::to_owned) }
    }
}

/// A relation that a publication read or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationRecord {
    /// What it was to the publication.
    pub role: Role,
    /// Its name; of a root the load's table is not told, only its node id stands in `name`.
    pub relation: RelationName,
    /// Its columns.
    pub columns: Vec<ColumnFact>,
    /// Its rows.
    pub rows: u64,
    /// The newest `modified` of the load that fills it.
    pub watermark: Option<String>,
    /// The checksum.
    pub checksum: String,
    /// The sum of each numeric column.
    pub totals: Vec<(String, Option<String>)>,
    /// The table of the archive that holds its rows.
    pub archive: Option<String>,
}

impl RelationRecord {
    /// The rows, where they are known: those of another project's load that the run itself has carried
    /// out stand in that project's own records alone.
    #[must_use]
    pub fn known_rows(&self) -> Option<u64> {
        let is_known = self.role != Role::Root || self.totals.iter().any(|(name, _)| name == "finished_at");
        is_known.then_some(self.rows)
    }

    /// `schema.name`
    #[must_use]
    pub fn name(&self) -> String {
        match &self.relation.schema {
            Some(schema) if !schema.is_empty() => format!("{schema}.{}", self.relation.name),
            _ => self.relation.name.clone(),
        }
    }

    /// The columns that the checksum left out because it was told to.
    #[must_use]
    pub fn ignored(&self) -> Vec<String> {
        let ignored = self.columns.iter().filter(|c| c.left_out.as_deref() == Some("ignored"));
        ignored.map(|c| c.name.clone()).collect()
    }

    pub(super) fn values(&self, dialect: Dialect, number: u64) -> Vec<String> {
        let part = |part: &Option<String>| literal(dialect, part.as_deref().unwrap_or_default());
        vec![
            number.to_string(),
            literal(dialect, self.role.word()),
            part(&self.relation.database),
            part(&self.relation.schema),
            literal(dialect, &self.relation.name),
            literal(dialect, &write_columns(&self.columns)),
            self.rows.to_string(),
            sql::optional(dialect, self.watermark.as_deref()),
            literal(dialect, &self.checksum),
            literal(dialect, &write_pairs(&self.totals)),
            sql::optional(dialect, self.archive.as_deref()),
        ]
    }

    fn read(row: Row) -> Option<Self> {
        let [role, database, schema, relation, columns, rows, watermark, checksum, totals, archive]: [_; 10] =
            row.try_into().ok()?;
        Some(Self {
            role: Role::from_word(&role?)?,
            relation: RelationName::new(&database?, &schema?, &relation?),
            columns: read_columns(&columns?),
            rows: number(rows)?,
            watermark,
            checksum: checksum?,
            totals: read_pairs(&totals?),
            archive,
        })
    }
}

pub(super) fn write_columns(columns: &[ColumnFact]) -> String {
    let all: Vec<Value> = columns
        .iter()
        .map(|c| match &c.left_out {
            None => json!({ "name": c.name, "type": c.kind }),
            Some(why) => json!({ "name": c.name, "type": c.kind, "left_out": why }),
        })
        .collect();
    Value::Array(all).to_string()
}

pub(super) fn read_columns(text: &str) -> Vec<ColumnFact> {
    let all: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let cell = |column: &Value, key: &str| column.get(key).and_then(Value::as_str).map(str::to_owned);
    all.iter()
        .filter_map(|column| {
            Some(ColumnFact {
                name: cell(column, "name")?,
                kind: cell(column, "type")?,
                left_out: cell(column, "left_out"),
            })
        })
        .collect()
}

/// The relations of a publication: roots, outputs, inputs, each by name.
///
/// # Errors
/// When the warehouse refuses the query.
pub fn relations(
    connection: &mut dyn Connection,
    database: &str,
    number: u64,
) -> Result<Vec<RelationRecord>, Error> {
    let rows = connection.query(&sql::relations(connection.dialect(), database, number))?;
    Ok(rows.rows.into_iter().filter_map(RelationRecord::read).collect())
}
