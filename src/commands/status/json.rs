//! `status` for programs.

use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

use crate::history::{LoadRecord, PastRun};
use crate::nouns::Freshness;
use crate::report::publications::publication_json;
use crate::report::status::{LoadStatus, ProjectStatus, worst};

pub(super) fn status(projects: &[ProjectStatus], now: &Zoned) -> Value {
    json!({
        "at": now.timestamp().to_string(),
        "status": worst(projects).word(),
        "projects": projects.iter().map(project).collect::<Vec<_>>(),
    })
}

fn project(project: &ProjectStatus) -> Value {
    json!({
        "project": project.name,
        "owner": project.owner,
        "database": project.database,
        "exists": project.exists,
        "records_loads": project.records_loads,
        "loads": project.loads.iter().map(load).collect::<Vec<_>>(),
        "runs": project.runs.iter().map(run).collect::<Vec<_>>(),
        "publication": project.publication.as_ref().map(|p| publication_json(p, true)),
    })
}

fn load(load: &LoadStatus) -> Value {
    let standing = &load.standing;
    let full = standing.full.as_ref();
    json!({
        "load": load.name,
        "status": standing.verdict.word(),
        "known": standing.known.word(),
        "age_seconds": standing.age.map(|a| a.as_secs()),
        "freshness": promised(load.promised),
        "rows": standing.rows,
        "watermark": standing.watermark,
        "watermark_at": standing.watermark_at.map(moment),
        "last_full": full.map(record),
        "last_delta": standing.delta.as_ref().map(record),
        "drift": full.map(|f| json!({ "vanished": f.vanished, "differing": f.differing })),
    })
}

fn promised(freshness: Freshness) -> Value {
    json!({
        "warn_after_seconds": freshness.warn_after.map(|d| d.as_secs()),
        "error_after_seconds": freshness.error_after.map(|d| d.as_secs()),
    })
}

fn record(record: &LoadRecord) -> Value {
    json!({
        "run_id": record.run_id,
        "business_date": record.business_date,
        "finished_at": moment(record.finished_at),
        "rows": record.rows,
        "inserted": record.inserted,
        "updated": record.updated,
        "deleted": record.deleted,
    })
}

fn run(run: &PastRun) -> Value {
    json!({
        "run_id": run.run_id,
        "pipeline": run.pipeline,
        "business_date": run.business_date,
        "status": run.status,
        "started_at": moment(run.started_at),
        "finished_at": run.finished_at.map(moment),
        "seconds": run.duration().map(|d| d.as_secs_f64()),
    })
}

fn moment(at: Timestamp) -> String {
    at.to_string()
}
