//! The template's `config`: called, it notes settings of the model; `config.get()` reads back
//! what was noted before.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, State};

use super::arguments::{Arguments, text};
use super::bounded::check;
use super::context::{Context, Record};
use super::told::{told, told_with_help};

/// The object behind `config`.
#[derive(Debug)]
pub(super) struct Config;

/// More keys than any model has.
const MOST_KEYS: usize = 500;

/// The keys whose values of several calls add up, as in dbt; all others: the last call counts.
const ADDING: [&str; 5] = ["tags", "pre_hook", "post_hook", "pre-hook", "post-hook"];

impl Object for Config {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let context = Context::of(state)?;
        let args = Arguments::new(args)?;
        let mut record = context.record();
        for map in args.positional {
            if map.kind() != ValueKind::Map {
                return Err(told("config() takes `key=value` pairs, or one map"));
            }
            for key in map.try_iter()? {
                let value = map.get_item(&key)?;
                note(&mut record, &key.to_string(), value)?;
            }
        }
        for (key, value) in args.keywords {
            note(&mut record, &key, value)?;
        }
        Ok(Value::from(""))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let args = Arguments::new(args)?;
        let key = text(&format!("config.{method}"), args.get(0, "name"))?;
        let noted =
            Context::of(state)?.record().config.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
        match method {
            "get" | "meta_get" => {
                Ok(noted.or_else(|| args.get(1, "default").cloned()).unwrap_or_else(|| Value::from(())))
            }
            "require" => noted.ok_or_else(|| {
                told_with_help(
                    format!("the model's config lacks `{key}`"),
                    format!("add `{{{{ config({key}=..) }}}}` above this place"),
                )
            }),
            _ => Err(told_with_help(
                format!("`config` has no method `{method}`"),
                "it has `config.get()` and `config.require()`",
            )),
        }
    }
}

fn note(record: &mut Record, key: &str, value: Value) -> Result<(), Error> {
    check(&value)?;
    let Some((_, old)) = record.config.iter_mut().find(|(k, _)| k == key) else {
        if record.config.len() >= MOST_KEYS {
            return Err(told("config() sets too many keys"));
        }
        record.config.push((key.to_owned(), value));
        return Ok(());
    };
    *old = if ADDING.contains(&key) {
        let mut all = items(old);
        all.extend(items(&value));
        Value::from(all)
    } else if key == "meta" && old.kind() == ValueKind::Map && value.kind() == ValueKind::Map {
        minijinja::value::merge_maps([value, old.clone()])
    } else {
        value
    };
    Ok(())
}

fn items(value: &Value) -> Vec<Value> {
    match value.kind() {
        ValueKind::Seq => value.try_iter().map(Iterator::collect).unwrap_or_default(),
        _ => vec![value.clone()],
    }
}
