//! `publications:` of the platform or of a project: how long rows are kept, when the day's must stand.

use std::sync::Arc;

use super::section::{Section, Unknown};
use crate::nouns::Publications;
use crate::words::{Code, Diagnostic, SourceFile};

/// Reads `publications:`.
pub(super) fn publications(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Publications {
    let Some(mut named) = section.section("publications", out) else { return Publications::default() };
    let keep = named.count("keep", out).and_then(|n| match u32::try_from(n) {
        Ok(n) if n > 0 => Some(n),
        _ => {
            out.push(
                Diagnostic::new(
                    Code::InvalidYaml,
                    "`keep` must be at least 1: the standing publication is one of them",
                )
                .at(file, named.key_span("keep")),
            );
            None
        }
    });
    let deadline = named.spanned_text("deadline", out).and_then(|(text, span)| {
        let time = text.parse().ok().filter(|_| text.contains(':'));
        if time.is_none() {
            out.push(
                Diagnostic::new(Code::InvalidYaml, format!("`{text}` is no time of the day"))
                    .at(file, span)
                    .help("write it as \"08:00\", in the platform's time zone"),
            );
        }
        time
    });
    let after = named.texts("after", out);
    if after.as_ref().is_some_and(|program| program.first().is_none_or(|p| p.trim().is_empty())) {
        out.push(
            Diagnostic::new(Code::InvalidYaml, "`after` names no program")
                .at(file, named.key_span("after"))
                .help("write the program and its arguments: [curl, -fsS, https://bi.example/refresh]"),
        );
    }
    let read = Publications { keep, keep_period_ends: named.flag("keep_period_ends", out), deadline, after };
    named.finish(Unknown::Error, out);
    read
}
