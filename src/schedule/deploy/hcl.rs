//! Writes Terraform's language in its own standard form, as `terraform fmt` would.

use std::fmt::Write;

/// What stands in a body.
pub(super) enum Item {
    /// `name = expression`, on one line.
    Set(String, String),
    /// `name = { .. }`
    Map(String, Vec<(String, String)>),
    /// A block.
    Block(String, Vec<Item>),
    /// A line of comment.
    Note(String),
    /// An empty line.
    Blank,
}

/// `name = expression`
pub(super) fn set(name: &str, expression: impl Into<String>) -> Item {
    Item::Set(name.to_owned(), expression.into())
}

/// A block with a head such as `resource "a" "b"`.
pub(super) fn block(head: impl Into<String>, items: Vec<Item>) -> Item {
    Item::Block(head.into(), items)
}

/// A text in quotes, in which nothing is replaced.
pub(super) fn text(text: &str) -> String {
    let mut out = String::from("\"");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A list of texts.
pub(super) fn list<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", all.into_iter().map(text).collect::<Vec<_>>().join(", "))
}

/// The text of a file.
pub(super) fn write(items: &[Item]) -> String {
    let mut out = String::new();
    body(items, 0, &mut out);
    out
}

fn body(items: &[Item], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let mut rest = items;
    while let Some(first) = rest.first() {
        // Neighbouring lines have their signs below each other.
        let together = rest.iter().take_while(|item| matches!(item, Item::Set(..))).count();
        if together > 0 {
            let lines: Vec<(&str, &str)> = rest[..together]
                .iter()
                .filter_map(|item| match item {
                    Item::Set(name, expression) => Some((name.as_str(), expression.as_str())),
                    _ => None,
                })
                .collect();
            aligned(&lines, &indent, out);
            rest = &rest[together..];
            continue;
        }
        match first {
            Item::Map(name, entries) => {
                let _ = writeln!(out, "{indent}{name} = {{");
                let lines: Vec<(&str, &str)> =
                    entries.iter().map(|(n, e)| (n.as_str(), e.as_str())).collect();
                aligned(&lines, &format!("{indent}  "), out);
                let _ = writeln!(out, "{indent}}}");
            }
            Item::Block(head, items) => {
                let _ = writeln!(out, "{indent}{head} {{");
                body(items, depth + 1, out);
                let _ = writeln!(out, "{indent}}}");
            }
            Item::Note(note) => {
                let _ = writeln!(out, "{indent}# {note}");
            }
            Item::Blank => out.push('\n'),
            Item::Set(..) => {}
        }
        rest = &rest[1..];
    }
}

fn aligned(lines: &[(&str, &str)], indent: &str, out: &mut String) {
    let widest = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, expression) in lines {
        let space = " ".repeat(widest - name.chars().count());
        let _ = writeln!(out, "{indent}{name}{space} = {expression}");
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn nothing_is_replaced_in_a_text() {
        assert_eq!(text("a\"b\\c${d}%{e}$f"), r#""a\"b\\c$${d}%%{e}$f""#);
    }
}
