//! The engine's messages in plain words, without its jargon.

use minijinja::Error;

use super::known::STATEMENTS;
use crate::words::nearest;

/// What to say.
pub(super) struct Saying {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

pub(super) fn saying(message: impl Into<String>, help: impl Into<Option<String>>) -> Saying {
    Saying { message: message.into(), help: help.into() }
}

/// The name that a text begins with.
pub(super) fn first_word(text: &str) -> &str {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).next().unwrap_or_default()
}

/// A name that is not known, and the nearest that is.
pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> Saying {
    let near = nearest(name, known.iter().copied());
    saying(format!("there is no {what} `{name}`"), near.map(|near| format!("did you mean `{near}`?")))
}

/// A method that a value does not have.
pub(super) fn unknown_method(detail: &str, code: &str) -> Saying {
    let method = detail.rsplit(' ').next().unwrap_or_default();
    match method {
        "append" | "extend" | "insert" | "pop" | "remove" | "update" => saying(
            format!("not supported: `.{method}()`, lists and maps can't be changed in place"),
            "make a new one: `{% set all = all + [x] %}`; inside a loop keep it in a `namespace(all=[])`"
                .to_owned(),
        ),
        _ if detail.is_empty() => saying(format!("`{code}` can't be called"), None),
        _ => {
            let owner = match first_word(detail) {
                "sequence" | "iterator" => "a list",
                "none" => "none",
                "string" => "a string",
                "map" => "a map",
                "number" => "a number",
                _ => "this",
            };
            saying(format!("{owner} has no method `{method}`"), None)
        }
    }
}

/// A syntax error, in words.
pub(super) fn malformed(detail: &str) -> Saying {
    if let Some(name) = detail.strip_prefix("unknown statement ") {
        let help = match name {
            "materialization" | "snapshot" => Some("goldsmith has its own kinds of models".to_owned()),
            _ => nearest(name, STATEMENTS).map(|near| format!("did you mean `{{% {near} %}}`?")),
        };
        return saying(format!("`{{% {name} %}}` is not supported"), help);
    }
    if detail.contains("maximum recursion") {
        return saying(
            "the template nests too deep here",
            "split the expression, or the blocks into macros".to_owned(),
        );
    }
    let words = detail
        .replace("end of block", "`%}`")
        .replace("end of variable block", "`}}`")
        .replace("end of input", "the end of the file");
    if words.starts_with("unexpected") && !words.contains(", expected") {
        return saying(format!("{words}, an expression should stand here"), None);
    }
    saying(if words.is_empty() { "malformed template".to_owned() } else { words }, None)
}

/// The engine's own words, as far as they are plain.
pub(super) fn plain(error: &Error) -> String {
    match error.detail() {
        Some(detail) if !detail.is_empty() => detail.replace("unable to calculate", "can't calculate"),
        _ => error.kind().to_string(),
    }
}
