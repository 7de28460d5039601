//! What a script leaves behind for others to call: a procedure, function, view, synonym or trigger.

use super::kinds::words;
use crate::words::{RelationName, Span};

words! {
    /// What a definition defines.
    DefinitionKind {
        /// A stored procedure.
        Procedure "procedure",
        /// A function or macro.
        Function "function",
        /// A trigger.
        Trigger "trigger",
        /// A view.
        View "view",
        /// A synonym.
        Synonym "synonym",
    }
}

impl DefinitionKind {
    /// Whether it is read as a table is.
    #[must_use]
    pub fn is_read(self) -> bool {
        matches!(self, Self::View | Self::Synonym)
    }
}

/// What belongs to a definition alone.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What it is.
    pub kind: DefinitionKind,
    /// Its full name on the target.
    pub name: RelationName,
    /// What a synonym stands for, or the table that a trigger is on.
    pub target: Option<RelationName>,
    /// The place of the whole of it in the node's file.
    pub extent: Span,
    /// Parameters whose text its body runs: which, from 0, and their names.
    pub runs: Vec<(usize, String)>,
    /// The ids of the scripts that make it, in the order of reading.
    pub scripts: Vec<String>,
}
