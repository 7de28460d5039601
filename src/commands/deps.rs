//! `goldsmith deps`: what any file touches. Reads one file after the other and writes what it finds
//! at once, so that a folder of any size can be asked.

mod sources;
mod text;

use std::cell::Cell;
use std::io::Write;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::{CommandError, Exit, session};
use crate::cli::{DataFormat, DepsArgs, Global};
use crate::load;
use crate::report::{Look, Masker, ignore_broken_pipe, neutral_line};
use crate::sql;
use crate::sql::deps::FileDeps;
use crate::words::{Dialect, SourceFile};

pub(super) fn deps(global: &Global, args: &DepsArgs) -> Result<Exit, CommandError> {
    let dialect = match args.dialect {
        Some(dialect) => Known::Given(dialect),
        None => Known::of_platform(global),
    };
    let told = Told { look: Look::of_stderr(global.color, Masker::default()), complete: Cell::new(true) };
    let files = sources::files(&args.files, &told);
    let mut out = Look::of_stdout(global.color, Masker::default()).stdout();
    let written = match args.format {
        DataFormat::Json => json(files, &dialect, &mut out),
        DataFormat::Text => text::write(files, &dialect, &mut out),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(if told.complete.get() { Exit::Done } else { Exit::Usage })
}

/// Writes the whole answer; one file is held at a time.
fn json(
    files: impl Iterator<Item = Arc<SourceFile>>,
    dialect: &Known,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let files = Files { files: Cell::new(Some(files)), dialect };
    serde_json::to_writer_pretty(&mut *out, &Answer { files })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Answer<F> {
    files: F,
}

/// The list of files, each read when it is written.
struct Files<'a, I> {
    files: Cell<Option<I>>,
    dialect: &'a Known,
}

impl<I: Iterator<Item = Arc<SourceFile>>> Serialize for Files<'_, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for file in self.files.take().into_iter().flatten() {
            let script = sql::read(file.text(), self.dialect.of(file.path()));
            list.serialize_element(&FileDeps::new(&file, &script))?;
        }
        list.end()
    }
}

/// What was told on the way, on standard error.
struct Told {
    look: Look,
    /// Whether all that was asked for could be read.
    complete: Cell<bool>,
}

impl Told {
    /// Says what can't be read; the rest goes on.
    fn refuse(&self, message: &str) {
        self.complete.set(false);
        let _ = writeln!(self.look.stderr(), "error: {}", neutral_line(message));
    }

    /// Says what the user may not expect.
    fn note(&self, message: &str) {
        let _ = writeln!(self.look.stderr(), "note: {}", neutral_line(message));
    }
}

/// Which dialect a file is read in.
enum Known {
    Given(Dialect),
    /// By project folder, absolute; T-SQL elsewhere.
    Projects(Vec<(Utf8PathBuf, Dialect)>),
}

impl Known {
    /// The dialects of the platform that we stand in, if we do.
    fn of_platform(global: &Global) -> Self {
        let Ok(root) = session::root(global) else { return Self::Projects(Vec::new()) };
        let (Some(platform), _) = load::load(&root) else { return Self::Projects(Vec::new()) };
        let default = platform.targets.get(&platform.default_target).map(|t| t.engine.dialect());
        let projects = &platform.projects;
        Self::Projects(
            projects
                .iter()
                .filter_map(|p| Some((root.join(&p.folder), p.dialect.or(default)?)))
                .filter_map(|(folder, dialect)| Some((folder.canonicalize_utf8().ok()?, dialect)))
                .collect(),
        )
    }

    fn of(&self, path: &Utf8Path) -> Dialect {
        match self {
            Self::Given(dialect) => *dialect,
            Self::Projects(all) => {
                let full = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
                let own =
                    path.file_stem().and_then(|s| s.rsplit_once('.')).and_then(|(_, word)| word.parse().ok());
                let project = all.iter().find(|(folder, _)| full.starts_with(folder)).map(|(_, d)| *d);
                own.or(project).unwrap_or(Dialect::TSql)
            }
        }
    }
}
