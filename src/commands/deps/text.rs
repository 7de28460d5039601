//! What files touch, for people.

use std::io::{Result, Write};

use crate::report::neutral_line;
use crate::sql::deps::{ColumnDeps, DefinitionDeps, FileDeps, LineageDeps, NameDeps, OriginDeps};

/// Writes what one file touches.
pub(super) fn write(file: &FileDeps, out: &mut dyn Write) -> Result<()> {
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
        writeln!(out, "{indent}{label:<10} {} ({}:{})", neutral_line(&name.name), name.line, name.column)?;
    }
    Ok(())
}

fn lineage(indent: &str, lineage: Option<&LineageDeps>, out: &mut dyn Write) -> Result<()> {
    let Some(lineage) = lineage else { return Ok(()) };
    for (nth, column) in lineage.columns.iter().enumerate() {
        let label = if nth == 0 { "columns" } else { "" };
        let told = neutral_line(&told(column)).into_owned();
        writeln!(out, "{indent}{label:<10} {told} ({})", column.line)?;
    }
    for one in &lineage.not_followed {
        writeln!(out, "{indent}not followed: {} ({}:{})", neutral_line(&one.why), one.line, one.column)?;
    }
    Ok(())
}

/// `fin.t.amount <- raw.a.x, raw.b.y (computed)`
fn told(column: &ColumnDeps) -> String {
    let relation = column.relation.as_ref().map_or(String::new(), |r| format!("{r}."));
    let name = match (&column.column, column.position) {
        (Some(name), Some(position)) => format!("{position} (as {name})"),
        (None, Some(position)) => position.to_string(),
        (Some(name), None) => name.clone(),
        (None, None) => "(no name)".to_owned(),
    };
    if column.from.is_empty() {
        return format!("{relation}{name} <- no column");
    }
    let from: Vec<String> = column.from.iter().map(origin).collect();
    let how = if column.how == "copied" { String::new() } else { format!(" ({})", column.how) };
    format!("{relation}{name} <- {}{how}", from.join(", "))
}

fn origin(origin: &OriginDeps) -> String {
    match (&origin.relation, &origin.candidates) {
        (Some(relation), _) => format!("{relation}.{}", origin.column),
        (None, Some(candidates)) if !candidates.is_empty() => {
            format!("{} of {}?", origin.column, candidates.join(" or "))
        }
        _ => format!("{} of an unknown relation", origin.column),
    }
}
