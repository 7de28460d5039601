//! dbt's filters: `as_bool`, `as_number`, `as_native`, `as_text`.

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error};

use super::bounded::check;
use super::told::told;
use super::values::from_json;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("as_bool", as_bool);
    environment.add_filter("as_number", as_number);
    environment.add_filter("as_native", as_native);
    environment.add_filter("as_text", |value: Value| check(&value).map(|()| value.to_string()));
}

fn as_bool(value: Value) -> Result<Value, Error> {
    if value.kind() == ValueKind::Bool {
        return Ok(value);
    }
    check(&value)?;
    let text = value.to_string().to_lowercase();
    match text.as_str() {
        "true" | "yes" | "on" | "1" => Ok(Value::from(true)),
        "false" | "no" | "off" | "0" => Ok(Value::from(false)),
        _ => Err(told(format!("`{text}` is neither true nor false"))),
    }
}

fn as_number(value: Value) -> Result<Value, Error> {
    if value.is_number() {
        return Ok(value);
    }
    check(&value)?;
    let text = value.to_string();
    let trimmed = text.trim();
    let whole = trimmed.parse::<i64>().ok().map(Value::from);
    whole
        .or_else(|| trimmed.parse::<f64>().ok().map(Value::from))
        .ok_or_else(|| told(format!("`{text}` is no number")))
}

fn as_native(value: Value) -> Value {
    let Some(text) = value.as_str() else { return value };
    serde_json::from_str(text).map_or_else(|_| value.clone(), |json| from_json(&json))
}
