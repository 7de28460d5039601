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

#[cfg(test)]
mod tests {
    use super::{Side, Terms, Tolerance, reconciles, total_equals};
    use crate::sql::quote;
    use crate::words::{Amount, Dialect};

    fn texts(dialect: Dialect) -> [String; 4] {
        let q = |name: &str| quote(dialect, name);
        let one = |name: &str| -> Terms { vec![(false, q(name))] };
        let several: Terms = vec![(true, q("a]b")), (false, q("c\"d")), (true, q("e"))];
        let unit = |text: &str, count| {
            let unit = Amount::parse(text).unwrap();
            Tolerance { most: unit.times(count), decimals: unit.decimals() }
        };
        let groups = [q("period"), q("select")];
        let filtered = format!("(select * from {} where x > 1\n) tested", q("t"));
        let left = Side { rows: q("t"), terms: one("debit") };
        let right = Side { rows: filtered.clone(), terms: several.clone() };
        [
            reconciles(&q("t"), &one("debit"), &one("credit"), &[], unit("0.01", 2)),
            reconciles(&filtered, &several, &one("credit"), &groups, unit("1", 0)),
            total_equals(&left, &right, &[], unit("0.01", 0)),
            total_equals(&left, &right, &groups, unit("0.000000000001", 3)),
        ]
    }

    #[test]
    fn is_sql_in_every_dialect() {
        insta::assert_snapshot!(texts(Dialect::TSql).join("\n\n"));
        let parsed = |text: &str, dialect: &dyn sqlparser::dialect::Dialect| {
            let wrapped = format!("select count(*) from (\n{text}\n) failing");
            for sql in [text, &wrapped] {
                let statements = sqlparser::parser::Parser::parse_sql(dialect, sql);
                assert!(statements.as_ref().is_ok_and(|s| s.len() == 1), "{statements:?}\n{sql}");
            }
        };
        for text in texts(Dialect::TSql) {
            parsed(&text, &sqlparser::dialect::MsSqlDialect {});
        }
        for text in texts(Dialect::Postgres) {
            parsed(&text, &sqlparser::dialect::PostgreSqlDialect {});
        }
    }
}
