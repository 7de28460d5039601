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
    /// It stands for all that ends a publication: figures, archive, ledger.
    Publish(Box<Publish>),
}

/// What ends a publication, in the transaction of its scripts and tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The project.
    pub project: String,
    /// The project's database.
    pub database: String,
    /// Which publication of its business date it is, from 1.
    pub edition: u32,
    /// What it publishes.
    pub outputs: Vec<Output>,
    /// What its scripts read beside that.
    pub inputs: Vec<Input>,
    /// The loads behind the inputs, through imports: node ids.
    pub roots: Vec<Root>,
    /// Its scripts.
    pub scripts: Vec<ScriptText>,
    /// The commit of the files, where they are kept by git.
    pub commit: Option<Commit>,
    /// Why a rule was set aside: the rule's word and the reason.
    pub reasons: Vec<(String, String)>,
    /// Who approved that a closed period changes.
    pub approved_by: Option<String>,
    /// How many publications keep their rows.
    pub keep: u32,
    /// Whether the last one of each month keeps them for ever.
    pub keeps_period_ends: bool,
    /// Whether all is only tried, compared with what stands, and rolled back.
    pub rehearses: bool,
}

/// A relation that a publication makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub relation: RelationName,
    /// Columns that checksums leave out.
    pub ignored: Vec<String>,
    /// The column that tells to which period a row belongs.
    pub period: Option<String>,
    /// The columns that tell rows apart.
    pub key: Vec<String>,
}

/// A relation that a publication reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub relation: RelationName,
    /// Columns that checksums leave out.
    pub ignored: Vec<String>,
}

/// A load behind an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its node id.
    pub load: String,
    /// The database that it is recorded in.
    pub database: String,
    /// How it ended last before this run, as far as that was looked up.
    pub before: Option<RootLoad>,
}

/// How a load ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootLoad {
    /// `full` or `delta`.
    pub mode: String,
    /// For which business date.
    pub business_date: String,
    /// When; not known yet of one that this run carries out.
    pub finished_at: Option<String>,
    /// The rows of its table afterwards.
    pub rows: Option<u64>,
    /// The newest `modified` in it.
    pub watermark: Option<String>,
}

/// A script as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptText {
    /// Its node id.
    pub node: String,
    /// Its file, relative to the platform.
    pub path: String,
    /// The SHA-256 of the file's bytes, in hexadecimal digits.
    pub sha256: String,
}

/// The state of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The commit's id.
    pub id: String,
    /// Whether files differ from it.
    pub dirty: bool,
}

/// Rows of another target that fill a new table on this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Where they come from.
    pub from: Elsewhere,
    /// The table that is made.
    pub into: RelationName,
}

/// Where a query for another target is sent, and what becomes of its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// The other target's name.
    pub target: String,
    /// The database that is read there, where its default one is not.
    pub database: Option<String>,
    /// What the query reads, where that is a relation of another database of this same server.
    pub within: Option<RelationName>,
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
