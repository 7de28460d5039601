//! One criterion of the selection language: `2+tag:finance+1`, `@account`, `config.materialized:view`.

use super::SelectError;
use crate::words::nearest;

/// What a criterion looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// A bare word: a node's name or id, a project, a path.
    Any,
    /// `name:`
    Name,
    /// `tag:`
    Tag,
    /// `path:` (a file, a folder, or a pattern)
    Path,
    /// `source:` (a load)
    Source,
    /// `config.KEY:`
    Config(String),
    /// `project:`
    Project,
    /// `layer:`
    Layer,
    /// `track:`
    Track,
    /// `owner:`
    Owner,
    /// `kind:`
    Kind,
    /// `state:`: how nodes compare with an earlier state of the platform.
    State,
    /// `result:`: how nodes ended in the last run.
    Result,
}

/// How far to follow the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All the way.
    All,
    /// So many steps.
    Steps(usize),
}

impl Reach {
    fn of(digits: &str) -> Self {
        digits.parse().map_or(Self::All, Self::Steps)
    }

    /// The number of steps, where there is a limit.
    #[must_use]
    pub fn steps(self) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Steps(steps) => Some(steps),
        }
    }
}

/// One criterion, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// What it looks at.
    pub method: Method,
    /// What it looks for; may hold `*` and `?`.
    pub value: String,
    /// Ancestors to add.
    pub parents: Option<Reach>,
    /// Descendants to add.
    pub children: Option<Reach>,
    /// `@`: descendants, and everything that they need.
    pub whole: bool,
    /// As typed.
    pub word: String,
}

const METHODS: [&str; 12] = [
    "name",
    "tag",
    "path",
    "source",
    "project",
    "layer",
    "track",
    "owner",
    "kind",
    "config.materialized",
    "state",
    "result",
];

impl Criterion {
    /// Takes a criterion apart.
    pub fn parse(word: &str) -> Result<Self, SelectError> {
        let error = |message: &str, help: Option<String>| {
            Err(SelectError { flag: "--select", word: word.to_owned(), message: message.to_owned(), help })
        };
        let (whole, rest) = word.strip_prefix('@').map_or((false, word), |rest| (true, rest));
        let (parents, rest) = leading(rest);
        let (children, rest) = trailing(rest);
        if whole && (parents.is_some() || children.is_some()) {
            return error("`@` can't be used together with `+`", None);
        }
        if rest.is_empty() {
            return error("there is no name in it", Some("write for example `+account`".into()));
        }
        let (method, value) = match rest.split_once(':') {
            None => (Method::Any, rest),
            Some((method, value)) => (method_of(method, word)?, value),
        };
        if value.is_empty() {
            return error("there is nothing behind the colon", None);
        }
        Ok(Self { method, value: value.to_owned(), parents, children, whole, word: word.to_owned() })
    }
}

fn method_of(method: &str, word: &str) -> Result<Method, SelectError> {
    Ok(match method {
        "name" | "fqn" => Method::Name,
        "tag" => Method::Tag,
        "path" | "file" => Method::Path,
        "source" => Method::Source,
        "project" | "package" => Method::Project,
        "layer" => Method::Layer,
        "track" => Method::Track,
        "owner" => Method::Owner,
        "kind" | "resource_type" => Method::Kind,
        "state" => Method::State,
        "result" => Method::Result,
        _ => match method.strip_prefix("config.") {
            Some(key) if !key.is_empty() => Method::Config(key.to_owned()),
            _ => {
                let help = nearest(method, METHODS).map_or_else(
                    || format!("the methods are {}", METHODS.join(", ")),
                    |near| format!("did you mean `{near}:`?"),
                );
                return Err(SelectError {
                    flag: "--select",
                    word: word.to_owned(),
                    message: format!("there is no method `{method}:`"),
                    help: Some(help),
                });
            }
        },
    })
}

/// `+x`, `2+x`.
fn leading(word: &str) -> (Option<Reach>, &str) {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match word[digits..].strip_prefix('+') {
        Some(rest) => (Some(Reach::of(&word[..digits])), rest),
        None => (None, word),
    }
}

/// `x+`, `x+2`.
fn trailing(word: &str) -> (Option<Reach>, &str) {
    let behind = word.trim_end_matches(|c: char| c.is_ascii_digit());
    match behind.strip_suffix('+') {
        Some(rest) => (Some(Reach::of(&word[behind.len()..])), rest),
        None => (None, word),
    }
}

#[cfg(test)]
mod tests {
    use super::{Criterion, Method, Reach};

    #[test]
    fn takes_criteria_apart() {
        let c = Criterion::parse("2+tag:finance+").unwrap();
        assert_eq!((c.method, c.parents, c.children), (Method::Tag, Some(Reach::Steps(2)), Some(Reach::All)));
        let c = Criterion::parse("stg_2+1").unwrap();
        assert_eq!((c.value.as_str(), c.parents, c.children), ("stg_2", None, Some(Reach::Steps(1))));
        let c = Criterion::parse("@a").unwrap();
        assert!(c.whole);
        assert!(Criterion::parse("+").is_err());
        assert!(Criterion::parse("tga:x").unwrap_err().help.unwrap().contains("tag"));
    }
}
