//! `goldsmith lint --explain GS101`: the page of a rule.

use std::io::Write;

use serde_json::json;

use crate::cli::Global;
use crate::commands::{CommandError, Exit};
use crate::lint::page;
use crate::report::diagnostics::Format;
use crate::report::{Look, Masker, ignore_broken_pipe, markdown};
use crate::words::Code;

pub(super) fn explain(global: &Global, words: &[String], format: Format) -> Result<Exit, CommandError> {
    let mut codes: Vec<Code> = Vec::new();
    for word in words {
        codes.extend(self::codes(word)?);
    }
    codes.sort_unstable();
    codes.dedup();
    let look = Look::of_stdout(global.color, Masker::default());
    let mut out = look.stdout();
    let written = match format {
        Format::Text => codes.iter().enumerate().try_for_each(|(nth, code)| {
            if nth > 0 {
                writeln!(out)?;
            }
            markdown::write(page(*code), &look, &mut out)
        }),
        Format::Json => {
            let rows: Vec<_> = codes
                .iter()
                .map(|code| {
                    json!({
                        "code": code.id(),
                        "name": code.name(),
                        "severity": code.default_severity().to_string(),
                        "summary": code.summary(),
                        "page": page(*code),
                    })
                })
                .collect();
            serde_json::to_writer_pretty(&mut out, &rows).map_err(Into::into).and_then(|()| writeln!(out))
        }
        other @ (Format::Github | Format::Sarif) => {
            return Err(CommandError::usage(
                format!("--explain is printed as text or json, not as {other:?}").to_lowercase(),
            ));
        }
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// The codes that an argument names.
pub(super) fn codes(word: &str) -> Result<Vec<Code>, CommandError> {
    Code::named(word).map_err(|near| CommandError::Usage {
        message: format!("there is no rule `{word}`"),
        help: Some(near.map_or_else(
            || "rules are named by code (GS101), by name (cross-source-read) or by family (GS1xx)".to_owned(),
            |near| format!("did you mean `{near}`?"),
        )),
    })
}
