//! Keeps values from being written out that are small to hold and endless to write: lists that
//! hold a list twice that holds a list twice .., or lists nested a hundred thousand deep. The
//! engine's fuel counts a written value only after it was written.

use minijinja::value::{Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, Output, State, filters};

use super::told::told;

/// The deepest nesting and the most items that a written value may have.
const DEEPEST: usize = 100;
const MOST: usize = 500_000;

/// The longest string that a method makes, or takes apart.
const LONGEST: usize = 16 << 20;

/// Puts the checks into the engine: on printing, on filters that write, on string methods.
pub(super) fn register(environment: &mut Environment<'static>) {
    environment.set_formatter(|out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value| {
        check(value)?;
        minijinja::escape_formatter(out, state, value)
    });
    environment.set_unknown_method_callback(method);
    environment.add_filter("plain string", filters::string);
    environment.add_filter("plain join", filters::join);
    environment.add_filter("plain tojson", filters::tojson);
    environment.add_filter("plain pprint", filters::pprint);
    environment.add_filter("plain format", filters::format);
    for (name, plain) in [
        ("string", "plain string"),
        ("join", "plain join"),
        ("tojson", "plain tojson"),
        ("pprint", "plain pprint"),
        ("format", "plain format"),
    ] {
        environment.add_filter(name, move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            let args = args.into_values();
            args.iter().try_for_each(check)?;
            state.apply_filter(plain, &args)
        });
    }
}

/// Refuses a value that would take too long to write out.
pub(super) fn check(value: &Value) -> Result<(), Error> {
    if !is_container(value) {
        return Ok(());
    }
    let mut open = vec![(value.clone(), 1)];
    let mut seen = 0;
    while let Some((value, depth)) = open.pop() {
        if depth > DEEPEST {
            return Err(told("this value nests too deep to be written out"));
        }
        let is_map = value.kind() == ValueKind::Map;
        for key in value.try_iter()? {
            seen += 1;
            if seen > MOST {
                return Err(told("this value is too large to be written out"));
            }
            let item = if is_map { value.get_item(&key)? } else { key };
            if is_container(&item) {
                open.push((item, depth + 1));
            }
        }
    }
    Ok(())
}

fn is_container(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable)
}

/// Python's methods of strings, lists and maps.
fn method(state: &mut State<'_, '_>, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    if let Some(text) = value.as_str() {
        let first = args.first();
        match name {
            "join" => {
                return state.apply_filter("join", &[first.cloned().unwrap_or_default(), value.clone()]);
            }
            "format" => {
                if text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 4) {
                    return Err(told("format(): the width is too large"));
                }
                args.iter().try_for_each(check)?;
            }
            "replace" => {
                let length = |at: usize| args.get(at).and_then(Value::as_str).map_or(0, str::len);
                let most = if length(0) == 0 { text.len() + 1 } else { text.len() / length(0) };
                if most.saturating_mul(length(1)).saturating_add(text.len()) > LONGEST {
                    return Err(told("replace(): the text would become too long"));
                }
            }
            "split" | "rsplit" | "splitlines" if text.len() > LONGEST / 8 => {
                return Err(told(format!("{name}(): the text is too long")));
            }
            _ => {}
        }
    }
    minijinja_contrib::pycompat::unknown_method_callback(state, value, name, args)
}
