//! What the tests of this room share: a pipe to look into, and results of an imagined run.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::execute::{RunResults, Status, StepResult};
use crate::words::{Code, Diagnostic, Encoding, SourceFile, Span};

/// A writer that can be looked into.
#[derive(Debug, Clone, Default)]
pub struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    /// What was written.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer that nobody reads.
#[derive(Debug)]
pub struct BrokenPipe;

impl Write for BrokenPipe {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

/// A step `project.name` that ended so.
pub fn step(node: &str, label: &str, status: Status) -> StepResult {
    StepResult {
        id: format!("{label} {node}"),
        node: node.to_owned(),
        project: node.split('.').next().unwrap().to_owned(),
        label: label.to_owned(),
        status,
        message: None,
        diagnostic: None,
        rows: None,
        load: None,
        published: None,
        schema_change: None,
        failures: None,
        thread: 0,
        started_at: "2026-03-02T05:00:01.25Z".parse().unwrap(),
        duration: Duration::from_millis(1250),
        messages: Vec::new(),
        sql: Vec::new(),
    }
}

/// A run in which everything that can happen happened.
pub fn eventful() -> RunResults {
    let text = |s: &str| Some(s.to_owned());
    let script = SourceFile::new(
        "projects/datev/gold/financial/pnl.sql",
        "SELECT 1\nFROM fin.booking WHERE amont > 0\n",
        Encoding::Utf8,
    );
    let wrong = Diagnostic::new(Code::InvalidSql, "there is no column `amont`")
        .at(&script, Span::new(32, 37))
        .help("did you mean `amount`?");
    let skipped =
        |node, because| StepResult { message: text(because), ..step(node, "table model", Status::Skipped) };
    let steps = vec![
        StepResult {
            rows: Some(12_345),
            sql: vec!["insert into x select 1".to_owned()],
            ..step("sfdc.account", "load", Status::Success)
        },
        StepResult { rows: Some(1), ..step("sfdc.silver_account", "table model", Status::Success) },
        step("sfdc.unique_account_id", "test", Status::Pass),
        StepResult { failures: Some(3), ..step("sfdc.account_has_owner", "test", Status::Warn) },
        StepResult {
            failures: Some(1200),
            sql: vec!["select * from silver.account where id is null".to_owned()],
            ..step("sfdc.not_null_account_id", "test", Status::Fail)
        },
        StepResult {
            message: text("Invalid column name 'amont'. (Msg 207, Level 16)\nStatement 3 of 7"),
            diagnostic: Some(wrong),
            messages: vec!["Buchungen: 1200".to_owned(), "\x1b[2Jgotcha".to_owned()],
            ..step("datev.pnl", "script", Status::Error)
        },
        StepResult { message: text("connection reset"), ..step("product.usage", "load", Status::Error) },
        skipped("datev.budget", "datev.pnl failed"),
        skipped("datev.receivables", "datev.pnl failed"),
        skipped("product.usage_daily", "product.usage failed"),
        StepResult {
            message: text("its publication was rolled back"),
            ..step("datev.mrr", "script", Status::Cancelled)
        },
    ];
    RunResults {
        run_id: "0195a1b2-0000-7000-8000-000000000001".to_owned(),
        what: "daily".to_owned(),
        target: "dev".to_owned(),
        started_at: "2026-03-02T05:00:00Z".parse().unwrap(),
        duration: Duration::from_millis(3210),
        interrupted: false,
        steps,
    }
}
