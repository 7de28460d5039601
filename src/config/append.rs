//! Puts loads into a YAML file as text, so that all that stands in it stays as it is: comments,
//! order, indentation, line ends. What was put in is read back before it counts.

use std::sync::Arc;

use super::yaml::{self, Value, Yaml};
use crate::words::{SourceFile, Span};

/// Where and how a load goes into a list.
struct Gap {
    /// The offset at which it is put in: the end of a line, before its line end.
    at: usize,
    /// What stands before the dash of each entry.
    indent: String,
    /// What stands between the dash and the first key.
    space: String,
    /// Whether a blank line stands between entries.
    spaced: bool,
}

/// Where to put loads (each a list of YAML lines) into a file, and the text to put there. `None`
/// if the file has no `loads:`, or has them in a form that can't be added to line by line.
#[must_use]
pub fn add_loads(file: &Arc<SourceFile>, loads: &[Vec<String>]) -> Option<(Span, String)> {
    let tree = yaml::parse(file).ok()?;
    let list = loads_of(&tree)?;
    let gap = gap(file, list)?;
    let end = line_end(file);
    let mut text = String::new();
    for lines in loads {
        if gap.spaced {
            text.push_str(end);
        }
        text.push_str(end);
        text.push_str(&entry(lines, &gap.indent, &gap.space, end));
    }
    let mut whole = file.text().to_owned();
    whole.insert_str(gap.at, &text);
    holds(file, &tree, &whole, loads).then(|| (Span::new(gap.at, gap.at), text))
}

/// The text of a new file with these loads.
#[must_use]
pub fn new_loads(loads: &[Vec<String>], end: &str) -> String {
    let entries: Vec<String> = loads.iter().map(|lines| entry(lines, "  ", " ", end) + end).collect();
    format!("version: 2{end}loads:{end}{}", entries.concat())
}

/// A text as a YAML scalar that is read back as that text, in a mapping between braces as well.
#[must_use]
pub fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let word = text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(plain);
    let meant = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if word && !meant.iter().any(|m| text.eq_ignore_ascii_case(m)) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

/// The line end that a file's text has.
#[must_use]
pub fn line_end(file: &SourceFile) -> &'static str {
    let text = file.text();
    if text.find('\n').is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" }
}

fn entry(lines: &[String], indent: &str, space: &str, end: &str) -> String {
    let deeper = " ".repeat(1 + space.chars().count());
    let lines = lines.iter().enumerate().map(|(i, line)| match i {
        0 => format!("{indent}-{space}{line}"),
        _ => format!("{indent}{deeper}{line}"),
    });
    lines.collect::<Vec<_>>().join(end)
}

fn loads_of(tree: &Yaml) -> Option<&Yaml> {
    let Value::Map(entries) = &tree.value else { return None };
    entries.iter().find(|(key, _)| key.text == "loads").map(|(_, value)| value)
}

/// The gap behind the last entry of a list that is written with dashes, one entry under another.
fn gap(file: &SourceFile, list: &Yaml) -> Option<Gap> {
    let Value::List(items) = &list.value else { return None };
    let text = file.text();
    let last = items.last()?;
    let before = text.get(..last.span.start)?;
    let bare = before.trim_end_matches([' ', '\t', '{']);
    let dash = bare.strip_suffix('-')?.len();
    let line = text[..dash].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..dash];
    if !indent.trim().is_empty() {
        return None;
    }
    let end = last.span.start + text.get(last.span.start..last.span.end)?.trim_end().len();
    let at = behind_comments(text, line_stop(text, end), indent.len());
    let above = text[..line].lines().next_back().unwrap_or_default();
    let spaced = items.len() > 1 && above.trim().is_empty();
    let space: String = before[dash + 1..].chars().take_while(|c| *c != '{').collect();
    Some(Gap { at, indent: indent.to_owned(), space, spaced })
}

/// The end of the line of an offset, before its line end.
fn line_stop(text: &str, offset: usize) -> usize {
    let stop = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    if text[..stop].ends_with('\r') && stop > offset { stop - 1 } else { stop }
}

/// The end of the comment lines below that stand deeper than the dash: they belong to the entry.
fn behind_comments(text: &str, mut at: usize, indent: usize) -> usize {
    while let Some(next) = text[at..].find('\n').map(|n| at + n + 1) {
        let stop = line_stop(text, next);
        let line = &text[next..stop];
        let depth = line.len() - line.trim_start().len();
        if !line.trim_start().starts_with('#') || depth <= indent {
            break;
        }
        at = stop;
    }
    at
}

/// Whether a text says what the file said and these loads, and nothing else.
fn holds(file: &SourceFile, old: &Yaml, text: &str, loads: &[Vec<String>]) -> bool {
    let read = |text: &str| yaml::parse(&SourceFile::new(file.path(), text, file.encoding())).ok();
    let wanted = read(&new_loads(loads, "\n"));
    let (Some(new), Some(wanted)) = (read(text), wanted) else { return false };
    let mut expected = old.to_json();
    let list = expected.get_mut("loads").and_then(|l| l.as_array_mut());
    let (Some(list), Some(serde_json::Value::Array(more))) = (list, wanted.to_json().get("loads").cloned())
    else {
        return false;
    };
    list.extend(more);
    expected == new.to_json()
}

#[cfg(test)]
mod tests {
    use super::{add_loads, new_loads, scalar};
    use crate::words::{Encoding, SourceFile};

    fn added(text: &str) -> Option<String> {
        let file = SourceFile::new("a.yml", text, Encoding::Utf8);
        let loads = [vec!["name: n".to_owned(), "from: external".to_owned()]];
        add_loads(&file, &loads).map(|(span, new)| {
            let mut text = text.to_owned();
            text.insert_str(span.start, &new);
            text
        })
    }

    #[test]
    fn what_stands_there_stays() {
        let cases = [
            (
                "loads:\n- name: a\n  from: external\n",
                "loads:\n- name: a\n  from: external\n- name: n\n  from: external\n",
            ),
            (
                "loads:\r\n  -   name: a # x\r\n      from: external # y\r\n      # z\r\n  # - name: b\r\nmodels: []\r\n",
                "loads:\r\n  -   name: a # x\r\n      from: external # y\r\n      # z\r\n  -   name: n\r\n      from: external\r\n  # - name: b\r\nmodels: []\r\n",
            ),
            (
                "loads:\n  - name: a\n    from: external\n\n  - name: b\n    from: external",
                "loads:\n  - name: a\n    from: external\n\n  - name: b\n    from: external\n\n  - name: n\n    from: external",
            ),
            (
                "loads:\n  - name: a\n    from: external\n    description: |\n      # no comment\n\n\nversion: 2\n",
                "loads:\n  - name: a\n    from: external\n    description: |\n      # no comment\n  - name: n\n    from: external\n\n\nversion: 2\n",
            ),
            (
                "loads:\n  - {name: a, from: external}\n",
                "loads:\n  - {name: a, from: external}\n  - name: n\n    from: external\n",
            ),
        ];
        for (before, after) in cases {
            assert_eq!(added(before).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn other_forms_are_left_alone() {
        for text in [
            "",
            "models: []\n",
            "loads:\n",
            "loads: []\n",
            "loads: [{name: a, from: external}]\n",
            "loads:\n  [\n  {name: a,\n   from: external}]\n",
            "loads: &l\n  - name: a\n    from: external\nmore: *l\n",
            "loads: 1",
            "{",
        ] {
            let told = added(text);
            assert!(told.is_none(), "{text} became {told:?}");
        }
    }

    #[test]
    fn scalars_are_read_back() {
        assert_eq!(scalar("silver.account"), "silver.account");
        for text in ["no", "", "1", "a: b", "a,b", "it's \"x\"", "order lines", "-"] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
        assert_eq!(new_loads(&[vec!["name: a".into()]], "\n"), "version: 2\nloads:\n  - name: a\n");
    }
}
