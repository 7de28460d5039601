//! Holds back a flood: of one code in one file a thousand diagnostics tell as much as a million,
//! and a generated script must not fill a build's log or its memory.

use std::collections::HashMap;

use crate::words::{Code, Diagnostic};

/// How many diagnostics of one code are told for one file.
const MOST: usize = 1000;

/// Leaves the first thousand of each code in each file, and says how many more there were.
#[must_use]
pub fn hold_back(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if found.len() <= MOST {
        return found;
    }
    found.sort_by_key(|d| d.span.start);
    let mut counts: HashMap<(Code, String), usize> = HashMap::new();
    let mut last: HashMap<(Code, String), Diagnostic> = HashMap::new();
    found.retain(|diagnostic| {
        let Some(file) = &diagnostic.file else { return true };
        let key = (diagnostic.code, file.path().to_string());
        let count = counts.entry(key.clone()).or_default();
        *count += 1;
        if *count == MOST + 1 {
            last.insert(key, diagnostic.clone());
        }
        *count <= MOST
    });
    let mut last: Vec<_> = last.into_iter().collect();
    last.sort_by(|((a, left), _), ((b, right), _)| (a.id(), left).cmp(&(b.id(), right)));
    found.extend(last.into_iter().map(|(key, first)| {
        let more = counts.get(&key).map_or(0, |count| count - MOST);
        let message =
            format!("{more} more of {} in this file, from here on, are not listed", first.code.id());
        Diagnostic { message, help: None, labels: Vec::new(), relation: None, ..first }
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::{MOST, hold_back};
    use crate::words::{Code, Diagnostic, Encoding, SourceFile, Span};

    #[test]
    fn a_thousand_of_each_code_are_told_and_the_rest_counted() {
        let file = SourceFile::new("a.sql", "x".repeat(5000), Encoding::Utf8);
        let of = |code: Code, at: usize| Diagnostic::new(code, "m").at(&file, Span::new(at, at + 1));
        let mut found: Vec<_> = (0..3000).rev().map(|at| of(Code::CrossSourceRead, at)).collect();
        found.push(of(Code::LinkedServer, 7));
        found.push(Diagnostic::new(Code::Cycle, "no file"));
        let told = hold_back(found);
        assert_eq!(told.len(), MOST + 3);
        let last = told.last().unwrap();
        assert_eq!((last.code, last.span.start), (Code::CrossSourceRead, MOST));
        assert_eq!(last.message, "2000 more of GS101 in this file, from here on, are not listed");
    }
}
