//! The JSON of `goldsmith deps`: a published contract, apart from the types that the scan uses.

use serde::Serialize;

use super::script::{Definition, Reference, Script};
use crate::words::{Position, RelationName, SourceFile, Span};

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
#[derive(Debug, Default, Serialize)]
pub struct LineageDeps {
    /// The columns that statements give, in order.
    pub columns: Vec<ColumnDeps>,
    /// The statements whose columns can't be followed.
    pub not_followed: Vec<NotFollowed>,
}

/// A column that a statement gives.
#[derive(Debug, Serialize)]
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
#[derive(Debug, Serialize)]
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
#[derive(Debug, Serialize)]
pub struct NotFollowed {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Why, in words.
    pub why: String,
}

/// The user's place of a place in the text.
pub type Place<'a> = &'a dyn Fn(Span) -> Position;

impl FileDeps {
    /// What `script`, read from `file`, touches.
    #[must_use]
    pub fn new(file: &SourceFile, script: &Script) -> Self {
        Self::placed(file, script, &|span| file.position(span.start))
    }

    /// What `script` touches, where its text is not that of `file` but made of it.
    #[must_use]
    pub fn placed(file: &SourceFile, script: &Script, place: Place) -> Self {
        let batches = script.batches.iter().enumerate().map(|(index, batch)| {
            let touches = &batch.touches;
            BatchDeps {
                index,
                line: place(batch.span).line,
                reads: names(place, &touches.reads),
                writes: names(place, &touches.writes),
                drops: names(place, &touches.drops),
                executes: names(place, &touches.executes),
                functions: names(place, &touches.functions),
                system: names(place, &touches.system),
                dynamic: touches.dynamic,
                defines: batch.defines.iter().map(|d| definition(place, d)).collect(),
                lineage: None,
            }
        });
        Self {
            path: file.path().to_string(),
            encoding: file.encoding().to_string(),
            batches: batches.collect(),
        }
    }
}

fn definition(place: Place, definition: &Definition) -> DefinitionDeps {
    let touches = &definition.touches;
    DefinitionDeps {
        kind: definition.kind.word(),
        name: definition.name.to_string(),
        line: place(definition.span).line,
        reads: names(place, &touches.reads),
        writes: names(place, &touches.writes),
        executes: names(place, &touches.executes),
        dynamic: touches.dynamic,
        lineage: None,
    }
}

/// Each distinct name once, where it first stands.
fn names(place: Place, references: &[Reference]) -> Vec<NameDeps> {
    let mut seen = std::collections::HashSet::new();
    references.iter().filter(|r| seen.insert(&r.name)).map(|r| name(place, &r.name, r.span)).collect()
}

fn name(place: Place, name: &RelationName, span: Span) -> NameDeps {
    let position = place(span);
    NameDeps { name: name.to_string(), line: position.line, column: position.column }
}
