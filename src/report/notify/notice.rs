//! What people are told of a run: the facts, from its results or from why it was not carried out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::execute::{RunResults, Status, StepResult};
use crate::report::{Masker, count, neutral_line};
use crate::words::{Diagnostic, Severity};

/// How many failures are told.
const FAILURES: usize = 10;
/// The longest line that is told, in characters.
const LONGEST: usize = 300;

/// What people are told of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notice {
    /// The platform's name.
    pub platform: String,
    /// The target's name.
    pub target: String,
    /// What ran: `daily` and so on.
    pub pipeline: String,
    /// The business date, `YYYY-MM-DD`.
    pub business_date: String,
    /// Names the run; one that was refused has no name.
    pub run_id: Option<String>,
    /// `success`, `error`, `interrupted` or `refused`.
    pub status: String,
    /// What the process ends with.
    pub exit_code: u8,
    /// How long it took.
    pub duration_seconds: f64,
    /// How many steps ended how, by dbt's words.
    pub counts: BTreeMap<String, usize>,
    /// What failed first.
    pub failed: Vec<Failed>,
    /// How many more failed.
    pub more_failed: usize,
    /// Why nothing was run, where nothing was.
    pub message: Option<String>,
}

/// Something that failed.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// The node's id.
    pub node: Option<String>,
    /// Who answers for its project.
    pub owner: Option<String>,
    /// What it is, such as `table model`.
    pub kind: Option<String>,
    /// The first line of the error.
    pub message: String,
    /// The user's file.
    pub path: Option<String>,
    /// The line in it, from 1.
    pub line: Option<usize>,
}

impl Notice {
    /// Adds how a run ended.
    #[must_use]
    pub fn of_results(
        self,
        results: &RunResults,
        owners: &BTreeMap<String, String>,
        masker: &Masker,
    ) -> Self {
        let mut counts = BTreeMap::new();
        for step in &results.steps {
            *counts.entry(step.status.word().to_owned()).or_insert(0) += 1;
        }
        let failed: Vec<&StepResult> =
            results.steps.iter().filter(|s| matches!(s.status, Status::Fail | Status::Error)).collect();
        let status = match (results.interrupted, results.succeeded()) {
            (true, _) => "interrupted",
            (_, true) => "success",
            _ => "error",
        };
        Self {
            pipeline: results.what.clone(),
            target: results.target.clone(),
            run_id: Some(results.run_id.clone()),
            status: status.to_owned(),
            duration_seconds: results.duration.as_secs_f64(),
            counts,
            more_failed: failed.len().saturating_sub(FAILURES),
            failed: failed.into_iter().take(FAILURES).map(|step| of_step(step, owners, masker)).collect(),
            ..self
        }
    }

    /// Adds why nothing was run.
    #[must_use]
    pub fn of_error(self, message: &str, diagnostics: &[Diagnostic], masker: &Masker) -> Self {
        let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        Self {
            message: Some(first_line(message, masker)),
            more_failed: errors.len().saturating_sub(FAILURES),
            failed: errors.into_iter().take(FAILURES).map(|d| of_diagnostic(d, masker)).collect(),
            ..self
        }
    }
}

fn of_step(step: &StepResult, owners: &BTreeMap<String, String>, masker: &Masker) -> Failed {
    let place = step.diagnostic.as_ref().map(|d| of_diagnostic(d, masker));
    let told = step.message.as_deref().map(|m| first_line(m, masker)).filter(|m| !m.is_empty());
    let found = || step.failures.map(|n| count(usize::try_from(n).unwrap_or(usize::MAX), "failing row"));
    let message =
        told.or_else(|| place.as_ref().map(|p| p.message.clone())).or_else(found).unwrap_or_default();
    Failed {
        node: Some(step.node.clone()),
        owner: owners.get(&step.project).cloned(),
        kind: Some(step.label.clone()),
        message,
        path: place.as_ref().and_then(|p| p.path.clone()),
        line: place.and_then(|p| p.line),
    }
}

fn of_diagnostic(diagnostic: &Diagnostic, masker: &Masker) -> Failed {
    let file = diagnostic.file.as_ref();
    Failed {
        node: diagnostic.node.clone(),
        owner: None,
        kind: None,
        message: first_line(&format!("{} {}", diagnostic.code, diagnostic.message), masker),
        path: file.map(|f| f.path().to_string()),
        line: file.map(|f| f.position(diagnostic.span.start).line),
    }
}

/// The first line of a text that says something, harmless and without secrets.
fn first_line(text: &str, masker: &Masker) -> String {
    // A secret may span lines.
    let masked = masker.mask(text);
    let line = masked.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = neutral_line(line);
    if line.chars().count() <= LONGEST {
        return line.into_owned();
    }
    line.chars().take(LONGEST - 2).chain("..".chars()).collect()
}
