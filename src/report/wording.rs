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

/// A length of time in its two largest units: `26 h`, `5 d 2 h`, `5 min`, `40 s`.
#[must_use]
pub fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..360_000 if minutes.is_multiple_of(60) || hours > 9 => format!("{hours} h"),
        3600..360_000 => format!("{hours} h {} min", minutes % 60),
        _ if hours.is_multiple_of(24) || days > 9 => format!("{days} d"),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// `3 h ago`, `just now`: a length of time in its largest unit.
#[must_use]
pub fn ago(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86400),
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

    use super::{ago, count, duration, joined, length, thousands};

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
        for (seconds, long, past) in [
            (0, "0 s", "just now"),
            (59, "59 s", "just now"),
            (3599, "59 min", "59 min ago"),
            (5400, "1 h 30 min", "1 h ago"),
            (93_600, "26 h", "26 h ago"),
            (172_800, "48 h", "2 d ago"),
            (450_000, "5 d 5 h", "5 d ago"),
            (864_000, "10 d", "10 d ago"),
            (u64::MAX, "213503982334601 d", "213503982334601 d ago"),
        ] {
            assert_eq!(length(Duration::from_secs(seconds)), long);
            assert_eq!(ago(Duration::from_secs(seconds)), past);
        }
        assert_eq!(joined(&["a"], 3), "a");
        assert_eq!(joined(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(joined(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
