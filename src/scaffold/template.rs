//! Template folders: outlines of a project's files, filled with what was answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::lock::Origin;
use super::{Answers, Files, Sibling, built_in};
use crate::config;
use crate::render::outline;
use crate::words::{Code, Diagnostic, Encoding, SourceFile};

/// The folder of a platform's own template.
pub const FOLDER: &str = "template";
/// The file in it that says what else is asked.
const SETTINGS: &str = "template.yml";
/// The largest file that a template may hold, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What projects are made from.
#[derive(Debug)]
pub struct Template {
    /// Where it comes from.
    pub origin: Origin,
    /// What it asks beside the usual, with what holds when nothing is answered.
    pub variables: BTreeMap<String, String>,
    files: Vec<(Utf8PathBuf, Content)>,
    sibling: Option<Sibling>,
}

#[derive(Debug)]
pub(super) enum Content {
    /// An outline, or text of another project.
    Text(Arc<SourceFile>),
    /// What is no text is copied.
    Bytes(Vec<u8>),
}

impl Content {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(file) => file.text().as_bytes().to_vec(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl Template {
    /// The one that goldsmith brings along.
    #[must_use]
    pub fn built_in() -> Self {
        let text = |path: &str, text: &str| Content::Text(SourceFile::new(path, text, Encoding::Utf8));
        let files = built_in::PROJECT.iter().map(|(path, t)| (Utf8PathBuf::from(*path), text(path, t)));
        Self { origin: Origin::BuiltIn, variables: BTreeMap::new(), files: files.collect(), sibling: None }
    }

    /// The one in a folder below the platform.
    ///
    /// # Errors
    /// What can't be read, and settings that make no sense.
    pub fn of_folder(root: &Utf8Path, folder: &Utf8Path) -> Result<Self, Vec<Diagnostic>> {
        let mut files = if root.join(folder).is_dir() { read(root, folder)? } else { Vec::new() };
        let mut variables = BTreeMap::new();
        if let Some(at) = files.iter().position(|(path, _)| path == SETTINGS) {
            let (_, settings) = files.remove(at);
            let mut out = Vec::new();
            if let Content::Text(file) = settings {
                variables = config::template(&file, &mut out);
            }
            if !out.is_empty() {
                return Err(out);
            }
        }
        files.retain(|(path, _)| path != super::LOCK_FILE);
        if files.is_empty() {
            let what = Diagnostic::new(Code::UnreadableFile, format!("there is no template in `{folder}`"));
            return Err(vec![what.help("`goldsmith template init` writes one to begin with")]);
        }
        Ok(Self { origin: Origin::Folder(folder.to_owned()), variables, files, sibling: None })
    }

    /// Another project of the platform, as the shape of a new one.
    ///
    /// # Errors
    /// What can't be read.
    pub fn of_sibling(root: &Utf8Path, sibling: Sibling) -> Result<Self, Vec<Diagnostic>> {
        let mut files = read(root, &sibling.folder)?;
        files.retain(|(path, _)| {
            let is_made = |part: &str| matches!(part, "target" | "node_modules" | "dbt_packages");
            path != super::LOCK_FILE && !path.components().any(|c| is_made(c.as_str()))
        });
        let origin = Origin::Project(sibling.name.clone());
        Ok(Self { origin, variables: BTreeMap::new(), files, sibling: Some(sibling) })
    }

    /// The files of a project. An outline of which nothing is left makes no file.
    ///
    /// # Errors
    /// Outlines that can't be filled.
    pub fn fill(&self, answers: &Answers) -> Result<Files, Vec<Diagnostic>> {
        let facts = answers.facts();
        let mut files = Files::new();
        let mut wrong = Vec::new();
        for (path, content) in &self.files {
            let bytes = match (content, &self.sibling) {
                (Content::Bytes(bytes), _) => bytes.clone(),
                (Content::Text(file), Some(sibling)) => {
                    sibling.respell(path, file.text(), answers).into_bytes()
                }
                (Content::Text(file), None) => match outline::fill(file, &facts) {
                    Ok(text) if text.trim().is_empty() && !file.text().trim().is_empty() => continue,
                    Ok(text) => text.into_bytes(),
                    Err(error) => {
                        wrong.push(*error);
                        continue;
                    }
                },
            };
            match self.named(path, answers) {
                Some(to) if files.contains_key(&to) => wrong.push(
                    Diagnostic::new(
                        Code::InvalidTemplate,
                        format!("two of the template's files would be `{to}` here, one of them is `{path}`"),
                    )
                    .help("rename one of them in the template"),
                ),
                Some(to) => drop(files.insert(to, bytes)),
                None => wrong.push(Diagnostic::new(
                    Code::InvalidTemplate,
                    format!("the template's file `{path}` would have no usable name here"),
                )),
            }
        }
        if wrong.is_empty() { Ok(files) } else { Err(wrong) }
    }

    /// A path with answers in it: `__name__` in file names, since not every system has `<` in them.
    fn named(&self, path: &Utf8Path, answers: &Answers) -> Option<Utf8PathBuf> {
        if self.sibling.is_some() {
            return Some(path.to_owned());
        }
        let mut whole = Utf8PathBuf::new();
        for part in path.components() {
            let mut part = part.as_str().to_owned();
            for (name, value) in answers.facts() {
                if let Some(value) = value.as_str() {
                    part = part.replace(&format!("__{name}__"), value);
                }
            }
            let mut parts = Utf8Path::new(&part).components();
            let is_one = matches!(parts.next(), Some(Utf8Component::Normal(_))) && parts.next().is_none();
            if !is_one || part.contains(['/', '\\', '\0', ':']) {
                return None;
            }
            whole.push(part);
        }
        Some(whole)
    }
}

/// All files below a folder, in the order of their paths.
pub(super) fn read(
    root: &Utf8Path,
    folder: &Utf8Path,
) -> Result<Vec<(Utf8PathBuf, Content)>, Vec<Diagnostic>> {
    let full = root.join(folder);
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    let refuse = |what: String| Diagnostic::new(Code::UnreadableFile, what);
    let kept = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !matches!(entry.file_name().to_str(), Some(".git" | ".DS_Store"))
    };
    for entry in WalkDir::new(&full).sort_by_file_name().into_iter().filter_entry(kept) {
        let entry = match entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => entry,
            Err(error) => {
                wrong.push(refuse(format!("`{folder}` can't be read: {error}")));
                continue;
            }
        };
        let Some(path) = Utf8Path::from_path(entry.path()).and_then(|p| p.strip_prefix(&full).ok()) else {
            wrong.push(refuse(format!("a name in `{folder}` is not valid Unicode")));
            continue;
        };
        let shown = folder.join(path);
        if !entry.file_type().is_file() {
            wrong.push(
                refuse(format!("`{shown}` is a link or no plain file"))
                    .help("projects are made of plain files: put the file itself there"),
            );
            continue;
        }
        if entry.metadata().is_ok_and(|m| m.len() > LARGEST) {
            wrong.push(
                refuse(format!("`{shown}` is larger than {} MB", LARGEST / 1024 / 1024))
                    .help("leave data out of it: a few rows show what a load needs"),
            );
            continue;
        }
        match fs_err::read(entry.path()) {
            Ok(bytes) => {
                let path = Utf8PathBuf::from(path.as_str().replace('\\', "/"));
                let content = match String::from_utf8(bytes) {
                    Ok(text) => Content::Text(SourceFile::new(shown, text, Encoding::Utf8)),
                    Err(error) => Content::Bytes(error.into_bytes()),
                };
                files.push((path, content));
            }
            Err(error) => wrong.push(refuse(format!("`{shown}` can't be read: {error}"))),
        }
    }
    if wrong.is_empty() { Ok(files) } else { Err(wrong) }
}
