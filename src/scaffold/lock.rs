//! What a project was made from: the template, the answers, and the files as they were then, so that a
//! later change of the template can be told from a change of the project's.

use std::collections::BTreeMap;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value, json};

use super::{Answers, Files};
use crate::words::sha256;

/// The file in the project's folder.
pub const FILE: &str = "template.lock";

const NOTE: &str =
    "What this project was made from. `goldsmith template update` reads and writes it; leave it as it is.";

/// The longest text that is kept; of longer ones and of data only the hash is.
const LONGEST: usize = 64 * 1024;

/// Where a template comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// goldsmith brings it along.
    BuiltIn,
    /// A folder below the platform.
    Folder(Utf8PathBuf),
    /// Another project, by name.
    Project(String),
}

/// A file as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Its text.
    Text(String),
    /// The SHA-256 of its bytes.
    Hash(String),
}

impl Base {
    pub(super) fn of(path: &Utf8Path, bytes: &[u8]) -> Self {
        let is_data = matches!(path.extension(), Some("csv" | "json" | "jsonl" | "ndjson" | "parquet"));
        match std::str::from_utf8(bytes) {
            Ok(text) if !is_data && text.len() <= LONGEST => Self::Text(text.to_owned()),
            _ => Self::Hash(sha256(bytes)),
        }
    }

    /// Whether these are its bytes.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Text(text) => text.as_bytes() == bytes,
            Self::Hash(hash) => *hash == sha256(bytes),
        }
    }
}

/// What a project was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The template.
    pub origin: Origin,
    /// What was answered.
    pub answers: Answers,
    /// The files as they were made.
    pub files: BTreeMap<Utf8PathBuf, Base>,
}

impl Lock {
    /// Of files that were made just now.
    #[must_use]
    pub fn new(origin: &Origin, answers: &Answers, files: &Files) -> Self {
        let files = files.iter().map(|(path, bytes)| (path.clone(), Base::of(path, bytes)));
        Self { origin: origin.clone(), answers: answers.clone(), files: files.collect() }
    }

    /// Its text.
    #[must_use]
    pub fn write(&self) -> String {
        let origin = match &self.origin {
            Origin::BuiltIn => json!({ "built_in": true }),
            Origin::Folder(folder) => json!({ "folder": folder.as_str() }),
            Origin::Project(name) => json!({ "project": name }),
        };
        let files: Map<String, Value> = self
            .files
            .iter()
            .map(|(path, base)| {
                let base = match base {
                    // A line of its own for each, so that a review shows what has changed.
                    Base::Text(text) => json!(text.split('\n').collect::<Vec<_>>()),
                    Base::Hash(hash) => json!({ "sha256": hash }),
                };
                (path.to_string(), base)
            })
            .collect();
        let all = json!({ "note": NOTE, "version": 1, "template": origin, "answers": self.answers.facts(), "files": files });
        format!("{all:#}\n")
    }

    /// Reads it; `None` when it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let all: Value = serde_json::from_str(text).ok()?;
        if all["version"] != 1 {
            return None;
        }
        let template = &all["template"];
        let origin = if template["built_in"] == true {
            Origin::BuiltIn
        } else if let Some(folder) = template["folder"].as_str() {
            Origin::Folder(folder.into())
        } else {
            Origin::Project(template["project"].as_str()?.to_owned())
        };
        let mut files = BTreeMap::new();
        for (path, base) in all["files"].as_object()? {
            // Whoever edits this file must not be able to reach out of the project with it.
            if !Utf8Path::new(path).components().all(|part| matches!(part, Utf8Component::Normal(_))) {
                return None;
            }
            let base = match base {
                Value::Array(lines) => {
                    let lines: Option<Vec<&str>> = lines.iter().map(Value::as_str).collect();
                    Base::Text(lines?.join("\n"))
                }
                other => Base::Hash(other["sha256"].as_str()?.to_owned()),
            };
            files.insert(Utf8PathBuf::from(path), base);
        }
        Some(Self { origin, answers: Answers::read(all["answers"].as_object()?)?, files })
    }
}
