//! Amounts of money as they are written: exact, whatever their size.

use std::fmt;

/// More decimal places than any currency has, digital ones included.
const MOST_DECIMALS: u32 = 18;
/// Nor has one a smallest unit of so many digits.
const MOST_WHOLE: usize = 9;

/// An exact decimal that is not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// All digits, those behind the point included.
    digits: u128,
    /// How many of them stand behind the point.
    decimals: u32,
}

impl Amount {
    /// An amount as written: up to 9 digits, perhaps a point and up to 18 digits behind it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
        let decimals = u32::try_from(behind.len()).ok().filter(|n| *n <= MOST_DECIMALS)?;
        let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + behind.len() == 0
            || whole.len() > MOST_WHOLE
            || !is_number(whole)
            || !is_number(behind)
        {
            return None;
        }
        let digits = format!("{whole}{behind}").parse().ok()?;
        Some(Self { digits, decimals })
    }

    /// So many times the amount.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        // At the most 27 digits and 10: they fit.
        Self { digits: self.digits.saturating_mul(u128::from(count)), ..self }
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// How many digits stand behind the point.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.decimals
    }
}

impl fmt::Display for Amount {
    /// As SQL writes it: `0.02`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behind = 10_u128.pow(self.decimals);
        write!(f, "{}", self.digits / behind)?;
        match self.decimals {
            0 => Ok(()),
            decimals => write!(f, ".{:0width$}", self.digits % behind, width = decimals as usize),
        }
    }
}

/// A number that a warehouse has written, for people: thousands apart, as many decimal places as the
/// currency has, more only where they are not zero. Anything else stays as it is.
#[must_use]
pub fn figure(text: &str, decimals: u32) -> String {
    let (sign, number) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, behind) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || !whole.bytes().chain(behind.bytes()).all(|b| b.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut shown = String::from(sign);
    for (nth, digit) in whole.chars().enumerate() {
        if nth > 0 && (whole.len() - nth).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    let behind = behind.trim_end_matches('0');
    let width = behind.len().max(decimals as usize);
    if width > 0 {
        shown.push('.');
        shown.push_str(behind);
        shown.extend(std::iter::repeat_n('0', width - behind.len()));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{Amount, figure};

    #[test]
    fn reads_and_multiplies_exactly() {
        let times = |text, count| Amount::parse(text).map(|a| a.times(count).to_string());
        assert_eq!(times("0.01", 2).as_deref(), Some("0.02"));
        assert_eq!(times("0.05", 3).as_deref(), Some("0.15"));
        assert_eq!(times("1", 0).as_deref(), Some("0"));
        assert_eq!(times(".001", 1000).as_deref(), Some("1.000"));
        assert_eq!(times("0.000000000000000001", 1).as_deref(), Some("0.000000000000000001"));
        for no in ["", ".", "-1", "1e3", "1,5", "a", "1.0000000000000000001", "1234567890", "1.2.3"] {
            assert_eq!(Amount::parse(no), None, "{no}");
        }
    }

    #[test]
    fn shows_figures() {
        assert_eq!(figure("1203.0000000000", 2), "1,203.00");
        assert_eq!(figure("-1234567.5000000000", 2), "-1,234,567.50");
        assert_eq!(figure("0.0040000000", 2), "0.004");
        assert_eq!(figure("120.0000000000", 0), "120");
        assert_eq!(figure("7", 3), "7.000");
        assert_eq!(figure("NaN", 2), "NaN");
        assert_eq!(figure("", 2), "");
    }
}
