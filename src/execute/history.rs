//! Reads back what runs have left in a database: how they began, and what of them succeeded.

use std::collections::BTreeMap;

use crate::ddl::{self, BOOKKEEPING, literal, micros};
use crate::nouns::Pipeline;
use crate::plan::{Asked, Record};
use crate::warehouse::{Connection, Error, Warehouse};
use crate::words::RelationName;

/// How many runs are looked back. A day of a run each quarter of an hour has fewer.
const LOOK_BACK: usize = 100;

/// The last runs on a target that had steps in a database, from a goldsmith that recorded how they
/// began. The same run has a record in each database; [`join`] makes one of them.
pub fn history(warehouse: &dyn Warehouse, database: &str, target: &str) -> Result<Vec<Record>, Error> {
    let books = RelationName::new(database, BOOKKEEPING, "attempts");
    if warehouse.catalog(&[database.to_owned()])?.get(&books).is_none() {
        return Ok(Vec::new());
    }
    let mut connection = warehouse.connect(database)?;
    let dialect = connection.dialect();
    let query = format!(
        "SELECT run_id, pipeline, {}, {}, arguments, steps \
         FROM {BOOKKEEPING}.attempts WHERE target = {} ORDER BY started_at DESC",
        ddl::text(dialect, "business_date"),
        micros(dialect, "started_at"),
        literal(dialect, target)
    );
    let attempts = connection.query(&ddl::first(dialect, &query, LOOK_BACK))?;
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    for row in attempts.rows {
        if let Some(record) = record(row) {
            records.insert(record.run_id.clone(), record);
        }
    }
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let ids = records.keys().map(|id| literal(dialect, id)).collect::<Vec<_>>().join(", ");
    let ended = format!("SELECT run_id, status FROM {BOOKKEEPING}.runs WHERE run_id IN ({ids})");
    for (run, status) in pairs(connection.as_mut(), &ended)? {
        if let Some(record) = records.get_mut(&run) {
            record.ended = Some(status);
        }
    }
    let done = format!(
        "SELECT run_id, node FROM {BOOKKEEPING}.steps \
         WHERE status IN ('success', 'pass', 'warn') AND node IS NOT NULL AND run_id IN ({ids})"
    );
    for (run, node) in pairs(connection.as_mut(), &done)? {
        if let Some(record) = records.get_mut(&run) {
            record.done.insert(node);
        }
    }
    Ok(records.into_values().collect())
}

/// One record for each run, of those that several databases keep about it.
#[must_use]
pub fn join(records: impl IntoIterator<Item = Record>) -> Vec<Record> {
    let mut joined: BTreeMap<String, Record> = BTreeMap::new();
    for record in records {
        match joined.get_mut(&record.run_id) {
            None => drop(joined.insert(record.run_id.clone(), record)),
            Some(one) => {
                one.planned.extend(record.planned);
                one.done.extend(record.done);
                // A run is ended in one database after the other; it may have been killed in between.
                one.ended = one.ended.take().or(record.ended);
            }
        }
    }
    joined.into_values().collect()
}

/// A row of `attempts`; none where it was written by something else.
fn record(row: Vec<Option<String>>) -> Option<Record> {
    let [run_id, pipeline, date, started, arguments, steps]: [Option<String>; 6] = row.try_into().ok()?;
    Some(Record {
        run_id: run_id?,
        pipeline: Pipeline::from_word(&pipeline?)?,
        date: date?,
        started_at: jiff::Timestamp::from_microsecond(started?.parse().ok()?).ok()?,
        asked: serde_json::from_str::<Asked>(&arguments?).ok()?,
        planned: serde_json::from_str(&steps?).ok()?,
        done: std::collections::BTreeSet::new(),
        ended: None,
    })
}

fn pairs(connection: &mut dyn Connection, sql: &str) -> Result<Vec<(String, String)>, Error> {
    let rows = connection.query(sql)?.rows.into_iter();
    Ok(rows
        .filter_map(|row| Some(<[Option<String>; 2]>::try_from(row).ok()?.into()))
        .filter_map(|(a, b): (Option<String>, Option<String>)| Some((a?, b?)))
        .collect())
}
