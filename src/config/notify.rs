//! `notify:` of `goldsmith.yml`.

use std::sync::Arc;
use std::time::Duration;

use super::section::{Section, Unknown};
use super::yaml::{Value, Yaml};
use crate::nouns::{Notify, Occasion, Webhook};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// The longest time that somebody may be kept waiting for a webhook.
const LONGEST: Duration = Duration::from_mins(5);

/// Reads `notify:`: an address, a mapping, or a list of these.
pub(super) fn notify(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Vec<Notify> {
    let Some(tree) = section.get("notify") else { return Vec::new() };
    let entries = match &tree.value {
        Value::List(entries) => entries.as_slice(),
        _ => std::slice::from_ref(tree),
    };
    entries.iter().filter_map(|entry| one(file, entry, out)).collect()
}

fn one(file: &Arc<SourceFile>, entry: &Yaml, out: &mut Vec<Diagnostic>) -> Option<Notify> {
    if let Value::Text(url) = &entry.value {
        let (url, span) = (url.clone(), entry.span);
        return Some(Notify { url, span, on: Occasion::Always, format: None, timeout: None });
    }
    let mut section = Section::open(file, "`notify` of goldsmith.yml", entry, out);
    let url = section.required_text("url", out);
    let on = word(file, &mut section, ("on", Occasion::ALL), Occasion::word, out);
    let format = word(file, &mut section, ("format", Webhook::ALL), Webhook::word, out);
    let timeout = timeout(file, &mut section, out);
    section.finish(Unknown::Error, out);
    let (url, span) = url?;
    Some(Notify { url, span, on: on.unwrap_or(Occasion::Always), format, timeout })
}

fn word<T: Copy>(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    (key, all): (&'static str, &[T]),
    word: impl Fn(T) -> &'static str,
    out: &mut Vec<Diagnostic>,
) -> Option<T> {
    let (text, span) = section.spanned_text(key, out)?;
    let found = all.iter().copied().find(|value| word(*value) == text);
    if found.is_none() {
        let words: Vec<&str> = all.iter().map(|value| word(*value)).collect();
        out.push(wrong(
            file,
            span,
            format!("`{key}` can't be `{text}`"),
            &format!("use {}", words.join(" or ")),
        ));
    }
    found
}

fn timeout(file: &Arc<SourceFile>, section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Option<Duration> {
    let (text, span) = section.spanned_text("timeout", out)?;
    let read = text.parse::<jiff::SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    let fitting = read.filter(|d| !d.is_zero() && *d <= LONGEST);
    if fitting.is_none() {
        out.push(wrong(
            file,
            span,
            format!("`{text}` can't be a time limit"),
            "write it as 10s or 1m, five minutes at most",
        ));
    }
    fitting
}

fn wrong(file: &Arc<SourceFile>, span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(Code::InvalidYaml, message).at(file, span).help(help)
}
