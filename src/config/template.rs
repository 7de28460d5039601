//! `template.yml`: what a template of the platform's own asks beside the usual.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::section::{Section, Unknown};
use super::yaml;
use crate::words::{Code, Diagnostic, SourceFile};

/// `variables:`: names and what holds when nothing is answered.
#[must_use]
pub fn template(file: &Arc<SourceFile>, out: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let tree = match yaml::parse(file) {
        Ok(tree) => tree,
        Err(error) => {
            out.push(error);
            return BTreeMap::new();
        }
    };
    let mut section = Section::open(file, "template.yml", &tree, out);
    let mut variables = BTreeMap::new();
    let span = section.key_span("variables");
    for (name, value) in section.json_map("variables", out) {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.starts_with(|c: char| c.is_ascii_alphabetic());
        let value = match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null => Some(String::new()),
            _ => None,
        };
        match value.filter(|_| is_plain) {
            Some(value) => drop(variables.insert(name, value)),
            None => out.push(
                Diagnostic::new(Code::InvalidYaml, format!("`{name}` is no variable of a template"))
                    .at(file, span)
                    .help("write a name of letters, digits and `_`, and a text: cost_centre: \"4711\""),
            ),
        }
    }
    section.finish(Unknown::Error, out);
    variables
}
