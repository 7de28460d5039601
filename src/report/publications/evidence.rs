//! All that the ledger knows of one publication, for people and as JSON.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::difference::amount;
use crate::ledger::{Item, ItemKind, Publication, PublicationKind, RelationRecord, Role};
use crate::report::look::{BAD, DIM, GOOD, STRONG, WARN};
use crate::report::{Look, Table, duration, neutral_line, thousands};

/// A publication with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// The publication.
    pub publication: &'a Publication,
    /// Whether it is the one that readers see.
    pub stands: bool,
    /// What it read and made.
    pub relations: Vec<RelationRecord>,
    /// Its scripts and tests.
    pub items: Vec<Item>,
    /// What still stands as it was, where that was asked.
    pub standing: Vec<Standing>,
}

/// Whether something that went into a publication still stands as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `script` or `input`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// What is different.
    pub problem: Option<String>,
}

impl Evidence<'_> {
    pub(super) fn of_role(&self, role: Role) -> impl Iterator<Item = &RelationRecord> {
        self.relations.iter().filter(move |r| r.role == role)
    }

    pub(super) fn of_kind(&self, kind: ItemKind) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |i| i.kind == kind)
    }
}

/// A point in time as people in a zone write it.
pub(super) fn at(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The list of publications.
#[must_use]
pub fn publication_table(
    all: &[&Publication],
    is_standing: &dyn Fn(&Publication) -> bool,
    zone: &TimeZone,
) -> Table {
    let mut table = Table::new(["publication", "published", "by", "how", "commit", "reasons"]);
    for publication in all {
        table.row([
            publication.id(),
            at(publication.published_at, zone),
            publication.by.clone(),
            how(publication, is_standing(publication)),
            commit(publication),
            publication.reasons.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

fn how(publication: &Publication, stands: bool) -> String {
    match (stands, publication.kind) {
        (true, PublicationKind::Published) => "stands".to_owned(),
        (true, PublicationKind::Restored) => "stands, restored".to_owned(),
        (false, kind) => kind.word().to_owned(),
    }
}

fn commit(publication: &Publication) -> String {
    match &publication.git_commit {
        None => String::new(),
        Some(id) => {
            let short: String = id.chars().take(10).collect();
            if publication.git_dirty == Some(true) { format!("{short} + changes") } else { short }
        }
    }
}

/// One publication, in full.
pub fn write_evidence(
    evidence: &Evidence<'_>,
    zone: &TimeZone,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (nth, (label, value)) in heading(evidence, zone).into_iter().enumerate() {
        let value = neutral_line(&look.masker.mask(&value)).into_owned();
        if nth == 0 {
            writeln!(out, "{}", look.paint(STRONG, &value))?;
        } else {
            writeln!(out, "  {label:<14} {value}")?;
        }
    }
    for (title, role) in
        [("Outputs", Role::Output), ("Inputs", Role::Input), ("Loads behind them", Role::Root)]
    {
        let mut table = relation_table(role);
        for record in evidence.of_role(role) {
            table.row(relation_row(record, role));
        }
        write_table(title, &table, look, out)?;
    }
    let mut scripts = Table::new(["script", "rows", "took", "SHA-256"]);
    for item in evidence.of_kind(ItemKind::Script) {
        let hash: String = item.sha256.as_deref().unwrap_or_default().chars().take(16).collect();
        scripts.row([
            item.path.clone().unwrap_or_else(|| item.name.clone()),
            item.rows.map(thousands).unwrap_or_default(),
            took(item),
            hash,
        ]);
    }
    write_table("Scripts", &scripts, look, out)?;
    let mut tests = Table::new(["test", "result", "said"]);
    for item in evidence.of_kind(ItemKind::Test) {
        tests.row([item.name.clone(), item.status.clone(), item.message.clone().unwrap_or_default()]);
    }
    write_table("Tests", &tests, look, out)?;
    if !evidence.standing.is_empty() {
        writeln!(out, "\n{}", look.paint(STRONG, "Stands as it was"))?;
    }
    for standing in &evidence.standing {
        let (style, word) = match &standing.problem {
            None => (GOOD, "yes".to_owned()),
            Some(problem) => (BAD, format!("no: {}", neutral_line(problem))),
        };
        let name = neutral_line(&look.masker.mask(&standing.name)).into_owned();
        writeln!(out, "  {} {name}: {}", standing.what, look.paint(style, &word))?;
    }
    Ok(())
}

fn write_table(title: &str, table: &Table, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if table.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", look.paint(STRONG, title))?;
    table.write(look, out)
}

/// What there is to say of the publication itself: the id, then label and value.
pub(super) fn heading(evidence: &Evidence<'_>, zone: &TimeZone) -> Vec<(&'static str, String)> {
    let p = evidence.publication;
    let mut lines = vec![
        ("publication", p.id()),
        ("business date", p.business_date.to_string()),
        ("state", how(p, evidence.stands)),
        ("published", format!("{} ({})", at(p.published_at, zone), p.published_at)),
        ("took", took_between(p.started_at, p.published_at)),
        ("by", format!("{} on {}", if p.by.is_empty() { "somebody" } else { &p.by }, p.host)),
        ("target", p.target.clone()),
        ("run", p.run_id.clone()),
        ("goldsmith", p.goldsmith_version.clone()),
    ];
    if let Some(number) = p.restores {
        lines.push(("restores", format!("publication number {number}")));
    }
    match &p.git_commit {
        Some(id) if p.git_dirty == Some(true) => {
            lines.push(("commit", format!("{id}, with changes that are in no commit")));
        }
        Some(id) => lines.push(("commit", id.clone())),
        None => lines.push(("commit", "none: the files are not kept by git".into())),
    }
    for (rule, reason) in &p.reasons {
        lines.push(("set aside", format!("{rule}: {}", reason.as_deref().unwrap_or_default())));
    }
    if let Some(name) = &p.approved_by {
        lines.push(("approved by", name.clone()));
    }
    let session: Vec<String> = p
        .session
        .iter()
        .map(|(name, value)| format!("{name} {}", value.as_deref().unwrap_or("none")))
        .collect();
    lines.push(("session", session.join(", ")));
    lines
}

fn took_between(from: Timestamp, to: Timestamp) -> String {
    duration(std::time::Duration::try_from(to.duration_since(from)).unwrap_or_default())
}

pub(super) fn took(item: &Item) -> String {
    took_between(item.started_at, item.finished_at)
}

fn relation_table(role: Role) -> Table {
    match role {
        Role::Root => Table::new(["load", "rows", "mode", "for", "watermark"]),
        _ => Table::new(["relation", "rows", "checksum", "totals"]),
    }
}

/// The cells of a relation; a checksum without its version.
fn relation_row(record: &RelationRecord, role: Role) -> Vec<String> {
    let total = |name: &str| {
        record.totals.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.clone()).unwrap_or_default()
    };
    match role {
        Role::Root => vec![
            record.name(),
            record.known_rows().map_or_else(|| "-".to_owned(), thousands),
            total("mode"),
            total("business_date"),
            record.watermark.clone().unwrap_or_default(),
        ],
        _ => vec![record.name(), thousands(record.rows), record.checksum.clone(), totals(record)],
    }
}

pub(super) fn totals(record: &RelationRecord) -> String {
    let each = record.totals.iter().map(|(name, total)| {
        format!("{name} {}", total.as_deref().map_or_else(|| "nothing".to_owned(), amount))
    });
    each.collect::<Vec<_>>().join(", ")
}

fn pairs(pairs: &[(String, Option<String>)]) -> Value {
    Value::Object(pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>())
}

/// A publication as JSON.
#[must_use]
pub fn publication_json(p: &Publication, stands: bool) -> Value {
    json!({
        "id": p.id(),
        "number": p.number,
        "project": p.project,
        "business_date": p.business_date.to_string(),
        "edition": p.edition,
        "kind": p.kind.word(),
        "stands": stands,
        "restores": p.restores,
        "target": p.target,
        "run_id": p.run_id,
        "started_at": p.started_at.to_string(),
        "published_at": p.published_at.to_string(),
        "by": p.by,
        "host": p.host,
        "git_commit": p.git_commit,
        "git_dirty": p.git_dirty,
        "reasons": pairs(&p.reasons),
        "approved_by": p.approved_by,
        "session": pairs(&p.session),
        "goldsmith_version": p.goldsmith_version,
    })
}

/// A publication with all that belongs to it, as JSON.
#[must_use]
pub fn evidence_json(evidence: &Evidence<'_>) -> Value {
    let relation = |r: &RelationRecord| {
        json!({
            "relation": r.name(),
            "rows": r.rows,
            "checksum": r.checksum,
            "watermark": r.watermark,
            "totals": pairs(&r.totals),
            "archive": r.archive,
            "columns": r.columns.iter().map(|c| json!({
                "name": c.name, "type": c.kind, "left_out": c.left_out,
            })).collect::<Vec<_>>(),
        })
    };
    let load = |r: &RelationRecord| {
        json!({
            "load": r.name(), "rows": r.known_rows(), "watermark": r.watermark, "last": pairs(&r.totals),
        })
    };
    let item = |i: &Item| {
        json!({
            "node": i.name,
            "path": i.path,
            "sha256": i.sha256,
            "status": i.status,
            "rows": i.rows,
            "message": i.message,
            "started_at": i.started_at.to_string(),
            "finished_at": i.finished_at.to_string(),
        })
    };
    let mut told = publication_json(evidence.publication, evidence.stands);
    told["outputs"] = evidence.of_role(Role::Output).map(relation).collect();
    told["inputs"] = evidence.of_role(Role::Input).map(relation).collect();
    told["loads"] = evidence.of_role(Role::Root).map(load).collect();
    told["scripts"] = evidence.of_kind(ItemKind::Script).map(item).collect();
    told["tests"] = evidence.of_kind(ItemKind::Test).map(item).collect();
    if !evidence.standing.is_empty() {
        told["reproduce"] = evidence
            .standing
            .iter()
            .map(|s| json!({ "what": s.what, "name": s.name, "stands": s.problem.is_none(), "problem": s.problem }))
            .collect();
    }
    told
}

/// What `publications verify` found of a relation.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The relation.
    pub relation: String,
    /// The rows that were published.
    pub rows: u64,
    /// What is not as it was.
    pub problem: Option<String>,
    /// How it differs, where the archive tells.
    pub difference: Option<crate::ledger::Difference>,
}

/// Tells what was verified of a publication.
pub fn write_verdict(id: &str, checked: &[Verdict], look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let wrong = checked.iter().filter(|v| v.problem.is_some()).count();
    let (style, word) = match wrong {
        0 => (GOOD, "as it was published".to_owned()),
        n => (BAD, format!("{n} of {} relations are not as they were published", checked.len())),
    };
    writeln!(out, "{}: {}", look.paint(STRONG, id), look.paint(style, &word))?;
    for verdict in checked {
        let name = neutral_line(&verdict.relation);
        match (&verdict.problem, &verdict.difference) {
            (None, _) => {
                let rows = look.paint(DIM, &format!("{} rows", thousands(verdict.rows)));
                writeln!(out, "  {} {name} {rows}", look.paint(GOOD, "ok"))?;
            }
            (Some(problem), difference) => {
                writeln!(out, "  {} {name}: {}", look.paint(WARN, "!!"), neutral_line(problem))?;
                if let Some(difference) = difference {
                    super::write_difference(&verdict.relation, difference, look, out)?;
                }
            }
        }
    }
    Ok(())
}

/// The same as JSON.
#[must_use]
pub fn verdict_json(verdict: &Verdict) -> Value {
    json!({
        "relation": verdict.relation,
        "rows": verdict.rows,
        "ok": verdict.problem.is_none(),
        "problem": verdict.problem,
        "difference": verdict.difference.as_ref().map(|d| super::as_json(&verdict.relation, d)),
    })
}
