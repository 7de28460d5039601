//! Uses of generic data tests: `data_tests:` under a node or a column, named as dbt names them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::yaml::{Key, Value, Yaml};
use crate::nouns::{GenericTest, TestSeverity, TestSpec};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// Longer names are cut and given a hash, as dbt does.
const LONGEST_NAME: usize = 63;

/// A test as YAML declares it.
#[derive(Debug, Clone)]
pub struct DeclaredTest {
    /// Its name: given, or made of what it tests.
    pub name: String,
    /// What it does.
    pub spec: TestSpec,
    /// Its own tags.
    pub tags: Vec<String>,
}

/// Reads one entry of `data_tests:`.
pub(super) fn declared(
    file: &Arc<SourceFile>,
    on: &str,
    column: Option<&str>,
    tree: &Yaml,
    out: &mut Vec<Diagnostic>,
) -> Option<DeclaredTest> {
    let mut places = HashMap::new();
    let (test, mut arguments) = match &tree.value {
        Value::Text(test) => (test.clone(), Map::new()),
        Value::Map(entries) if entries.iter().filter(|(k, _)| !is_setting(&k.text)).count() == 1 => {
            let (key, value) = entries.iter().find(|(k, _)| !is_setting(&k.text))?;
            let settings = entries.iter().filter(|(k, _)| is_setting(&k.text));
            take_places(settings.clone(), &mut places);
            let mut arguments = match (&value.value, alone(&key.text)) {
                (Value::Map(given), _) => {
                    take_places(given.iter(), &mut places);
                    given.iter().map(|(k, v)| (k.text.clone(), v.to_json())).collect()
                }
                (Value::Null, _) => Map::new(),
                (Value::Text(text), Some(argument)) => {
                    places.insert(argument.to_owned(), value.span);
                    Map::from_iter([(argument.to_owned(), Json::from(text.as_str()))])
                }
                _ => {
                    out.push(
                        Diagnostic::new(
                            Code::InvalidYaml,
                            format!("`{}` takes its arguments as a mapping", key.text),
                        )
                        .at(file, value.span)
                        .help(format!("write\n- {}:\n    argument: value", key.text)),
                    );
                    return None;
                }
            };
            for (other, setting) in settings {
                arguments.insert(other.text.clone(), setting.to_json());
            }
            (key.text.clone(), arguments)
        }
        _ => {
            out.push(
                Diagnostic::new(
                    Code::InvalidYaml,
                    format!("a test must be a name or a mapping of one name, but is {}", tree.kind()),
                )
                .at(file, tree.span)
                .help("write `- not_null`, or\n- accepted_values:\n    values: [a, b]"),
            );
            return None;
        }
    };
    if let Some(Json::Object(nested)) = arguments.remove("arguments") {
        arguments.extend(nested);
    }
    named(on, column, test, arguments, tree).map(|mut declared| {
        if let Some(generic) = &mut declared.spec.generic {
            generic.places = places;
        }
        declared
    })
}

/// The argument that a test may be given without its name.
fn alone(test: &str) -> Option<&'static str> {
    match test {
        "reconciles" => Some("equation"),
        "total_equals" => Some("to"),
        _ => None,
    }
}

/// Remembers where arguments stand, those below `arguments` included.
fn take_places<'a>(entries: impl Iterator<Item = &'a (Key, Yaml)>, places: &mut HashMap<String, Span>) {
    for (key, value) in entries {
        places.insert(key.text.clone(), key.span.to(value.span));
        if let (Value::Map(nested), "arguments") = (&value.value, key.text.as_str()) {
            take_places(nested.iter(), places);
        }
    }
}

/// Whether a key beside a test's name is a setting of the test, not a test itself.
fn is_setting(key: &str) -> bool {
    matches!(key, "name" | "config" | "severity" | "where" | "tags" | "description" | "arguments")
}

fn named(
    on: &str,
    column: Option<&str>,
    test: String,
    mut arguments: Map<String, Json>,
    tree: &Yaml,
) -> Option<DeclaredTest> {
    let config = match arguments.remove("config") {
        Some(Json::Object(config)) => config,
        _ => Map::new(),
    };
    let mut setting = |key: &str| arguments.remove(key).or_else(|| config.get(key).cloned());
    let severity = match setting("severity").as_ref().and_then(Json::as_str) {
        Some(word) if word.eq_ignore_ascii_case("warn") => TestSeverity::Warn,
        _ => TestSeverity::Error,
    };
    let filter = setting("where").and_then(|v| v.as_str().map(str::to_owned));
    let given = setting("name").and_then(|v| v.as_str().map(str::to_owned));
    let enabled = setting("enabled").and_then(|v| v.as_bool()).unwrap_or(true);
    let tags = match setting("tags") {
        Some(Json::String(tag)) => vec![tag],
        Some(Json::Array(tags)) => tags.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    setting("description");
    let name = given.unwrap_or_else(|| test_name(&test, on, column, &arguments));
    let generic = GenericTest {
        test,
        on: on.to_owned(),
        column: column.map(str::to_owned),
        arguments,
        places: HashMap::new(),
        span: tree.span,
    };
    enabled.then(|| DeclaredTest { name, spec: TestSpec { severity, filter, generic: Some(generic) }, tags })
}

/// The name that dbt would give: test, node, column, then the arguments' values.
fn test_name(test: &str, on: &str, column: Option<&str>, arguments: &Map<String, Json>) -> String {
    let mut parts: Vec<String> = column.map(str::to_owned).into_iter().collect();
    for (_, value) in arguments {
        match value {
            Json::Array(items) => parts.extend(items.iter().map(plain)),
            other => parts.push(plain(other)),
        }
    }
    let mut name = format!("{test}_{on}");
    if !parts.is_empty() {
        name.push('_');
        name.push_str(&parts.join("__"));
    }
    let clean: String = clean(&name);
    if clean.chars().count() <= LONGEST_NAME {
        return clean;
    }
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let head: String = clean.chars().take(LONGEST_NAME - 17).collect();
    format!("{head}_{:016x}", hasher.finish())
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Runs of anything but letters, digits and `_` become one `_`.
fn clean(name: &str) -> String {
    let mut clean = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_alphanumeric() || c == '_' {
            clean.push(c);
        } else if !clean.ends_with('_') || clean.ends_with("__") {
            clean.push('_');
        }
    }
    clean
}
