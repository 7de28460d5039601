//! The files of a platform as they stand: on disk, with the texts laid over them that an editor
//! holds unsaved. Whoever loads a platform reads through this, and can't tell the difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::read;
use crate::words::{Diagnostic, Encoding, SourceFile};

/// A platform's folder, and unsaved texts over it. Cheap to copy.
#[derive(Debug, Clone)]
pub struct Files {
    root: Utf8PathBuf,
    unsaved: BTreeMap<Utf8PathBuf, Arc<SourceFile>>,
}

impl Files {
    /// The files below `root` as they are on disk.
    #[must_use]
    pub fn on_disk(root: impl Into<Utf8PathBuf>) -> Self {
        Self { root: root.into(), unsaved: BTreeMap::new() }
    }

    /// Lays a text over the file at `path` (relative to the platform, with forward slashes), which
    /// need not be there.
    pub fn lay(&mut self, path: impl Into<Utf8PathBuf>, text: &str) {
        let path = path.into();
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let file = SourceFile::new(path.clone(), text, Encoding::Utf8);
        self.unsaved.insert(path, file);
    }

    /// The platform's folder.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Reads and decodes the file at `path`; messages name it by `path` with forward slashes.
    pub(super) fn read(&self, path: &Utf8Path) -> Result<Arc<SourceFile>, Diagnostic> {
        match self.unsaved.get(path) {
            Some(file) => read::unsaved(file),
            None => read::file(&self.root, path),
        }
    }

    /// Whether there is a file at `path`.
    pub(super) fn has(&self, path: &Utf8Path) -> bool {
        self.unsaved.contains_key(path) || self.root.join(path).exists()
    }

    /// The paths of unsaved texts below `folder`.
    pub(super) fn unsaved_below<'a>(&'a self, folder: &'a Utf8Path) -> impl Iterator<Item = &'a Utf8Path> {
        self.unsaved.keys().map(Utf8PathBuf::as_path).filter(move |path| path.starts_with(folder))
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::Files;
    use crate::load::load;

    fn platform() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap().to_owned();
        let silver = root.join("projects/crm/silver");
        std::fs::create_dir_all(&silver).unwrap();
        std::fs::write(root.join("goldsmith.yml"), "name: x\n").unwrap();
        std::fs::write(root.join("projects/crm/project.yml"), "name: crm\n").unwrap();
        std::fs::write(silver.join("a.sql"), "select 1 as on_disk").unwrap();
        (folder, Files::on_disk(root))
    }

    fn texts(files: &Files) -> Vec<(String, String)> {
        let (platform, _) = load(files);
        let nodes = platform.unwrap().projects.into_iter().flat_map(|p| p.nodes);
        nodes.map(|n| (n.file.path().to_string(), n.file.text().to_owned())).collect()
    }

    #[test]
    fn unsaved_text_stands_before_the_file_on_disk() {
        let (_folder, mut files) = platform();
        let path = "projects/crm/silver/a.sql";
        assert_eq!(texts(&files), [(path.to_owned(), "select 1 as on_disk".to_owned())]);
        files.lay(path, "\u{FEFF}select 1 as unsaved");
        assert_eq!(texts(&files), [(path.to_owned(), "select 1 as unsaved".to_owned())]);
    }

    #[test]
    fn a_file_that_was_never_saved_is_there_all_the_same() {
        let (_folder, mut files) = platform();
        files.lay("projects/crm/silver/B.sql", "select 2");
        files.lay("projects/crm/silver/.hidden.sql", "select 3");
        files.lay("projects/crm/target/c.sql", "select 4");
        files.lay("projects/hr/project.yml", "name: hr\n");
        files.lay("projects/hr/silver/d.sql", "select 5");
        let paths: Vec<String> = texts(&files).into_iter().map(|(path, _)| path).collect();
        assert_eq!(
            paths,
            ["projects/crm/silver/B.sql", "projects/crm/silver/a.sql", "projects/hr/silver/d.sql"]
        );
    }
}
