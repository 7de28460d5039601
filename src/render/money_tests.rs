//! Tests on money as SQL that returns one row for each group whose totals are apart: the columns of
//! the group, the two totals, their difference. Totals are sums of decimals, never of floating-point
//! numbers. Pure text: names come in quoted already.

use std::fmt::Write;

use crate::words::Amount;

/// Decimal places of the sums; a currency with more has its own.
const DECIMALS: u32 = 10;

/// A total: columns that are added (`false`) or taken away (`true`).
pub type Terms = Vec<(bool, String)>;

/// What may lie between two totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// The most that they may be apart.
    pub most: Amount,
    /// Decimal places of the currency's smallest unit.
    pub decimals: u32,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The rows, as they stand behind FROM.
    pub rows: String,
    /// What is added up.
    pub terms: Terms,
}

/// The failing rows of totals of one relation.
#[must_use]
pub fn reconciles(
    rows: &str,
    left: &Terms,
    right: &Terms,
    group_by: &[String],
    tolerance: Tolerance,
) -> String {
    let kind = kind(tolerance);
    let groups = groups(group_by);
    format!(
        "select {groups}left_total, right_total, left_total - right_total as difference\n\
         from (\n    select {groups}{} as left_total,\n        {} as right_total\n    from {rows}{}\n) totals\n\
         where abs(left_total - right_total) > {}",
        total(left, &kind),
        total(right, &kind),
        grouped(group_by, "    "),
        tolerance.most
    )
}

/// The failing rows of totals of two relations. A group that one of them alone has fails.
#[must_use]
pub fn total_equals(left: &Side, right: &Side, group_by: &[String], tolerance: Tolerance) -> String {
    let kind = kind(tolerance);
    let groups = groups(group_by);
    let zero = format!("cast(0 as {kind})");
    let (here, there) = (total(&left.terms, &kind), total(&right.terms, &kind));
    let side = |left_total: &str, right_total: &str, on: (u8, u8), rows: &str| {
        format!(
            "        select {groups}{left_total} as left_total,\n            {right_total} as right_total,\n            \
             {} as on_left, {} as on_right\n        from {rows}{}",
            on.0,
            on.1,
            grouped(group_by, "        ")
        )
    };
    format!(
        "select {groups}case when on_left = 1 then left_total end as left_total,\n    \
         case when on_right = 1 then right_total end as right_total,\n    \
         left_total - right_total as difference\n\
         from (\n    select {groups}sum(left_total) as left_total, sum(right_total) as right_total,\n        \
         max(on_left) as on_left, max(on_right) as on_right\n    from (\n{}\n        union all\n{}\n    ) sides{}\n) totals\n\
         where abs(left_total - right_total) > {} or on_left + on_right < 2",
        side(&here, &zero, (1, 0), &left.rows),
        side(&zero, &there, (0, 1), &right.rows),
        grouped(group_by, "    "),
        tolerance.most
    )
}

/// The type of the sums.
fn kind(tolerance: Tolerance) -> String {
    format!("decimal(38, {})", DECIMALS.max(tolerance.decimals))
}

/// The total of columns; null counts as nothing, and so do no rows.
fn total(terms: &Terms, kind: &str) -> String {
    let mut sql = String::new();
    for (nth, (is_negative, column)) in terms.iter().enumerate() {
        sql.push_str(match (nth, is_negative) {
            (0, false) => "",
            (0, true) => "-",
            (_, false) => " + ",
            (_, true) => " - ",
        });
        let _ = write!(sql, "coalesce(sum(cast({column} as {kind})), 0)");
    }
    sql
}

/// The group's columns before others in a list.
fn groups(group_by: &[String]) -> String {
    group_by.iter().flat_map(|column| [column.as_str(), ", "]).collect()
}

fn grouped(group_by: &[String], indent: &str) -> String {
    if group_by.is_empty() { String::new() } else { format!("\n{indent}group by {}", group_by.join(", ")) }
}
