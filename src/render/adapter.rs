//! The objects `adapter` and `exceptions`, and a project's macros under the project's name.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::arguments::{Arguments, text};
use super::context::Context;
use super::settings::Settings;
use super::told::{told, told_with_help};
use crate::words::nearest;

/// A project's macros by name, as template values.
pub(super) type MacroValues = Arc<HashMap<Arc<str>, Value>>;

/// `project.some_macro(..)`.
#[derive(Debug)]
pub(super) struct Namespace(pub(super) MacroValues);

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_str()?).cloned()
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some(called) = self.0.get(method) {
            return called.call(state, args);
        }
        let help = match nearest(method, self.0.keys().map(AsRef::as_ref)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("define `{{% macro {method}(..) %}}` in a file in `macros/`"),
        };
        Err(told_with_help(format!("there is no macro `{method}` in this project"), help))
    }
}

/// dbt's `adapter`, as far as it needs no database.
#[derive(Debug)]
pub(super) struct Adapter {
    pub(super) settings: Arc<Settings>,
    pub(super) macros: MacroValues,
}

impl Adapter {
    /// The macro for this target: `duckdb__name`, else `default__name`.
    fn dispatch(&self, name: &str) -> Result<Value, Error> {
        let prefixes = [self.settings.target.kind.as_str(), self.settings.dialect.word(), "default"];
        prefixes
            .iter()
            .find_map(|prefix| self.macros.get(format!("{prefix}__{name}").as_str()))
            .cloned()
            .ok_or_else(|| {
                told_with_help(
                    format!("no macro `{}__{name}` and no macro `default__{name}`", prefixes[0]),
                    format!("add `{{% macro default__{name}(..) %}}` to a file in `macros/`"),
                )
            })
    }
}

impl Object for Adapter {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let args = Arguments::new(args)?;
        match method {
            "dispatch" => self.dispatch(text("adapter.dispatch", args.get(0, "macro_name"))?),
            "quote" => {
                let name = text("adapter.quote", args.get(0, "identifier"))?;
                Ok(Value::from(crate::sql::quote(self.settings.dialect, name)))
            }
            "type" => Ok(Value::from(self.settings.target.kind.as_str())),
            _ => Err(told_with_help(
                format!("not supported: `adapter.{method}()`"),
                "templates are rendered without a database: name columns and relations in the model",
            )),
        }
    }
}

/// dbt's `exceptions`.
#[derive(Debug)]
pub(super) struct Exceptions;

impl Object for Exceptions {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let args = Arguments::new(args)?;
        let message = || text(&format!("exceptions.{method}"), args.get(0, "msg"));
        match method {
            "raise_compiler_error" => Err(told(message()?)),
            "warn" => {
                Context::of(state)?.record().warnings.push(message()?.to_owned());
                Ok(Value::from(""))
            }
            _ => Err(told_with_help(
                format!("not supported: `exceptions.{method}()`"),
                "use `exceptions.raise_compiler_error()` or `exceptions.warn()`",
            )),
        }
    }
}
