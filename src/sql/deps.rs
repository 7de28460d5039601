//! The JSON of `goldsmith deps`: a published contract, apart from the types that the scan uses.
//! It is made batch by batch while it is written, so that a large file isn't held several times.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::script::{Batch, Definition, DefinitionKind, Reference, Script, Verb};
use crate::words::{Position, RelationName, SourceFile, Span};

/// The schema of names that have none, as far as synonyms go.
const SCHEMA: &str = "dbo";

/// The user's place of a place in the text.
pub type Place<'a> = &'a dyn Fn(Span) -> Position;

/// The columns of a file's batches, by number, and of a batch's definitions, by theirs.
pub type FileLineage = BTreeMap<(usize, Option<usize>), LineageDeps>;

/// What one file touches. As JSON: `path`, `encoding`, `batches`, and `issues`.
pub struct FileDeps<'a> {
    file: &'a SourceFile,
    script: &'a Script,
    /// What the synonyms that the file defines stand for.
    synonyms: HashMap<RelationName, &'a RelationName>,
    place: Place<'a>,
    lineage: Option<FileLineage>,
}

/// What one batch touches; each distinct name once, where it first stands.
#[derive(Debug, Serialize)]
pub struct BatchDeps {
    /// Counts from 0.
    pub index: usize,
    /// The line of its first character, from 1.
    pub line: usize,
    /// Relations read.
    pub reads: Vec<NameDeps>,
    /// Relations written.
    pub writes: Vec<NameDeps>,
    /// Relations dropped.
    pub drops: Vec<NameDeps>,
    /// Procedures executed.
    pub executes: Vec<NameDeps>,
    /// Functions called.
    pub functions: Vec<NameDeps>,
    /// System objects.
    pub system: Vec<NameDeps>,
    /// Whether there is SQL that can't be seen.
    pub dynamic: bool,
    /// What it defines.
    pub defines: Vec<DefinitionDeps>,
    /// Where the columns that it gives come from, if that was asked for.
    #[serde(flatten)]
    pub lineage: Option<LineageDeps>,
}

/// A name and where it stands.
#[derive(Debug, Serialize)]
pub struct NameDeps {
    /// As written, unquoted, lower case, dotted.
    pub name: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// What a definition would touch.
#[derive(Debug, Serialize)]
pub struct DefinitionDeps {
    /// `procedure`, `function`, `trigger`, `view` or `synonym`.
    pub kind: &'static str,
    /// As written, unquoted, lower case, dotted.
    pub name: String,
    /// The line of its name.
    pub line: usize,
    /// Relations read; for a synonym what it stands for.
    pub reads: Vec<NameDeps>,
    /// Relations written.
    pub writes: Vec<NameDeps>,
    /// Procedures executed.
    pub executes: Vec<NameDeps>,
    /// Whether there is SQL that can't be seen.
    pub dynamic: bool,
    /// Where the columns that its body gives come from, if that was asked for.
    #[serde(flatten)]
    pub lineage: Option<LineageDeps>,
}

/// Where columns come from.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LineageDeps {
    /// The columns that statements give, in order.
    pub columns: Vec<ColumnDeps>,
    /// The statements whose columns can't be followed.
    pub not_followed: Vec<NotFollowed>,
}

/// A column that a statement gives.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnDeps {
    /// The relation that it is written to; null for the answer of a query.
    pub relation: Option<String>,
    /// Its name; `*` for the columns of a relation whose columns aren't known.
    pub column: Option<String>,
    /// Its place in the relation, from 1, where the relation's columns aren't known and the name is
    /// the query's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// The line in which it is named.
    pub line: usize,
    /// Where its values come from.
    pub from: Vec<OriginDeps>,
    /// `copied` or `computed`.
    pub how: &'static str,
}

/// Where a value comes from.
#[derive(Debug, Clone, Serialize)]
pub struct OriginDeps {
    /// The relation; null if that can't be told.
    pub relation: Option<String>,
    /// The column; `*` if the relation's columns aren't known.
    pub column: String,
    /// The relations that it may be from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<String>>,
}

/// A statement whose columns can't be followed.
#[derive(Debug, Clone, Serialize)]
pub struct NotFollowed {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Why, in words.
    pub why: String,
}

/// What could not be made sense of, and where.
#[derive(Debug, Serialize)]
pub struct IssueDeps {
    /// What is wrong.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl<'a> FileDeps<'a> {
    /// What `script` touches, which is the text of `file` or made of it: `place` finds the user's places.
    #[must_use]
    pub fn new(file: &'a SourceFile, script: &'a Script, place: Place<'a>) -> Self {
        let synonyms = script.defines().filter(|d| d.kind == DefinitionKind::Synonym);
        let synonyms = synonyms.filter_map(|d| {
            let database = d.current_database.as_deref().unwrap_or("");
            Some((d.name.resolved(database, SCHEMA), &*d.target.as_ref()?.name))
        });
        Self { file, script, synonyms: synonyms.collect(), place, lineage: None }
    }

    /// Adds where columns come from.
    #[must_use]
    pub fn with_lineage(self, lineage: Option<FileLineage>) -> Self {
        Self { lineage, ..self }
    }

    fn lineage(&self, batch: usize, definition: Option<usize>) -> Option<LineageDeps> {
        let lineage = self.lineage.as_ref()?;
        Some(lineage.get(&(batch, definition)).cloned().unwrap_or_default())
    }

    /// The path as given.
    #[must_use]
    pub fn path(&self) -> &str {
        self.file.path().as_str()
    }

    /// How it was decoded.
    #[must_use]
    pub fn encoding(&self) -> String {
        self.file.encoding().to_string()
    }

    /// Its batches that aren't blank, each made when it is asked for.
    pub fn batches(&self) -> impl Iterator<Item = BatchDeps> {
        self.script.batches.iter().enumerate().map(|(index, batch)| self.batch(index, batch))
    }

    /// What could not be made sense of.
    pub fn issues(&self) -> impl Iterator<Item = IssueDeps> {
        self.script.issues.iter().map(|issue| {
            let at = (self.place)(issue.span);
            IssueDeps { message: issue.kind.to_string(), line: at.line, column: at.column }
        })
    }

    fn batch(&self, index: usize, batch: &Batch) -> BatchDeps {
        let touches = &batch.touches;
        BatchDeps {
            index,
            line: (self.place)(batch.span).line,
            reads: self.names(&touches.reads),
            writes: self.names(&touches.writes),
            drops: self.names(&touches.drops),
            executes: self.names(&touches.executes),
            functions: self.names(&touches.functions),
            system: self.names(&touches.system),
            dynamic: touches.dynamic,
            defines: batch
                .defines
                .iter()
                .enumerate()
                .map(|(nth, d)| DefinitionDeps {
                    lineage: self.lineage(index, Some(nth)),
                    ..self.definition(d)
                })
                .collect(),
            lineage: self.lineage(index, None),
        }
    }

    fn definition(&self, definition: &Definition) -> DefinitionDeps {
        let touches = &definition.touches;
        DefinitionDeps {
            kind: definition.kind.word(),
            name: definition.name.to_string(),
            line: (self.place)(definition.span).line,
            reads: self.names(&touches.reads),
            writes: self.names(&touches.writes),
            executes: self.names(&touches.executes),
            dynamic: touches.dynamic,
            lineage: None,
        }
    }

    /// Each distinct name once, where it first stands.
    fn names(&self, references: &[Reference]) -> Vec<NameDeps> {
        let mut seen = HashSet::new();
        references
            .iter()
            .map(|r| (self.target(r), r.span))
            .filter(|(name, _)| seen.insert(*name))
            .map(|(name, span)| self.place(name, span))
            .collect()
    }

    /// The name as written, or that of what it stands for, if it is a synonym of this file.
    fn target<'r>(&'r self, reference: &'r Reference) -> &'r RelationName {
        if self.synonyms.is_empty() || reference.verb == Verb::Drop {
            return &reference.name;
        }
        self.synonyms.get(&reference.resolved("", SCHEMA)).copied().unwrap_or(&reference.name)
    }

    fn place(&self, name: &RelationName, span: Span) -> NameDeps {
        let position = (self.place)(span);
        NameDeps { name: name.to_string(), line: position.line, column: position.column }
    }
}

impl Serialize for FileDeps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_struct("FileDeps", 4)?;
        file.serialize_field("path", self.path())?;
        file.serialize_field("encoding", &self.encoding())?;
        file.serialize_field("batches", &Sequence(|| self.batches()))?;
        file.serialize_field("issues", &Sequence(|| self.issues()))?;
        file.end()
    }
}

/// An iterator as a list that is written while it runs.
struct Sequence<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Sequence<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
