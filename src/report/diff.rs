//! Changes to files as a unified diff, as `git apply` and `patch` read it.

use std::io::{self, Write};

use super::look::{BAD, GOOD, STRONG};
use super::{Look, neutral};
use crate::words::{Change, Span};

/// Lines shown before and behind what changes.
const CONTEXT: usize = 3;

/// Lines of the old text that are replaced by new ones.
#[derive(Debug, PartialEq, Eq)]
struct Piece<'a> {
    /// Counted from 0.
    line: usize,
    old: Vec<&'a str>,
    new: Vec<String>,
}

/// Writes the change to one file.
pub fn write(change: &Change, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let path = super::neutral_line(change.file.path().as_str()).into_owned();
    let from = if change.creates { "/dev/null".to_owned() } else { format!("a/{path}") };
    writeln!(out, "{}", look.paint(STRONG, &format!("--- {from}")))?;
    writeln!(out, "{}", look.paint(STRONG, &format!("+++ b/{path}")))?;
    let lines: Vec<&str> = change.file.text().split_inclusive('\n').collect();
    let pieces = pieces(change, &lines);
    let mut shift = 0_isize;
    let mut rest = pieces.as_slice();
    while let Some(first) = rest.first() {
        let together = 1 + rest
            .windows(2)
            .take_while(|pair| pair[1].line <= pair[0].line + pair[0].old.len() + 2 * CONTEXT)
            .count();
        let (hunk, later) = rest.split_at(together);
        let start = first.line.saturating_sub(CONTEXT);
        shift += write_hunk(hunk, start, &lines, shift, &mut |mark, line| write_line(mark, line, look, out))?;
        rest = later;
    }
    Ok(())
}

type Sink<'a> = dyn FnMut(char, &str) -> io::Result<()> + 'a;

/// Writes one hunk; gives by how many lines the text grew.
fn write_hunk(
    hunk: &[Piece<'_>],
    start: usize,
    lines: &[&str],
    shift: isize,
    sink: &mut Sink<'_>,
) -> io::Result<isize> {
    let last = hunk.last().map_or(start, |p| p.line + p.old.len());
    let end = (last + CONTEXT).min(lines.len());
    let grown: isize = hunk.iter().map(|p| p.new.len().cast_signed() - p.old.len().cast_signed()).sum();
    let count = end - start;
    let new_count = count.saturating_add_signed(grown);
    let number = |line: usize, count: usize| if count == 0 { line } else { line + 1 };
    let new_start = start.saturating_add_signed(shift);
    let head =
        format!("@ -{},{count} +{},{new_count} @@", number(start, count), number(new_start, new_count));
    sink('@', &head)?;
    let mut at = start;
    for piece in hunk {
        lines[at..piece.line].iter().try_for_each(|line| sink(' ', line))?;
        piece.old.iter().try_for_each(|line| sink('-', line))?;
        piece.new.iter().try_for_each(|line| sink('+', line))?;
        at = piece.line + piece.old.len();
    }
    lines[at..end].iter().try_for_each(|line| sink(' ', line))?;
    Ok(grown)
}

fn write_line(mark: char, line: &str, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let (text, ended) = match line.strip_suffix('\n') {
        Some(text) => (text, true),
        None => (line, mark == '@'),
    };
    let (text, end) = text.strip_suffix('\r').map_or((text, ""), |text| (text, "\r"));
    let text = format!("{mark}{}", neutral(&look.masker.mask(text)));
    let painted = match mark {
        '-' => look.paint(BAD, &text),
        '+' => look.paint(GOOD, &text),
        _ => text,
    };
    writeln!(out, "{painted}{end}")?;
    if ended { Ok(()) } else { writeln!(out, "\\ No newline at end of file") }
}

/// The lines that change, each run of neighbours as one piece.
fn pieces<'a>(change: &Change, lines: &[&'a str]) -> Vec<Piece<'a>> {
    let mut starts: Vec<usize> = lines
        .iter()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start)
        })
        .collect();
    starts.push(change.file.text().len());
    let line_of = |offset: usize| {
        starts.partition_point(|s| *s <= offset).saturating_sub(1).min(lines.len().saturating_sub(1))
    };
    let mut pieces = Vec::new();
    let mut rest = change.edits.as_slice();
    while let Some((first, _)) = rest.first() {
        let from = line_of(first.start);
        let (mut to, mut count) = (line_of(first.end), 0);
        while let Some((span, _)) = rest.get(count).filter(|(span, _)| line_of(span.start) <= to + 1) {
            to = to.max(line_of(span.end));
            count += 1;
        }
        let (these, later) = rest.split_at(count.max(1));
        let old: Vec<&str> = lines.iter().copied().skip(from).take(to + 1 - from).collect();
        pieces.extend(piece(from, old, starts[from], these));
        rest = later;
    }
    pieces
}

/// A piece without the lines at its ends that stay the same.
fn piece<'a>(
    line: usize,
    mut old: Vec<&'a str>,
    offset: usize,
    edits: &[(Span, String)],
) -> Option<Piece<'a>> {
    let whole = old.concat();
    let (mut text, mut at) = (String::with_capacity(whole.len()), 0);
    for (span, new) in edits {
        text.push_str(&whole[at..span.start - offset]);
        text.push_str(new);
        at = span.end - offset;
    }
    text.push_str(&whole[at..]);
    let mut new: Vec<&str> = text.split_inclusive('\n').collect();
    let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    old.drain(..before);
    new.drain(..before);
    while old.last().is_some_and(|line| new.last() == Some(line)) {
        old.pop();
        new.pop();
    }
    let new: Vec<String> = new.into_iter().map(str::to_owned).collect();
    (!old.is_empty() || !new.is_empty()).then_some(Piece { line: line + before, old, new })
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::report::Look;
    use crate::words::{Edit, Encoding, SourceFile, Span, changes};

    fn diff(text: &str, edits: &[(usize, usize, &str)], creates: bool) -> String {
        let file = SourceFile::new("a.sql", text, Encoding::Utf8);
        let edits: Vec<Edit> = edits
            .iter()
            .map(|(s, e, t)| Edit { creates, ..Edit::new(&file, Span::new(*s, *e), *t) })
            .collect();
        let mut out = Vec::new();
        write(&changes(&edits)[0], &Look::plain(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn shows_what_changes_with_a_little_around_it() {
        let text = (1..=20).map(|n| n.to_string() + "\n").collect::<String>();
        let at = |line: &str| text.find(&format!("\n{line}\n")).unwrap() + 1;
        let told =
            diff(&text, &[(at("5"), at("5") + 1, "five"), (at("16") + 2, at("16") + 2, "\nx\ny")], false);
        assert_eq!(
            told,
            "--- a/a.sql\n+++ b/a.sql\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n\
             @@ -14,6 +14,8 @@\n 14\n 15\n 16\n+x\n+y\n 17\n 18\n 19\n"
        );
    }

    #[test]
    fn ends_of_files_and_lines_are_kept() {
        assert_eq!(
            diff("a\r\nb", &[(4, 4, "c")], false),
            "--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+bc\n\\ No newline at end of file\n"
        );
        assert_eq!(
            diff("", &[(0, 0, "x\ny\n")], true),
            "--- /dev/null\n+++ b/a.sql\n@@ -0,0 +1,2 @@\n+x\n+y\n"
        );
    }
}
