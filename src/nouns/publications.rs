//! How a project publishes its financial gold, beside what the rules of the day say.

use jiff::civil::Time;

/// `publications:` in `goldsmith.yml`, and over it in a `project.yml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publications {
    /// How many publications keep their rows.
    pub keep: Option<u32>,
    /// Whether the last publication of each month keeps its rows for ever.
    pub keep_period_ends: Option<bool>,
    /// When the day's publication must stand, in the platform's time zone.
    pub deadline: Option<Time>,
    /// A program and its arguments, run when a publication is committed.
    pub after: Option<Vec<String>>,
}

impl Publications {
    /// How many publications keep their rows where nothing is said.
    pub const KEEP: u32 = 30;

    /// These, and for what they don't say, those of the platform.
    #[must_use]
    pub fn over(&self, platform: &Self) -> Self {
        let own = self.clone();
        Self {
            keep: own.keep.or(platform.keep),
            keep_period_ends: own.keep_period_ends.or(platform.keep_period_ends),
            deadline: own.deadline.or(platform.deadline),
            after: own.after.or_else(|| platform.after.clone()),
        }
    }

    /// How many publications keep their rows.
    #[must_use]
    pub fn keep(&self) -> u32 {
        self.keep.unwrap_or(Self::KEEP)
    }

    /// Whether the last publication of each month keeps its rows.
    #[must_use]
    pub fn keeps_period_ends(&self) -> bool {
        self.keep_period_ends.unwrap_or(true)
    }
}

super::kinds::words! {
    /// Which date a run without `--date` is for.
    BusinessDate {
        /// The day on which it starts.
        Today "today",
        /// The day before.
        PreviousDay "previous_day",
    }
}
