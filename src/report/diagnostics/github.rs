//! Diagnostics as GitHub workflow commands, shown at the line of a pull request.

use std::io::{self, Write};

use crate::report::{Look, neutral};
use crate::words::{Diagnostic, Severity};

pub fn write(diagnostics: &[&Diagnostic], look: &Look, out: &mut dyn Write) -> io::Result<()> {
    // GitHub shows ten errors and ten warnings of a step: warnings must not take the errors' places.
    let mut sorted = diagnostics.to_vec();
    sorted.sort_by_key(|d| std::cmp::Reverse(d.severity));
    for diagnostic in sorted {
        writeln!(out, "{}", command(diagnostic, look))?;
    }
    Ok(())
}

fn command(diagnostic: &Diagnostic, look: &Look) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(file) = &diagnostic.file {
        let start = file.position(diagnostic.span.start);
        let end = file.position(diagnostic.span.end.max(diagnostic.span.start));
        properties.push(format!("file={}", property(&look.masker.mask(file.path().as_str()))));
        properties.push(format!("line={},endLine={}", start.line, end.line));
        // GitHub takes columns only where the place is on one line.
        if start.line == end.line {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    let title = format!("{} {}", diagnostic.code.id(), diagnostic.code.name());
    properties.push(format!("title={}", property(&title)));
    let help = diagnostic.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
    let message = format!("{}{help}", diagnostic.message);
    format!("::{word} {}::{}", properties.join(","), data(&look.masker.mask(&message)))
}

/// Escapes a command's message.
fn data(text: &str) -> String {
    neutral(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
