//! `goldsmith deps`

use std::io::Write;
use std::sync::Arc;

mod columns;
mod input;
mod platform;
mod text;

use self::input::{Dialects, sources};
use self::platform::Around;
use super::{CommandError, Exit};
use crate::analysis::{Compiled, default_schema};
use crate::cli::{DataFormat, DepsArgs, Global};
use crate::graph::Index;
use crate::lineage::{self, Known};
use crate::report::{Look, Masker, ignore_broken_pipe, neutral_line};
use crate::sql::deps::{Deps, FileDeps};
use crate::sql::{self, Script};
use crate::words::{Dialect, Position, RelationName, SourceFile, Span};

/// A file, read.
struct File {
    source: Arc<SourceFile>,
    dialect: Dialect,
    script: Script,
    /// The node of the platform that it holds, with the SQL that is made of it.
    node: Option<(Index, Arc<Compiled>)>,
}

impl File {
    fn read(source: Arc<SourceFile>, dialects: &Dialects, around: Option<&Around>) -> Self {
        let node = around.and_then(|a| a.node(&source)).map(|(index, sql)| (index, Arc::clone(sql)));
        let dialect = match (&node, around) {
            (Some((index, _)), Some(around)) => around.graph().node(*index).dialect,
            _ => dialects.of(source.path()),
        };
        let script = sql::read(node.as_ref().map_or(source.text(), |(_, sql)| sql.sql()), dialect);
        Self { source, dialect, script, node }
    }

    /// The user's place of a place in the SQL.
    fn place(&self, span: Span) -> Position {
        let span = self.node.as_ref().map_or(span, |(_, sql)| sql.place(span));
        self.source.position(span.start)
    }
}

pub(super) fn deps(global: &Global, args: &DepsArgs) -> Result<Exit, CommandError> {
    let dialects = args.dialect.map_or_else(|| Dialects::of_platform(global), Dialects::Given);
    let look = Look::of_stderr(global.color, Masker::default());
    let mut complete = true;
    let sources = sources(&args.files, &mut complete, &look)?;
    let rendered = args.columns || sources.iter().any(|s| dialects.is_template(s.path()));
    let around = if rendered && dialects.is_inside() { Around::open(global, args.columns) } else { None };
    let files: Vec<File> =
        sources.into_iter().map(|source| File::read(source, &dialects, around.as_ref())).collect();
    for file in &files {
        tell_issues(file, &look);
    }
    let told = |f: &File| FileDeps::placed(&f.source, &f.script, &|span| f.place(span));
    let mut answer = Deps { files: files.iter().map(told).collect() };
    if args.columns {
        follow(&files, around.as_ref(), &mut answer);
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
fn follow(files: &[File], around: Option<&Around>, answer: &mut Deps) {
    let mut known = around.map(|a| a.lineage.known.clone()).unwrap_or_default();
    let read = |file: &File, known: &mut Known| {
        let project = around.and_then(|a| a.project(&file.source));
        let names = |name: &RelationName| match (around, project) {
            (Some(a), Some(p)) => a.graph().analysis().placement.resolve(name, p, file.dialect),
            _ => name.resolved("", default_schema(file.dialect)),
        };
        lineage::read(file.source.text(), &file.script, file.dialect, &names, known)
    };
    for file in files.iter().filter(|f| f.node.is_none()) {
        let _ = read(file, &mut known);
    }
    for (file, deps) in files.iter().zip(&mut answer.files) {
        let place = |span: Span| file.place(span);
        let whole = file.node.as_ref().zip(around).and_then(|((index, _), a)| a.lineage.lineage(*index));
        match whole {
            Some(lineage) => columns::add(deps, &file.script, lineage, &place),
            None => columns::add(deps, &file.script, &read(file, &mut known), &place),
        }
    }
}

/// What is not understood is named, with its line; the file is read all the same.
fn tell_issues(file: &File, look: &Look) {
    let mut err = look.stderr();
    for issue in &file.script.issues {
        let at = file.place(issue.span);
        let path = neutral_line(file.source.path().as_str());
        let _ = writeln!(err, "{path}:{}:{}: {}", at.line, at.column, issue.kind);
    }
}
