//! What is done with a statement of goldsmith's, and what its answer means.

use crate::nouns::{OnSchemaChange, Totals};
use crate::words::RelationName;

/// What is done with a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Act {
    /// It is run.
    #[default]
    Run,
    /// It is a query; its rows are judged.
    Check(Check),
    /// It is a query that is sent when the one before it has counted failing rows: the widest
    /// differences of a test on money, as text, in the columns of the group and behind them the left
    /// total, the right one and the difference.
    Apart(Totals),
    /// It is a query for another target; its rows fill a new table on this one.
    Stream(Box<Stream>),
}

/// Rows of another target that fill a new table on this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The other target's name.
    pub target: String,
    /// The table that is made.
    pub into: RelationName,
    /// Columns that get a declared type in place of the one they come with: name, type.
    pub declared: Vec<(String, String)>,
    /// What is compared when all rows are there.
    pub control: Option<Figures>,
}

/// Figures of a load, as its source and as the table of arrivals tell them: queries of one row, with
/// the count of rows and, where a sum is compared, that as text. The second query also tells whether the
/// sum is one of floating-point numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// In the source's dialect.
    pub at_source: String,
    /// In the target's.
    pub arrived: String,
    /// The column that is summed.
    pub sum: Option<String>,
}

/// What the rows of a query mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Each names a column that comes in, and its type.
    Shape(Box<Shape>),
    /// Each is a reason to refuse: one column, a sentence; null is none.
    Refuse,
    /// Each is something to tell: one column, a sentence; null is nothing.
    Tell,
    /// One row, a source's figures and behind them those of what arrived, as in [`Figures`]; the column
    /// that is summed.
    Control(Option<String>),
    /// One row: what a load does to its table, in the order of the fields of a load's record from
    /// `row_count` to `watermark`.
    Counts,
}

/// The columns that a table holds, for comparison with what comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The table.
    pub relation: RelationName,
    /// Its columns in order: name, type.
    pub held: Vec<(String, String)>,
    /// Whose types are to be compared: those of text files are only guessed.
    pub typed: Typed,
    /// Whether a column that does not come in is only without values: objects of JSON leave out what
    /// is null, and a few of them may all do so.
    pub absent_is_null: bool,
    /// What to do about a difference.
    pub on_schema_change: OnSchemaChange,
}

/// Which columns that come in have types worth comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// All: the source has types of its own.
    All,
    /// These alone, which are declared.
    Declared(Vec<String>),
}
