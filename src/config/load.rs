//! An entry of `loads:`.

use std::sync::Arc;

use super::section::{Section, Unknown};
use super::yaml::{Value, Yaml};
use crate::nouns::{FileFormat, FileOrigin, Load, Origin};
use crate::words::{Code, Diagnostic, RelationName, SourceFile, Span};

/// The largest share of rows that a reload may lose when the load does not say.
const MAX_SHRINK: f64 = 0.3;

/// Reads what belongs to a load alone from its (open) entry. `None` when its origin can't be read.
pub(super) fn load(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Load> {
    let key = section.texts("key", out).unwrap_or_default();
    let modified = section.text("modified", out);
    let deleted = section.text("deleted", out);
    let max_shrink = section.share("max_shrink", out).unwrap_or(MAX_SHRINK);
    let allow_empty = section.flag("allow_empty", out).unwrap_or(false);
    let Some(from) = section.get("from") else {
        out.push(
            Diagnostic::new(Code::InvalidYaml, "this load does not say where it comes from")
                .at(file, section.span())
                .help("add one of\nfrom: { file: \"data/x.csv\" }\nfrom: { project: sfdc, relation: silver.account }\nfrom: external"),
        );
        return None;
    };
    let origin = origin(file, from, out)?;
    Some(Load { origin, origin_span: from.span, key, modified, deleted, max_shrink, allow_empty })
}

fn origin(file: &Arc<SourceFile>, from: &Yaml, out: &mut Vec<Diagnostic>) -> Option<Origin> {
    if let Value::Text(word) = &from.value {
        if word == "external" {
            return Some(Origin::External);
        }
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("a load can't come from `{word}`"))
                .at(file, from.span)
                .help("write `external`, or a mapping with `file:` or with `project:` and `relation:`"),
        );
        return None;
    }
    let mut section = Section::open(file, "`from`", from, out);
    if section.get("project").is_some() {
        let project = section.text("project", out);
        let relation = section.required_text("relation", out);
        section.finish(Unknown::Error, out);
        return import(file, project?, relation?, out);
    }
    if section.get("file").is_some() {
        let origin = file_origin(file, &mut section, out);
        section.finish(Unknown::Error, out);
        return origin.map(Origin::File);
    }
    for known in ["relation", "format", "delimiter", "encoding", "query"] {
        section.get(known);
    }
    for later in ["target", "command"] {
        if section.get(later).is_some() {
            out.push(
                Diagnostic::new(
                    Code::InvalidYaml,
                    format!("loads from a `{later}` are not supported by this version"),
                )
                .at(file, section.key_span(later)),
            );
            return None;
        }
    }
    out.push(
        Diagnostic::new(Code::InvalidYaml, "`from` names neither a file nor a project")
            .at(file, from.span)
            .help("add `file:`, or `project:` and `relation:`"),
    );
    section.finish(Unknown::Error, out);
    None
}

fn import(
    file: &Arc<SourceFile>,
    project: String,
    (name, span): (String, Span),
    out: &mut Vec<Diagnostic>,
) -> Option<Origin> {
    let parts: Vec<&str> = name.split('.').map(|p| p.trim().trim_matches(['"', '[', ']'])).collect();
    if !matches!(parts.len(), 2 | 3) || parts.iter().any(|p| p.is_empty()) {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`{name}` is not written as schema.name"))
                .at(file, span)
                .help("write the owner's relation as in `silver.account`"),
        );
        return None;
    }
    RelationName::from_parts(&parts).map(|relation| Origin::Import { project, relation })
}

fn file_origin(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<FileOrigin> {
    let (path, span) = section.required_text("file", out)?;
    let word = section.spanned_text("format", out);
    let format = match &word {
        Some((word, _)) => file_format(word),
        None => path.trim_end_matches(".gz").rsplit_once('.').and_then(|(_, ending)| file_format(ending)),
    };
    let Some(format) = format else {
        let (message, at) = match word {
            Some((word, at)) => (format!("there is no file format `{word}`"), at),
            None => (format!("the ending of `{path}` does not tell its format"), span),
        };
        out.push(
            Diagnostic::new(Code::InvalidYaml, message)
                .at(file, at)
                .help("write `format: csv`, `jsonl` or `parquet`"),
        );
        return None;
    };
    if path.starts_with('/') || path.contains(':') || path.split(['/', '\\']).any(|part| part == "..") {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`{path}` leads out of the project's folder"))
                .at(file, span)
                .help("write a path relative to the project's folder, with forward slashes"),
        );
        return None;
    }
    let encoding = section.spanned_text("encoding", out);
    if let Some((label, at)) = &encoding
        && encoding_rs::Encoding::for_label(label.as_bytes()).is_none()
    {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("there is no encoding `{label}`"))
                .at(file, *at)
                .help("use a name such as utf-8, windows-1252 or utf-16le"),
        );
    }
    Some(FileOrigin {
        path: path.replace('\\', "/"),
        format,
        delimiter: section.text("delimiter", out),
        encoding: encoding.map(|(label, _)| label),
        decimal: section.text("decimal", out),
        thousands: section.text("thousands", out),
        skip: section.count("skip", out).unwrap_or(0),
        header: section.flag("header", out).unwrap_or(true),
        quote: section.text("quote", out),
        null: section.texts("null", out).unwrap_or_default(),
        date_format: section.text("date_format", out),
        timestamp_format: section.text("timestamp_format", out),
        filename: section.text("filename", out),
    })
}

fn file_format(word: &str) -> Option<FileFormat> {
    match word.to_ascii_lowercase().as_str() {
        "csv" | "tsv" | "txt" => Some(FileFormat::Csv),
        "jsonl" | "ndjson" | "json" => Some(FileFormat::JsonLines),
        "parquet" => Some(FileFormat::Parquet),
        _ => None,
    }
}
