//! What is loaded into a bronze table, and from where.

use std::time::Duration;

use super::kinds::words;
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
    /// How far the hourly watermark steps back, for rows that were committed late at the source.
    pub lookback: Duration,
    /// What to do when the source has another shape than the table.
    pub on_schema_change: OnSchemaChange,
    /// What is compared with the source's own figures after the rows have come in.
    pub control: Control,
}

impl Load {
    /// A load with nothing said but its origin.
    #[must_use]
    pub fn new(origin: Origin, origin_span: Span) -> Self {
        Self {
            origin,
            origin_span,
            key: Vec::new(),
            modified: None,
            deleted: None,
            max_shrink: 0.3,
            allow_empty: false,
            lookback: Duration::from_mins(5),
            on_schema_change: OnSchemaChange::Fail,
            control: Control::default(),
        }
    }

    /// The target that the load names, whichever is run on.
    #[must_use]
    pub fn target(&self) -> Option<&TargetName> {
        match &self.origin {
            Origin::Query { target, .. } => Some(target),
            Origin::Import { target, .. } => target.as_ref(),
            Origin::File(_) | Origin::Command(_) | Origin::External => None,
        }
    }

    /// The target that its rows are streamed from when it is loaded into `own`. An import within one target
    /// needs no stream.
    #[must_use]
    pub fn streams_from(&self, own: &str) -> Option<&TargetName> {
        self.target().filter(|t| t.name != own || matches!(self.origin, Origin::Query { .. }))
    }

    /// Whether the hourly pipeline can bring it up to date: by key, from its watermark on.
    #[must_use]
    pub fn is_hourly(&self) -> bool {
        self.modified.is_some() && !self.key.is_empty() && !matches!(self.origin, Origin::External)
    }
}

words! {
    /// What a load does when its source has other columns or types than the table.
    OnSchemaChange {
        /// Fails before anything is touched.
        Fail "fail",
        /// Adds columns that are new; removed and retyped ones fail.
        Append "append",
    }
}

/// What is compared with the source's own figures after the rows have come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Control {
    /// Whether the rows are counted.
    pub rows: bool,
    /// The column whose sum is compared.
    pub sum: Option<String>,
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
        /// The target that holds the owner's database, where it is not the one that is loaded into.
        target: Option<TargetName>,
    },
    /// Files in the project's folder.
    File(FileOrigin),
    /// A query on another target.
    Query {
        /// The target.
        target: TargetName,
        /// The query, in that target's dialect.
        query: String,
    },
    /// A program that writes JSON lines to its standard output.
    Command(CommandOrigin),
    /// Another tool loads the table; goldsmith checks that it is there.
    External,
}

/// A target of `goldsmith.yml`, as a load names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetName {
    /// The name.
    pub name: String,
    /// The place of the name in the load's file.
    pub span: Span,
}

/// A program that delivers rows as JSON lines, or as the messages of a Singer tap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOrigin {
    /// The program and its arguments; it runs in the project's folder.
    pub command: Vec<String>,
    /// How long it may take.
    pub time_limit: Duration,
    /// The stream of a Singer tap; the load's own name when absent.
    pub stream: Option<String>,
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

impl FileOrigin {
    /// A file of one format, with nothing else said.
    #[must_use]
    pub fn new(path: impl Into<String>, format: FileFormat) -> Self {
        Self {
            path: path.into(),
            format,
            delimiter: None,
            encoding: None,
            decimal: None,
            thousands: None,
            skip: 0,
            header: true,
            quote: None,
            null: Vec::new(),
            date_format: None,
            timestamp_format: None,
            filename: None,
        }
    }
}
