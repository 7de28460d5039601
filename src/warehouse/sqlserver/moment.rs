//! Days and clocks as SQL Server keeps them, from and to Arrow's.

use tiberius::time::{Date, DateTime2, Time};

use crate::words::civil;

/// Days from 0001-01-01, where the server begins, to 1970, where Arrow does.
pub(super) const DAYS: i64 = 719_162;
/// Days from 1900-01-01, where `datetime` begins, to 1970.
pub(super) const DAYS_1900: i64 = 25_567;
/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;
/// The last day that the server knows, 9999-12-31, counted from its first.
const LAST: u32 = 3_652_058;

/// A day counted from 1970. `None` outside of the years 1 to 9999.
pub(super) fn date(days: i64) -> Option<Date> {
    u32::try_from(days.checked_add(DAYS)?).ok().filter(|days| *days <= LAST).map(Date::new)
}

/// A time of day in microseconds, in a column with so many digits behind the second; what they can't hold is
/// rounded, as the server itself does. `None` for more than a day.
pub(super) fn time(micros: i64, scale: u8) -> Option<Time> {
    let micros = u64::try_from(micros).ok().filter(|micros| *micros < DAY.unsigned_abs())?;
    let increments = if scale >= 6 {
        micros * 10_u64.pow(u32::from(scale) - 6)
    } else {
        let unit = 10_u64.pow(6 - u32::from(scale));
        let most = DAY.unsigned_abs() / unit - 1;
        ((micros + unit / 2) / unit).min(most)
    };
    Some(Time::new(increments, scale))
}

/// A point in time in microseconds since 1970. `None` outside of the years 1 to 9999.
pub(super) fn moment(micros: i64, scale: u8) -> Option<DateTime2> {
    Some(DateTime2::new(date(micros.div_euclid(DAY))?, time(micros.rem_euclid(DAY), scale)?))
}

/// The microseconds of a time of day; `None` where it has a digit beyond them.
pub(super) fn micros_of(time: Time) -> Option<i64> {
    let (increments, scale) = (i64::try_from(time.increments()).ok()?, u32::from(time.scale()));
    if scale <= 6 {
        return increments.checked_mul(10_i64.pow(6 - scale));
    }
    let unit = 10_i64.pow(scale - 6);
    (increments % unit == 0).then_some(increments / unit)
}

/// The microseconds since 1970; `None` where it has a digit beyond them.
pub(super) fn micros_since(moment: DateTime2) -> Option<i64> {
    let days = i64::from(moment.date().days()) - DAYS;
    days.checked_mul(DAY)?.checked_add(micros_of(moment.time())?)
}

/// The microseconds of `datetime`'s three-hundredths of a second, which are shown in whole milliseconds.
pub(super) fn micros_of_ticks(ticks: u32) -> i64 {
    (i64::from(ticks) * 10 + 1) / 3 * 1000
}

/// `2026-02-28`, of a day counted from the year 1.
pub(super) fn date_text(days: i64) -> String {
    let (year, month, day) = civil(days - DAYS);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `23:59:59.9999999`, with as many digits as the type has.
pub(super) fn time_text(time: Time) -> String {
    let unit = 10_u64.pow(u32::from(time.scale()));
    let (seconds, behind) = (time.increments() / unit, time.increments() % unit);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match time.scale() {
        0 => clock,
        scale => format!("{clock}.{behind:00$}", usize::from(scale)),
    }
}

#[cfg(test)]
mod tests {
    use super::{date, date_text, micros_of, micros_of_ticks, micros_since, moment, time, time_text};

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(date(0).map(|d| date_text(i64::from(d.days()))).as_deref(), Some("1970-01-01"));
        assert_eq!(date(-719_162).map(|d| date_text(i64::from(d.days()))).as_deref(), Some("0001-01-01"));
        assert_eq!(date(2_932_896).map(|d| date_text(i64::from(d.days()))).as_deref(), Some("9999-12-31"));
        assert!(date(-719_163).is_none() && date(2_932_897).is_none());
    }

    #[test]
    fn times_keep_what_their_columns_hold() {
        let last = 86_399_999_999;
        for (micros, scale, expected) in [
            (last, 7, "23:59:59.9999990"),
            (last, 6, "23:59:59.999999"),
            // Rounding never leads into the next day.
            (last, 0, "23:59:59"),
            (1_500_000, 0, "00:00:02"),
            (1_499_999, 3, "00:00:01.500"),
        ] {
            assert_eq!(time_text(time(micros, scale).unwrap()), expected);
        }
        assert!(time(86_400_000_000, 7).is_none());
        assert_eq!(micros_of(tiberius::time::Time::new(10, 7)), Some(1));
        assert_eq!(micros_of(tiberius::time::Time::new(1, 7)), None);
        for micros in [-1, 0, 253_402_300_799_999_999, -62_135_596_800_000_000] {
            assert_eq!(moment(micros, 6).and_then(micros_since), Some(micros));
        }
    }

    #[test]
    fn ticks_are_shown_in_milliseconds() {
        assert_eq!([0, 1, 2, 3].map(micros_of_ticks), [0, 3000, 7000, 10_000]);
    }
}
