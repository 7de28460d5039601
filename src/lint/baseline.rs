//! Diagnostics that are accepted as they stand, so that an old platform can start. An entry does
//! not hold line numbers: what is edited elsewhere in a file does not wake it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::Diagnostic;

/// The longest text of a line that is kept, in characters.
const LONGEST: usize = 200;

/// What is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The version of the file's form.
    version: u32,
    /// Sorted.
    accepted: Vec<Entry>,
}

/// One finding, or several that look the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    path: String,
    code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relation: Option<String>,
    /// The line that it points at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    count: usize,
}

impl Baseline {
    /// The baseline that accepts these, as far as they can be accepted: what could not be read can't.
    pub(super) fn of<'a>(found: impl Iterator<Item = &'a Diagnostic>) -> Self {
        let mut counts: BTreeMap<Entry, usize> = BTreeMap::new();
        for diagnostic in found.filter(|d| d.is_adjustable()) {
            *counts.entry(entry(diagnostic)).or_default() += 1;
        }
        let accepted = counts.into_iter().map(|(entry, count)| Entry { count, ..entry }).collect();
        Self { version: 1, accepted }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if baseline.version != 1 {
            return Err(format!("it has version {}, this goldsmith knows 1", baseline.version));
        }
        Ok(baseline)
    }

    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// How many diagnostics it accepts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accepted.iter().map(|e| e.count).sum()
    }

    /// Whether it accepts nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accepted.is_empty()
    }

    /// What is told, what is accepted, and how many accepted ones are there no more.
    pub(super) fn sort(&self, found: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Diagnostic>, usize) {
        let mut left: BTreeMap<Entry, usize> =
            self.accepted.iter().map(|e| (Entry { count: 0, ..e.clone() }, e.count)).collect();
        let (mut told, mut accepted) = (Vec::new(), Vec::new());
        for diagnostic in found {
            let count = diagnostic.is_adjustable().then(|| left.get_mut(&entry(&diagnostic))).flatten();
            match count {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    accepted.push(diagnostic);
                }
                _ => told.push(diagnostic),
            }
        }
        (told, accepted, left.values().sum())
    }
}

fn entry(diagnostic: &Diagnostic) -> Entry {
    let text = diagnostic.line_text().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    Entry {
        path: diagnostic.file.as_ref().map(|f| f.path().to_string()).unwrap_or_default(),
        code: diagnostic.code.id().to_owned(),
        node: diagnostic.node.clone(),
        relation: diagnostic.relation.clone(),
        text: text.unwrap_or_default().chars().take(LONGEST).collect(),
        count: 0,
    }
}
