//! Writes diagnostics: for people (`text`), for programs (`json`), for GitHub's annotations
//! (`github`). One file a format. What a diagnostic says is decided where it is made.

mod excerpt;
mod github;
mod json;
mod sarif;
mod text;

use std::io::{self, Write};

use super::{Look, wording};
use crate::lint::Suppressed;
use crate::words::{Diagnostic, Severity};

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// With an excerpt of the file, for people.
    #[default]
    Text,
    /// A JSON array, for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands, which GitHub shows at the line of a pull request.
    Github,
}

/// Writes diagnostics, sorted by path, line, column and code.
pub fn write(diagnostics: &[Diagnostic], format: Format, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    write_all(diagnostics, &[], format, look, out)
}

/// Writes diagnostics, and, where the format has room for it, what was found and is accepted.
pub fn write_all(
    diagnostics: &[Diagnostic],
    suppressed: &[Suppressed],
    format: Format,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    // Offsets order places as lines and columns do, and cost nothing.
    sorted.sort_by_key(|d| (d.file.as_ref().map(|f| f.path()), d.span.start, d.code, d.span.end, &d.message));
    match format {
        Format::Text => text::write(&sorted, look, out),
        Format::Json => json::write(&sorted, look, out),
        Format::Sarif => sarif::write(&sorted, suppressed, look, out),
        Format::Github => github::write(&sorted, look, out),
    }
}

/// Writes one diagnostic with its excerpt, without a closing summary.
pub fn write_one(diagnostic: &Diagnostic, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    text::write_one(diagnostic, look, out)
}

/// `3 errors, 2 warnings`; what there is none of is left out. Empty without diagnostics.
#[must_use]
pub fn counts(diagnostics: &[Diagnostic]) -> String {
    counted(diagnostics.iter())
}

fn counted<'a>(diagnostics: impl Iterator<Item = &'a Diagnostic>) -> String {
    let (mut errors, mut warnings) = (0, 0);
    for diagnostic in diagnostics {
        match diagnostic.severity {
            Severity::Error => errors += 1,
            Severity::Warning => warnings += 1,
        }
    }
    let parts = [(errors, "error"), (warnings, "warning")];
    let parts: Vec<_> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| wording::count(*n, word)).collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests;
