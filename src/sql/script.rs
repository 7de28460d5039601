//! What reading a script gives: batches, statements, and what each touches. Plain data; names are
//! as written, and whoever asks resolves them.

use std::ops::Range;
use std::sync::Arc;

use super::directive::Directive;
use super::issue::Issue;
use super::keyword::Keyword;
pub use crate::nouns::DefinitionKind;
use crate::words::{RelationName, Span};

/// What a statement does with what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Reads it.
    Read,
    /// `CREATE` or `ALTER VIEW`.
    Create,
    /// `INSERT`, `COPY .. FROM`, `BULK INSERT`, `OUTPUT .. INTO`.
    Insert,
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
    /// `MERGE`.
    Merge,
    /// `TRUNCATE`.
    Truncate,
    /// `SELECT .. INTO`.
    SelectInto,
    /// `ALTER TABLE`, indexes.
    Alter,
    /// Any other write: a rename, a refresh, a directive.
    Other,
    /// `DROP`.
    Drop,
    /// Executes it as a procedure.
    Execute,
    /// Calls it as a function.
    Call,
}

/// A name in a script, with what is done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name as written, without quotes, in lower case; shared by all that name the same.
    pub name: Arc<RelationName>,
    /// The place of the whole name in the text.
    pub span: Span,
    /// What is done to it.
    pub verb: Verb,
    /// Whether it only happens under an `IF`, `WHILE` or `CATCH`.
    pub conditional: bool,
    /// The database that `USE` chose earlier in the file, in lower case.
    pub current_database: Option<Arc<str>>,
}

impl Reference {
    /// The full name: what is missing comes from `USE`, then from the given defaults.
    #[must_use]
    pub fn resolved(&self, database: &str, schema: &str) -> RelationName {
        self.name.resolved(self.current_database.as_deref().unwrap_or(database), schema)
    }
}

/// A text that another server or provider runs: `OPENQUERY`, `OPENROWSET`, `EXEC (..) AT server`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The function's name in lower case, or `exec`.
    pub function: String,
    /// The place of the function's name.
    pub span: Span,
    /// The place of the last string in it, quotes included: the query, where there is one.
    pub query: Option<Span>,
}

/// A file that a statement reads or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReference {
    /// The path as written, without quotes.
    pub path: String,
    /// The place of the string or command.
    pub span: Span,
}

/// Everything that a piece of SQL touches, each list in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    /// Relations read.
    pub reads: Vec<Reference>,
    /// Relations written.
    pub writes: Vec<Reference>,
    /// Tables, views and synonyms dropped.
    pub drops: Vec<Reference>,
    /// Procedures executed.
    pub executes: Vec<Reference>,
    /// Table functions in FROM, and functions called by a qualified name.
    pub functions: Vec<Reference>,
    /// System objects, whatever is done to them.
    pub system: Vec<Reference>,
    /// Temporary tables and views created.
    pub temps: Vec<Reference>,
    /// Files read or written.
    pub files: Vec<FileReference>,
    /// Texts that another server runs.
    pub remotes: Vec<Remote>,
    /// Whether there is SQL that can't be seen: dynamic, or in another file.
    pub dynamic: bool,
    /// Where such SQL stands, as far as there is one place for it.
    pub hidden: Vec<Span>,
}

/// Gives back what a list has room for and doesn't hold. A short one moves, since shrinking it in
/// place would leave a hole behind it that the next list does not fit into.
pub(super) fn tighten<T: Clone>(list: &mut Vec<T>) {
    if list.len() < 64 {
        *list = list.as_slice().to_vec();
    } else {
        list.shrink_to_fit();
    }
}

impl Touches {
    /// All that is named, list by list.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let lists = [
            &self.reads,
            &self.writes,
            &self.drops,
            &self.executes,
            &self.functions,
            &self.system,
            &self.temps,
        ];
        lists.into_iter().flatten()
    }

    /// Puts the lists into the order of the text: targets are only known when their FROM was read.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.reads, &mut self.writes] {
            list.sort_by_key(|r| r.span.start);
        }
    }

    /// Gives back what the lists have room for and don't hold: a script can have a million batches.
    pub(super) fn shrink(&mut self) {
        let lists = [
            &mut self.reads,
            &mut self.writes,
            &mut self.drops,
            &mut self.executes,
            &mut self.functions,
            &mut self.system,
            &mut self.temps,
        ];
        lists.into_iter().for_each(tighten);
    }
}

/// A procedure, function, trigger, view or synonym that a batch creates or alters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What it is.
    pub kind: DefinitionKind,
    /// Its name as written.
    pub name: RelationName,
    /// The place of its name.
    pub span: Span,
    /// The place of the whole definition, from CREATE to the end of its body.
    pub extent: Span,
    /// What a synonym stands for, or the table that a trigger is on.
    pub target: Option<Reference>,
    /// The database that `USE` chose earlier in the file.
    pub current_database: Option<Arc<str>>,
    /// What its body touches when it runs.
    pub touches: Touches,
}

/// One statement, or the head of an `IF`, `WHILE`, procedure, function or trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its place, without the semicolon.
    pub span: Span,
    /// Its first word, where that is a keyword.
    pub keyword: Option<Keyword>,
    /// Whether it only runs under an `IF`, `WHILE` or `CATCH`.
    pub conditional: bool,
    pub(super) tokens: Range<usize>,
}

impl Statement {
    /// Which of the text's tokens it is made of.
    #[must_use]
    pub fn tokens(&self) -> Range<usize> {
        self.tokens.clone()
    }
}

/// What is sent to a server at once: the text between two `GO`, or the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its place, without the white space around it.
    pub span: Span,
    /// The line of its first character, from 1.
    pub line: usize,
    /// How often it runs: the count of `GO 5`.
    pub repeat: u32,
    /// Its statements in order.
    pub statements: Vec<Statement>,
    /// What it touches itself; what definitions would touch is with them.
    pub touches: Touches,
    /// What it defines.
    pub defines: Vec<Definition>,
}

impl Batch {
    /// Puts all lists into the order of the text.
    pub(super) fn sort(&mut self) {
        self.touches.sort();
        self.defines.iter_mut().for_each(|d| d.touches.sort());
    }
}

/// A script that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Its batches that aren't blank.
    pub batches: Vec<Batch>,
    /// Its comments that speak to goldsmith.
    pub directives: Vec<Directive>,
    /// What could not be made sense of.
    pub issues: Vec<Issue>,
}

impl Script {
    /// All relations that its batches read.
    pub fn reads(&self) -> impl Iterator<Item = &Reference> {
        self.batches.iter().flat_map(|b| &b.touches.reads)
    }

    /// All relations that its batches write.
    pub fn writes(&self) -> impl Iterator<Item = &Reference> {
        self.batches.iter().flat_map(|b| &b.touches.writes)
    }

    /// All relations that its batches drop.
    pub fn drops(&self) -> impl Iterator<Item = &Reference> {
        self.batches.iter().flat_map(|b| &b.touches.drops)
    }

    /// All procedures that its batches execute.
    pub fn executes(&self) -> impl Iterator<Item = &Reference> {
        self.batches.iter().flat_map(|b| &b.touches.executes)
    }

    /// All functions that its batches call, as far as [`Touches::functions`] goes.
    pub fn functions(&self) -> impl Iterator<Item = &Reference> {
        self.batches.iter().flat_map(|b| &b.touches.functions)
    }

    /// All that its batches define.
    pub fn defines(&self) -> impl Iterator<Item = &Definition> {
        self.batches.iter().flat_map(|b| &b.defines)
    }

    /// All its statements.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.batches.iter().flat_map(|b| &b.statements)
    }

    /// Whether any batch runs SQL that can't be seen.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.batches.iter().any(|b| b.touches.dynamic)
    }
}
