//! Ends a publication inside the transaction of its scripts and tests: takes the figures of what they
//! read and made, keeps the rows, holds closed periods, writes the ledger.

mod archive;
mod close;
mod periods;
mod restore;

pub use close::close;
pub use restore::{Restored, Restorer, restore};

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Settings, StepResult};
use crate::ddl::ledger as sql;
use crate::ddl::{Publish, RootLoad};
use crate::history;
use crate::ledger::{
    self, Difference, Item, ItemKind, Measured, Publication, PublicationKind, RelationRecord, Role, Sides,
};
use crate::plan::{Plan, StepKind};
use crate::warehouse::{Connection, Error, ErrorKind};
use crate::words::{RelationName, machine};

/// What a publication came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// What people call it.
    pub id: String,
    /// Whether all was only tried and rolled back.
    pub rehearsed: bool,
    /// How many relations it publishes.
    pub relations: usize,
    /// The rows in them.
    pub rows: u64,
    /// How long it took to keep the rows in the archive.
    pub archiving: Duration,
    /// What there is to tell beside that.
    pub notes: Vec<String>,
    /// A rehearsal's: what each relation would change, by name.
    pub differences: Vec<(String, Difference)>,
}

/// Ends a publication whose steps so far have these results.
pub(super) fn publish(
    publish: &Publish,
    (plan, settings): (&Plan, &Settings),
    results: &[StepResult],
    connection: &mut dyn Connection,
) -> Result<Published, Error> {
    let database = &publish.database;
    let earlier = ledger::publications(connection, database, &publish.project)?;
    let standing = match earlier.first() {
        Some(last) => ledger::relations(connection, database, last.number)?,
        None => Vec::new(),
    };
    let mut publication = publication(publish, settings, results, connection)?;
    let mut notes = Vec::new();
    let mut relations = roots(publish, (plan, settings), connection)?;
    let wanted = publish.inputs.iter().map(|i| (&i.relation, i.ignored.as_slice()));
    let wanted = wanted.chain(publish.outputs.iter().map(|o| (&o.relation, o.ignored.as_slice())));
    let mut measured = ledger::measure_all(connection, &wanted.collect::<Vec<_>>())?.into_iter();
    for (input, found) in publish.inputs.iter().zip(measured.by_ref()) {
        if let Some(found) = found {
            notes.extend(left_out(&input.relation, &found));
            let watermark = relations.iter().find(|r| is_table_of(r, &input.relation, plan));
            let watermark = watermark.and_then(|r| r.watermark.clone());
            relations.push(RelationRecord { watermark, ..record(Role::Input, &input.relation, found) });
        }
    }
    let mut outputs = Vec::new();
    for (output, found) in publish.outputs.iter().zip(measured) {
        let Some(found) = found else { continue };
        notes.extend(left_out(&output.relation, &found));
        notes.extend(inexact(&output.relation, &found));
        let is_complete = found.is_complete;
        outputs.push((record(Role::Output, &output.relation, found), is_complete));
    }
    let restated = periods::hold(publish, publication.number, connection)?;
    let mut differences = Vec::new();
    let keeping = Instant::now();
    if publish.rehearses {
        differences = compare(publish, &standing, &outputs, connection)?;
    } else {
        archive::keep(publish, publication.number, &standing, &mut outputs, connection)?;
    }
    let archiving = if publish.rehearses { Duration::ZERO } else { keeping.elapsed() };
    let (count, rows) = (outputs.len(), outputs.iter().map(|(o, _)| o.rows).sum());
    relations.extend(outputs.into_iter().map(|(output, _)| output));
    publication.published_at = Timestamp::now();
    if !publish.rehearses {
        ledger::add(connection, database, &publication, &relations, &items(publish, plan, results))?;
        for period in &restated {
            ledger::close(connection, database, &publish.project, period)?;
            notes.push(format!("closed period {} was restated", period.period));
        }
        archive::forget(publish, connection)?;
    }
    Ok(Published {
        id: publication.id(),
        rehearsed: publish.rehearses,
        relations: count,
        rows,
        archiving,
        notes,
        differences,
    })
}

fn publication(
    publish: &Publish,
    settings: &Settings,
    results: &[StepResult],
    connection: &mut dyn Connection,
) -> Result<Publication, Error> {
    let number = ledger::next_number(connection, &publish.database)?;
    let date = settings.date_of(&publish.project);
    let business_date = date
        .parse()
        .map_err(|_| Error::new(ErrorKind::Statement, format!("`{date}` is no business date")))?;
    let dialect = connection.dialect();
    let mut session = pairs(connection, &sql::session(dialect))?;
    let engine = connection.query(&sql::engine_version(connection.dialect()))?;
    let engine = engine.rows.into_iter().next().and_then(|row| row.into_iter().next().flatten());
    session.insert(0, ("engine".into(), engine));
    Ok(Publication {
        number,
        project: publish.project.clone(),
        business_date,
        edition: publish.edition,
        kind: PublicationKind::Published,
        run_id: settings.run_id.clone(),
        target: settings.target.clone(),
        restores: None,
        started_at: results.first().map_or_else(Timestamp::now, |r| r.started_at),
        published_at: Timestamp::now(),
        by: machine::user_name(),
        host: machine::host_name(),
        git_commit: publish.commit.as_ref().map(|c| c.id.clone()),
        git_dirty: publish.commit.as_ref().map(|c| c.dirty),
        reasons: publish.reasons.iter().map(|(rule, why)| (rule.clone(), Some(why.clone()))).collect(),
        approved_by: publish.approved_by.clone(),
        session,
        goldsmith_version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn pairs(connection: &mut dyn Connection, sql: &str) -> Result<Vec<(String, Option<String>)>, Error> {
    let rows = connection.query(sql)?.rows;
    Ok(rows
        .into_iter()
        .filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
            Ok([Some(name), value]) => Some((name, value)),
            _ => None,
        })
        .collect())
}

fn record(role: Role, relation: &RelationName, found: Measured) -> RelationRecord {
    RelationRecord {
        role,
        relation: relation.clone(),
        columns: found.columns,
        rows: found.figures.rows,
        watermark: None,
        checksum: found.figures.checksum,
        totals: found.figures.totals,
        archive: None,
    }
}

/// The loads behind the inputs: those of the project as its own database records them, others as they were
/// when the run was planned, or as this run has carried them out.
fn roots(
    publish: &Publish,
    (plan, settings): (&Plan, &Settings),
    connection: &mut dyn Connection,
) -> Result<Vec<RelationRecord>, Error> {
    let own: Vec<&str> =
        publish.roots.iter().filter(|r| r.database == publish.database).map(|r| r.load.as_str()).collect();
    let mut last: Vec<history::LoadRecord> = Vec::new();
    if !own.is_empty() {
        for record in history::last_loads(connection, &publish.database)? {
            if !own.contains(&record.load.as_str()) {
                continue;
            }
            match last.iter_mut().find(|r| r.load == record.load) {
                Some(held) if held.finished_at < record.finished_at => *held = record,
                Some(_) => {}
                None => last.push(record),
            }
        }
    }
    let mut records: Vec<RelationRecord> = last
        .into_iter()
        .map(|load| {
            let ended = RootLoad {
                mode: load.mode,
                business_date: load.business_date,
                finished_at: Some(load.finished_at.to_string()),
                rows: load.rows,
                watermark: load.watermark,
            };
            root(&publish.database, &load.load, ended)
        })
        .collect();
    for other in publish.roots.iter().filter(|r| r.database != publish.database) {
        let here = plan.steps.iter().find(|s| s.id == other.load).and_then(|step| {
            Some(RootLoad {
                mode: step.loading.as_ref()?.mode.word().to_owned(),
                business_date: settings.date_of(&step.project).to_owned(),
                finished_at: None,
                rows: None,
                watermark: None,
            })
        });
        records.extend(
            here.or_else(|| other.before.clone()).map(|ended| root(&other.database, &other.load, ended)),
        );
    }
    Ok(records)
}

fn root(database: &str, load: &str, ended: RootLoad) -> RelationRecord {
    let mut told =
        vec![("mode".to_owned(), Some(ended.mode)), ("business_date".to_owned(), Some(ended.business_date))];
    told.extend(ended.finished_at.map(|at| ("finished_at".to_owned(), Some(at))));
    RelationRecord {
        role: Role::Root,
        relation: RelationName::new(database, "", load),
        columns: Vec::new(),
        rows: ended.rows.unwrap_or(0),
        watermark: ended.watermark,
        checksum: String::new(),
        totals: told,
        archive: None,
    }
}

/// Whether a load's record is of the table that an input is.
fn is_table_of(root: &RelationRecord, relation: &RelationName, plan: &Plan) -> bool {
    plan.tables.get(relation).is_some_and(|load| *load == root.relation.name)
}

/// Says which columns no checksum watches over.
fn left_out(relation: &RelationName, found: &Measured) -> Option<String> {
    let columns = found.columns.iter().filter(|c| c.left_out.as_deref() == Some("type"));
    let columns: Vec<String> = columns.map(|c| format!("{} ({})", c.name, c.kind)).collect();
    (!columns.is_empty())
        .then(|| format!("{}: no checksum watches over {}", plain(relation), columns.join(", ")))
}

/// Says in which columns of an output figures are only nearly so.
fn inexact(relation: &RelationName, found: &Measured) -> Option<String> {
    (!found.floats.is_empty()).then(|| {
        format!(
            "{}: {} {} floating-point numbers, whose sums are not the same in each run: money belongs into a decimal type",
            plain(relation),
            found.floats.join(", "),
            if found.floats.len() == 1 { "holds" } else { "hold" }
        )
    })
}

/// `schema.name`
fn plain(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name)
}

/// What a rehearsal would change.
fn compare(
    publish: &Publish,
    standing: &[RelationRecord],
    outputs: &[(RelationRecord, bool)],
    connection: &mut dyn Connection,
) -> Result<Vec<(String, Difference)>, Error> {
    let held = archive::tables(&publish.database, connection)?;
    let mut differences = Vec::new();
    for (output, _) in outputs {
        let before = standing
            .iter()
            .find(|r| r.role == Role::Output && r.relation == output.relation)
            .and_then(|r| r.archive.as_ref())
            .filter(|table| held.contains(*table))
            .map(|table| sql::archive_table(&publish.database, table));
        let said = publish.outputs.iter().find(|o| o.relation == output.relation);
        let sides = Sides {
            before: before.as_ref(),
            after: Some(&output.relation),
            key: said.map(|o| o.key.as_slice()).unwrap_or_default(),
            ignored: &output.ignored(),
        };
        differences.push((output.name(), ledger::difference(connection, sides)?));
    }
    Ok(differences)
}

/// The scripts and tests, as they ran.
fn items(publish: &Publish, plan: &Plan, results: &[StepResult]) -> Vec<Item> {
    results
        .iter()
        .filter_map(|result| {
            let step = plan.steps.iter().find(|s| s.id == result.id)?;
            let kind = match step.kind {
                StepKind::Script => ItemKind::Script,
                StepKind::Test => ItemKind::Test,
                _ => return None,
            };
            let script = publish.scripts.iter().find(|s| s.node == result.id);
            let lasted = jiff::SignedDuration::try_from(result.duration).unwrap_or_default();
            Some(Item {
                kind,
                name: result.id.clone(),
                path: script.map(|s| s.path.clone()),
                sha256: script.map(|s| s.sha256.clone()),
                status: result.status.word().to_owned(),
                rows: result.failures.or(result.rows),
                message: result.message.clone(),
                started_at: result.started_at,
                finished_at: result.started_at + lasted,
            })
        })
        .collect()
}
