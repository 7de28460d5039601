//! A template function in Rust that takes its arguments as they come, keywords included.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::arguments::Arguments;

type Body = dyn Fn(&mut State<'_, '_>, &Arguments<'_>) -> Result<Value, Error> + Send + Sync;

/// A function that templates can call.
pub(super) struct Native(Box<Body>);

impl Native {
    pub(super) fn value(
        body: impl Fn(&mut State<'_, '_>, &Arguments<'_>) -> Result<Value, Error> + Send + Sync + 'static,
    ) -> Value {
        Value::from_object(Self(Box::new(body)))
    }
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl Object for Native {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.0)(state, &Arguments::new(args)?)
    }
}
