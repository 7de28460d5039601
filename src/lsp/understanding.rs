//! What the editor's view knows of a platform, and how it comes to know it: whoever starts the
//! view brings the way from files to a graph, so that it is the same as that of `lint`.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::graph::Graph;
use crate::load::Files;
use crate::report::Masker;
use crate::words::{Code, Diagnostic};

/// A platform, understood.
pub struct Understanding {
    /// Its nodes and who depends on whom.
    pub graph: Graph,
    /// Everything that is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// What must not be seen.
    pub masker: Masker,
}

/// From files to an understanding; where that can't be had, why.
pub trait Understand: Fn(&Files) -> Result<Understanding, Vec<Diagnostic>> + Send + Sync {}

impl<F: Fn(&Files) -> Result<Understanding, Vec<Diagnostic>> + Send + Sync> Understand for F {}

/// The texts of a platform's open documents, by path relative to it.
pub(super) type Texts = HashMap<Utf8PathBuf, Arc<str>>;

/// What looking at a platform gave.
pub(super) struct Found {
    /// What is wrong with the files as they are.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What must not be seen.
    pub(super) masker: Masker,
    /// What to answer from: where texts are broken, with these as they last were whole.
    pub(super) answers: Option<Arc<Understanding>>,
    /// The texts that are whole.
    pub(super) whole: Texts,
    /// Whether the program itself failed.
    pub(super) failed: bool,
}

/// Looks at a platform with these texts over its files.
pub(super) fn look(understand: &impl Understand, root: &Utf8Path, texts: Texts, before: &Texts) -> Found {
    let of = |texts: &Texts| {
        let mut files = Files::on_disk(root);
        for (path, text) in texts {
            files.lay(path.clone(), text);
        }
        catch_unwind(AssertUnwindSafe(|| understand(&files)))
    };
    let (found, failed) = match of(&texts) {
        Ok(found) => (found, false),
        Err(_) => (Err(Vec::new()), true),
    };
    let (diagnostics, masker) = match &found {
        Ok(found) => (found.diagnostics.clone(), found.masker.clone()),
        Err(diagnostics) => (diagnostics.clone(), Masker::default()),
    };
    let broken = |path: &Utf8PathBuf| {
        diagnostics
            .iter()
            .any(|d| is_breakage(d.code) && d.file.as_ref().is_some_and(|file| file.path() == path))
    };
    let (torn, whole): (Texts, Texts) = texts.into_iter().partition(|(path, _)| broken(path));
    let mended: Texts =
        torn.into_keys().filter_map(|path| before.get(&path).map(|t| (path, Arc::clone(t)))).collect();
    let answers = if mended.is_empty() {
        found.ok()
    } else {
        let mended = whole.iter().map(|(p, t)| (p.clone(), Arc::clone(t))).chain(mended).collect();
        of(&mended).ok().and_then(Result::ok).or(found.ok())
    };
    Found { diagnostics, masker, answers: answers.map(Arc::new), whole, failed }
}

/// Whether a file with such a finding can't be read to its end.
fn is_breakage(code: Code) -> bool {
    matches!(code, Code::InvalidTemplate | Code::Unterminated | Code::InvalidYaml | Code::Encoding)
}
