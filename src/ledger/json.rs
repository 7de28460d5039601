//! Lists of names and values inside a cell of the ledger, as JSON.

use serde_json::{Map, Value};

/// Names with values, in their order.
pub(super) fn write_pairs(pairs: &[(String, Option<String>)]) -> String {
    let map: Map<String, Value> = pairs
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().map_or(Value::Null, Value::String)))
        .collect();
    Value::Object(map).to_string()
}

/// Reads them back; what is no such list is empty.
pub(super) fn read_pairs(text: &str) -> Vec<(String, Option<String>)> {
    let map: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    map.into_iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                other => Some(other.to_string()),
            };
            (name, value)
        })
        .collect()
}
