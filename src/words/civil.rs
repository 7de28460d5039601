//! Days as people count them.

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar (the
/// algorithm of Howard Hinnant's `civil_from_days`). The year before year 1 is 0.
#[must_use]
pub fn civil(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(0), u8::try_from(day).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn leap_years_and_the_years_before_the_first_are_right() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(-719_529), (-1, 12, 31));
    }
}
