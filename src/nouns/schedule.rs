//! When a project's pipelines run.

use std::time::Duration;

use croner::Cron;

use crate::words::Span;

/// How long a daily run is taken to last when nothing is declared.
const USUAL: Duration = Duration::from_mins(30);

/// A cron expression, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// The expression as written.
    pub text: String,
    /// Its place in `project.yml`.
    pub span: Span,
    /// What it says.
    pub cron: Cron,
}

/// When a project's pipelines run, in the platform's time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The daily pipeline.
    pub daily: Option<Timing>,
    /// The hourly pipeline.
    pub hourly: Option<Timing>,
    /// Financial gold; at the end of daily when absent.
    pub financial: Option<Timing>,
    /// How long a daily run is declared to last.
    pub expected: Option<Duration>,
}

impl Schedule {
    /// How long a daily run lasts: as declared, else half an hour.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.expected.unwrap_or(USUAL)
    }
}
