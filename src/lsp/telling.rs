//! Has changed platforms looked at, and tells the editor what is wrong with them.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_server::{Message, Notification};
use lsp_types::{Diagnostic, PublishDiagnosticsParams, Uri};

use super::documents::Document;
use super::home::Home;
use super::server::{Done, Job, Server};
use super::understanding::Texts;
use super::{frame, publish, uri};
use crate::sql;
use crate::words::Dialect;

impl<W: Write, L: Write> Server<W, L> {
    /// Has the platforms looked at that are due.
    pub(super) fn look(&mut self) {
        let now = Instant::now();
        let due = |home: &Home| home.due().is_some_and(|due| due <= now);
        for (root, home) in self.homes.iter_mut().filter(|(_, home)| due(home)) {
            home.begin();
            let mut job = Job {
                root: root.clone(),
                texts: Texts::new(),
                before: home.whole.clone(),
                versions: HashMap::new(),
            };
            for document in self.documents.all().filter(|d| d.root.as_ref() == Some(root)) {
                if let Some(path) = document.below_root() {
                    job.texts.insert(path.clone(), document.text.clone());
                    job.versions.insert(path, document.version);
                }
            }
            // The other thread lives as long as this one asks.
            let _ = self.jobs.send(job);
        }
    }

    /// Takes up what looking gave, tells it, and answers those who waited for it.
    pub(super) fn take_up(&mut self, done: Done) -> io::Result<()> {
        let Done { root, found, versions } = done;
        let Some(home) = self.homes.get_mut(&root) else { return Ok(()) };
        (home.seen, home.busy) = (true, false);
        if found.answers.is_some() {
            home.answers = found.answers;
        }
        home.whole.retain(|path, _| versions.contains_key(path));
        home.whole.extend(found.whole);
        self.queue.extend(self.waiting.drain(..).map(Message::Request));
        if found.failed {
            self.say("a mistake in goldsmith: the platform could not be looked at");
            return Ok(());
        }
        let columns = self.client.columns;
        let new = publish::by_file(&root, &found.diagnostics, &found.masker, &self.documents, columns);
        self.tell(&root, &new, &versions)
    }

    /// Tells what is new of a platform's files, and of the open ones in any case.
    fn tell(
        &mut self,
        root: &Utf8Path,
        new: &BTreeMap<Utf8PathBuf, Vec<Diagnostic>>,
        versions: &HashMap<Utf8PathBuf, i32>,
    ) -> io::Result<()> {
        let Some(home) = self.homes.get_mut(root) else { return Ok(()) };
        let before = std::mem::replace(&mut home.told, new.clone());
        let mut paths: Vec<&Utf8PathBuf> = before.keys().chain(new.keys()).chain(versions.keys()).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let open = versions.get(path);
            if open.is_some() || before.get(path) != new.get(path) {
                self.publish_below(root, path, new.get(path).cloned().unwrap_or_default(), open.copied())?;
            }
        }
        Ok(())
    }

    pub(super) fn publish_below(
        &mut self,
        root: &Utf8Path,
        path: &Utf8Path,
        diagnostics: Vec<Diagnostic>,
        version: Option<i32>,
    ) -> io::Result<()> {
        let full = root.join(path);
        match self.documents.at(&full).map(|d| d.uri.clone()).or_else(|| uri::uri(&full)) {
            Some(uri) => self.publish(uri, diagnostics, version),
            None => Ok(()),
        }
    }

    /// Tells what of a text outside of any platform could not be read.
    pub(super) fn tell_alone(&mut self, document: &Document) -> io::Result<()> {
        let script =
            if document.sql { sql::read(&document.text, Dialect::TSql) } else { sql::Script::default() };
        let issues: Vec<_> = script.issues.iter().map(|i| (i.kind.to_string(), i.span)).collect();
        let found = publish::of_text(&document.text, &issues, self.client.columns);
        self.publish(document.uri.clone(), found, Some(document.version))
    }

    pub(super) fn publish(
        &mut self,
        uri: Uri,
        diagnostics: Vec<Diagnostic>,
        version: Option<i32>,
    ) -> io::Result<()> {
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        let told = Notification::new("textDocument/publishDiagnostics".into(), params);
        frame::write(&mut self.output, &told.into())
    }
}
