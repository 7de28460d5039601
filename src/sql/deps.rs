//! The JSON of `goldsmith deps`: a published contract, apart from the types that the scan uses.
//! It is made batch by batch while it is written, so that a large file isn't held several times.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::script::{Batch, Definition, DefinitionKind, Reference, Script, Verb};
use crate::words::{RelationName, SourceFile, Span};

/// The schema of names that have none, as far as synonyms go.
const SCHEMA: &str = "dbo";

/// What one file touches. As JSON: `path`, `encoding`, `batches`, and `issues`.
#[derive(Debug)]
pub struct FileDeps<'a> {
    file: &'a SourceFile,
    script: &'a Script,
    /// What the synonyms that the file defines stand for.
    synonyms: HashMap<RelationName, &'a RelationName>,
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
    /// What `script`, read from `file`, touches.
    #[must_use]
    pub fn new(file: &'a SourceFile, script: &'a Script) -> Self {
        let synonyms = script.defines().filter(|d| d.kind == DefinitionKind::Synonym);
        let synonyms = synonyms.filter_map(|d| {
            let database = d.current_database.as_deref().unwrap_or("");
            Some((d.name.resolved(database, SCHEMA), &*d.target.as_ref()?.name))
        });
        Self { file, script, synonyms: synonyms.collect() }
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
            let at = self.file.position(issue.span.start);
            IssueDeps { message: issue.kind.to_string(), line: at.line, column: at.column }
        })
    }

    fn batch(&self, index: usize, batch: &Batch) -> BatchDeps {
        let touches = &batch.touches;
        BatchDeps {
            index,
            line: batch.line,
            reads: self.names(&touches.reads),
            writes: self.names(&touches.writes),
            drops: self.names(&touches.drops),
            executes: self.names(&touches.executes),
            functions: self.names(&touches.functions),
            system: self.names(&touches.system),
            dynamic: touches.dynamic,
            defines: batch.defines.iter().map(|d| self.definition(d)).collect(),
        }
    }

    fn definition(&self, definition: &Definition) -> DefinitionDeps {
        let touches = &definition.touches;
        DefinitionDeps {
            kind: definition.kind.word(),
            name: definition.name.to_string(),
            line: self.file.position(definition.span.start).line,
            reads: self.names(&touches.reads),
            writes: self.names(&touches.writes),
            executes: self.names(&touches.executes),
            dynamic: touches.dynamic,
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
        let position = self.file.position(span.start);
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
