//! What is loaded into a bronze table, and from where.

use crate::words::{RelationName, Span};

/// A load's own settings, beside what every node has.
#[derive(Debug, Clone)]
pub struct Load {
    /// Where the rows come from.
    pub origin: Origin,
    /// The place of `from:` in the YAML file.
    pub origin_span: Span,
    /// The columns that name a row.
    pub key: Vec<String>,
    /// The column that tells when a row was last changed at the source (the hourly watermark).
    pub modified: Option<String>,
    /// The column that marks deleted records, where the source delivers them.
    pub deleted: Option<String>,
    /// The largest share of rows that a reload may lose, from 0 to 1.
    pub max_shrink: f64,
    /// Whether a reload may leave the table empty.
    pub allow_empty: bool,
}

/// Where a load's rows come from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Another project's relation: an import.
    Import {
        /// The owner.
        project: String,
        /// `schema.name` in the owner's database.
        relation: RelationName,
    },
    /// Files in the project's folder.
    File(FileOrigin),
    /// Another tool loads the table; goldsmith checks that it is there.
    External,
}

/// The layout of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Separated values.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

/// Files and how to read them.
#[derive(Debug, Clone)]
pub struct FileOrigin {
    /// A path or glob, relative to the project's folder, with forward slashes.
    pub path: String,
    /// The layout.
    pub format: FileFormat,
    /// Between two values of a CSV line.
    pub delimiter: Option<String>,
    /// The label of the text encoding (WHATWG), such as `windows-1252`; UTF-8 when absent.
    pub encoding: Option<String>,
    /// The decimal sign, `.` when absent.
    pub decimal: Option<String>,
    /// The sign between thousands.
    pub thousands: Option<String>,
    /// Lines to skip before the header.
    pub skip: u64,
    /// Whether the first line (after `skip`) names the columns.
    pub header: bool,
    /// The quotation mark.
    pub quote: Option<String>,
    /// Words that stand for null.
    pub null: Vec<String>,
    /// How dates are written, as in `strptime`.
    pub date_format: Option<String>,
    /// How points in time are written, as in `strptime`.
    pub timestamp_format: Option<String>,
    /// A column to add that holds the file's name.
    pub filename: Option<String>,
}
