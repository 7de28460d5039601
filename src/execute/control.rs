//! Compares a source's own figures with those of what arrived.

/// Compares one row of figures with the other: the count of rows, then perhaps the sum of a column as
/// text, and behind what arrived whether that sum is one of floating-point numbers. Gives the sentence
/// to tell; the error is one as well, and has both figures.
pub(super) fn compare(
    source: &[Option<String>],
    arrived: &[Option<String>],
    sum: Option<&str>,
) -> Result<String, String> {
    let cell = |row: &[Option<String>], nth: usize| row.get(nth).cloned().flatten();
    let (there, here) = (cell(source, 0).unwrap_or_default(), cell(arrived, 0).unwrap_or_default());
    if !same_number(&there, &here) {
        return Err(format!("the source has {there} rows, but {here} arrived: nothing was changed"));
    }
    let Some(column) = sum else { return Ok(format!("as at the source: {here} rows")) };
    let (there, total) = (cell(source, 1), cell(arrived, 1));
    let floats = cell(arrived, 2).is_some_and(|f| f == "true" || f == "t" || f == "1");
    let same = match (&there, &total) {
        (None, None) => true,
        (Some(there), Some(total)) => same_number(there, total) || floats && close(there, total),
        _ => false,
    };
    let shown = |figure: Option<String>| figure.unwrap_or_else(|| "nothing".to_owned());
    let (there, total) = (shown(there), shown(total));
    if same {
        Ok(format!("as at the source: {here} rows, sum of {column} {total}"))
    } else {
        Err(format!("the sum of {column} is {there} at the source, but {total} arrived: nothing was changed"))
    }
}

/// Whether two texts are the same number; `1.50` is `1.5`.
fn same_number(left: &str, right: &str) -> bool {
    fn plain(text: &str) -> &str {
        let text = text.trim();
        if text.contains('.') && !text.contains(['e', 'E']) {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            text
        }
    }
    plain(left) == plain(right)
}

/// Whether two sums of floating-point numbers differ by no more than their order explains.
fn close(left: &str, right: &str) -> bool {
    match (left.trim().parse::<f64>(), right.trim().parse::<f64>()) {
        (Ok(left), Ok(right)) => (left - right).abs() <= 1e-9 * left.abs().max(right.abs()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    fn row(cells: &[&str]) -> Vec<Option<String>> {
        cells.iter().map(|c| (!c.is_empty()).then(|| (*c).to_owned())).collect()
    }

    #[test]
    fn figures_must_be_the_same() {
        let told = compare(&row(&["3", "60.00"]), &row(&["3", "60", "false"]), Some("amount"));
        assert_eq!(told.unwrap(), "as at the source: 3 rows, sum of amount 60");
        let told = compare(&row(&["3", "60.01"]), &row(&["3", "60.00", "false"]), Some("amount"));
        assert_eq!(
            told.unwrap_err(),
            "the sum of amount is 60.01 at the source, but 60.00 arrived: nothing was changed"
        );
        let told = compare(&row(&["4"]), &row(&["3"]), None);
        assert_eq!(told.unwrap_err(), "the source has 4 rows, but 3 arrived: nothing was changed");
        assert!(compare(&row(&["0", ""]), &row(&["0", "", ""]), Some("amount")).is_ok());
        assert!(compare(&row(&["1", "0"]), &row(&["1", "", ""]), Some("amount")).is_err());
    }

    #[test]
    fn the_order_of_floating_point_numbers_is_no_difference() {
        let (there, here) = (row(&["2", "0.30000000000000004"]), row(&["2", "0.3", "true"]));
        assert!(compare(&there, &here, Some("amount")).is_ok());
        let here = row(&["2", "0.3", "false"]);
        assert!(compare(&there, &here, Some("amount")).is_err());
        let here = row(&["2", "0.31", "true"]);
        assert!(compare(&there, &here, Some("amount")).is_err());
    }
}
