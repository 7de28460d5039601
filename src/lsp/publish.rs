//! Diagnostics in the protocol's words.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr as _;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types as lsp;

use super::documents::Documents;
use super::position::{Columns, Lines};
use super::uri;
use crate::load::PLATFORM_FILE;
use crate::report::Masker;
use crate::words::{Code, Diagnostic, Severity, SourceFile, Span};

/// The source that editors show.
pub(super) const SOURCE: &str = "goldsmith";

/// All diagnostics of a platform by file, relative to it. What is about no file stands at the
/// start of the platform's own.
pub(super) fn by_file(
    root: &Utf8Path,
    found: &[Diagnostic],
    masker: &Masker,
    documents: &Documents,
    columns: Columns,
) -> BTreeMap<Utf8PathBuf, Vec<lsp::Diagnostic>> {
    let mut writer = Writer { root, masker, documents, columns, lines: HashMap::new() };
    let mut files: BTreeMap<Utf8PathBuf, Vec<lsp::Diagnostic>> = BTreeMap::new();
    for one in found {
        let path = one.file.as_ref().map_or(Utf8Path::new(PLATFORM_FILE), |file| file.path());
        let written = writer.diagnostic(one);
        files.entry(path.to_owned()).or_default().push(written);
    }
    files
}

/// What a text outside of any platform is told: what could not be read.
pub(super) fn of_text(text: &str, issues: &[(String, Span)], columns: Columns) -> Vec<lsp::Diagnostic> {
    let lines = Lines::new(text, columns);
    let one = |(message, span): &(String, Span)| {
        plain(Code::Unterminated, Severity::Error, lines.range(Span::new(span.start, span.start)), message)
    };
    issues.iter().map(one).collect()
}

struct Writer<'a> {
    root: &'a Utf8Path,
    masker: &'a Masker,
    documents: &'a Documents,
    columns: Columns,
    lines: HashMap<*const SourceFile, Lines<'a>>,
}

impl<'a> Writer<'a> {
    fn range(&mut self, file: &'a SourceFile, span: Span) -> lsp::Range {
        let columns = self.columns;
        self.lines
            .entry(std::ptr::from_ref(file))
            .or_insert_with(|| Lines::new(file.text(), columns))
            .range(span)
    }

    fn diagnostic(&mut self, one: &'a Diagnostic) -> lsp::Diagnostic {
        let range = one.file.as_ref().map(|file| self.range(file, one.span)).unwrap_or_default();
        let mut message = self.masker.mask(&one.message).into_owned();
        if let Some(help) = &one.help {
            message.push_str("\nhelp: ");
            message.push_str(&self.masker.mask(help));
        }
        let related: Vec<lsp::DiagnosticRelatedInformation> = one
            .labels
            .iter()
            .filter_map(|label| {
                let path = self.root.join(label.file.path());
                let uri = self.documents.at(&path).map(|d| d.uri.clone()).or_else(|| uri::uri(&path))?;
                let location = lsp::Location::new(uri, self.range(&label.file, label.span));
                let message = self.masker.mask(&label.text).into_owned();
                Some(lsp::DiagnosticRelatedInformation { location, message })
            })
            .collect();
        let mut written = plain(one.code, one.severity, range, &message);
        written.related_information = Some(related).filter(|related| !related.is_empty());
        written
    }
}

fn plain(code: Code, severity: Severity, range: lsp::Range, message: &str) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range,
        severity: Some(match severity {
            Severity::Error => lsp::DiagnosticSeverity::ERROR,
            Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        }),
        code: Some(lsp::NumberOrString::String(code.id().to_owned())),
        code_description: page(env!("CARGO_PKG_REPOSITORY"), code),
        source: Some(SOURCE.to_owned()),
        message: message.to_owned(),
        ..lsp::Diagnostic::default()
    }
}

/// The page of a code, where the program knows its own address.
fn page(repository: &str, code: Code) -> Option<lsp::CodeDescription> {
    if repository.is_empty() {
        return None;
    }
    let address = format!("{}/blob/main/docs/lint/{code}.md", repository.trim_end_matches('/'));
    lsp::Uri::from_str(&address).ok().map(|href| lsp::CodeDescription { href })
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::words::Code;

    #[test]
    fn a_code_leads_to_its_page() {
        let found = page("https://example.org/goldsmith/", Code::CrossSourceRead).unwrap();
        assert_eq!(found.href.as_str(), "https://example.org/goldsmith/blob/main/docs/lint/GS101.md");
        assert!(page("", Code::CrossSourceRead).is_none());
    }
}
