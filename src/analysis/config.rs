//! A model's configuration: the project's defaults, then YAML, then the model's own `config()`.

use serde_json::{Map, Value};

use crate::nouns::{Hook, IncrementalStrategy, Materialization, ModelConfig, Node};
use crate::render::{ConfigEntry, Rendered};
use crate::words::{Code, Diagnostic, Span, nearest};

/// Keys that add up instead of replacing each other.
const ADDED: [&str; 5] = ["tags", "pre_hook", "post_hook", "pre-hook", "post-hook"];

/// Keys of dbt's `config()` that goldsmith understands or that do no harm when it does not.
const KNOWN: [&str; 22] = [
    "materialized",
    "unique_key",
    "incremental_strategy",
    "full_refresh",
    "pre_hook",
    "post_hook",
    "pre-hook",
    "post-hook",
    "tags",
    "meta",
    "enabled",
    "schema",
    "alias",
    "database",
    "description",
    "layer",
    "track",
    "severity",
    "docs",
    "persist_docs",
    "grants",
    "contract",
];

/// Everything that was configured for a node, merged.
pub(super) fn merge(node: &Node, own: &[ConfigEntry]) -> Map<String, Value> {
    let mut all = node.config.clone();
    for ConfigEntry { key, value, .. } in own {
        match all.get_mut(key) {
            Some(before) if ADDED.contains(&key.as_str()) => {
                let mut list = as_list(std::mem::take(before));
                list.extend(as_list(value.clone()));
                *before = list.into();
            }
            Some(Value::Object(before)) if key == "meta" => {
                before.extend(value.as_object().cloned().unwrap_or_default());
            }
            _ => {
                all.insert(key.clone(), value.clone());
            }
        }
    }
    all
}

/// Reads the merged configuration of a model.
pub(super) fn resolve(
    node: &Node,
    rendered: &Rendered,
    all: Map<String, Value>,
    out: &mut Vec<Diagnostic>,
) -> ModelConfig {
    let place = |key: &str| rendered.config(key).map_or_else(Span::default, |entry| entry.span);
    for key in all.keys().filter(|k| !KNOWN.contains(&k.as_str())) {
        let told = Diagnostic::new(
            Code::UnsupportedKey,
            format!("the configuration `{key}` is not supported and has no effect"),
        )
        .at(&node.file, place(key))
        .node(&node.id);
        out.push(match nearest(key, KNOWN) {
            Some(near) => told.help(format!("did you mean `{near}`?")),
            None => told,
        });
    }
    let materialized =
        word(&all, "materialized", node, rendered, Materialization::from_word, Materialization::ALL, out)
            .unwrap_or(Materialization::View);
    let unique_key = all.get("unique_key").cloned().map(as_list).unwrap_or_default();
    let unique_key: Vec<String> = unique_key.iter().filter_map(|k| k.as_str().map(str::to_owned)).collect();
    let given = word(
        &all,
        "incremental_strategy",
        node,
        rendered,
        IncrementalStrategy::from_word,
        IncrementalStrategy::ALL,
        out,
    );
    let strategy = given.unwrap_or(if unique_key.is_empty() {
        IncrementalStrategy::Append
    } else {
        IncrementalStrategy::DeleteInsert
    });
    if unique_key.is_empty() && given.is_some_and(|s| s != IncrementalStrategy::Append) {
        out.push(
            Diagnostic::new(Code::InvalidTemplate, format!("the strategy `{strategy}` needs a `unique_key`"))
                .at(&node.file, place("incremental_strategy"))
                .node(&node.id)
                .help("add unique_key='...' (or a list of columns) to config()"),
        );
    }
    let hooks = |names: [&str; 2]| -> Vec<Hook> {
        let set =
            |name: &str| rendered.config.iter().find(|e| e.key == name).map_or(Span::default(), |e| e.span);
        let given = names.iter().filter_map(|n| Some((all.get(*n)?, set(n))));
        given
            .flat_map(|(v, span)| as_list(v.clone()).into_iter().filter_map(move |v| hook(v, span)))
            .collect()
    };
    ModelConfig {
        materialized,
        unique_key,
        strategy,
        full_refresh: all.get("full_refresh").and_then(Value::as_bool),
        pre_hook: hooks(["pre_hook", "pre-hook"]),
        post_hook: hooks(["post_hook", "post-hook"]),
        all,
    }
}

/// The value of a key that takes one of some words.
fn word<T: Copy + std::fmt::Display>(
    all: &Map<String, Value>,
    key: &str,
    node: &Node,
    rendered: &Rendered,
    from_word: fn(&str) -> Option<T>,
    words: &[T],
    out: &mut Vec<Diagnostic>,
) -> Option<T> {
    let value = all.get(key).filter(|v| !v.is_null())?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let found = from_word(&text);
    if found.is_none() {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let help = nearest(&text, words.iter().map(String::as_str))
            .map_or_else(|| format!("use {}", words.join(", ")), |near| format!("did you mean `{near}`?"));
        let span = rendered.config(key).map_or_else(Span::default, |entry| entry.span);
        out.push(
            Diagnostic::new(Code::InvalidTemplate, format!("`{key}` can't be `{text}`"))
                .at(&node.file, span)
                .node(&node.id)
                .help(help),
        );
    }
    found
}

/// A hook is text, or dbt's mapping with `sql`.
fn hook(value: Value, span: Span) -> Option<Hook> {
    match value {
        Value::String(sql) => Some(Hook { sql, span }),
        Value::Object(map) => {
            let sql = map.get("sql").and_then(Value::as_str)?;
            Some(Hook { sql: sql.to_owned(), span })
        }
        _ => None,
    }
}

/// A list, or a single value as a list of one.
pub(super) fn as_list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        other => vec![other],
    }
}
