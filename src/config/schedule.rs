//! `schedule:` of `project.yml`: cron expressions and how long a run lasts.

use std::sync::Arc;
use std::time::Duration;

use croner::parser::{CronParser, Seconds, Year};

use super::section::{Section, Unknown};
use crate::nouns::{Schedule, Timing};
use crate::words::{Code, Diagnostic, SourceFile};

/// A run that lasts longer would meet the next one.
const LONGEST: Duration = Duration::from_hours(24);

/// Reads `schedule:`; what is not there or wrong is absent.
pub(super) fn schedule(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Schedule {
    let Some(mut named) = section.section("schedule", out) else { return Schedule::default() };
    let schedule = Schedule {
        daily: timing(file, &mut named, "daily", out),
        hourly: timing(file, &mut named, "hourly", out),
        financial: timing(file, &mut named, "financial", out),
        expected: expected(file, &mut named, out),
    };
    named.finish(Unknown::Error, out);
    schedule
}

fn timing(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    key: &'static str,
    out: &mut Vec<Diagnostic>,
) -> Option<Timing> {
    let (text, span) = section.spanned_text(key, out)?;
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let fields = text.split_whitespace().count();
    let cron = if fields == 5 { parser.parse(&text).ok() } else { None };
    if cron.is_none() {
        let why = if fields == 5 { String::new() } else { format!(": it has {fields} fields, not five") };
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`{text}` is no cron expression{why}"))
                .at(file, span)
                .help("write minute, hour, day of month, month, day of week, as in \"0 5 * * *\" for each day at five"),
        );
    }
    Some(Timing { text, span, cron: cron? })
}

fn expected(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Duration> {
    let (text, span) = section.spanned_text("expected", out)?;
    let read = text.parse::<jiff::SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    let fitting = read.filter(|d| !d.is_zero() && *d <= LONGEST);
    if fitting.is_none() {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`{text}` can't be how long a daily run lasts"))
                .at(file, span)
                .help("write it as 45m or 1h30m, one day at most"),
        );
    }
    fitting
}
