//! Data tests: queries that return the rows that should not be there.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::words::Span;

/// What a failing test means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestSeverity {
    /// Fails the run and skips what depends on the tested node.
    Error,
    /// Is reported.
    Warn,
}

/// A test.
#[derive(Debug, Clone)]
pub struct TestSpec {
    /// What failing means.
    pub severity: TestSeverity,
    /// A condition that limits the tested rows.
    pub filter: Option<String>,
    /// The generic test, or `None` for a singular one, whose SQL is the node's own file.
    pub generic: Option<GenericTest>,
}

impl GenericTest {
    /// The place of an argument, or of the whole test where it has none.
    #[must_use]
    pub fn place(&self, argument: &str) -> Span {
        self.places.get(argument).copied().unwrap_or(self.span)
    }
}

/// A use of a generic test on a node.
#[derive(Debug, Clone)]
pub struct GenericTest {
    /// The test's name, such as `not_null`.
    pub test: String,
    /// The name of the node tested.
    pub on: String,
    /// The column tested.
    pub column: Option<String>,
    /// The other arguments.
    pub arguments: Map<String, Value>,
    /// The places of arguments, by name.
    pub places: HashMap<String, Span>,
    /// The place of the test in the YAML file.
    pub span: Span,
}
