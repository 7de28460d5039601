//! Keeps numbers exact on their way through an engine that reads JSON numbers as floats.

use std::borrow::Cow;

/// How many digits a float surely keeps.
const DIGITS: usize = 15;

/// A line of JSON in which numbers with more digits than a float keeps stand in quotation marks, so
/// that they arrive as they were sent.
pub(super) fn exact(line: &str) -> Cow<'_, str> {
    let bytes = line.as_bytes();
    let (mut out, mut kept, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_text(bytes, at + 1),
            b'-' | b'0'..=b'9' => {
                let end = bytes[at..]
                    .iter()
                    .position(|b| !matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                    .map_or(bytes.len(), |n| at + n);
                if is_long(&bytes[at..end]) {
                    out.push_str(&line[kept..at]);
                    out.push('"');
                    out.push_str(&line[at..end]);
                    out.push('"');
                    kept = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(line);
    }
    out.push_str(&line[kept..]);
    Cow::Owned(out)
}

/// Whole numbers of up to 18 digits fit the engine's integers.
fn is_long(number: &[u8]) -> bool {
    let mantissa = number.split(|b| matches!(b, b'e' | b'E')).next().unwrap_or(number);
    let digits = mantissa.iter().filter(|b| b.is_ascii_digit()).count();
    let is_whole = !number.iter().any(|b| matches!(b, b'.' | b'e' | b'E'));
    digits > if is_whole { 18 } else { DIGITS }
}

/// The offset behind a text's closing quotation mark.
fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::exact;

    #[test]
    fn only_numbers_that_a_float_would_change_are_quoted() {
        for same in [
            r#"{"a":0.1,"b":-12.50,"c":123456789012345678,"d":"12345678901234567890.12 \"x\" 1"}"#,
            "{}",
            r#"{"unfinished":"12345678901234567890"#,
        ] {
            assert_eq!(exact(same), same);
        }
        assert_eq!(
            exact(r#"{"a":12345678901234567.89,"b":[-12345678901234567890],"c":1}"#),
            r#"{"a":"12345678901234567.89","b":["-12345678901234567890"],"c":1}"#
        );
    }
}
