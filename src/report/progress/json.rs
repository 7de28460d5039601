//! Progress as JSON lines, one object for each event, for programs.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::Reporter;
use crate::execute::{Event, RunResults, Status, StepResult};
use crate::report::Look;

/// Writes JSON lines.
pub struct JsonReporter {
    look: Look,
    out: Mutex<Box<dyn Write + Send>>,
}

impl JsonReporter {
    /// Writes to `out`, usually standard error.
    #[must_use]
    pub fn new(look: &Look, out: Box<dyn Write + Send>) -> Self {
        Self { look: look.clone(), out: Mutex::new(out) }
    }
}

impl Reporter for JsonReporter {
    fn event(&self, event: &Event) {
        let mut value = object(event);
        if let Value::Object(map) = &mut value {
            map.insert("time".to_owned(), json!(jiff::Timestamp::now().to_string()));
        }
        self.look.masker.mask_json(&mut value);
        let text = format!("{value}\n");
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody may be listening any more; the run goes on all the same.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

fn object(event: &Event) -> Value {
    match event {
        Event::RunStarted { run_id, what, target, steps, threads } => json!({
            "event": "run_started", "run_id": run_id, "what": what, "target": target,
            "steps": steps, "threads": threads,
        }),
        Event::Waiting { message, since } => {
            json!({ "event": "waiting", "message": message, "seconds": since.as_secs_f64() })
        }
        Event::StepStarted { id, node, label } => {
            json!({ "event": "step_started", "id": id, "node": node, "label": label })
        }
        Event::Warned { message } => json!({ "event": "warned", "message": message }),
        Event::StepRetried { id, attempt, message } => {
            json!({ "event": "step_retried", "id": id, "attempt": attempt, "message": message })
        }
        Event::RowsArrived { id, rows, since } => {
            json!({ "event": "rows_arrived", "id": id, "rows": rows, "seconds": since.as_secs_f64() })
        }
        Event::StepFinished(step) => finished(step),
        Event::RunFinished(results) => run_finished(results),
    }
}

fn finished(step: &StepResult) -> Value {
    let place = step.diagnostic.as_ref().map(|d| {
        let position = d.file.as_ref().map(|f| f.position(d.span.start));
        json!({
            "code": d.code.id(), "message": d.message, "path": d.file.as_ref().map(|f| f.path().as_str()),
            "line": position.map(|p| p.line), "column": position.map(|p| p.column),
        })
    });
    let load = step.load.as_ref().map(|l| {
        json!({
            "rows": l.rows, "inserted": l.inserted, "updated": l.updated, "deleted": l.deleted,
            "vanished": l.vanished, "differing": l.differing, "watermark": l.watermark,
        })
    });
    json!({
        "event": "step_finished", "id": step.id, "node": step.node, "project": step.project, "label": step.label,
        "status": step.status.word(), "message": step.message, "diagnostic": place, "rows": step.rows,
        "failures": step.failures, "thread": step.thread, "started_at": step.started_at.to_string(),
        "seconds": step.duration.as_secs_f64(), "messages": step.messages,
        "load": load,
    })
}

fn run_finished(results: &RunResults) -> Value {
    let all = [
        Status::Success,
        Status::Pass,
        Status::Warn,
        Status::Fail,
        Status::Error,
        Status::Skipped,
        Status::Cancelled,
    ];
    let counts: serde_json::Map<String, Value> =
        all.iter().map(|s| (s.word().to_owned(), json!(results.count(*s)))).collect();
    json!({
        "event": "run_finished", "run_id": results.run_id, "what": results.what, "target": results.target,
        "seconds": results.duration.as_secs_f64(), "interrupted": results.interrupted,
        "succeeded": results.succeeded(), "counts": counts,
    })
}
