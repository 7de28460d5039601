//! `goldsmith deps`

use std::io::{Read, Write};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use super::{CommandError, Exit, session};
use crate::cli::{DataFormat, DepsArgs, Global};
use crate::load;
use crate::report::{Look, Masker, ignore_broken_pipe, neutral_line};
use crate::sql::deps::{Deps, FileDeps, NameDeps};
use crate::sql::{self, Script};
use crate::words::{Dialect, SourceFile};

pub(super) fn deps(global: &Global, args: &DepsArgs) -> Result<Exit, CommandError> {
    let dialect = match args.dialect {
        Some(dialect) => Known::Given(dialect),
        None => Known::of_platform(global),
    };
    let look = Look::of_stderr(global.color, Masker::default());
    let (mut answer, mut complete) = (Deps::default(), true);
    for file in sources(&args.files, &mut complete, &look)? {
        let script = sql::read(file.text(), dialect.of(file.path()));
        tell_issues(&file, &script, &look);
        answer.files.push(FileDeps::new(&file, &script));
    }
    let look = Look::of_stdout(global.color, Masker::default());
    let mut out = look.stdout();
    let written = match args.format {
        DataFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &answer).map_err(Into::into).and_then(|()| writeln!(out))
        }
        DataFormat::Text => answer.files.iter().try_for_each(|file| text(file, &mut out)),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(if complete { Exit::Done } else { Exit::Usage })
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
        let (Some(platform), _) = load::load(&load::Files::on_disk(&*root)) else {
            return Self::Projects(Vec::new());
        };
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

/// Files as given, `.sql` files below folders, standard input for `-`.
fn sources(
    given: &[Utf8PathBuf],
    complete: &mut bool,
    look: &Look,
) -> Result<Vec<Arc<SourceFile>>, CommandError> {
    let mut found = Vec::new();
    for path in given {
        if path == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes)?;
            found.push(decoded("-", &bytes));
        } else if path.is_dir() {
            for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
                match entry {
                    Ok(entry) if entry.file_type().is_file() => {
                        let Some(file) = Utf8Path::from_path(entry.path()) else { continue };
                        if file.extension().is_some_and(|e| e.eq_ignore_ascii_case("sql")) {
                            found.extend(read(file, complete, look));
                        }
                    }
                    Ok(_) => {}
                    Err(error) => refuse(&error.to_string(), complete, look),
                }
            }
        } else {
            found.extend(read(path, complete, look));
        }
    }
    Ok(found)
}

fn read(path: &Utf8Path, complete: &mut bool, look: &Look) -> Option<Arc<SourceFile>> {
    match fs_err::read(path) {
        Ok(bytes) => Some(decoded(path.as_str(), &bytes)),
        Err(error) => {
            refuse(&error.to_string(), complete, look);
            None
        }
    }
}

/// Says what can't be read and goes on with the rest.
fn refuse(message: &str, complete: &mut bool, look: &Look) {
    *complete = false;
    let _ = writeln!(look.stderr(), "error: {}", neutral_line(message));
}

fn decoded(path: &str, bytes: &[u8]) -> Arc<SourceFile> {
    let (text, encoding) = sql::decode(bytes);
    SourceFile::new(path.replace('\\', "/"), text, encoding)
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

fn text(file: &FileDeps, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{} ({})", neutral_line(&file.path), file.encoding)?;
    for batch in &file.batches {
        writeln!(out, "  batch {} (line {})", batch.index, batch.line)?;
        for (label, list) in [
            ("reads", &batch.reads),
            ("writes", &batch.writes),
            ("drops", &batch.drops),
            ("executes", &batch.executes),
            ("functions", &batch.functions),
            ("system", &batch.system),
        ] {
            names("    ", label, list, out)?;
        }
        if batch.dynamic {
            writeln!(out, "    dynamic    SQL that can't be seen")?;
        }
        for definition in &batch.defines {
            writeln!(
                out,
                "    defines    {} {} (line {})",
                definition.kind,
                neutral_line(&definition.name),
                definition.line
            )?;
            for (label, list) in [
                ("reads", &definition.reads),
                ("writes", &definition.writes),
                ("executes", &definition.executes),
            ] {
                names("      ", label, list, out)?;
            }
            if definition.dynamic {
                writeln!(out, "      dynamic    SQL that can't be seen")?;
            }
        }
    }
    Ok(())
}

fn names(indent: &str, label: &str, list: &[NameDeps], out: &mut dyn Write) -> std::io::Result<()> {
    for (nth, name) in list.iter().enumerate() {
        let label = if nth == 0 { label } else { "" };
        writeln!(out, "{indent}{label:<10} {} ({}:{})", neutral_line(&name.name), name.line, name.column)?;
    }
    Ok(())
}
