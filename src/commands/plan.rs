//! `goldsmith plan`

use std::borrow::Cow;
use std::io::Write;

use serde_json::{Value, json};

use super::run::{Prepared, prepare};
use super::warehouse::Purpose;
use super::{CommandError, Exit};
use crate::cli::{DataFormat, Global, PlanArgs};
use crate::ddl::Act;
use crate::plan::Step;
use crate::report::{Masker, ignore_broken_pipe};

pub(super) fn plan(global: &Global, args: &PlanArgs) -> Result<Exit, CommandError> {
    let prepared = prepare(global, &args.pipeline, Purpose::Look, |_, _, _| Ok(()))?;
    let Some(prepared) = prepared else { return Ok(Exit::Done) };
    let Prepared { session, plan, notes, facts, refusals, .. } = prepared;
    let mut out = session.out.stdout();
    for note in &notes {
        writeln!(session.err.stderr(), "{note}")?;
    }
    for refusal in &refusals {
        writeln!(session.err.stderr(), "`run` would be refused: {refusal}")?;
    }
    let written = match args.format {
        DataFormat::Json => {
            let steps: Vec<Value> = plan.steps.iter().map(|step| as_json(step, &plan.steps)).collect();
            let plan = json!({ "pipeline": facts.pipeline, "date": facts.date, "steps": steps });
            let text = serde_json::to_string_pretty(&plan).unwrap_or_default();
            writeln!(out, "{}", session.out.masker.mask(&text))
        }
        DataFormat::Text => plan
            .steps
            .iter()
            .enumerate()
            .try_for_each(|(nth, step)| as_text(nth, step, &plan.steps, &session.out.masker, &mut out)),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

fn as_text(
    nth: usize,
    step: &Step,
    steps: &[Step],
    masker: &Masker,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out, "-- {}/{} {} ({})", nth + 1, steps.len(), step.id, step.label)?;
    let waits: Vec<&str> = step.depends_on.iter().map(|d| steps[*d].id.as_str()).collect();
    if !waits.is_empty() {
        writeln!(out, "-- after {}", waits.join(", "))?;
    }
    if let Some(publication) = &step.publication {
        writeln!(out, "-- in the one transaction of {publication}'s financial gold")?;
    }
    for sql in statements(step) {
        writeln!(out, "{};", masker.mask(sql.trim_end().trim_end_matches(';')))?;
    }
    writeln!(out)
}

/// The SQL of a step; what is sent to another target says so.
fn statements(step: &Step) -> impl Iterator<Item = Cow<'_, str>> {
    step.phases.iter().flat_map(|p| &p.statements).map(|text| match &text.act {
        Act::Stream(stream) => Cow::Owned(format!("-- on the target {}\n{}", stream.from.target, text.sql)),
        Act::Apart(_) => Cow::Owned(format!("-- only when the query before it counts any\n{}", text.sql)),
        _ => Cow::Borrowed(text.sql.as_str()),
    })
}

fn as_json(step: &Step, steps: &[Step]) -> Value {
    json!({
        "id": step.id,
        "node": step.node,
        "kind": step.kind.word(),
        "depends_on": step.depends_on.iter().map(|d| steps[*d].id.as_str()).collect::<Vec<_>>(),
        "publication": step.publication,
        "sql": statements(step).collect::<Vec<_>>(),
    })
}
