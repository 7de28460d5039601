//! What files touch, for people.

use std::io::{Result, Write};

use super::super::columns::told;
use crate::report::neutral_line;
use crate::sql::deps::{DefinitionDeps, FileDeps, LineageDeps, NameDeps};

/// Writes what one file touches.
pub(super) fn write(file: &FileDeps, out: &mut dyn Write) -> Result<()> {
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
        lineage("    ", batch.lineage.as_ref(), out)?;
        batch.defines.iter().try_for_each(|d| definition(d, out))?;
    }
    Ok(())
}

fn definition(definition: &DefinitionDeps, out: &mut dyn Write) -> Result<()> {
    let name = neutral_line(&definition.name);
    writeln!(out, "    defines    {} {name} (line {})", definition.kind, definition.line)?;
    for (label, list) in
        [("reads", &definition.reads), ("writes", &definition.writes), ("executes", &definition.executes)]
    {
        names("      ", label, list, out)?;
    }
    if definition.dynamic {
        writeln!(out, "      dynamic    SQL that can't be seen")?;
    }
    lineage("      ", definition.lineage.as_ref(), out)
}

fn names(indent: &str, label: &str, list: &[NameDeps], out: &mut dyn Write) -> Result<()> {
    for (nth, name) in list.iter().enumerate() {
        let label = if nth == 0 { label } else { "" };
        writeln!(out, "{indent}{label:<10} {} ({}:{})", short(&name.name), name.line, name.column)?;
    }
    Ok(())
}

/// A name for people: what no one would call a relation is cut.
fn short(name: &str) -> String {
    const LONGEST: usize = 200;
    let shown = neutral_line(name);
    match shown.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}..", &shown[..at]),
        None => shown.into_owned(),
    }
}

fn lineage(indent: &str, lineage: Option<&LineageDeps>, out: &mut dyn Write) -> Result<()> {
    let Some(lineage) = lineage else { return Ok(()) };
    for (nth, column) in lineage.columns.iter().enumerate() {
        let label = if nth == 0 { "columns" } else { "" };
        let relation = column.relation.as_ref().map_or(String::new(), |r| format!("{r}."));
        let told = format!("{relation}{}", told(column));
        writeln!(out, "{indent}{label:<10} {} ({})", neutral_line(&told), column.line)?;
    }
    for one in &lineage.not_followed {
        writeln!(out, "{indent}not followed: {} ({}:{})", neutral_line(&one.why), one.line, one.column)?;
    }
    Ok(())
}
