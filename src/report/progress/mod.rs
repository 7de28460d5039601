//! Shows a run while it happens, on standard error: live on a terminal, as plain lines without
//! one, as JSON lines for programs, or not at all. Fed with the events of the run from any thread.

mod json;
mod line;
mod plain;
mod tally;
mod terminal;
mod ticker;

use std::io::IsTerminal;

pub use json::JsonReporter;
pub(super) use line::word;
pub use plain::PlainReporter;
pub use terminal::TerminalReporter;

use super::Look;
use crate::execute::Event;

/// Takes the events of a run. Never fails and never panics: a run does not end because nobody listens.
pub trait Reporter: Send + Sync {
    /// Takes one event.
    fn event(&self, event: &Event);
}

/// How the log of a run is written (`--log-format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people: live on a terminal, one line for each step without one.
    #[default]
    Text,
    /// One JSON object for each event.
    Json,
    /// Nothing.
    Quiet,
}

/// The reporter that suits the format and standard error.
#[must_use]
pub fn reporter(format: LogFormat, look: &Look) -> Box<dyn Reporter> {
    match format {
        LogFormat::Text if is_live() => Box::new(TerminalReporter::new(look)),
        LogFormat::Text => Box::new(PlainReporter::new(look, Box::new(look.stderr()))),
        LogFormat::Json => Box::new(JsonReporter::new(look, Box::new(look.stderr()))),
        LogFormat::Quiet => Box::new(QuietReporter),
    }
}

/// Whether somebody looks at a terminal that can be redrawn. CI systems may pretend to have one.
fn is_live() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "false" && v != "0");
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    std::io::stderr().is_terminal() && !dumb && !set("CI")
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct QuietReporter;

impl Reporter for QuietReporter {
    fn event(&self, _: &Event) {}
}

#[cfg(test)]
mod tests;
