//! `deploy:` of `goldsmith.yml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::section::{Section, Unknown};
use super::yaml::{Value, Yaml};
use crate::nouns::{Deploy, Sidecar};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// Reads `deploy:`; what is not there is as usual.
pub(super) fn deploy(file: &Arc<SourceFile>, section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Deploy {
    let usual = Deploy::default();
    let Some(mut named) = section.section("deploy", out) else { return usual };
    let deploy = Deploy {
        image: named.spanned_text("image", out).and_then(|(name, span)| image(file, name, span, out)),
        cpu: amount(file, &mut named, "cpu", usual.cpu, out),
        memory: amount(file, &mut named, "memory", usual.memory, out),
        env: env(file, &mut named, out),
        secrets: secrets(file, &mut named, out),
        sidecars: named.list("sidecars", out).iter().filter_map(|tree| sidecar(file, tree, out)).collect(),
    };
    for (nth, one) in deploy.sidecars.iter().enumerate() {
        if matches!(one.name.as_str(), "goldsmith" | "schedule") || one.name.starts_with("run-") {
            out.push(wrong(
                file,
                named.key_span("sidecars"),
                format!("`{}` is the name of one of goldsmith's own containers", one.name),
                "give the sidecar another name",
            ));
        }
        if deploy.sidecars[..nth].iter().any(|other| other.name == one.name) {
            out.push(wrong(
                file,
                named.key_span("sidecars"),
                format!("two containers have the name `{}`", one.name),
                "give each another name",
            ));
        }
    }
    named.finish(Unknown::Error, out);
    deploy
}

fn sidecar(file: &Arc<SourceFile>, tree: &Yaml, out: &mut Vec<Diagnostic>) -> Option<Sidecar> {
    let mut section = Section::open(file, "a sidecar of `deploy`", tree, out);
    let name = section.required_text("name", out);
    let image = section.required_text("image", out);
    let sidecar = Sidecar {
        name: String::new(),
        image: String::new(),
        command: section.texts("command", out).unwrap_or_default(),
        env: env(file, &mut section, out),
        secrets: secrets(file, &mut section, out),
        cpu: amount(file, &mut section, "cpu", 0.5, out),
        memory: amount(file, &mut section, "memory", 0.5, out),
    };
    section.finish(Unknown::Error, out);
    let ((name, span), (image, image_span)) = (name?, image?);
    let image = self::image(file, image, image_span, out)?;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty()
        || name.len() > 40
        || !name.chars().all(is_plain)
        || name.starts_with('-')
        || name.ends_with('-')
    {
        out.push(wrong(
            file,
            span,
            format!("`{name}` can't be a container's name"),
            "use small letters, digits and `-`, at most 40",
        ));
        return None;
    }
    Some(Sidecar { name, image, ..sidecar })
}

/// The name of an image, which stands in files of several languages.
fn image(file: &Arc<SourceFile>, name: String, span: Span, out: &mut Vec<Diagnostic>) -> Option<String> {
    let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control());
    if !is_name {
        let message = format!("`{}` can't be an image's name", name.escape_debug());
        out.push(wrong(
            file,
            span,
            message,
            "write it as `docker pull` takes it: acme.azurecr.io/warehouse:1",
        ));
    }
    is_name.then_some(name)
}

/// A number above nothing.
fn amount(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    key: &'static str,
    usual: f64,
    out: &mut Vec<Diagnostic>,
) -> f64 {
    let Some(tree) = section.get(key) else { return usual };
    let number = match &tree.value {
        Value::Number(number, _) => number.as_f64(),
        _ => None,
    };
    number.filter(|n| *n > 0.0 && *n <= 1024.0).unwrap_or_else(|| {
        let help = if key == "cpu" { "write cores, such as 1 or 0.5" } else { "write GiB, such as 2 or 0.5" };
        out.push(wrong(file, tree.span, format!("`{key}` is no amount"), help));
        usual
    })
}

fn env(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<String, String> {
    let span = section.key_span("env");
    let mut env = BTreeMap::new();
    for (name, value) in section.json_map("env", out) {
        let value = match value {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Number(number) => Some(number.to_string()),
            serde_json::Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        };
        match value.filter(|_| is_variable(&name)) {
            Some(value) => drop(env.insert(name, value)),
            None => out.push(wrong(
                file,
                span,
                format!("`{name}` is no environment variable with a text"),
                "write NAME: text; a name has letters, digits and `_`",
            )),
        }
    }
    env
}

fn secrets(file: &Arc<SourceFile>, section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut names = Vec::new();
    for (name, span) in section.spanned_texts("secrets", out) {
        if is_variable(&name) {
            names.push(name);
        } else {
            out.push(wrong(
                file,
                span,
                format!("`{}` is no environment variable's name", name.escape_debug()),
                "list names alone: where their values lie is for the cluster or the vault to know",
            ));
        }
    }
    names
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn wrong(file: &Arc<SourceFile>, span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(Code::InvalidYaml, message).at(file, span).help(help)
}
