//! Shows the little Markdown that the pages of rules are written in: headings, fenced blocks,
//! `code` in a line.

use std::io::{self, Write};

use super::Look;
use super::look::{DIM, HELP, STRONG};

/// Writes a page; without colours it is passed on as it is.
pub fn write(page: &str, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if !look.color {
        return out.write_all(page.as_bytes());
    }
    let mut fenced = false;
    for line in page.lines() {
        if let Some(path) = line.strip_prefix("```") {
            fenced = !fenced;
            if let Some((_, path)) = path.split_once(' ') {
                writeln!(out, "    {}", look.paint(DIM, path))?;
            }
        } else if fenced {
            writeln!(out, "    {line}")?;
        } else if line.starts_with('#') {
            writeln!(out, "{}", look.paint(STRONG, line.trim_start_matches('#').trim_start()))?;
        } else {
            writeln!(out, "{}", inline(line, look))?;
        }
    }
    Ok(())
}

/// A line with its `code` painted.
fn inline(line: &str, look: &Look) -> String {
    let parts = line.split('`').enumerate();
    parts.map(|(nth, part)| if nth % 2 == 1 { look.paint(HELP, part) } else { part.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paints_on_a_terminal_and_passes_on_elsewhere() {
        let page = "# GS1 x\n\nSay `this`.\n\n```sql a/b.sql\nSELECT 1\n```\n";
        let shown = |look: &Look| {
            let mut out = Vec::new();
            write(page, look, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown(&Look::plain()), page);
        let painted = shown(&Look { color: true, ..Look::plain() });
        assert!(painted.contains("    SELECT 1\n") && painted.contains("a/b.sql"), "{painted}");
        assert!(!painted.contains("```") && !painted.contains("`this`"), "{painted}");
    }
}
