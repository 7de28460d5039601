//! Takes a YAML mapping apart key by key: wrong types and unknown keys become diagnostics at
//! their place, and reading goes on, so that all problems of a file are told at once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;

use super::yaml::{Key, Value, Yaml};
use crate::words::{Code, Diagnostic, SourceFile, Span, nearest};

/// What to do with keys that nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// An error, with the nearest known key: for goldsmith's own files.
    Error,
    /// A warning: for dbt's files, whose keys we may not support.
    Warning,
}

/// A mapping that is being read.
pub struct Section<'a> {
    file: &'a Arc<SourceFile>,
    /// What the mapping is, for messages: `project.yml`, `target dev`.
    what: String,
    entries: &'a [(Key, Yaml)],
    span: Span,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// Opens a mapping; anything else is told and read as an empty one.
    pub fn open(
        file: &'a Arc<SourceFile>,
        what: impl Into<String>,
        tree: &'a Yaml,
        out: &mut Vec<Diagnostic>,
    ) -> Self {
        let what = what.into();
        let entries: &[(Key, Yaml)] = match &tree.value {
            Value::Map(entries) => entries,
            Value::Null => &[],
            _ => {
                out.push(wrong(file, &what, "a mapping", tree));
                &[]
            }
        };
        Self { file, what, entries, span: tree.span, asked: Vec::new() }
    }

    /// Where the whole mapping stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The place of a key that is there, else of the whole mapping.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Span {
        self.entries.iter().find(|(k, _)| k.text == key).map_or(self.span, |(k, _)| k.span)
    }

    /// The value of a key, whatever it is; `null` counts as absent.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Yaml> {
        self.asked.push(key);
        let found = self.entries.iter().find(|(k, _)| k.text == key).map(|(_, v)| v);
        found.filter(|v| !matches!(v.value, Value::Null))
    }

    /// Text; a number is taken as it was written.
    pub fn text(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<String> {
        self.spanned_text(key, out).map(|(text, _)| text)
    }

    /// Text with its place.
    pub fn spanned_text(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<(String, Span)> {
        let tree = self.get(key)?;
        match &tree.value {
            Value::Text(text) | Value::Number(_, text) => Some((text.clone(), tree.span)),
            _ => self.wrong(key, "text", tree, out),
        }
    }

    /// Text that must be there and not be empty.
    pub fn required_text(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<(String, Span)> {
        let there = self.get(key).is_some();
        let found = self.spanned_text(key, out).filter(|(text, _)| !text.trim().is_empty());
        if found.is_none() && !there {
            out.push(
                Diagnostic::new(Code::InvalidYaml, format!("{} has no `{key}`", self.what))
                    .at(self.file, self.span)
                    .help(format!("add `{key}: ...`")),
            );
        }
        found
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<bool> {
        let tree = self.get(key)?;
        match tree.value {
            Value::Bool(b) => Some(b),
            _ => self.wrong(key, "true or false", tree, out),
        }
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<u64> {
        let tree = self.get(key)?;
        match &tree.value {
            Value::Number(n, _) if n.is_u64() => n.as_u64(),
            _ => self.wrong(key, "a whole number", tree, out),
        }
    }

    /// A share from 0 to 1, written as `0.3` or `30%`.
    pub fn share(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<f64> {
        let tree = self.get(key)?;
        let share = match &tree.value {
            Value::Number(n, _) => n.as_f64(),
            Value::Text(t) => {
                t.strip_suffix('%').and_then(|p| p.trim().parse::<f64>().ok()).map(|p| p / 100.0)
            }
            _ => None,
        };
        match share.filter(|s| (0.0..=1.0).contains(s)) {
            Some(share) => Some(share),
            None => self.wrong(key, "a share such as 30% or 0.3", tree, out),
        }
    }

    /// A size in bytes, written as `512MB` or `4GB`; not less than a megabyte.
    pub fn size(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<u64> {
        let tree = self.get(key)?;
        let read = match &tree.value {
            Value::Text(text) => {
                let text = text.trim().to_ascii_uppercase();
                [("MB", 1_000_000_u64), ("GB", 1_000_000_000)].into_iter().find_map(|(unit, bytes)| {
                    text.strip_suffix(unit)?.trim().parse::<u64>().ok()?.checked_mul(bytes)
                })
            }
            _ => None,
        };
        match read.filter(|size| *size > 0) {
            Some(size) => Some(size),
            None => self.wrong(key, "a size such as 512MB or 4GB", tree, out),
        }
    }

    /// A length of time, written as `30s`, `45m` or `1h 30m`.
    pub fn duration(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<Duration> {
        let tree = self.get(key)?;
        let read = match &tree.value {
            Value::Text(text) => text.parse::<jiff::SignedDuration>().ok(),
            _ => None,
        };
        match read.and_then(|d| Duration::try_from(d).ok()) {
            Some(duration) => Some(duration),
            None => self.wrong(key, "a length of time such as 30s, 45m or 1h 30m", tree, out),
        }
    }

    /// One text or a list of texts.
    pub fn texts(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
        let tree = self.get(key)?;
        let items = match &tree.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(tree),
        };
        let mut texts = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) | Value::Number(_, text) => texts.push(text.clone()),
                Value::Bool(b) => texts.push(b.to_string()),
                _ => {
                    self.wrong::<()>(key, "text or a list of texts", item, out);
                }
            }
        }
        Some(texts)
    }

    /// One text or a list of texts, each with its place.
    pub fn spanned_texts(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Vec<(String, Span)> {
        let Some(tree) = self.get(key) else { return Vec::new() };
        let items = match &tree.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(tree),
        };
        let mut texts = Vec::new();
        for item in items {
            if let Value::Text(text) | Value::Number(_, text) = &item.value {
                texts.push((text.clone(), item.span));
            } else {
                self.wrong::<()>(key, "text or a list of texts", item, out);
            }
        }
        texts
    }

    /// A list; a single value is told.
    pub fn list(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> &'a [Yaml] {
        match self.get(key) {
            None => &[],
            Some(Yaml { value: Value::List(items), .. }) => items,
            Some(tree) => {
                self.wrong::<()>(key, "a list (lines that start with `- `)", tree, out);
                &[]
            }
        }
    }

    /// A mapping of whatever, as JSON.
    pub fn json_map(
        &mut self,
        key: &'static str,
        out: &mut Vec<Diagnostic>,
    ) -> Map<String, serde_json::Value> {
        match self.get(key) {
            None => Map::new(),
            Some(tree) => match tree.to_json() {
                serde_json::Value::Object(map) => map,
                _ => self.wrong(key, "a mapping", tree, out).unwrap_or_default(),
            },
        }
    }

    /// A mapping below this one.
    pub fn section(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<Section<'a>> {
        let tree = self.get(key)?;
        Some(Section::open(self.file, format!("`{key}` of {}", self.what), tree, out))
    }

    /// The entries as they stand, for mappings with free keys.
    #[must_use]
    pub fn entries(&self) -> &'a [(Key, Yaml)] {
        self.entries
    }

    /// Tells of every key that nobody asked for.
    pub fn finish(self, unknown: Unknown, out: &mut Vec<Diagnostic>) {
        for (key, _) in self.entries {
            if self.asked.contains(&key.text.as_str()) {
                continue;
            }
            let near = nearest(&key.text, self.asked.iter().copied());
            let diagnostic = match unknown {
                Unknown::Error => {
                    Diagnostic::new(Code::UnknownKey, format!("{} has no key `{}`", self.what, key.text))
                }
                Unknown::Warning => Diagnostic::new(
                    Code::UnsupportedKey,
                    format!("the key `{}` of {} is not supported and has no effect", key.text, self.what),
                ),
            };
            let diagnostic = diagnostic.at(self.file, key.span);
            out.push(match (near, unknown) {
                (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
                (None, Unknown::Error) => {
                    diagnostic.help(format!("it can have: {}", sorted(&self.asked).join(", ")))
                }
                (None, Unknown::Warning) => diagnostic,
            });
        }
    }

    /// Tells that a value is of the wrong type.
    fn wrong<T>(&self, key: &str, wanted: &str, tree: &Yaml, out: &mut Vec<Diagnostic>) -> Option<T> {
        out.push(wrong(self.file, &format!("`{key}` of {}", self.what), wanted, tree));
        None
    }
}

fn wrong(file: &Arc<SourceFile>, what: &str, wanted: &str, tree: &Yaml) -> Diagnostic {
    Diagnostic::new(Code::InvalidYaml, format!("{what} must be {wanted}, but is {}", tree.kind()))
        .at(file, tree.span)
}

fn sorted(keys: &[&'static str]) -> Vec<&'static str> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys
}
