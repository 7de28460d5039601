//! `freshness:` of a project or a load: `{ warn_after: 26h, error_after: 2d }`, or in dbt's words
//! `{ warn_after: { count: 26, period: hour } }`.

use std::sync::Arc;
use std::time::Duration;

use jiff::SpanRelativeTo;

use super::section::{Section, Unknown};
use super::yaml::{Value, Yaml};
use crate::nouns::Freshness;
use crate::words::{Code, Diagnostic, SourceFile, nearest};

/// The longest time that can be promised: ten years.
const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

/// Reads `freshness:`; `None` where nothing is said.
pub(super) fn freshness(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Freshness> {
    let mut named = section.section("freshness", out)?;
    let warn_after = limit(file, &mut named, "warn_after", out);
    let error_after = limit(file, &mut named, "error_after", out);
    if let (Some(warn), Some(error)) = (warn_after, error_after)
        && warn > error
    {
        out.push(
            Diagnostic::new(Code::InvalidYaml, "`warn_after` is longer than `error_after`")
                .at(file, named.key_span("warn_after"))
                .help("a warning comes before the error: make `warn_after` the shorter one"),
        );
    }
    named.finish(Unknown::Error, out);
    Some(Freshness { warn_after, error_after })
}

fn limit(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    key: &'static str,
    out: &mut Vec<Diagnostic>,
) -> Option<Duration> {
    let tree = section.get(key)?;
    let limit = match &tree.value {
        Value::Text(text) => text_duration(text),
        Value::Map(_) => return counted(file, tree, key, out),
        _ => None,
    };
    if limit.is_none() {
        out.push(wrong(file, tree, key));
    }
    limit
}

fn wrong(file: &Arc<SourceFile>, tree: &Yaml, key: &str) -> Diagnostic {
    Diagnostic::new(Code::InvalidYaml, format!("`{key}` must be a length of time"))
        .at(file, tree.span)
        .help("write it as 90m, 26h or 2d, ten years at most")
}

/// `{ count: 12, period: hour }`
fn counted(
    file: &Arc<SourceFile>,
    tree: &Yaml,
    key: &'static str,
    out: &mut Vec<Diagnostic>,
) -> Option<Duration> {
    const PERIODS: [(&str, u64); 3] = [("minute", 60), ("hour", 3600), ("day", 86400)];
    let mut section = Section::open(file, format!("`{key}`"), tree, out);
    let count = section.count("count", out);
    let period = section.required_text("period", out);
    let is_counted = section.get("count").is_some();
    section.finish(Unknown::Error, out);
    if !is_counted {
        out.push(wrong(file, tree, key).help("add `count: 12` beside `period: hour`"));
    }
    let (word, span) = period?;
    let Some((_, seconds)) = PERIODS.iter().find(|(period, _)| *period == word) else {
        let near = nearest(&word, PERIODS.iter().map(|(period, _)| *period));
        let help = near.map_or_else(
            || "write `minute`, `hour` or `day`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("there is no period `{word}`"))
                .at(file, span)
                .help(help),
        );
        return None;
    };
    let duration = count?.checked_mul(*seconds).map(Duration::from_secs);
    let fitting = duration.filter(|d| is_possible(*d));
    if fitting.is_none() {
        out.push(wrong(file, tree, key));
    }
    fitting
}

fn text_duration(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.trim().parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok().filter(|d| is_possible(*d))
}

fn is_possible(duration: Duration) -> bool {
    !duration.is_zero() && duration <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let hours = |h| Some(Duration::from_hours(h));
        for (text, expected) in [
            ("26h", hours(26)),
            ("2d", hours(48)),
            ("1d 12h", hours(36)),
            ("90m", Some(Duration::from_mins(90))),
            ("0h", None),
            ("-1h", None),
            ("soon", None),
            ("", None),
            ("999999999999999999999d", None),
            ("100y", None),
            ("1mo", None),
        ] {
            assert_eq!(text_duration(text), expected, "{text}");
        }
    }
}
