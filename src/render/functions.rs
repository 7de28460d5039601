//! The functions that dbt's templates call: `ref`, `source`, `var`, `env_var`, `log` ..

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Environment, Error, State};

use super::arguments::{Arguments, text};
use super::bounded::check;
use super::context::Context;
use super::native::Native;
use super::relation::RelationValue;
use super::settings::Settings;
use super::told::{told, told_with_help};
use super::unsupported;
use super::values::{from_json, to_json};
use super::{ReferenceKind, Resolved, UNKNOWN_PREFIX};
use crate::words::nearest;

/// The secret values that `env_var()` has given out.
pub(super) type Secrets = Arc<Mutex<BTreeSet<String>>>;

pub(super) fn register(environment: &mut Environment<'static>, settings: &Arc<Settings>, secrets: &Secrets) {
    let mut add = |name: &'static str, body: Value| environment.add_global(name, body);
    add("ref", Native::value(reference));
    add("source", Native::value(source));
    add("return", Native::value(return_value));
    add("log", Native::value(log));
    add("print", Native::value(print));
    add(
        "tojson",
        Native::value(|_, args| written("tojson", args).map(|v| Value::from(to_json(v).to_string()))),
    );
    add("fromjson", Native::value(from_json_text));
    add(
        "is_incremental",
        Native::value(|state, _| Context::of(state).map(|c| Value::from(c.scope.incremental))),
    );
    add("set", Native::value(|state, args| listed(state, "unique", &[first("set", args)?.clone()])));
    add("zip", Native::value(|state, args| listed(state, "zip", args.positional)));
    add("var", Value::from_object(Var(Arc::clone(settings))));
    let (settings, secrets) = (Arc::clone(settings), Arc::clone(secrets));
    add("env_var", Native::value(move |_, args| env_var(&settings, &secrets, args)));
    for (name, help) in unsupported::FUNCTIONS {
        let message = format!("not supported: `{name}()`");
        add(name, Native::value(move |_, _| Err(told_with_help(message.as_str(), help))));
    }
}

fn first<'a>(function: &str, args: &'a Arguments<'_>) -> Result<&'a Value, Error> {
    args.positional.first().ok_or_else(|| told(format!("{function}() lacks an argument")))
}

/// The first argument, if it can be written out.
fn written<'a>(function: &str, args: &'a Arguments<'_>) -> Result<&'a Value, Error> {
    let value = args.get(0, "msg").map_or_else(|| first(function, args), Ok)?;
    check(value).map(|()| value)
}

/// What a filter of the engine gives, as a list.
fn listed(state: &mut State<'_, '_>, filter: &str, args: &[Value]) -> Result<Value, Error> {
    let found = state.apply_filter(filter, args)?;
    state.apply_filter("list", &[found])
}

fn strings(function: &str, args: &[Value]) -> Result<Vec<String>, Error> {
    args.iter().map(|value| text(function, Some(value)).map(str::to_owned)).collect()
}

fn reference(state: &mut State<'_, '_>, args: &Arguments<'_>) -> Result<Value, Error> {
    if let Some((keyword, _)) = args.keywords.first() {
        return Err(told_with_help(
            format!("not supported: `ref(.., {keyword}=..)`"),
            "models have no versions here: name the model itself",
        ));
    }
    let names = strings("ref", args.positional)?;
    name_node(state, ReferenceKind::Ref, &names)
}

fn source(state: &mut State<'_, '_>, args: &Arguments<'_>) -> Result<Value, Error> {
    let names = [args.get(0, "source_name"), args.get(1, "table_name")];
    let names: Vec<Value> = names.into_iter().flatten().cloned().collect();
    if args.positional.len() + args.keywords.len() != 2 || names.len() != 2 {
        return Err(told("source() takes two names: `source('source', 'table')`"));
    }
    name_node(state, ReferenceKind::Source, &strings("source", &names)?)
}

fn name_node(state: &State<'_, '_>, kind: ReferenceKind, names: &[String]) -> Result<Value, Error> {
    let context = Context::of(state)?;
    let dialect = context.settings.dialect;
    let noted = context.record().find(kind, names).map(|named| named.resolved.clone());
    let resolved = match noted {
        Some(resolved) => resolved,
        None => resolve(&context, kind, names)?,
    };
    Ok(match resolved {
        Some(Resolved::Relation(name)) => RelationValue::relation(&name, dialect),
        Some(Resolved::Ephemeral(name)) => RelationValue::plain(name, dialect),
        None => RelationValue::plain(stand_in(names), dialect),
    })
}

fn resolve(context: &Context, kind: ReferenceKind, names: &[String]) -> Result<Option<Resolved>, Error> {
    let known = &context.scope.resolver;
    let resolved = match (kind, names) {
        (ReferenceKind::Ref, [name]) => known.reference(None, name),
        (ReferenceKind::Ref, [package, name]) => known.reference(Some(package), name),
        (ReferenceKind::Source, [source, table]) => known.source(source, table),
        _ => return Err(told("ref() takes one name or two: `ref('model')`, `ref('project', 'model')`")),
    };
    context.record().add(kind, names.to_vec(), resolved.clone());
    Ok(resolved)
}

/// A name that any dialect takes, for what is not known.
fn stand_in(names: &[String]) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    UNKNOWN_PREFIX.chars().chain(names.join("__").chars().map(safe)).collect()
}

fn return_value(state: &mut State<'_, '_>, args: &Arguments<'_>) -> Result<Value, Error> {
    let context = Context::of(state)?;
    let mut record = context.record();
    if record.running.is_empty() {
        return Err(told_with_help("return() outside of a macro", "print the value with `{{ .. }}` instead"));
    }
    record.returned = Some(args.positional.first().cloned().unwrap_or_else(|| Value::from(())));
    // Ends the macro; MacroCall takes the value.
    Err(told_with_help("return() in a macro of the model itself", "move the macro to a file in `macros/`"))
}

fn log(state: &mut State<'_, '_>, args: &Arguments<'_>) -> Result<Value, Error> {
    if args.get(1, "info").is_some_and(Value::is_true) {
        let message = written("log", args)?.to_string();
        Context::of(state)?.record().messages.push(message);
    }
    Ok(Value::from(""))
}

fn print(state: &mut State<'_, '_>, args: &Arguments<'_>) -> Result<Value, Error> {
    let message = written("print", args)?.to_string();
    Context::of(state)?.record().messages.push(message);
    Ok(Value::from(""))
}

fn from_json_text(_: &mut State<'_, '_>, args: &Arguments<'_>) -> Result<Value, Error> {
    let json = text("fromjson", args.get(0, "string"))?;
    match (serde_json::from_str(json), args.get(1, "default")) {
        (Ok(json), _) => Ok(from_json(&json)),
        (Err(_), Some(default)) => Ok(default.clone()),
        (Err(error), None) => Err(told(format!("fromjson(): no JSON: {error}"))),
    }
}

/// `var('name', default)` and `var.has_var('name')`.
#[derive(Debug)]
struct Var(Arc<Settings>);

impl Object for Var {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::new(args)?;
        let name = text("var", args.get(0, "name"))?;
        if let Some(value) = self.0.vars.get(name) {
            return Ok(from_json(value));
        }
        if let Some(default) = args.get(1, "default") {
            return Ok(default.clone());
        }
        let near = nearest(name, self.0.vars.keys().map(String::as_str));
        let near = near.map(|near| format!("did you mean `{near}`? Else ")).unwrap_or_default();
        let help = format!("{near}add it under `vars:`, or give a default: `var('{name}', ..)`");
        Err(told_with_help(format!("var `{name}` is not defined"), help))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method != "has_var" {
            return Err(told(format!("`var` has no method `{method}`")));
        }
        let args = Arguments::new(args)?;
        Ok(Value::from(self.0.vars.contains_key(text("var.has_var", args.get(0, "name"))?)))
    }
}

fn env_var(settings: &Settings, secrets: &Secrets, args: &Arguments<'_>) -> Result<Value, Error> {
    let name = text("env_var", args.get(0, "name"))?;
    let Some(value) = (settings.environment)(name) else {
        return args.get(1, "default").cloned().ok_or_else(|| {
            let help = format!("set it, or give a default: `env_var('{name}', '..')`");
            told_with_help(format!("environment variable `{name}` is not set"), help)
        });
    };
    if is_secret(name) && !value.is_empty() {
        secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(value.clone());
    }
    Ok(Value::from(value))
}

/// Whether the value of an environment variable of this name is a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    ["PASSW", "PWD", "TOKEN", "SECRET", "KEY", "CREDENTIAL", "AUTH", "DSN", "PRIVATE"]
        .iter()
        .any(|word| name.contains(word))
}
