//! dbt's four generic data tests as SQL that returns the failing rows; `money_tests` has goldsmith's own.
//! Pure text: relations and columns come in quoted already. Tests of the project's own are macros, see `Templates::call`.

/// One of the built-in generic tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GenericTest {
    /// The column is never null.
    NotNull,
    /// The column has no value twice; nulls don't count.
    Unique,
    /// The column holds these values only; nulls don't count.
    AcceptedValues {
        /// The values as YAML has them.
        values: Vec<String>,
        /// Whether they are string literals.
        quote: bool,
    },
    /// Every value of the column is in a column of another relation; nulls don't count.
    Relationships {
        /// The other relation, as SQL.
        to: String,
        /// Its column, as SQL.
        field: String,
    },
}

impl GenericTest {
    /// The names of the built-in tests.
    pub const NAMES: [&'static str; 6] =
        ["not_null", "unique", "accepted_values", "relationships", "reconciles", "total_equals"];

    /// The SQL that returns the failing rows of `relation`, of the rows where `filter` holds.
    #[must_use]
    pub fn sql(&self, relation: &str, column: &str, filter: Option<&str>) -> String {
        let rows = match filter {
            Some(filter) => format!("(select * from {relation} where {filter}) tested"),
            None => relation.to_owned(),
        };
        match self {
            Self::NotNull => format!("select {column}\nfrom {rows}\nwhere {column} is null"),
            Self::Unique => format!(
                "select {column} as unique_field, count(*) as n_records\nfrom {rows}\nwhere {column} is not null\n\
                 group by {column}\nhaving count(*) > 1"
            ),
            Self::AcceptedValues { values, quote } => format!(
                "select {column} as value_field, count(*) as n_records\nfrom {rows}\n\
                 where {}\ngroup by {column}",
                outside(column, values, *quote)
            ),
            Self::Relationships { to, field } => format!(
                "select child.from_field\nfrom (select {column} as from_field from {rows} where {column} is not null) child\n\
                 left join (select {field} as to_field from {to}) parent on child.from_field = parent.to_field\n\
                 where parent.to_field is null"
            ),
        }
    }
}

/// That the column holds none of the values.
fn outside(column: &str, values: &[String], quote: bool) -> String {
    if values.is_empty() {
        return format!("{column} is not null");
    }
    let literal = |v: &String| if quote { format!("'{}'", v.replace('\'', "''")) } else { v.clone() };
    let values: Vec<_> = values.iter().map(literal).collect();
    format!("{column} not in ({})", values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::GenericTest;

    #[test]
    fn returns_failing_rows() {
        assert_eq!(GenericTest::NotNull.sql("s.t", "a", None), "select a\nfrom s.t\nwhere a is null");
        let unique = GenericTest::Unique.sql("s.t", "a", Some("b > 1"));
        assert!(unique.contains("from (select * from s.t where b > 1) tested\n"), "{unique}");
        let values = GenericTest::AcceptedValues { values: vec!["it's".into(), "b".into()], quote: true };
        assert!(values.sql("t", "a", None).contains("where a not in ('it''s', 'b')"));
        let plain = GenericTest::AcceptedValues { values: vec!["1".into()], quote: false };
        assert!(plain.sql("t", "a", None).contains("not in (1)"));
        let related = GenericTest::Relationships { to: "s.u".into(), field: "id".into() };
        assert!(
            related.sql("s.t", "u_id", None).contains("left join (select id as to_field from s.u) parent")
        );
    }
}
