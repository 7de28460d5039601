//! Reads one text file of the user's.

use std::sync::Arc;

use camino::Utf8Path;

use crate::sql;
use crate::words::{Code, Diagnostic, Encoding, SourceFile, Span};

/// The largest file that is read as text, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Reads and decodes `root/path`; messages name it by `path` with forward slashes.
pub(super) fn file(root: &Utf8Path, path: &Utf8Path) -> Result<Arc<SourceFile>, Diagnostic> {
    let full = root.join(path);
    let shown = path.as_str().replace('\\', "/");
    let size = fs_err::metadata(&full).map_err(|e| unreadable(&shown, &e))?.len();
    if size > LARGEST {
        let message = format!("`{shown}` holds {size} bytes, more than goldsmith reads as text");
        return Err(Diagnostic::new(Code::UnreadableFile, message));
    }
    let bytes = fs_err::read(&full).map_err(|e| unreadable(&shown, &e))?;
    let (text, encoding) = sql::decode(&bytes);
    only_text(&SourceFile::new(shown, text, encoding), bytes.len())
}

/// A text that an editor holds, under the same demands as one on disk.
pub(super) fn unsaved(file: &Arc<SourceFile>) -> Result<Arc<SourceFile>, Diagnostic> {
    only_text(file, file.text().len())
}

/// The file, unless its bytes (so many) can't have been meant as text.
fn only_text(file: &Arc<SourceFile>, bytes: usize) -> Result<Arc<SourceFile>, Diagnostic> {
    match not_text(file, bytes) {
        Some((at, why)) => Err(Diagnostic::new(Code::Encoding, format!("this file is no text: {why}"))
            .at(file, Span::new(at, at))
            .help("save it as UTF-8; UTF-16 with a byte order mark and Windows-1252 are read as well")),
        None => match conflict(file) {
            Some(span) => Err(Diagnostic::new(
                Code::UnreadableFile,
                "this file holds a merge conflict that nobody has settled",
            )
            .at(file, span)
            .help(
                "keep what is right of both sides, and remove the lines with <<<<<<<, ======= and >>>>>>>",
            )),
            None => Ok(Arc::clone(file)),
        },
    }
}

/// The first mark of a merge conflict: three or four lines that begin as git and `template update` write them, in
/// their order, in a file of SQL or YAML.
fn conflict(file: &SourceFile) -> Option<Span> {
    let text = file.text();
    if !matches!(file.path().extension(), Some("sql" | "yml" | "yaml")) {
        return None;
    }
    let line = |from: usize, mark: &str| {
        let starts = |at: usize| at == 0 || text.as_bytes()[at - 1] == b'\n';
        let found = text[from..].match_indices(mark).map(|(at, _)| from + at).find(|at| starts(*at));
        found.filter(|at| {
            let rest = &text[at + mark.len()..];
            rest.is_empty() || rest.starts_with([' ', '\n', '\r'])
        })
    };
    let ours = line(0, "<<<<<<<")?;
    let between = line(ours, "=======")?;
    line(between, ">>>>>>>")?;
    Some(Span::new(ours, ours + 7))
}

/// Where and why bytes can't have been meant as text.
fn not_text(file: &SourceFile, bytes: usize) -> Option<(usize, String)> {
    if let Some(at) = file.text().find('\0') {
        return Some((at, "it holds a zero byte".into()));
    }
    match file.encoding() {
        Encoding::Utf16Le | Encoding::Utf16Be if bytes % 2 == 1 || file.text().contains('\u{FFFD}') => {
            let at = file.text().find('\u{FFFD}').unwrap_or(file.text().len());
            Some((at, format!("it begins as {}, but breaks off or holds half a character", file.encoding())))
        }
        // Five bytes stand for nothing in Windows-1252; no editor writes them.
        Encoding::Windows1252 => file
            .text()
            .find(|c: char| ('\u{80}'..='\u{9F}').contains(&c))
            .map(|at| (at, "it is neither UTF-8 nor Windows-1252".into())),
        _ => None,
    }
}

/// What the system says of a file that can't be read, without its own repetition of the path.
pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        _ => error.to_string(),
    };
    Diagnostic::new(Code::UnreadableFile, format!("`{path}` can't be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::only_text;
    use crate::words::{Encoding, SourceFile};

    fn told(path: &str, text: &str) -> Option<usize> {
        only_text(&SourceFile::new(path, text, Encoding::Utf8), text.len()).err().map(|d| d.span.start)
    }

    #[test]
    fn a_conflict_is_three_lines_in_their_order() {
        let whole = "select 1\n<<<<<<< project\na\n||||||| before\nb\n=======\nc\n>>>>>>> template\n";
        assert_eq!(told("a.sql", whole), Some(9));
        assert_eq!(told("a.yml", &whole.replace('\n', "\r\n")), Some(10));
        assert_eq!(told("a.csv", whole), None);
        for near in [
            "-- =======\n-- <<<<<<< x\n-- >>>>>>> y\n",
            "=======\n<<<<<<< a\n>>>>>>> b\n",
            "<<<<<<<<<< a\n==========\n>>>>>>>>>>\n",
            "<<<<<<< a\n=======\n",
        ] {
            assert_eq!(told("a.sql", near), None, "{near}");
        }
    }
}
