//! Diagnostics as SARIF 2.1.0 (OASIS standard), which code scanning reads: rules with their pages,
//! results with regions, and what a comment or the baseline accepts as suppressed results.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::lint::{Reason, Suppressed, page};
use crate::report::{Look, neutral};
use crate::words::{Code, Diagnostic, Severity, SourceFile, Span, percent_encoded};

/// Where the published schema stands.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub fn write(
    found: &[&Diagnostic],
    suppressed: &[Suppressed],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let codes: BTreeSet<Code> =
        found.iter().map(|d| d.code).chain(suppressed.iter().map(|s| s.diagnostic.code)).collect();
    let places: BTreeMap<Code, usize> = codes.iter().enumerate().map(|(nth, code)| (*code, nth)).collect();
    let mut seen = BTreeMap::new();
    let mut results: Vec<Value> = found.iter().map(|d| result(d, &places, &mut seen)).collect();
    for accepted in suppressed {
        let mut result = result(&accepted.diagnostic, &places, &mut seen);
        result["suppressions"] = json!([match &accepted.reason {
            Reason::Comment(why) => json!({ "kind": "inSource", "status": "accepted", "justification": why }),
            Reason::Baseline =>
                json!({ "kind": "external", "status": "accepted", "justification": "accepted by the baseline" }),
        }]);
        results.push(result);
    }
    let mut log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "goldsmith",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|c| rule(*c)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": "goldsmith/lint/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "PLATFORM": { "description": { "text": "The folder that holds goldsmith.yml." } } },
            "results": results,
        }],
    });
    look.masker.mask_json(&mut log);
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rule(code: Code) -> Value {
    let page = page(code);
    json!({
        "id": code.id(),
        "name": pascal(code.name()),
        "shortDescription": { "text": code.summary().replace('`', "'") },
        "fullDescription": { "text": paragraph(page) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(code.default_severity()) },
        "properties": { "tags": [family(code)] },
    })
}

/// The paragraph of a page that says why.
fn paragraph(page: &str) -> String {
    page.split("\n\n").nth(2).unwrap_or_default().replace('\n', " ")
}

fn family(code: Code) -> &'static str {
    match code.id().as_bytes()[2] {
        b'1' => "boundary",
        b'2' => "graph",
        b'3' => "financial",
        b'4' => "schedule",
        _ => "files",
    }
}

/// `cross-source-read` as `CrossSourceRead`.
fn pascal(name: &str) -> String {
    let words = name.split('-').filter(|w| !w.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(
    diagnostic: &Diagnostic,
    rules: &BTreeMap<Code, usize>,
    seen: &mut BTreeMap<String, usize>,
) -> Value {
    let text = match &diagnostic.help {
        Some(help) => format!("{}\n{help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut result = json!({
        "ruleId": diagnostic.code.id(),
        "ruleIndex": rules[&diagnostic.code],
        "level": level(diagnostic.severity),
        "message": { "text": neutral(&text) },
        "partialFingerprints": { "goldsmith/v1": fingerprint(diagnostic, seen) },
    });
    if let Some(file) = &diagnostic.file {
        let mut location = json!({ "physicalLocation": place(file, diagnostic.span) });
        if let Some(node) = &diagnostic.node {
            location["logicalLocations"] = json!([{ "fullyQualifiedName": node }]);
        }
        result["locations"] = json!([location]);
    }
    if !diagnostic.labels.is_empty() {
        let related = diagnostic.labels.iter().enumerate().map(|(nth, label)| {
            json!({
                "id": nth + 1,
                "physicalLocation": place(&label.file, label.span),
                "message": { "text": label.text },
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn place(file: &SourceFile, span: Span) -> Value {
    let (start, end) = (file.position(span.start), file.position(span.end.max(span.start)));
    json!({
        "artifactLocation": { "uri": percent_encoded(file.path().as_str()), "uriBaseId": "PLATFORM" },
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    })
}

/// What stays the same when lines move: code, path, node, relation and the line's text, with a
/// count where several are alike.
fn fingerprint(diagnostic: &Diagnostic, seen: &mut BTreeMap<String, usize>) -> String {
    let mut hash = Sha256::new();
    let line = diagnostic.line_text().map(str::trim);
    let path = diagnostic.file.as_ref().map(|f| f.path().as_str());
    for part in
        [Some(diagnostic.code.id()), path, diagnostic.node.as_deref(), diagnostic.relation.as_deref(), line]
    {
        hash.update(part.unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let print = digest.iter().take(12).fold(String::new(), |mut print, byte| {
        let _ = write!(print, "{byte:02x}");
        print
    });
    let count = seen.entry(print.clone()).or_default();
    *count += 1;
    format!("{print}:{count}")
}
