//! `goldsmith plan`

use std::io::Write;

use serde_json::{Value, json};

use super::run::{Prepared, prepare};
use super::warehouse::Purpose;
use super::{CommandError, Exit};
use crate::cli::{DataFormat, Global, PlanArgs};
use crate::plan::Step;

pub(super) fn plan(global: &Global, args: &PlanArgs) -> Result<Exit, CommandError> {
    let Prepared { session, plan, notes, facts, .. } = prepare(global, &args.pipeline, Purpose::Look)?;
    let mut out = session.out.stdout();
    match args.format {
        DataFormat::Json => {
            let steps: Vec<Value> = plan.steps.iter().map(|step| as_json(step, &plan.steps)).collect();
            let plan = json!({ "pipeline": facts.pipeline, "date": facts.date, "steps": steps });
            writeln!(
                out,
                "{}",
                session.out.masker.mask(&serde_json::to_string_pretty(&plan).unwrap_or_default())
            )?;
        }
        DataFormat::Text => {
            for note in notes {
                writeln!(session.err.stderr(), "{note}")?;
            }
            for (number, step) in plan.steps.iter().enumerate() {
                let waits: Vec<&str> = step.depends_on.iter().map(|d| plan.steps[*d].id.as_str()).collect();
                writeln!(out, "-- {}/{} {} ({})", number + 1, plan.steps.len(), step.id, step.label)?;
                if !waits.is_empty() {
                    writeln!(out, "-- after {}", waits.join(", "))?;
                }
                if let Some(publication) = &step.publication {
                    writeln!(out, "-- in the one transaction of {publication}'s financial gold")?;
                }
                for sql in step.sql() {
                    writeln!(out, "{};", session.out.masker.mask(sql.trim_end().trim_end_matches(';')))?;
                }
                writeln!(out)?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn as_json(step: &Step, steps: &[Step]) -> Value {
    json!({
        "id": step.id,
        "node": step.node,
        "kind": step.kind.word(),
        "depends_on": step.depends_on.iter().map(|d| steps[*d].id.as_str()).collect::<Vec<_>>(),
        "publication": step.publication,
        "sql": step.sql().collect::<Vec<_>>(),
    })
}
