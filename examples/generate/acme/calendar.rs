//! Months and days as plain numbers. Month 0 is January 2024, the first month in the books;
//! month 23 is December 2025, the last. No clock is ever read.

use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(pub i64);

/// Days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

pub const FIRST: Month = Month(0);
pub const LAST: Month = Month(23);

/// All months of the books, in order.
pub fn months() -> impl Iterator<Item = Month> {
    (FIRST.0..=LAST.0).map(Month)
}

impl Month {
    pub fn year(self) -> i64 {
        2024 + self.0.div_euclid(12)
    }

    /// 1 for January.
    pub fn number(self) -> i64 {
        self.0.rem_euclid(12) + 1
    }

    pub fn plus(self, months: i64) -> Self {
        Self(self.0 + months)
    }

    /// Howard Hinnant's `days_from_civil`.
    pub fn first(self) -> Day {
        let year = if self.number() <= 2 { self.year() - 1 } else { self.year() };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.number() + 9) % 12) + 2) / 5;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    pub fn last(self) -> Day {
        Day(self.plus(1).first().0 - 1)
    }

    /// The given day of this month, or its last day where the month is shorter.
    pub fn day(self, number: i64) -> Day {
        Day(self.first().0 + number - 1).min(self.last())
    }
}

impl Day {
    pub fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    pub fn month(self) -> Month {
        // A first guess that is never too late; months have 28 to 31 days.
        let mut month = Month((self.0 - FIRST.first().0).div_euclid(28).min(0));
        month = month.plus((self.0 - month.first().0) / 31);
        while month.last() < self {
            month = month.plus(1);
        }
        month
    }

    pub fn number(self) -> i64 {
        self.0 - self.month().first().0 + 1
    }

    /// As DATEV writes the date of a voucher: day and month, without the year.
    pub fn ddmm(self) -> String {
        format!("{:02}{:02}", self.number(), self.month().number())
    }

    pub fn ddmmyyyy(self) -> String {
        format!("{}{:04}", self.ddmm(), self.month().year())
    }

    pub fn yyyymmdd(self) -> String {
        self.to_string().replace('-', "")
    }

    /// A moment of this day as Salesforce exports it; `second` counts from midnight.
    pub fn at(self, second: i64) -> String {
        format!("{self}T{:02}:{:02}:{:02}.000Z", second / 3600, second / 60 % 60, second % 60)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = self.month();
        write!(f, "{:04}-{:02}-{:02}", month.year(), month.number(), self.number())
    }
}
