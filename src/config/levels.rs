//! `lint:` of `goldsmith.yml` and `project.yml`: which rules are errors, warnings or off.

use std::sync::Arc;

use super::section::Section;
use super::yaml::{Key, Value, Yaml};
use crate::nouns::{Level, Levels};
use crate::words::{Code, Diagnostic, SourceFile, nearest};

/// Reads `lint:`; only the platform has a `baseline`.
pub(super) fn levels(
    section: &mut Section<'_>,
    file: &Arc<SourceFile>,
    is_platform: bool,
    out: &mut Vec<Diagnostic>,
) -> Levels {
    let mut levels = Levels::default();
    let Some(mut lint) = section.section("lint", out) else { return levels };
    if is_platform {
        levels.baseline = lint.spanned_text("baseline", out);
    }
    let mut rules: Vec<(Vec<Code>, Level, &Key)> = Vec::new();
    for (key, value) in lint.entries().iter().filter(|(k, _)| !is_platform || k.text != "baseline") {
        match rule(key, value) {
            Ok((codes, level)) => rules.push((codes, level, key)),
            Err((message, help)) => {
                let code = if help.is_some() { Code::UnknownKey } else { Code::InvalidYaml };
                let told = Diagnostic::new(code, message).at(file, key.span);
                out.push(told.help(help.unwrap_or_else(|| "use error, warning, off or forbid".into())));
            }
        }
    }
    // What names one rule stands over what names a family.
    rules.sort_by_key(|(codes, ..)| std::cmp::Reverse(codes.len()));
    for (codes, level, key) in rules {
        let fixed = codes.iter().find(|c| !c.is_adjustable()).filter(|_| codes.len() == 1);
        if let Some(code) = fixed {
            out.push(
                Diagnostic::new(
                    Code::InvalidYaml,
                    format!("`{code}` is always an error: what can't be read is not checked"),
                )
                .at(file, key.span)
                .help("remove the key, and mend the files"),
            );
            continue;
        }
        levels.rules.extend(codes.into_iter().filter(|c| c.is_adjustable()).map(|c| (c, (level, key.span))));
    }
    levels
}

/// The rules that a key names and their level; else what is wrong, and what to do if the key is it.
fn rule(key: &Key, value: &Yaml) -> Result<(Vec<Code>, Level), (String, Option<String>)> {
    let codes = Code::named(&key.text).map_err(|near| {
        let help = near.map_or_else(
            || "rules are named by code (GS101), by name (cross-source-read) or by family (GS1xx)".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        (format!("there is no rule `{}`", key.text), Some(help))
    })?;
    let level = match &value.value {
        Value::Bool(false) => Some(Level::Off),
        Value::Text(word) => Level::from_word(word),
        _ => None,
    };
    level.map(|level| (codes, level)).ok_or_else(|| {
        let word = match &value.value {
            Value::Text(word) => format!("`{word}`"),
            _ => value.kind().to_owned(),
        };
        let near = match &value.value {
            Value::Text(word) => nearest(word, Level::ALL.iter().map(|l| l.word())),
            _ => None,
        };
        let near = near.map(|n| format!(": did you mean `{n}`?")).unwrap_or_default();
        (format!("{word} is no level of a rule{near}"), None)
    })
}
