//! The names in the heading of a seed or of a load's CSV file, where they can be told for certain.

use std::io::Read as _;

use camino::Utf8Path;

use crate::nouns::{Body, FileFormat, Node, Origin};
use crate::sql;

/// How much of a file is looked at.
const LONGEST: u64 = 64 * 1024;

/// The columns that a node's file of data has. `folder` is the project's, absolute. `None` where they
/// can't be told: no heading, several files, a file that can't be read, an unusual layout.
#[must_use]
pub fn heading(root: &Utf8Path, folder: &Utf8Path, node: &Node) -> Option<Vec<String>> {
    match &node.body {
        Body::Seed => first_record(&beginning(&root.join(node.file.path()), None)?, ',', '"'),
        Body::Load(load) => {
            let Origin::File(file) = &load.origin else { return None };
            let plain =
                !file.path.contains(['*', '?', '[']) && Utf8Path::new(&file.path).extension() != Some("gz");
            if file.format != FileFormat::Csv || !file.header || !plain {
                return None;
            }
            let delimiter = single(file.delimiter.as_deref()?)?;
            let quote = file.quote.as_deref().map_or(Some('"'), single)?;
            let text = beginning(&folder.join(&file.path), file.encoding.as_deref())?;
            let skipped =
                text.split_inclusive('\n').take(usize::try_from(file.skip).ok()?).map(str::len).sum();
            let mut names = first_record(&text[skipped..], delimiter, quote)?;
            names.extend(file.filename.clone());
            Some(names)
        }
        _ => None,
    }
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

fn beginning(path: &Utf8Path, encoding: Option<&str>) -> Option<String> {
    let mut bytes = Vec::new();
    fs_err::File::open(path).ok()?.take(LONGEST).read_to_end(&mut bytes).ok()?;
    // What is cut off may be half a character.
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
    bytes.truncate(end);
    Some(match encoding {
        Some(label) => encoding_rs::Encoding::for_label(label.as_bytes())?.decode(&bytes).0.into_owned(),
        None => sql::decode(&bytes).0,
    })
}

/// The fields of the first line. `None` for a line that goes on in the next, and for names that
/// are empty or there twice: the engine gives such columns names of its own.
fn first_record(text: &str, delimiter: char, quote: char) -> Option<Vec<String>> {
    let line = text.lines().next()?;
    let (mut names, mut name, mut inside) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == quote && inside && chars.peek() == Some(&quote) {
            name.push(quote);
            chars.next();
        } else if c == quote {
            inside = !inside;
        } else if c == delimiter && !inside {
            names.push(std::mem::take(&mut name));
        } else {
            name.push(c);
        }
    }
    names.push(name);
    let mut seen = std::collections::HashSet::new();
    let sure = !inside && names.iter().all(|n| !n.trim().is_empty() && seen.insert(n.to_lowercase()));
    sure.then_some(names)
}

#[cfg(test)]
mod tests {
    use super::first_record;

    #[test]
    fn reads_names_that_are_certain() {
        let names = |line: &str| first_record(line, ';', '"').map(|n| n.join("|"));
        assert_eq!(names("a;\"b;c\";\"d\"\"e\"\r\n1;2;3").as_deref(), Some("a|b;c|d\"e"));
        assert_eq!(names("a;;b"), None);
        assert_eq!(names("a;A"), None);
        assert_eq!(names("a;\"b\nc\""), None);
        assert_eq!(names(""), None);
    }
}
