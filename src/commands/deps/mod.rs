//! `goldsmith deps`: what any file touches. Reads one file after the other and writes what it finds
//! at once, so that a folder of any size can be asked; only columns need all files before the first.

mod columns;
mod input;
mod platform;
mod sources;
mod text;

use std::cell::{Cell, OnceCell, RefCell};
use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use self::input::Dialects;
use self::platform::Around;
use super::{CommandError, Exit};
use crate::analysis::{Compiled, default_schema};
use crate::cli::{DataFormat, DepsArgs, Global};
use crate::graph::Index;
use crate::lineage::{self, Known};
use crate::report::{Look, Masker, ignore_broken_pipe, neutral_line};
use crate::sql::deps::{FileDeps, FileLineage};
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

/// Where the columns of a file come from, if that was asked for.
type Follow<'a> = &'a mut dyn FnMut(&File) -> Option<FileLineage>;

pub(super) fn deps(global: &Global, args: &DepsArgs) -> Result<Exit, CommandError> {
    let dialects = args.dialect.map_or_else(|| Dialects::of_platform(global), Dialects::Given);
    let told = Told { look: Look::of_stderr(global.color, Masker::default()), complete: Cell::new(true) };
    // The platform is understood when the first file needs it.
    let around: OnceCell<Option<Around>> = OnceCell::new();
    let platform = || {
        let open = || if dialects.is_inside() { Around::open(global, args.columns) } else { None };
        around.get_or_init(open).as_ref()
    };
    let files = sources::files(&args.files, &told).map(|source| {
        let needed = args.columns || dialects.is_template(source.path());
        let around = if needed { platform() } else { around.get().and_then(Option::as_ref) };
        File::read(source, &dialects, around)
    });
    let mut out = Look::of_stdout(global.color, Masker::default()).stdout();
    let written = if args.columns {
        let files: Vec<File> = files.collect();
        let around = platform();
        let mut known = known(&files, around);
        let mut follow = |file: &File| Some(columns(file, around, &mut known));
        write(files.into_iter(), &mut follow, args.format, &mut out)
    } else {
        write(files, &mut |_| None, args.format, &mut out)
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(if told.complete.get() { Exit::Done } else { Exit::Usage })
}

fn write(
    files: impl Iterator<Item = File>,
    follow: Follow,
    format: DataFormat,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match format {
        DataFormat::Json => {
            let files = Files { files: Cell::new(Some(files)), follow: RefCell::new(follow) };
            serde_json::to_writer_pretty(&mut *out, &Answer { files })?;
            writeln!(out)
        }
        DataFormat::Text => {
            for file in files {
                let lineage = follow(&file);
                let place = |span| file.place(span);
                text::write(&FileDeps::new(&file.source, &file.script, &place).with_lineage(lineage), out)?;
            }
            Ok(())
        }
    }
}

#[derive(Serialize)]
struct Answer<F> {
    files: F,
}

/// The list of files, each read when it is written.
struct Files<'a, I> {
    files: Cell<Option<I>>,
    follow: RefCell<Follow<'a>>,
}

impl<I: Iterator<Item = File>> Serialize for Files<'_, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for file in self.files.take().into_iter().flatten() {
            let lineage = (self.follow.borrow_mut())(&file);
            let place = |span| file.place(span);
            let deps = FileDeps::new(&file.source, &file.script, &place).with_lineage(lineage);
            list.serialize_element(&deps)?;
        }
        list.end()
    }
}

/// What all files together define: one may use what a later one defines.
fn known(files: &[File], around: Option<&Around>) -> Known {
    let mut known = around.map(|a| a.lineage.known.clone()).unwrap_or_default();
    for file in files.iter().filter(|f| f.node.is_none()) {
        let _ = read(file, around, &mut known);
    }
    known
}

/// Where the columns of a file come from.
fn columns(file: &File, around: Option<&Around>, known: &mut Known) -> FileLineage {
    let place = |span: Span| file.place(span);
    let whole = file.node.as_ref().zip(around).and_then(|((index, _), a)| a.lineage.lineage(*index));
    match whole {
        Some(lineage) => columns::told(&file.script, lineage, &place),
        None => columns::told(&file.script, &read(file, around, known), &place),
    }
}

fn read(file: &File, around: Option<&Around>, known: &mut Known) -> lineage::Lineage {
    let project = around.and_then(|a| a.project(&file.source));
    let names = |name: &RelationName| match (around, project) {
        (Some(a), Some(p)) => a.graph().analysis().placement.resolve(name, p, file.dialect),
        _ => name.resolved("", default_schema(file.dialect)),
    };
    lineage::read(file.source.text(), &file.script, file.dialect, &names, known)
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
