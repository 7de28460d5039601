//! YAML as a tree in which every key and value knows its place. Built from the parser's events,
//! not through serde, so that all problems of a file can be told in one go and each at its place.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number};

use crate::words::{Code, Diagnostic, SourceFile, Span};

/// More values than any honest file holds; stops alias bombs.
const MOST_VALUES: usize = 1_000_000;

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Yaml {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// What a YAML value can be.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing, `null` or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with the text that it was written as.
    Number(Number, String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Yaml>),
    /// Keys and values, in the order of the file.
    Map(Vec<(Key, Yaml)>),
}

/// A key with its place.
#[derive(Debug, Clone)]
pub struct Key {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Yaml {
    /// The word for the kind of value, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a yes or no",
            Value::Number(..) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Number(n, _) => n.clone().into(),
            Value::Text(t) => t.clone().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(k, v)| (k.text.clone(), v.to_json())).collect::<Map<_, _>>().into()
            }
        }
    }
}

/// Parses a file that holds one document. An empty file gives an empty mapping.
pub fn parse(file: &Arc<SourceFile>) -> Result<Yaml, Diagnostic> {
    Builder { file, parser: Parser::new_from_str(file.text()), anchors: HashMap::new(), values: 0 }.document()
}

struct Builder<'a> {
    file: &'a Arc<SourceFile>,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Yaml>,
    values: usize,
}

impl<'a> Builder<'a> {
    fn document(mut self) -> Result<Yaml, Diagnostic> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd | Event::DocumentEnd => {
                    return Ok(Yaml { value: Value::Map(Vec::new()), span: Span::default() });
                }
                Event::StreamStart | Event::DocumentStart(..) => {}
                event => {
                    let tree = self.value(event, span)?;
                    self.refuse_second_document()?;
                    return match tree.value {
                        Value::Null => Ok(Yaml { value: Value::Map(Vec::new()), span: tree.span }),
                        _ => Ok(tree),
                    };
                }
            }
        }
    }

    /// Only the first document of a file would count; the others must not be lost in silence.
    fn refuse_second_document(&mut self) -> Result<(), Diagnostic> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(..), span) => {
                    let message = "a second document begins here, and only one is read";
                    return Err(self.error(message, span));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Diagnostic> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or(0..0);
                Ok((event, Span::new(range.start, range.end)))
            }
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or(0);
                Err(Diagnostic::new(Code::InvalidYaml, format!("this is not valid YAML: {}", error.kind()))
                    .at(self.file, Span::new(at, at)))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn value(&mut self, event: Event<'a>, span: Span) -> Result<Yaml, Diagnostic> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(self.error("this file holds more values than goldsmith reads", span));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain { plain_scalar(&text) } else { Value::Text(text.into_owned()) };
                Ok(self.remember(anchor, Yaml { value, span }))
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                let end = loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => break end,
                        (event, at) => items.push(self.value(event, at)?),
                    }
                };
                let span = items.last().map_or(span.to(end), |last| span.to(last.span));
                Ok(self.remember(anchor, Yaml { value: Value::List(items), span }))
            }
            Event::MappingStart(_, anchor, _) => {
                let entries = self.entries()?;
                let span = match (entries.first(), entries.last()) {
                    (Some((key, _)), Some((_, last))) => key.span.to(last.span),
                    _ => span,
                };
                Ok(self.remember(anchor, Yaml { value: Value::Map(entries), span }))
            }
            Event::Alias(id) => {
                let target = self.anchors.get(&id).cloned();
                let target = target.ok_or_else(|| self.error("this alias has no anchor", span))?;
                self.values += count(&target);
                Ok(Yaml { value: target.value, span })
            }
            _ => Err(self.error("this is not valid YAML here", span)),
        }
    }

    fn entries(&mut self) -> Result<Vec<(Key, Yaml)>, Diagnostic> {
        let mut entries: Vec<(Key, Yaml)> = Vec::new();
        let mut seen = HashMap::new();
        let mut merged = Vec::new();
        loop {
            let (text, span) = match self.next()? {
                (Event::MappingEnd, _) => break,
                (Event::Scalar(text, ..), span) => (text.into_owned(), span),
                (_, span) => return Err(self.error("a key must be plain text", span)),
            };
            let (event, at) = self.next()?;
            let value = self.value(event, at)?;
            if text == "<<" {
                merged.push(value);
                continue;
            }
            if let Some(first) = seen.insert(text.clone(), span) {
                return Err(self
                    .error(&format!("the key `{text}` stands twice in this mapping"), span)
                    .label(self.file, first, "first here"));
            }
            entries.push((Key { text, span }, value));
        }
        for tree in merged {
            let sources = if let Value::List(items) = tree.value { items } else { vec![tree] };
            for source in sources {
                let Value::Map(more) = source.value else {
                    return Err(self.error("`<<` takes a mapping", source.span));
                };
                entries
                    .extend(more.into_iter().filter(|(k, _)| seen.insert(k.text.clone(), k.span).is_none()));
            }
        }
        Ok(entries)
    }

    fn remember(&mut self, anchor: usize, tree: Yaml) -> Yaml {
        if anchor != 0 {
            self.anchors.insert(anchor, tree.clone());
        }
        tree
    }

    fn error(&self, message: &str, span: Span) -> Diagnostic {
        Diagnostic::new(Code::InvalidYaml, message).at(self.file, span)
    }
}

/// How many values a tree holds.
fn count(tree: &Yaml) -> usize {
    1 + match &tree.value {
        Value::List(items) => items.iter().map(count).sum(),
        Value::Map(entries) => entries.iter().map(|(_, v)| count(v)).sum(),
        _ => 0,
    }
}

/// A scalar without quotes, by the rules of YAML's core schema.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => {
            let number = if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
                let digits = text.strip_prefix('+').unwrap_or(text);
                digits.parse::<i64>().map(Number::from).ok().or_else(|| {
                    let finite = digits.parse::<f64>().ok().filter(|f| f.is_finite());
                    finite.and_then(Number::from_f64)
                })
            } else {
                None
            };
            number.map_or_else(|| Value::Text(text.to_owned()), |n| Value::Number(n, text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, parse};
    use crate::words::{Encoding, SourceFile};

    fn json(text: &str) -> String {
        parse(&SourceFile::new("a.yml", text, Encoding::Utf8)).unwrap().to_json().to_string()
    }

    #[test]
    fn reads_what_people_write() {
        assert_eq!(
            json("a: 1\nb: [x, 'y', 2.5]\nc:\n  d: yes\n  e: ~\n"),
            r#"{"a":1,"b":["x","y",2.5],"c":{"d":"yes","e":null}}"#
        );
        assert_eq!(
            json("base: &b {x: 1, y: 2}\nmore: {<<: *b, x: 3}\n"),
            r#"{"base":{"x":1,"y":2},"more":{"x":3,"y":2}}"#
        );
        assert_eq!(json(""), "{}");
        assert_eq!(json("# only a comment\n"), "{}");
    }

    #[test]
    fn knows_places() {
        let file = SourceFile::new("a.yml", "ä: 1\nkey: value\n", Encoding::Utf8);
        let tree = parse(&file).unwrap();
        let Value::Map(entries) = &tree.value else { panic!("a mapping") };
        assert_eq!(file.position(entries[1].0.span.start).line, 2);
        assert_eq!(&file.text()[entries[1].1.span.start..entries[1].1.span.end], "value");
    }

    #[test]
    fn alias_bombs_and_deep_nesting_stop() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..12 {
            let before = format!("*a{}", i - 1);
            let more = format!("a{i}: &a{i} [{}]\n", vec![before; 10].join(","));
            bomb.push_str(&more);
        }
        assert!(parse(&SourceFile::new("a.yml", bomb, Encoding::Utf8)).is_err());
        assert!(parse(&SourceFile::new("a.yml", "[".repeat(100_000), Encoding::Utf8)).is_err());
    }
}
