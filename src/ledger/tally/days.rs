//! Dates as text. A table has many rows and few days, so that those written last are kept.

use crate::words::civil;

/// How many are kept.
const KEPT: i32 = 1024;
/// `2026-02-28`
type Text = [u8; 10];

/// The days that were written last, each at its place.
pub(super) struct Days(Vec<Option<(i32, Text)>>);

impl Default for Days {
    fn default() -> Self {
        Self(vec![None; KEPT as usize])
    }
}

impl Days {
    /// Writes a day counted from 1970; `None` for years that are not written with four digits.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, day: i32) -> Option<()> {
        let kept = self.0.get_mut(day.rem_euclid(KEPT) as usize)?;
        let text = match kept {
            Some((held, text)) if *held == day => text,
            _ => &mut kept.insert((day, text(day)?)).1,
        };
        out.extend_from_slice(text);
        Some(())
    }
}

fn text(days: i32) -> Option<Text> {
    let (year, month, day) = civil(i64::from(days));
    if !(1..=9999).contains(&year) {
        return None;
    }
    let [century, rest] = [year / 100, year % 100].map(|n| u8::try_from(n).unwrap_or(0));
    let [c, r, m, d] = [century, rest, month, day].map(|n| [b'0' + n / 10, b'0' + n % 10]);
    Some([c[0], c[1], r[0], r[1], b'-', m[0], m[1], b'-', d[0], d[1]])
}

#[cfg(test)]
mod tests {
    use super::Days;

    #[test]
    fn days_have_four_digits_of_a_year_or_are_left_to_the_engine() {
        let mut days = Days::default();
        let mut told = |day| {
            let mut out = Vec::new();
            days.write(&mut out, day).map(|()| String::from_utf8(out).unwrap())
        };
        for _ in 0..2 {
            // 1024 days apart they share a place.
            for (day, expected) in [
                (0, "1970-01-01"),
                (1024, "1972-10-21"),
                (-1024, "1967-03-14"),
                (11_016, "2000-02-29"),
                (-719_162, "0001-01-01"),
                (2_932_896, "9999-12-31"),
            ] {
                assert_eq!(told(day).as_deref(), Some(expected));
            }
            for strange in [-719_163, 2_932_897, i32::MAX, -i32::MAX, i32::MIN] {
                assert_eq!(told(strange), None);
            }
        }
    }
}
