//! Reads one text file of the user's.

use std::sync::Arc;

use camino::Utf8Path;

use crate::sql;
use crate::words::{Code, Diagnostic, SourceFile};

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
    Ok(SourceFile::new(shown, text, encoding))
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
