//! Diagnostics for people: message, place, the lines concerned with carets, and what to do.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer};

use super::excerpt::{Excerpt, excerpts};
use crate::report::look::{BAD, GOOD, HELP, Look, WARN};
use crate::report::neutral;
use crate::words::{Diagnostic, Severity};

pub fn write(diagnostics: &[&Diagnostic], look: &Look, out: &mut dyn Write) -> io::Result<()> {
    for diagnostic in diagnostics {
        write_one(diagnostic, look, out)?;
        writeln!(out)?;
    }
    let summary = super::counted(diagnostics.iter().copied());
    let style = match diagnostics.iter().map(|d| d.severity).max() {
        Some(Severity::Error) => BAD,
        Some(Severity::Warning) => WARN,
        None => GOOD,
    };
    if !summary.is_empty() {
        writeln!(out, "{}", look.paint(style, &summary))?;
    }
    match diagnostics.iter().filter(|d| d.fixable).count() {
        0 => Ok(()),
        n => writeln!(out, "[*] {n} can be fixed with `goldsmith lint --fix`"),
    }
}

pub fn write_one(diagnostic: &Diagnostic, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let hidden = |text: &str| neutral::neutral(&look.masker.mask(text)).trim_end().to_owned();
    let mark = if diagnostic.fixable { " [*]" } else { "" };
    let message = hidden(&diagnostic.message) + mark;
    let help = diagnostic.help.as_deref().map(hidden).filter(|h| !h.is_empty());
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(message).id(diagnostic.code.id()));
    let mut moved = Vec::new();
    for excerpt in excerpts(diagnostic) {
        moved.extend(places_in_cut_lines(&excerpt));
        group = group.element(snippet(excerpt, look));
    }
    let (short, long) = match help {
        Some(help) if help.contains('\n') => (None, Some(help)),
        help => (help, None),
    };
    if let Some(help) = short {
        group = group.element(Level::HELP.message(help));
    }
    let drawing = if look.color { Renderer::styled() } else { Renderer::plain() };
    let width = look.width.unwrap_or(renderer::DEFAULT_TERM_WIDTH).max(40);
    let mut drawn = drawing.term_width(width).render(&[group]);
    for (shown, real) in moved {
        drawn = drawn.replacen(&shown, &real, 1);
    }
    writeln!(out, "{}", look.masker.mask(&drawn))?;
    long.map_or(Ok(()), |help| write_block(&help, look, out))
}

/// The places, as they will be drawn and as they should be, of what stands in a cut line: the drawing
/// counts columns in the excerpt.
fn places_in_cut_lines(excerpt: &Excerpt) -> Vec<(String, String)> {
    let path = &excerpt.path;
    let cut = excerpt.marks.iter().filter(|m| m.shown_column != m.position.column);
    cut.map(|m| {
        let line = m.position.line;
        (format!("{path}:{line}:{}", m.shown_column), format!("{path}:{line}:{}", m.position.column))
    })
    .collect()
}

fn snippet(excerpt: Excerpt, look: &Look) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    let annotations = excerpt.marks.into_iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let label = look.masker.mask(&mark.label).into_owned();
        kind.span(mark.range).label(Some(label).filter(|l| !l.is_empty()))
    });
    let path = look.masker.mask(&excerpt.path).into_owned();
    Snippet::source(excerpt.source)
        .path(path)
        .line_start(excerpt.first_line)
        .annotations(annotations.collect::<Vec<_>>())
}

/// Help of several lines stands by itself, its layout kept, so that it can be copied.
fn write_block(help: &str, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let (first, rest) = help.split_once('\n').unwrap_or((help, ""));
    writeln!(out, "{}: {first}", look.paint(HELP, "help"))?;
    for line in rest.lines() {
        let line = if line.is_empty() { String::new() } else { format!("    {line}") };
        writeln!(out, "{line}")?;
    }
    Ok(())
}
