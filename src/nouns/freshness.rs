//! How old data may become before somebody has to know.

use std::time::Duration;

/// `freshness:` of a project or a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Older than this is a warning.
    pub warn_after: Option<Duration>,
    /// Older than this is an error.
    pub error_after: Option<Duration>,
}

/// What an age means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As promised, or nothing is promised.
    Fresh,
    /// Past `warn_after`.
    Warning,
    /// Past `error_after`.
    Error,
}

impl Verdict {
    /// The word in JSON and in text.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Freshness {
    /// Whether anything is promised.
    #[must_use]
    pub fn is_promised(self) -> bool {
        self.warn_after.is_some() || self.error_after.is_some()
    }

    /// What an age means.
    #[must_use]
    pub fn judge(self, age: Duration) -> Verdict {
        let past = |limit: Option<Duration>| limit.is_some_and(|limit| age > limit);
        match (past(self.error_after), past(self.warn_after)) {
            (true, _) => Verdict::Error,
            (_, true) => Verdict::Warning,
            _ => Verdict::Fresh,
        }
    }
}
