//! Takes the arguments of a template function apart: positional ones, and keywords.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, value::from_args};

use super::told::told;

/// The arguments of one call.
pub(super) struct Arguments<'a> {
    pub(super) positional: &'a [Value],
    pub(super) keywords: Vec<(String, Value)>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(args: &'a [Value]) -> Result<Self, Error> {
        let Some((last, positional)) = args.split_last().filter(|(last, _)| last.is_kwargs()) else {
            return Ok(Self { positional: args, keywords: Vec::new() });
        };
        let (kwargs,): (Kwargs,) = from_args(std::slice::from_ref(last))?;
        let names: Vec<String> = kwargs.args().map(str::to_owned).collect();
        let keywords = names
            .into_iter()
            .map(|name| kwargs.get::<Value>(&name).map(|value| (name.clone(), value)))
            .collect::<Result<_, _>>()?;
        Ok(Self { positional, keywords })
    }

    /// The argument at a position, else under a name.
    pub(super) fn get(&self, position: usize, name: &str) -> Option<&Value> {
        self.positional.get(position).or_else(|| self.keyword(name))
    }

    pub(super) fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// A value that has to be a string.
pub(super) fn text<'a>(function: &str, value: Option<&'a Value>) -> Result<&'a str, Error> {
    match value {
        Some(value) => value.as_str().ok_or_else(|| {
            told(format!("{function}() takes a string here, not {}", kind_in_words(value.kind())))
        }),
        None => Err(told(format!("{function}() lacks an argument"))),
    }
}

/// What a value is, in words.
pub(super) fn kind_in_words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Undefined => "something that is not defined",
        ValueKind::None => "none",
        ValueKind::Bool => "true or false",
        ValueKind::Number => "a number",
        ValueKind::String => "a string",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a map",
        _ => "an object",
    }
}
