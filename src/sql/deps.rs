//! The JSON of `goldsmith deps`: a published contract, apart from the types that the scan uses.

use serde::Serialize;

use super::script::{Definition, Reference, Script};
use crate::words::{RelationName, SourceFile, Span};

/// The whole answer.
#[derive(Debug, Default, Serialize)]
pub struct Deps {
    /// One for each file asked for, in order.
    pub files: Vec<FileDeps>,
}

/// What one file touches.
#[derive(Debug, Serialize)]
pub struct FileDeps {
    /// The path as given.
    pub path: String,
    /// How it was decoded.
    pub encoding: String,
    /// Its batches that aren't blank.
    pub batches: Vec<BatchDeps>,
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

impl FileDeps {
    /// What `script`, read from `file`, touches.
    #[must_use]
    pub fn new(file: &SourceFile, script: &Script) -> Self {
        let batches = script.batches.iter().enumerate().map(|(index, batch)| {
            let touches = &batch.touches;
            BatchDeps {
                index,
                line: batch.line,
                reads: names(file, &touches.reads),
                writes: names(file, &touches.writes),
                drops: names(file, &touches.drops),
                executes: names(file, &touches.executes),
                functions: names(file, &touches.functions),
                system: names(file, &touches.system),
                dynamic: touches.dynamic,
                defines: batch.defines.iter().map(|d| definition(file, d)).collect(),
            }
        });
        Self {
            path: file.path().to_string(),
            encoding: file.encoding().to_string(),
            batches: batches.collect(),
        }
    }
}

fn definition(file: &SourceFile, definition: &Definition) -> DefinitionDeps {
    let touches = &definition.touches;
    DefinitionDeps {
        kind: definition.kind.word(),
        name: definition.name.to_string(),
        line: file.position(definition.span.start).line,
        reads: names(file, &touches.reads),
        writes: names(file, &touches.writes),
        executes: names(file, &touches.executes),
        dynamic: touches.dynamic,
    }
}

/// Each distinct name once, where it first stands.
fn names(file: &SourceFile, references: &[Reference]) -> Vec<NameDeps> {
    let mut seen = std::collections::HashSet::new();
    references.iter().filter(|r| seen.insert(&r.name)).map(|r| place(file, &r.name, r.span)).collect()
}

fn place(file: &SourceFile, name: &RelationName, span: Span) -> NameDeps {
    let position = file.position(span.start);
    NameDeps { name: name.to_string(), line: position.line, column: position.column }
}
