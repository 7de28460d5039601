//! How bad the platform and its projects say that a rule is.

use std::collections::BTreeMap;

use super::kinds::words;
use crate::words::{Code, Span};

words! {
    /// How bad a rule is.
    Level {
        /// Not told at all.
        Off "off",
        /// Told; fails nothing.
        Warning "warning",
        /// Told; fails the command.
        Error "error",
        /// An error that neither a project nor a comment can lower.
        Forbid "forbid",
    }
}

/// `lint:` of `goldsmith.yml` or of a `project.yml`.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// By rule, with the place that says so.
    pub rules: BTreeMap<Code, (Level, Span)>,
    /// The file of accepted diagnostics, relative to the platform, with its place; the platform's alone.
    pub baseline: Option<(String, Span)>,
}

impl Levels {
    /// The level of a rule, where one is set.
    #[must_use]
    pub fn of(&self, code: Code) -> Option<Level> {
        self.rules.get(&code).map(|(level, _)| *level)
    }
}
