//! `goldsmith deps`

use std::io::Write;
use std::sync::Arc;

mod columns;
mod input;
mod text;

use self::input::{Dialects, sources};
use super::{CommandError, Exit};
use crate::analysis::default_schema;
use crate::cli::{DataFormat, DepsArgs, Global};
use crate::lineage::{self, Known};
use crate::report::{Look, Masker, ignore_broken_pipe, neutral_line};
use crate::sql::deps::{Deps, FileDeps};
use crate::sql::{self, Script};
use crate::words::{Dialect, RelationName, SourceFile};

/// A file, read.
struct File {
    source: Arc<SourceFile>,
    dialect: Dialect,
    script: Script,
}

pub(super) fn deps(global: &Global, args: &DepsArgs) -> Result<Exit, CommandError> {
    let dialects = args.dialect.map_or_else(|| Dialects::of_platform(global), Dialects::Given);
    let look = Look::of_stderr(global.color, Masker::default());
    let mut complete = true;
    let mut files = Vec::new();
    for source in sources(&args.files, &mut complete, &look)? {
        let dialect = dialects.of(source.path());
        let script = sql::read(source.text(), dialect);
        tell_issues(&source, &script, &look);
        files.push(File { source, dialect, script });
    }
    let mut answer = Deps { files: files.iter().map(|f| FileDeps::new(&f.source, &f.script)).collect() };
    if args.columns {
        follow(&files, &mut answer);
    }
    let look = Look::of_stdout(global.color, Masker::default());
    let mut out = look.stdout();
    let written = match args.format {
        DataFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &answer).map_err(Into::into).and_then(|()| writeln!(out))
        }
        DataFormat::Text => answer.files.iter().try_for_each(|file| text::write(file, &mut out)),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(if complete { Exit::Done } else { Exit::Usage })
}

/// Adds where columns come from. All files are read before any is told of: one may use what a later
/// one defines.
fn follow(files: &[File], answer: &mut Deps) {
    let mut known = Known::new();
    let read = |file: &File, known: &mut Known| {
        let names = |name: &RelationName| name.resolved("", default_schema(file.dialect));
        lineage::read(file.source.text(), &file.script, file.dialect, &names, known)
    };
    for file in files {
        let _ = read(file, &mut known);
    }
    for (file, deps) in files.iter().zip(&mut answer.files) {
        let lineage = read(file, &mut known);
        let place = |span: crate::words::Span| file.source.position(span.start);
        columns::add(deps, &file.script, &lineage, &place);
    }
}

/// What is not understood is named, with its line; the file is read all the same.
fn tell_issues(file: &SourceFile, script: &Script, look: &Look) {
    let mut err = look.stderr();
    for issue in &script.issues {
        let at = file.position(issue.span.start);
        let path = neutral_line(file.path().as_str());
        let _ = writeln!(err, "{path}:{}:{}: {}", at.line, at.column, issue.kind);
    }
}
