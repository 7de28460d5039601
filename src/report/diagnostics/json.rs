//! Diagnostics for programs: the array that `lint --format json` promises.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::Look;
use crate::words::Diagnostic;

#[derive(Serialize)]
struct Row<'a> {
    code: &'static str,
    severity: String,
    message: &'a str,
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    node: Option<&'a str>,
    relation: Option<&'a str>,
    help: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn new(d: &'a Diagnostic) -> Self {
        let start = d.file.as_ref().map(|f| f.position(d.span.start));
        let end = d.file.as_ref().map(|f| f.position(d.span.end));
        Self {
            code: d.code.id(),
            severity: d.severity.to_string(),
            message: &d.message,
            path: d.file.as_ref().map(|f| f.path().as_str()),
            line: start.map(|p| p.line),
            column: start.map(|p| p.column),
            end_line: end.map(|p| p.line),
            end_column: end.map(|p| p.column),
            node: d.node.as_deref(),
            relation: d.relation.as_deref(),
            help: d.help.as_deref(),
        }
    }
}

pub fn write(diagnostics: &[&Diagnostic], look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Row> = diagnostics.iter().map(|d| Row::new(d)).collect();
    let mut value = serde_json::to_value(rows)?;
    look.masker.mask_json(&mut value);
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}
