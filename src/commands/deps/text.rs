//! What `deps` tells people.

use std::io::Write;
use std::sync::Arc;

use super::Known;
use crate::report::neutral_line;
use crate::sql;
use crate::sql::deps::{FileDeps, NameDeps};
use crate::words::SourceFile;

/// Writes what each file touches.
pub(super) fn write(
    files: impl Iterator<Item = Arc<SourceFile>>,
    dialect: &Known,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    for file in files {
        let script = sql::read(file.text(), dialect.of(file.path()));
        one(&FileDeps::new(&file, &script), out)?;
    }
    Ok(())
}

fn one(file: &FileDeps, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{} ({})", neutral_line(file.path()), file.encoding())?;
    for issue in file.issues() {
        writeln!(out, "  not understood: {} ({}:{})", issue.message, issue.line, issue.column)?;
    }
    for batch in file.batches() {
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
