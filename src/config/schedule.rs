//! `schedule:` of `project.yml`: cron expressions and how long a run lasts.

use std::sync::Arc;
use std::time::Duration;

use croner::Cron;
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
    match cron(&text) {
        Ok(cron) => Some(Timing { text, span, cron }),
        Err(message) => {
            out.push(Diagnostic::new(Code::InvalidYaml, message).at(file, span).help(CRON_HELP));
            None
        }
    }
}

/// How cron expressions are written.
pub const CRON_HELP: &str =
    "write minute, hour, day of month, month, day of week, as in \"0 5 * * *\" for each day at five";

/// A cron expression of five fields.
///
/// # Errors
/// What is wrong with it.
pub fn cron(text: &str) -> Result<Cron, String> {
    let fields = text.split_whitespace().count();
    if fields != 5 {
        return Err(format!("`{text}` is no cron expression: it has {fields} fields, not five"));
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(text).map_err(|_| format!("`{text}` is no cron expression"))
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
