//! What the editor and the disk tell of changes, and which platforms they concern.

use std::io::{self, Write};
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_server::{Notification, Request};
use lsp_types::Uri;

use super::documents::Document;
use super::requests::parse;
use super::server::{Server, Stage};
use super::{capabilities, frame, uri};
use crate::load;

impl<W: Write, L: Write> Server<W, L> {
    pub(super) fn notification(&mut self, notification: Notification) -> io::Result<()> {
        if self.stage != Stage::Ready {
            return Ok(());
        }
        let Notification { method, params } = notification;
        let outcome = match method.as_str() {
            "initialized" => return self.watch(),
            "textDocument/didOpen" => parse(params).map(|p: lsp_types::DidOpenTextDocumentParams| {
                let uri = p.text_document.uri.clone();
                let root = uri::path(&uri).and_then(|path| self.root_of(&path));
                self.documents.open(p.text_document, root);
                Some(uri)
            }),
            "textDocument/didChange" => parse(params).map(|p: lsp_types::DidChangeTextDocumentParams| {
                let (uri, version) = (p.text_document.uri, p.text_document.version);
                self.documents.change(&uri, version, p.content_changes, self.client.columns);
                Some(uri)
            }),
            "textDocument/didSave" => {
                parse(params).map(|p: lsp_types::DidSaveTextDocumentParams| Some(p.text_document.uri))
            }
            "textDocument/didClose" => match parse(params) {
                Ok(lsp_types::DidCloseTextDocumentParams { text_document }) => {
                    return self.close(&text_document.uri);
                }
                Err(refusal) => Err(refusal),
            },
            "workspace/didChangeWatchedFiles" => return self.files_changed(),
            _ => return Ok(()),
        };
        match outcome {
            Ok(uri) => uri.map_or(Ok(()), |uri| self.document_changed(&uri)),
            Err((_, why)) => {
                self.say(&format!("`{method}` could not be read: {why}"));
                Ok(())
            }
        }
    }

    /// Asks to be told of files that change outside of the editor.
    fn watch(&mut self) -> io::Result<()> {
        if !self.client.watches {
            return Ok(());
        }
        let params = capabilities::watch_registration();
        let request =
            Request::new("goldsmith-watch".to_owned().into(), "client/registerCapability".into(), params);
        frame::write(&mut self.output, &request.into())
    }

    /// The platform that a file belongs to.
    fn root_of(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        match &self.platform {
            Some(root) if path.starts_with(root) => Some(root.clone()),
            _ => load::find(path.parent()?).ok(),
        }
    }

    pub(super) fn changed(&mut self, root: &Utf8Path) {
        self.homes.entry(root.to_owned()).or_default().change(Instant::now());
    }

    fn document_changed(&mut self, uri: &Uri) -> io::Result<()> {
        let Some(document) = self.documents.get(uri) else { return Ok(()) };
        match document.root.clone() {
            Some(root) => {
                self.changed(&root);
                Ok(())
            }
            None => self.tell_alone(&document.clone()),
        }
    }

    fn close(&mut self, uri: &Uri) -> io::Result<()> {
        match self.documents.close(uri) {
            Some(Document { root: Some(root), .. }) => {
                self.changed(&root);
                Ok(())
            }
            Some(document) => self.publish(document.uri, Vec::new(), None),
            None => Ok(()),
        }
    }

    /// Files changed outside of the editor: platforms may have come and gone.
    fn files_changed(&mut self) -> io::Result<()> {
        let mut documents = std::mem::take(&mut self.documents);
        documents.settle(|path| self.root_of(path));
        self.documents = documents;
        let gone = |root: &Utf8Path| !root.join(load::PLATFORM_FILE).is_file();
        let roots: Vec<Utf8PathBuf> = self.homes.keys().cloned().collect();
        for root in roots.iter().filter(|root| gone(root)) {
            if let Some(home) = self.homes.remove(root) {
                for path in home.told.into_keys() {
                    self.publish_below(root, &path, Vec::new(), None)?;
                }
            }
        }
        let open: Vec<Utf8PathBuf> = self.documents.all().filter_map(|d| d.root.clone()).collect();
        for root in roots.into_iter().filter(|root| !gone(root)).chain(open) {
            self.changed(&root);
        }
        let alone: Vec<Document> = self.documents.all().filter(|d| d.root.is_none()).cloned().collect();
        alone.iter().try_for_each(|document| self.tell_alone(document))
    }
}
