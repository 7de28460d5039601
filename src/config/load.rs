//! An entry of `loads:`.

use std::sync::Arc;
use std::time::Duration;

use super::freshness::freshness;
use super::section::{Section, Unknown};
use super::yaml::{Value, Yaml};
use crate::nouns::{
    CommandOrigin, Control, FileFormat, FileOrigin, Load, OnSchemaChange, Origin, TargetName,
};
use crate::sql;
use crate::words::{Code, Diagnostic, Dialect, RelationName, SourceFile, Span};

/// How long a command may take when the load does not say.
const TIME_LIMIT: Duration = Duration::from_hours(1);

/// Reads what belongs to a load alone from its (open) entry. `None` when its origin can't be read.
pub(super) fn load(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Load> {
    // A stand-in origin until the real one is read: everything else is checked in any case.
    let mut load = Load::new(Origin::External, section.span());
    load.key = section.texts("key", out).unwrap_or_default();
    load.modified = section.text("modified", out);
    load.deleted = section.text("deleted", out);
    load.max_shrink = section.share("max_shrink", out).unwrap_or(load.max_shrink);
    load.allow_empty = section.flag("allow_empty", out).unwrap_or(load.allow_empty);
    load.lookback = section.duration("lookback", out).unwrap_or(load.lookback);
    load.on_schema_change = on_schema_change(file, section, out);
    load.freshness = freshness(file, section, out);
    load.control = control(section, out);
    let Some(from) = section.get("from") else {
        out.push(
            Diagnostic::new(Code::InvalidYaml, "this load does not say where it comes from")
                .at(file, section.span())
                .help("add one of\nfrom: { file: \"data/x.csv\" }\nfrom: { project: sfdc, relation: silver.account }\nfrom: external"),
        );
        return None;
    };
    load.origin = origin(file, from, out)?;
    load.origin_span = from.span;
    if load.control != Control::default()
        && !matches!(load.origin, Origin::Query { .. } | Origin::Import { .. })
    {
        out.push(
            Diagnostic::new(
                Code::UnsupportedKey,
                "`control` compares with another database, and has no effect here",
            )
            .at(file, section.key_span("control"))
            .help("only imports and queries on another target have figures to compare with: remove it"),
        );
    }
    Some(load)
}

fn on_schema_change(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> OnSchemaChange {
    let Some((word, span)) = section.spanned_text("on_schema_change", out) else {
        return OnSchemaChange::Fail;
    };
    OnSchemaChange::from_word(&word).unwrap_or_else(|| {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`on_schema_change` can't be `{word}`"))
                .at(file, span)
                .help("write `fail` or `append`"),
        );
        OnSchemaChange::Fail
    })
}

fn control(section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Control {
    let Some(mut control) = section.section("control", out) else { return Control::default() };
    let read = Control { rows: control.flag("rows", out).unwrap_or(false), sum: control.text("sum", out) };
    control.finish(Unknown::Error, out);
    read
}

fn origin(file: &Arc<SourceFile>, from: &Yaml, out: &mut Vec<Diagnostic>) -> Option<Origin> {
    if let Value::Text(word) = &from.value {
        if word == "external" {
            return Some(Origin::External);
        }
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("a load can't come from `{word}`"))
                .at(file, from.span)
                .help("write `external`, or a mapping with `file:`, `project:` and `relation:`, `target:` and `query:`, or `command:`"),
        );
        return None;
    }
    let mut section = Section::open(file, "`from`", from, out);
    if section.get("project").is_some() {
        let project = section.text("project", out);
        let relation = section.required_text("relation", out);
        let target = target(&mut section, out);
        section.finish(Unknown::Error, out);
        return import(file, project?, relation?, target, out);
    }
    if section.get("file").is_some() {
        let origin = file_origin(file, &mut section, out);
        section.finish(Unknown::Error, out);
        return origin.map(Origin::File);
    }
    if section.get("target").is_some() {
        let target = target(&mut section, out);
        let query = section.required_text("query", out);
        section.finish(Unknown::Error, out);
        let (query, span) = query?;
        if let Some(second) = sql::statements(&query, Dialect::DuckDb).get(1) {
            let what =
                query[second.span.start..second.span.end].split_whitespace().next().unwrap_or_default();
            out.push(
                Diagnostic::new(
                    Code::InvalidYaml,
                    format!("`query` is more than one query: `{what}` begins another"),
                )
                .at(file, span)
                .help("write one SELECT; what it needs can stand in a WITH before it"),
            );
            return None;
        }
        return Some(Origin::Query { target: target?, query });
    }
    if section.get("command").is_some() {
        let origin = command(file, &mut section, out);
        section.finish(Unknown::Error, out);
        return origin.map(Origin::Command);
    }
    for known in ["relation", "format", "delimiter", "encoding", "query", "stream", "time_limit"] {
        section.get(known);
    }
    out.push(
        Diagnostic::new(Code::InvalidYaml, "`from` names no file, project, target or command")
            .at(file, from.span)
            .help("add `file:`, `project:` and `relation:`, `target:` and `query:`, or `command:`"),
    );
    section.finish(Unknown::Error, out);
    None
}

fn command(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<CommandOrigin> {
    let words = section.spanned_texts("command", out);
    let time_limit = section.duration("time_limit", out).unwrap_or(TIME_LIMIT);
    let stream = section.text("stream", out);
    let span = section.key_span("command");
    if let Some((_, span)) = words.iter().find(|(word, _)| word.contains("{{")) {
        out.push(
            Diagnostic::new(Code::InvalidYaml, "a command's arguments are not rendered")
                .at(file, *span)
                .help("the program sees goldsmith's environment: let it read its secrets there, since arguments show in the list of processes"),
        );
        return None;
    }
    if words.first().is_none_or(|(program, _)| program.trim().is_empty()) {
        out.push(
            Diagnostic::new(Code::InvalidYaml, "`command` names no program")
                .at(file, span)
                .help("write it as a list: command: [python, extract.py, --table, account]"),
        );
        return None;
    }
    Some(CommandOrigin { command: words.into_iter().map(|(word, _)| word).collect(), time_limit, stream })
}

fn target(section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Option<TargetName> {
    section.spanned_text("target", out).map(|(name, span)| TargetName { name, span })
}

fn import(
    file: &Arc<SourceFile>,
    project: String,
    (name, span): (String, Span),
    target: Option<TargetName>,
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
    RelationName::from_parts(&parts).map(|relation| Origin::Import { project, relation, target })
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
