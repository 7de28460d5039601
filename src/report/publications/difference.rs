//! What differs between two publications.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::ledger::Difference;
use crate::report::look::{DIM, STRONG};
use crate::report::{Look, count, neutral_line, thousands};

/// One relation's difference: rows, columns, totals.
pub fn write_difference(
    relation: &str,
    difference: &Difference,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = look.paint(STRONG, &neutral_line(relation));
    let (before, after) = (difference.rows_before, difference.rows_after);
    if difference.is_none() {
        return writeln!(out, "  {name}: unchanged, {} rows", thousands(after));
    }
    let mut parts = vec![
        format!("{} added", thousands(difference.added)),
        format!("{} removed", thousands(difference.removed)),
    ];
    if let Some(changed) = difference.changed {
        parts.push(format!("{} changed", thousands(changed)));
    }
    let rows = look.paint(DIM, &format!("({} -> {} rows)", thousands(before), thousands(after)));
    writeln!(out, "  {name}: {} {rows}", parts.join(", "))?;
    for (word, columns) in [("new", &difference.columns_added), ("gone", &difference.columns_removed)] {
        if !columns.is_empty() {
            let names = columns.iter().map(|c| neutral_line(c)).collect::<Vec<_>>().join(", ");
            writeln!(out, "    {} {word}: {names}", count(columns.len(), "column"))?;
        }
    }
    if let Some(problem) = &difference.key_problem {
        writeln!(out, "    no rows are told as changed: the key {}", neutral_line(problem))?;
    }
    write_totals(difference, look, out)
}

/// The totals that moved, in columns.
fn write_totals(difference: &Difference, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let moved: Vec<[String; 4]> = difference
        .totals
        .iter()
        .filter(|t| t.change.as_deref().is_some_and(|c| amount(c) != "0"))
        .map(|t| {
            let text = |total: &Option<String>| total.as_deref().map_or_else(|| "nothing".to_owned(), amount);
            let change = t.change.as_deref().map(amount).unwrap_or_default();
            let sign = if change.starts_with('-') { "" } else { "+" };
            [neutral_line(&t.column).into_owned(), text(&t.before), text(&t.after), format!("{sign}{change}")]
        })
        .collect();
    let width = |nth: usize| moved.iter().map(|row| row[nth].chars().count()).max().unwrap_or(0);
    let (a, b, c, d) = (width(0), width(1), width(2), width(3));
    for [column, before, after, change] in &moved {
        let change = format!("{change:>d$}");
        writeln!(out, "    {column:<a$}  {before:>b$} -> {after:>c$}  {}", look.paint(STRONG, &change))?;
    }
    Ok(())
}

/// A number in text with its thousands apart, without zeros at its end.
pub(super) fn amount(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return neutral_line(number).into_owned();
    }
    let fraction = fraction.trim_end_matches('0');
    let mut grouped = String::new();
    for (nth, digit) in whole.chars().enumerate() {
        if nth > 0 && (whole.len() - nth) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() {
        if grouped == "0" { grouped } else { format!("{sign}{grouped}") }
    } else {
        // Cents are two digits wherever there are any.
        format!("{sign}{grouped}.{fraction:0<2}")
    }
}

/// The same as JSON.
#[must_use]
pub fn as_json(relation: &str, difference: &Difference) -> Value {
    json!({
        "relation": relation,
        "rows_before": difference.rows_before,
        "rows_after": difference.rows_after,
        "added": difference.added,
        "removed": difference.removed,
        "changed": difference.changed,
        "columns_added": difference.columns_added,
        "columns_removed": difference.columns_removed,
        "totals": difference.totals.iter().map(|t| json!({
            "column": t.column, "before": t.before, "after": t.after, "change": t.change,
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{amount, write_difference};
    use crate::ledger::{ColumnTotals, Difference};
    use crate::report::Look;

    #[test]
    fn amounts_read_like_amounts() {
        for (number, expected) in [
            ("0", "0"),
            ("0.00000", "0"),
            ("-0.00", "0"),
            ("1234567.5", "1,234,567.50"),
            ("-1200.000", "-1,200"),
            ("0.125", "0.125"),
            ("999", "999"),
            ("1e5", "1e5"),
        ] {
            assert_eq!(amount(number), expected, "{number}");
        }
    }

    #[test]
    fn says_which_totals_moved() {
        let total = |column: &str, before: &str, after: &str, change: &str| ColumnTotals {
            column: column.into(),
            before: Some(before.into()),
            after: Some(after.into()),
            change: Some(change.into()),
        };
        let difference = Difference {
            rows_before: 310,
            rows_after: 312,
            added: 3,
            removed: 1,
            changed: Some(14),
            totals: vec![
                total("mrr", "1203400.00", "1204100.50", "700.50000000000000"),
                total("seats", "120", "120", "0.00000000000000"),
            ],
            ..Difference::default()
        };
        let mut out = Vec::new();
        write_difference("fin.mrr_month", &difference, &Look::plain(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  fin.mrr_month: 3 added, 1 removed, 14 changed (310 -> 312 rows)\n    mrr  1,203,400 -> 1,204,100.50  +700.50\n"
        );
    }
}
