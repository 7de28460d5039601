//! A project macro as templates call it, by its own name or as `project.name`. The engine's macro
//! of that name was laid into the state before the template began (see `library`); this wraps it:
//! sorts the arguments, takes what `return()` gave, and says in errors who called whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::arguments::Arguments;
use super::context::Context;
use super::told::{told, told_with_help};
use super::values::map_of;

/// The engine's macros that the running template was given, by their number in the library.
#[derive(Default)]
pub(super) struct Laid(pub(super) BTreeMap<usize, Value>);

/// One macro of the project.
#[derive(Debug)]
pub(super) struct MacroCall {
    pub(super) number: usize,
    pub(super) name: Arc<str>,
    /// The macro looks at `varargs` or `kwargs`, and so takes them first.
    pub(super) variadic: bool,
    /// The macro's file could not be read; its own diagnostic says why.
    pub(super) broken: bool,
}

impl MacroCall {
    fn arguments(&self, target: &Value, args: &[Value]) -> Result<Vec<Value>, Error> {
        let given = Arguments::new(args)?;
        let mut names: Vec<String> = target
            .get_attr("arguments")
            .and_then(|list| list.try_iter().map(|names| names.map(|n| n.to_string()).collect()))?;
        if self.variadic {
            names.drain(..names.len().min(2));
        }
        let takes_caller = target.get_attr("caller").is_ok_and(|caller| caller.is_true());
        let known = |name: &str| names.iter().any(|n| n == name) || (name == "caller" && takes_caller);
        let fitting = given.positional.len().min(names.len());
        let (positional, varargs) = given.positional.split_at(fitting);
        let (keywords, kwargs): (Vec<_>, Vec<_>) = given.keywords.into_iter().partition(|(k, _)| known(k));

        let mut all = Vec::with_capacity(positional.len() + 3);
        if self.variadic {
            all.push(Value::from(varargs.to_vec()));
            all.push(map_of(kwargs));
        } else if !varargs.is_empty() {
            return Err(told_with_help(
                format!("macro `{}` takes {}, not {}", self.name, count(names.len()), given.positional.len()),
                signature(&self.name, &names),
            ));
        } else if let Some((unknown, _)) = kwargs.first() {
            return Err(told_with_help(
                format!("macro `{}` has no argument `{unknown}`", self.name),
                signature(&self.name, &names),
            ));
        }
        all.extend_from_slice(positional);
        if !keywords.is_empty() {
            all.push(keywords.into_iter().collect::<Kwargs>().into());
        }
        Ok(all)
    }
}

fn count(n: usize) -> String {
    if n == 1 { "1 argument".to_owned() } else { format!("{n} arguments") }
}

fn signature(name: &str, names: &[String]) -> String {
    format!("it is `{name}({})`", names.join(", "))
}

impl Object for MacroCall {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let context = Context::of(state)?;
        if self.broken {
            return Err(told(format!("macro `{}` can't be used: its file has an error", self.name)));
        }
        let laid = state.get_extension::<Laid>().and_then(|laid| laid.0.get(&self.number)).cloned();
        let Some(target) = laid else {
            context.record().lacks_macros = true;
            return Err(told(format!("macro `{}` is not at hand", self.name)));
        };
        let args = self.arguments(&target, args)?;
        context.record().running.push(Arc::clone(&self.name));
        let result = target.call(state, &args);
        let mut record = context.record();
        record.running.pop();
        match result {
            Ok(value) => Ok(value),
            Err(error) => match record.returned.take() {
                Some(value) => Ok(value),
                None => Err(self.wrap(error)),
            },
        }
    }
}

impl MacroCall {
    /// An error that has its place already is wrapped, so that the caller's place is added.
    fn wrap(&self, error: Error) -> Error {
        if error.line().is_none() {
            return error;
        }
        Error::new(error.kind(), self.name.to_string()).with_source(error)
    }
}
