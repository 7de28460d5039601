//! Between JSON values and template values.

use std::collections::BTreeMap;

use minijinja::value::{Serde, Value};
use serde_json::Value as Json;

/// A JSON value as a template sees it.
pub(super) fn from_json(json: &Json) -> Value {
    Value::from(Serde(json))
}

/// A map as a template sees it.
pub(super) fn map_of<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
    Value::from(
        pairs.into_iter().map(|(key, value)| (key.into(), value)).collect::<BTreeMap<String, Value>>(),
    )
}

/// A template value as JSON. What JSON has no form for (a relation) becomes the text that it prints.
pub(super) fn to_json(value: &Value) -> Json {
    serde_json::to_value(value).unwrap_or_else(|_| Json::String(value.to_string()))
}
