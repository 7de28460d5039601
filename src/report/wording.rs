//! Numbers in words: counts with the right plural, durations, lists.

use std::fmt::Display;
use std::time::Duration;

/// `1 error`, `2 errors`: the word gets an s unless there is exactly one.
#[must_use]
pub fn count(n: usize, word: &str) -> String {
    format!("{} {word}{}", thousands(n), if n == 1 { "" } else { "s" })
}

/// A number with commas between thousands.
#[must_use]
pub fn thousands(n: impl Display) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `0.03s`, `3.2s`, `2m 05s`, `1h 02m 05s`.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{:.2}s", time.as_secs_f64().min(0.99)),
        1..60 => format!("{:.1}s", time.as_secs_f64().min(59.9)),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m {:02}s", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

/// `a`, `a and b`, `a, b and c`; past `limit`, `a, b and 7 more`.
#[must_use]
pub fn joined(words: &[&str], limit: usize) -> String {
    let (shown, more) = if words.len() > limit {
        (&words[..limit], Some(format!("{} more", words.len() - limit)))
    } else {
        (words, None)
    };
    let mut parts: Vec<&str> = shown.to_vec();
    parts.extend(more.as_deref());
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{count, duration, joined, thousands};

    #[test]
    fn reads_aloud() {
        assert_eq!(count(0, "error"), "0 errors");
        assert_eq!(count(1, "error"), "1 error");
        assert_eq!(count(1200, "row"), "1,200 rows");
        assert_eq!(thousands(1_234_567), "1,234,567");
        for (ms, text) in [
            (0, "0.00s"),
            (999, "0.99s"),
            (3_210, "3.2s"),
            (59_999, "59.9s"),
            (125_000, "2m 05s"),
            (3_725_000, "1h 02m 05s"),
        ] {
            assert_eq!(duration(Duration::from_millis(ms)), text);
        }
        assert_eq!(joined(&["a"], 3), "a");
        assert_eq!(joined(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(joined(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
