//! What a test comes to: how many rows it has found, and what there is to tell of them.

use super::result::found;
use crate::ddl::Act;
use crate::nouns::Totals;
use crate::plan::{Step, Text};
use crate::warehouse::{Connection, Error, Rows};
use crate::words::figure;

/// What a test has come to.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// How many rows it has found.
    pub(super) failures: u64,
    /// A sentence on them, if there are any.
    pub(super) message: Option<String>,
}

/// Asks a test's queries. An error comes with the query that made it.
pub(super) fn verdict<'a>(
    step: &'a Step,
    connection: &mut dyn Connection,
) -> Result<Verdict, (&'a Text, Error)> {
    let mut verdict = Verdict::default();
    for text in step.phases.iter().flat_map(|p| &p.statements) {
        if let Act::Apart(totals) = &text.act {
            if verdict.failures > 0 {
                let rows = connection.query(&text.sql).map_err(|e| (text, e))?;
                verdict.message = apart(totals, &rows, verdict.failures).or(verdict.message);
            }
            continue;
        }
        let rows = connection.query(&text.sql).map_err(|e| (text, e))?;
        let count = rows.rows.first().and_then(|r| r.first()?.as_deref()?.parse::<u64>().ok());
        verdict.failures += count.unwrap_or(0);
        verdict.message = (verdict.failures > 0).then(|| found(verdict.failures));
    }
    Ok(verdict)
}

/// The figures of a test on money: a line for each group, the first of `all`.
fn apart(totals: &Totals, rows: &Rows, all: u64) -> Option<String> {
    let mut lines: Vec<String> = rows.rows.iter().filter_map(|row| line(totals, row)).collect();
    if lines.is_empty() {
        return None;
    }
    let more = all.saturating_sub(lines.len() as u64);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    if lines.len() > 1 {
        lines.insert(0, format!("{all} groups do not reconcile:"));
    }
    Some(lines.join("\n"))
}

/// `period 2025-03: debit 1,203.00, credit 1,200.00: 3.00 apart`
fn line(totals: &Totals, row: &[Option<String>]) -> Option<String> {
    let groups = totals.group_by.len();
    let (group, figures) = (row.get(..groups)?, row.get(groups..)?);
    let [left, right, difference] = figures else { return None };
    let group: Vec<String> = totals
        .group_by
        .iter()
        .zip(group)
        .map(|(column, value)| format!("{column} {}", value.as_deref().unwrap_or("null")))
        .collect();
    let shown = |name: &str, total: &Option<String>| match total {
        Some(total) => format!("{name} {}", figure(total, totals.decimals)),
        None => format!("{name} has no rows"),
    };
    let difference = difference.as_deref().unwrap_or_default();
    let apart = match (left, right) {
        (Some(_), Some(_)) => {
            format!(": {} apart", figure(difference.trim_start_matches('-'), totals.decimals))
        }
        _ => String::new(),
    };
    let head = if group.is_empty() { String::new() } else { format!("{}: ", group.join(", ")) };
    Some(format!("{head}{}, {}{apart}", shown(&totals.left, left), shown(&totals.right, right)))
}

#[cfg(test)]
mod tests {
    use super::apart;
    use crate::nouns::Totals;
    use crate::warehouse::Rows;

    fn told(group_by: &[&str], rows: &[&[&str]], all: u64) -> Option<String> {
        let cell = |c: &&str| (*c != "-").then(|| (*c).to_owned());
        let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let totals = Totals {
            left: "debit".into(),
            right: "credit".into(),
            group_by: group_by.iter().map(|c| (*c).to_owned()).collect(),
            decimals: 2,
        };
        apart(&totals, &Rows { columns: Vec::new(), rows }, all)
    }

    #[test]
    fn tells_the_figures() {
        let one = told(&[], &[&["1203.0000000000", "1200.0000000000", "3.0000000000"]], 1);
        assert_eq!(one.as_deref(), Some("debit 1,203.00, credit 1,200.00: 3.00 apart"));
        let negative = told(&["month"], &[&["-", "0.0000000000", "-1.5000000000", "1.5"]], 1);
        assert_eq!(negative.as_deref(), Some("month null: debit 0.00, credit -1.50: 1.50 apart"));
        let rows: [&[&str]; 2] = [&["3", "EUR", "5", "4", "1"], &["4", "EUR", "-", "7", "-7"]];
        assert_eq!(
            told(&["month", "currency"], &rows, 9).as_deref(),
            Some(
                "9 groups do not reconcile:\nmonth 3, currency EUR: debit 5.00, credit 4.00: 1.00 apart\n\
                 month 4, currency EUR: debit has no rows, credit 7.00\nand 7 more"
            )
        );
        assert_eq!(told(&[], &[&["1"]], 1), None);
    }
}
