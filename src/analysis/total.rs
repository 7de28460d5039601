//! What a test on money adds up, as analysts write it: `debit`, `opening + new - lost`, `"Net amount"`.

/// Columns, each with whether it is taken away.
pub(super) type Terms = Vec<(bool, String)>;

/// A total as written: columns with `+` and `-` between them. What is wrong with it, else.
pub(super) fn total(text: &str) -> Result<Terms, String> {
    let mut terms = Terms::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("a column is missing".to_owned());
    }
    loop {
        let is_negative = rest.starts_with('-');
        if is_negative || rest.starts_with('+') {
            rest = rest[1..].trim_start();
        } else if !terms.is_empty() {
            return Err(format!("`+` or `-` is missing before `{rest}`"));
        }
        let (column, behind) = column(rest)?;
        terms.push((is_negative, column));
        rest = behind.trim_start();
        if rest.is_empty() {
            return Ok(terms);
        }
    }
}

/// Two totals with `=` between them.
pub(super) fn equation(text: &str) -> Result<(&str, &str), String> {
    let mut closing = None;
    let mut at = None;
    for (offset, c) in text.char_indices() {
        match (c, closing) {
            (c, Some(close)) if c == close => closing = None,
            ('"', None) => closing = Some('"'),
            ('[', None) => closing = Some(']'),
            ('=', None) if at.is_some() => return Err("there is more than one `=`".to_owned()),
            ('=', None) => at = Some(offset),
            _ => {}
        }
    }
    let at = at.ok_or_else(|| "there is no `=` between two totals".to_owned())?;
    Ok((text[..at].trim(), text[at + 1..].trim()))
}

/// The column that a text begins with, and what stands behind it.
fn column(text: &str) -> Result<(String, &str), String> {
    let close = match text.chars().next() {
        None => return Err("a column is missing at the end".to_owned()),
        Some('"') => '"',
        Some('[') => ']',
        Some(_) => {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '@');
            let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
            let (name, behind) = text.split_at(end);
            return match behind.chars().next() {
                Some(c) if name.is_empty() || !(c.is_whitespace() || matches!(c, '+' | '-')) => Err(format!(
                    "`{c}` can't stand there: a total is made of columns, `+` and `-`; a name with other signs stands in double quotes"
                )),
                _ => Ok((name.to_owned(), behind)),
            };
        }
    };
    let mut name = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != close {
            name.push(c);
        } else if chars.next_if(|(_, next)| *next == close).is_some() {
            name.push(close);
        } else if name.is_empty() {
            return Err("a name between quotes is empty".to_owned());
        } else {
            return Ok((name, &text[at + 1..]));
        }
    }
    Err(format!("`{text}` is never closed"))
}

#[cfg(test)]
mod tests {
    use super::{equation, total};

    #[test]
    fn reads_totals() {
        let read = |text: &str| {
            let terms = total(text)?;
            let told: Vec<_> =
                terms.iter().map(|(neg, c)| format!("{}{c}", if *neg { "-" } else { "+" })).collect();
            Ok::<_, String>(told.join(" "))
        };
        assert_eq!(read(" debit ").as_deref(), Ok("+debit"));
        assert_eq!(read("opening + new-lost").as_deref(), Ok("+opening +new -lost"));
        assert_eq!(read("- [Betrag €] + \"a\"\"b\"").as_deref(), Ok("-Betrag € +a\"b"));
        assert_eq!(read("Erlöse").as_deref(), Ok("+Erlöse"));
        for wrong in [
            "", "a b", "a +", "+", "sum(a)", "a.b", "a, b", "\"a", "\"\"", "[]", "a * 2", "a--b", "'a'",
            "a;drop",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-zä€ \\[\\]\"=+.,()-]{0,24}") {
            if let Ok((left, right)) = equation(&text) {
                let _ = (total(left), total(right));
            }
            for (_, column) in total(&text).unwrap_or_default() {
                let quoted = format!("\"{}\"", column.replace('"', "\"\""));
                proptest::prop_assert_eq!(total(&quoted), Ok(vec![(false, column)]));
            }
        }
    }

    #[test]
    fn reads_equations() {
        assert_eq!(equation("debit=credit"), Ok(("debit", "credit")));
        assert_eq!(equation("\"a=b\" = [c=d]"), Ok(("\"a=b\"", "[c=d]")));
        for wrong in ["debit", "a = b = c", "a == b", "\"a = b"] {
            assert!(equation(wrong).is_err(), "{wrong}");
        }
    }
}
