//! The records of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;

use crate::analysis::Compiled;
use crate::ddl::Act;
use crate::words::{RelationName, SourceFile, Span};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Makes schemas and goldsmith's own tables.
    Prepare,
    /// Fills a bronze table.
    Load,
    /// Fills a table from a CSV file kept with the code.
    Seed,
    /// Builds a model.
    Model,
    /// Runs a script.
    Script,
    /// Counts the rows that should not be there.
    Test,
    /// Ends a publication: figures, archive, ledger.
    Publish,
}

impl StepKind {
    /// The word in JSON and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Load => "load",
            Self::Seed => "seed",
            Self::Model => "model",
            Self::Script => "script",
            Self::Test => "test",
            Self::Publish => "publish",
        }
    }
}

/// Where a piece of SQL comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The user's SQL stands in it.
    Body {
        /// The user's SQL.
        compiled: Arc<Compiled>,
        /// Where it begins in the text that is sent.
        from: usize,
        /// The offset in `compiled` that stands there.
        at: usize,
    },
    /// All of it is goldsmith's own, for this place of the user's.
    Place {
        /// The file.
        file: Arc<SourceFile>,
        /// The place.
        span: Span,
    },
}

/// SQL to send.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text.
    pub sql: String,
    /// Where it comes from, where that is a place of the user's.
    pub origin: Option<Origin>,
    /// What is done with it.
    pub act: Act,
    /// The other target that it is sent to; without one, the run's own.
    pub at: Option<String>,
    /// What is sent in its place when types that the engine guessed do not hold for all rows.
    pub careful: Option<String>,
}

/// Statements that belong together.
#[derive(Debug, Clone)]
pub struct Phase {
    /// Whether they stand in one transaction, with the record of their success.
    pub transaction: bool,
    /// In order.
    pub statements: Vec<Text>,
}

/// Files to be brought into UTF-8 before a load, since the engine reads nothing else.
#[derive(Debug, Clone)]
pub struct Transcode {
    /// The pattern of the files, relative to the platform.
    pub from: String,
    /// The label of their encoding.
    pub encoding: String,
    /// The folder for the copies, relative to the platform.
    pub to: Utf8PathBuf,
}

/// What is brought to this machine before a step's statements run.
#[derive(Debug, Clone)]
pub enum Fetch {
    /// Files in another encoding.
    Transcode(Transcode),
    /// What a program delivers.
    Command(CommandFetch),
}

/// A program whose rows are kept as JSON lines in a file, for the engine to read.
#[derive(Debug, Clone)]
pub struct CommandFetch {
    /// The load's node id.
    pub load: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The folder that it runs in, relative to the platform.
    pub folder: Utf8PathBuf,
    /// The stream of a Singer tap.
    pub stream: String,
    /// How long it may take.
    pub time_limit: Duration,
    /// The newest `modified` that the warehouse holds; none for a full load.
    pub watermark: Option<String>,
    /// The STATE that a Singer tap left last; none for a full load.
    pub state: Option<String>,
    /// The file for the rows, relative to the platform.
    pub to: Utf8PathBuf,
    /// Whether the table is there, so that a program may deliver nothing.
    pub holds: bool,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Names the step within the plan.
    pub id: String,
    /// The node's id; goldsmith's own steps have none.
    pub node: Option<String>,
    /// The project.
    pub project: String,
    /// The project's database on the target.
    pub database: String,
    /// What it does.
    pub kind: StepKind,
    /// What it does, in words: `table model`.
    pub label: String,
    /// Positions in [`Plan::steps`] of the steps that must have succeeded before; always smaller.
    pub depends_on: Vec<usize>,
    /// The publication that it belongs to: all of them stand or fall together.
    pub publication: Option<String>,
    /// What is brought here first.
    pub fetch: Option<Fetch>,
    /// What a load's record says beside its counts.
    pub loading: Option<Loading>,
    /// What is sent.
    pub phases: Vec<Phase>,
    /// A test's: whether rows found fail it (`true`) or are only reported.
    pub fails: bool,
}

impl Step {
    /// All SQL, in order.
    pub fn sql(&self) -> impl Iterator<Item = &str> {
        self.phases.iter().flat_map(|p| p.statements.iter().map(|s| s.sql.as_str()))
    }
}

/// How a load fills its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadMode {
    /// All rows are replaced.
    Full,
    /// Rows that changed are upserted.
    Delta,
}

impl LoadMode {
    /// The word in the bookkeeping and in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Delta => "delta",
        }
    }
}

/// What a load's record says beside its counts.
#[derive(Debug, Clone)]
pub struct Loading {
    /// How it fills its table.
    pub mode: LoadMode,
}

/// What a run will do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The steps, each behind those it depends on.
    pub steps: Vec<Step>,
    /// What an init run clears away, since nothing makes it any more.
    pub cleared: Vec<RelationName>,
    /// Projects of whose financial gold only a part runs, so that nothing is published.
    pub parts: Vec<String>,
    /// The tables that loads fill, with the node ids of the loads.
    pub tables: BTreeMap<RelationName, String>,
}

impl Plan {
    /// The projects that have steps, by name.
    #[must_use]
    pub fn projects(&self) -> BTreeSet<&str> {
        self.steps.iter().map(|s| s.project.as_str()).collect()
    }
}
