//! Fills outlines: files of a template folder. Their brackets are angular (`<{ name }>`, `<% if .. %>`,
//! `<# .. #>`), so that the Jinja of models in them stays as it is.

use std::sync::{Arc, LazyLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::{Map, Value};

use crate::words::{Code, Diagnostic, SourceFile, Span};

/// What one outline may do: an endless loop stops within about a second.
const FUEL: u64 = 1_000_000;

static SYNTAX: LazyLock<Option<SyntaxConfig>> = LazyLock::new(|| {
    SyntaxConfig::builder()
        .variable_delimiters("<{", "}>")
        .block_delimiters("<%", "%>")
        .comment_delimiters("<#", "#>")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .ok()
});

/// The text of an outline with these facts in it.
///
/// # Errors
/// What is wrong with the outline, at its place.
pub fn fill(outline: &Arc<SourceFile>, facts: &Map<String, Value>) -> Result<String, Box<Diagnostic>> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    if let Some(syntax) = SYNTAX.as_ref() {
        environment.set_syntax(syntax.clone());
    }
    environment.add_filter("tojson", quoted);
    // Every fact is a text.
    let plain = facts.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    environment.render_str(outline.text(), minijinja::Value::from_pairs(plain)).map_err(|error| {
        let line = outline.line_span(error.line().unwrap_or(1));
        let span = error.range().map_or(line, |range| Span::new(range.start, range.end));
        let known: Vec<&str> = facts.keys().map(String::as_str).collect();
        let said = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
        Box::new(
            Diagnostic::new(Code::InvalidTemplate, format!("this outline can't be filled: {said}"))
                .at(outline, span)
                .help(format!("it may use {}", known.join(", "))),
        )
    })
}

/// A text in double quotes, as YAML and JSON have it.
#[allow(clippy::needless_pass_by_value, reason = "the engine hands values over")]
fn quoted(text: String) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fill;
    use crate::words::{Encoding, SourceFile};

    fn filled(text: &str) -> Result<String, String> {
        let facts = json!({ "name": "größe \"x\"", "dialect": "tsql" });
        let file = SourceFile::new("template/a.sql", text, Encoding::Utf8);
        fill(&file, facts.as_object().unwrap()).map_err(|d| {
            let place = d.file.as_ref().unwrap().position(d.span.start);
            format!("{}:{} {}", place.line, place.column, d.message)
        })
    }

    #[test]
    fn jinja_stays_and_angular_brackets_are_filled() {
        assert_eq!(
            filled("{{ ref('a') }} <{ name }> {% if x %}\n<# a note #>").unwrap(),
            "{{ ref('a') }} größe \"x\" {% if x %}\n"
        );
        assert_eq!(filled("name: <{ name|tojson }>\n").unwrap(), "name: \"größe \\\"x\\\"\"\n");
        assert_eq!(
            filled("a\n<% if dialect == 'tsql' %>\nb\n<% else %>\nc\n<% endif %>\nd\n").unwrap(),
            "a\nb\nd\n"
        );
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        assert!(filled("a\n<{ nmae }>").unwrap_err().starts_with("2:4 this outline can't be filled"));
        assert!(
            filled("<% for x in range(100000) %><% for y in range(100000) %>x<% endfor %><% endfor %>")
                .is_err()
        );
        assert!(filled("<% if %>").is_err());
    }
}
