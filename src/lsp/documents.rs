//! The documents that the editor holds open: their texts as they are typed.

use std::collections::HashMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use super::position::{Columns, Lines};
use super::uri;

/// One open document.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// The URI as the client writes it.
    pub(super) uri: Uri,
    /// Its path, where it is a file.
    pub(super) path: Option<Utf8PathBuf>,
    /// The platform that it belongs to.
    pub(super) root: Option<Utf8PathBuf>,
    /// The client's count of changes.
    pub(super) version: i32,
    /// The text.
    pub(super) text: Arc<str>,
    /// Whether it is SQL, by its ending or by what the client says.
    pub(super) sql: bool,
}

impl Document {
    /// The path relative to the platform, with forward slashes.
    pub(super) fn below_root(&self) -> Option<Utf8PathBuf> {
        let below = self.path.as_ref()?.strip_prefix(self.root.as_ref()?).ok()?;
        Some(Utf8PathBuf::from(below.as_str().replace('\\', "/")))
    }
}

/// All open documents.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: HashMap<Uri, Document>,
    by_path: HashMap<Utf8PathBuf, Uri>,
}

impl Documents {
    /// Takes up a document.
    pub(super) fn open(&mut self, item: TextDocumentItem, root: Option<Utf8PathBuf>) {
        let path = uri::path(&item.uri);
        let sql = path
            .as_ref()
            .and_then(|p| p.extension())
            .map_or_else(|| item.language_id.contains("sql"), |ending| ending.eq_ignore_ascii_case("sql"));
        if let Some(path) = &path {
            self.by_path.insert(path.clone(), item.uri.clone());
        }
        let document = Document {
            uri: item.uri.clone(),
            path,
            root,
            version: item.version,
            text: item.text.into(),
            sql,
        };
        self.open.insert(item.uri, document);
    }

    /// Applies changes in their order. A document that is not open stays unknown.
    pub(super) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        columns: Columns,
    ) {
        let Some(document) = self.open.get_mut(uri) else { return };
        let mut text = document.text.to_string();
        for change in changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let span = Lines::new(&text, columns).span(range);
                    text.replace_range(span.start..span.end, &change.text);
                }
            }
        }
        document.text = text.into();
        document.version = version;
    }

    /// Lets go of a document.
    pub(super) fn close(&mut self, uri: &Uri) -> Option<Document> {
        let document = self.open.remove(uri)?;
        if let Some(path) = &document.path
            && self.by_path.get(path) == Some(uri)
        {
            self.by_path.remove(path);
        }
        Some(document)
    }

    pub(super) fn get(&self, uri: &Uri) -> Option<&Document> {
        self.open.get(uri)
    }

    /// The document of a file.
    pub(super) fn at(&self, path: &Utf8Path) -> Option<&Document> {
        self.open.get(self.by_path.get(path)?)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Document> {
        self.open.values()
    }

    /// Asks anew which platform each document belongs to.
    pub(super) fn settle(&mut self, root: impl Fn(&Utf8Path) -> Option<Utf8PathBuf>) {
        for document in self.open.values_mut() {
            document.root = document.path.as_deref().and_then(&root);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use lsp_types::{Position, Range, TextDocumentContentChangeEvent, TextDocumentItem, Uri};

    use super::Documents;
    use crate::lsp::position::Columns;

    #[test]
    fn changes_are_applied_in_their_order() {
        let uri = Uri::from_str("file:///a.sql").unwrap();
        let mut documents = Documents::default();
        documents.open(TextDocumentItem::new(uri.clone(), "sql".into(), 1, "ä\u{1F600}b\nc".into()), None);
        let change = |range: Option<[u32; 4]>, text: &str| TextDocumentContentChangeEvent {
            range: range.map(|[a, b, c, d]| Range::new(Position::new(a, b), Position::new(c, d))),
            range_length: None,
            text: text.into(),
        };
        let changes = vec![
            change(Some([0, 1, 0, 3]), "x"),
            change(Some([1, 0, 0, 3]), "; "),
            change(Some([9, 0, 9, 0]), "!"),
        ];
        documents.change(&uri, 2, changes, Columns::Utf16);
        assert_eq!(&*documents.get(&uri).unwrap().text, "äxb; c!");
        documents.change(&uri, 3, vec![change(None, "new")], Columns::Utf16);
        assert_eq!(&*documents.get(&uri).unwrap().text, "new");
        assert_eq!(documents.get(&uri).unwrap().version, 3);
    }
}
