//! What changed from one publication to another.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{as_json, write_difference};
use crate::ledger::Difference;
use crate::report::look::{DIM, STRONG};
use crate::report::{Look, Table, neutral_line, thousands};
use crate::warehouse::Rows;

/// Two publications of one project, compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The earlier one.
    pub before: String,
    /// The later one.
    pub after: String,
    /// Each relation that either of them made.
    pub relations: Vec<(String, Compared)>,
    /// What else changed: scripts, inputs, versions; a sentence each.
    pub changes: Vec<String>,
}

/// One relation in both.
#[derive(Debug, Clone)]
pub enum Compared {
    /// Row by row.
    Rows {
        /// What differs.
        difference: Difference,
        /// Some of the rows that differ, where that was asked.
        rows: Option<Rows>,
    },
    /// By figures alone, since rows are not kept any more.
    Figures {
        /// Rows before.
        rows_before: u64,
        /// Rows after.
        rows_after: u64,
        /// Whether the checksums agree.
        is_same: bool,
    },
}

/// Tells what changed.
pub fn write_comparison(comparison: &Comparison, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let head = format!("{} -> {}", comparison.before, comparison.after);
    writeln!(out, "{}", look.paint(STRONG, &neutral_line(&head)))?;
    for (relation, compared) in &comparison.relations {
        match compared {
            Compared::Rows { difference, rows } => {
                write_difference(relation, difference, look, out)?;
                if let Some(rows) = rows {
                    write_rows(rows, look, out)?;
                }
            }
            Compared::Figures { rows_before, rows_after, is_same } => writeln!(
                out,
                "  {}: {} ({} -> {} rows; the rows of one are not kept any more)",
                look.paint(STRONG, &neutral_line(relation)),
                if *is_same { "unchanged" } else { "changed" },
                thousands(*rows_before),
                thousands(*rows_after)
            )?,
        }
    }
    let why = if comparison.changes.is_empty() {
        "no script, input or setting changed".to_owned()
    } else {
        "what changed beside that:".to_owned()
    };
    writeln!(out, "  {}", look.paint(DIM, &why))?;
    for change in &comparison.changes {
        writeln!(out, "    {}", neutral_line(&look.masker.mask(change)))?;
    }
    Ok(())
}

fn write_rows(rows: &Rows, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(std::iter::once(String::new()).chain(rows.columns.iter().cloned()));
    for row in &rows.rows {
        table.row(row.iter().map(|cell| cell.clone().unwrap_or_else(|| "null".to_owned())));
    }
    table.write(look, out)
}

/// The same as JSON.
#[must_use]
pub fn comparison_json(comparison: &Comparison) -> Value {
    let relation = |(name, compared): &(String, Compared)| match compared {
        Compared::Rows { difference, rows } => {
            let mut told = as_json(name, difference);
            if let Some(rows) = rows {
                told["sample"] = rows
                    .rows
                    .iter()
                    .map(|row| {
                        let mut cells = row.iter();
                        let what = cells.next().cloned().flatten();
                        let values: serde_json::Map<String, Value> =
                            rows.columns.iter().cloned().zip(cells.map(|c| json!(c))).collect();
                        json!({ "what": what, "row": values })
                    })
                    .collect();
            }
            told
        }
        Compared::Figures { rows_before, rows_after, is_same } => json!({
            "relation": name, "rows_before": rows_before, "rows_after": rows_after,
            "unchanged": is_same, "rows_kept": false,
        }),
    };
    json!({
        "before": comparison.before,
        "after": comparison.after,
        "relations": comparison.relations.iter().map(relation).collect::<Vec<_>>(),
        "changes": comparison.changes,
    })
}
