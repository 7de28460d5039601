//! `status` for people: each project's loads and last runs, then what is not as it should be.

use std::io::{self, Write};
use std::time::Duration;

use jiff::{Timestamp, Zoned};

use super::look::{BAD, DIM, GOOD, STRONG, WARN};
use super::wording::{ago, count, duration, length, thousands};
use super::{Look, Table, neutral_line};
use crate::history::{Known, PastRun, Standing, age};
use crate::ledger::Publication;
use crate::nouns::{Freshness, Verdict};

/// A load and where it stands.
pub struct LoadStatus {
    /// Its name within the project.
    pub name: String,
    /// What is promised of it.
    pub promised: Freshness,
    /// Where it stands.
    pub standing: Standing,
}

/// A project, its loads and its last runs.
pub struct ProjectStatus {
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its database on the target.
    pub database: String,
    /// What is promised of its loads.
    pub promised: Freshness,
    /// Whether the database is there.
    pub exists: bool,
    /// Whether loads are recorded in it: an older goldsmith did not.
    pub records_loads: bool,
    /// Its loads.
    pub loads: Vec<LoadStatus>,
    /// Its last runs, the newest first.
    pub runs: Vec<PastRun>,
    /// The publication of its financial gold that stands.
    pub publication: Option<Publication>,
}

/// Writes the status of projects as of `now`.
///
/// # Errors
/// When `out` can't be written to.
pub fn write_status(
    projects: &[ProjectStatus],
    now: &Zoned,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for project in projects {
        heading(project, look, out)?;
        if !project.exists {
            let text =
                format!("its database `{}` does not exist yet: `goldsmith run` makes it", project.database);
            writeln!(out, "{}", look.paint(WARN, &shown(&text, look)))?;
        }
        loads(project, now, look, out)?;
        runs(project, now, look, out)?;
        if let Some(standing) = &project.publication {
            let at = moment(standing.published_at, now);
            let text = format!("financial gold: {standing}, {} {at}", standing.kind.word());
            writeln!(out, "{}", shown(&text, look))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", verdict(projects, look))
}

fn shown(text: &str, look: &Look) -> String {
    neutral_line(&look.masker.mask(text)).into_owned()
}

fn heading(project: &ProjectStatus, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let mut facts = Vec::new();
    facts.extend(project.owner.as_ref().map(|o| format!("owner {o}")));
    facts.extend(promise(project.promised));
    let facts = if facts.is_empty() { String::new() } else { format!("  {}", facts.join("; ")) };
    let name = look.paint(STRONG, &shown(&project.name, look));
    writeln!(out, "{name}{}", look.paint(DIM, &shown(&facts, look)))
}

fn promise(promised: Freshness) -> Option<String> {
    match (promised.warn_after, promised.error_after) {
        (None, None) => None,
        (Some(warn), None) => Some(format!("warning after {}", length(warn))),
        (None, Some(error)) => Some(format!("error after {}", length(error))),
        (Some(warn), Some(error)) => {
            Some(format!("warning after {}, error after {}", length(warn), length(error)))
        }
    }
}

fn moment(at: Timestamp, now: &Zoned) -> String {
    let local = at.to_zoned(now.time_zone().clone());
    format!("{} ({})", local.strftime("%Y-%m-%d %H:%M"), ago(age(at, now.timestamp())))
}

fn loads(project: &ProjectStatus, now: &Zoned, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if project.loads.is_empty() || !project.exists {
        return Ok(());
    }
    let mut table = Table::new(["LOAD", "STATE", "LAST FULL LOAD", "LAST DELTA", "ROWS", "WATERMARK"]);
    for load in &project.loads {
        let standing = &load.standing;
        let external = standing.known == Known::External || standing.full.is_none();
        let by = |record: Option<Timestamp>| record.map(|at| moment(at, now)).unwrap_or_default();
        let watermark = match (standing.watermark_at, &standing.watermark) {
            (Some(at), _) => moment(at, now),
            (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        };
        table.row([
            load.name.clone(),
            state(standing).to_owned(),
            match standing.known {
                Known::External => "by another tool".to_owned(),
                Known::Unknown if external => "not known".to_owned(),
                _ => by(standing.full.as_ref().map(|r| r.finished_at)),
            },
            by(standing.delta.as_ref().map(|r| r.finished_at)),
            standing.rows.map(thousands).unwrap_or_default(),
            watermark,
        ]);
    }
    table.write(look, out)?;
    if !project.records_loads {
        let text = "an older goldsmith ran here: it kept no record of loads, the next run does";
        writeln!(out, "{}", look.paint(DIM, text))?;
    }
    for load in &project.loads {
        if let Some(told) = drift(load) {
            writeln!(out, "{}", look.paint(WARN, &shown(&told, look)))?;
        }
        if let Some((style, told)) = wrong(load) {
            writeln!(out, "{}", look.paint(style, &shown(&told, look)))?;
        }
    }
    Ok(())
}

fn state(standing: &Standing) -> &'static str {
    match standing.known {
        Known::Never => "never",
        Known::Unknown => "unknown",
        Known::Loaded | Known::External => standing.verdict.word(),
    }
}

/// `daily removed 312 rows that hourly never saw`
fn drift(load: &LoadStatus) -> Option<String> {
    let (vanished, differing) = load.standing.drift()?;
    let removed =
        (vanished > 0).then(|| format!("removed {} that hourly never saw go", count(size(vanished), "row")));
    let mended = differing
        .filter(|d| *d > 0)
        .map(|d| format!("mended {} that hourly never saw change", count(size(d), "row")));
    let parts: Vec<String> = [removed, mended].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{}: the last full load {}", load.name, parts.join(" and ")))
}

fn size(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn wrong(load: &LoadStatus) -> Option<(anstyle::Style, String)> {
    let standing = &load.standing;
    let name = &load.name;
    let past = |limit: Option<Duration>, word: &str| {
        let age = standing.age.map(length).unwrap_or_default();
        format!("{name}: {age} old, and {word} promises {} at most", limit.map(length).unwrap_or_default())
    };
    match (standing.known, standing.verdict) {
        (_, Verdict::Fresh) => None,
        (Known::Never, _) => Some((WARN, format!("{name}: never loaded"))),
        (Known::Unknown, _) => {
            Some((WARN, format!("{name}: the table is there, but nothing tells when it was loaded")))
        }
        (_, Verdict::Error) => Some((BAD, past(load.promised.error_after, "error_after"))),
        (_, Verdict::Warning) => Some((WARN, past(load.promised.warn_after, "warn_after"))),
    }
}

fn runs(project: &ProjectStatus, now: &Zoned, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if project.runs.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["RUN", "BUSINESS DATE", "STATUS", "BEGAN", "LASTED"]);
    for run in &project.runs {
        table.row([
            run.pipeline.clone(),
            run.business_date.clone(),
            run.status.clone(),
            moment(run.started_at, now),
            run.duration().map(duration).unwrap_or_default(),
        ]);
    }
    writeln!(out)?;
    table.write(look, out)
}

/// The worst verdict of all loads.
#[must_use]
pub fn worst(projects: &[ProjectStatus]) -> Verdict {
    let all = projects.iter().flat_map(|p| &p.loads).map(|l| l.standing.verdict);
    all.max().unwrap_or(Verdict::Fresh)
}

fn verdict(projects: &[ProjectStatus], look: &Look) -> String {
    let loads: Vec<Verdict> = projects.iter().flat_map(|p| &p.loads).map(|l| l.standing.verdict).collect();
    let of = |verdict| loads.iter().filter(|v| **v == verdict).count();
    let text = format!(
        "{} in {}: {} fresh, {}, {}",
        count(loads.len(), "load"),
        count(projects.len(), "project"),
        of(Verdict::Fresh),
        count(of(Verdict::Warning), "warning"),
        count(of(Verdict::Error), "error"),
    );
    let style = match worst(projects) {
        Verdict::Fresh => GOOD,
        Verdict::Warning => WARN,
        Verdict::Error => BAD,
    };
    look.paint(style, &text)
}
