//! Puts the rows of an earlier publication back, as a publication of its own.

use jiff::Timestamp;

use super::{archive, periods};
use crate::ddl::Publish;
use crate::ddl::ledger as sql;
use crate::ledger::{self, Publication, PublicationKind, RelationRecord, Role};
use crate::warehouse::{Connection, Error, ErrorKind};
use crate::words::machine;

/// Who puts a publication back, on which target.
#[derive(Debug, Clone)]
pub struct Restorer<'a> {
    /// The run.
    pub run_id: &'a str,
    /// The target.
    pub target: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The publication that stands now.
    pub id: String,
    /// The relations whose rows were put back, with their numbers.
    pub relations: Vec<(String, u64)>,
    /// Relations of the publication that stood before, which this one did not make: they stay.
    pub untouched: Vec<String>,
}

/// Puts the rows of a publication back in one transaction, checks them, and records it. `publish` says
/// what the project publishes now, and why closed periods may change.
///
/// # Errors
/// When rows are not kept any more, are not as they were archived, can't be put back, or would change a
/// closed period; nothing is changed then.
pub fn restore(
    publish: &Publish,
    publication: &Publication,
    by: &Restorer<'_>,
    connection: &mut dyn Connection,
) -> Result<Restored, Error> {
    connection.begin()?;
    let restored = in_transaction(publish, publication, by, connection)
        .and_then(|restored| connection.commit().map(|()| restored));
    if restored.is_err() {
        // The first error is the one to tell.
        let _ = connection.rollback();
    }
    restored
}

fn in_transaction(
    publish: &Publish,
    publication: &Publication,
    by: &Restorer<'_>,
    connection: &mut dyn Connection,
) -> Result<Restored, Error> {
    let started_at = Timestamp::now();
    let database = &publish.database;
    let all = ledger::publications(connection, database, &publish.project)?;
    let standing = match all.first() {
        Some(last) => ledger::relations(connection, database, last.number)?,
        None => Vec::new(),
    };
    let records: Vec<RelationRecord> = ledger::relations(connection, database, publication.number)?;
    let outputs = || records.iter().filter(|r| r.role == Role::Output);
    let held = archive::tables(database, connection)?;
    let mut relations = Vec::new();
    for record in outputs() {
        let table = record.archive.as_ref().filter(|table| held.contains(*table)).ok_or_else(|| {
            refused(format!("the rows of {} in {publication} are not kept any more", record.name()))
        })?;
        put_back(record, &sql::archive_table(database, table), connection)?;
        relations.push((record.name(), record.rows));
    }
    // A view is not written: it must show what it showed once the tables below it are as they were.
    for record in outputs() {
        let now = ledger::measure(connection, &record.relation, &record.ignored(), None)?;
        if now.is_none_or(|now| now.figures.checksum != record.checksum) {
            return Err(refused(format!(
                "{} would not hold what {publication} held: its archived rows were changed, or it is a view of something else now",
                record.name()
            )));
        }
    }
    let number = ledger::next_number(connection, database)?;
    let restated = periods::hold(publish, number, connection)?;
    let editions = all.iter().filter(|p| p.business_date == publication.business_date).map(|p| p.edition);
    let mut reasons = vec![("restore".to_owned(), Some(by.reason.to_owned()))];
    reasons.extend(publish.reasons.iter().map(|(rule, why)| (rule.clone(), Some(why.clone()))));
    let entry = Publication {
        number,
        edition: editions.max().unwrap_or(0) + 1,
        kind: PublicationKind::Restored,
        restores: Some(publication.number),
        run_id: by.run_id.to_owned(),
        target: by.target.to_owned(),
        started_at,
        published_at: Timestamp::now(),
        by: machine::user_name(),
        host: machine::host_name(),
        reasons,
        approved_by: publish.approved_by.clone(),
        goldsmith_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..publication.clone()
    };
    let items = ledger::items(connection, database, publication.number)?;
    ledger::add(connection, database, &entry, &records, &items)?;
    for period in &restated {
        ledger::close(connection, database, &publish.project, period)?;
    }
    let untouched = standing
        .iter()
        .filter(|r| r.role == Role::Output && !outputs().any(|o| o.relation == r.relation))
        .map(RelationRecord::name)
        .collect();
    Ok(Restored { id: entry.id(), relations, untouched })
}

/// Fills a table with archived rows; a table of another shape is made anew.
fn put_back(
    record: &RelationRecord,
    copy: &crate::words::RelationName,
    connection: &mut dyn Connection,
) -> Result<(), Error> {
    match sql::kind(connection.query(&sql::kind_of(connection.dialect(), &record.relation))?.rows) {
        sql::Holds::View => Ok(()),
        sql::Holds::Nothing => make(record, copy, connection),
        sql::Holds::Table => {
            let same = connection.query(&sql::columns(connection.dialect(), &record.relation))?.rows
                == connection.query(&sql::columns(connection.dialect(), copy))?.rows;
            if !same {
                return make(record, copy, connection);
            }
            for statement in sql::refill(connection.dialect(), &record.relation, copy) {
                connection.execute(&statement)?;
            }
            Ok(())
        }
    }
}

/// Makes a table of archived rows, in the place of the one that stands there.
fn make(
    record: &RelationRecord,
    copy: &crate::words::RelationName,
    connection: &mut dyn Connection,
) -> Result<(), Error> {
    for statement in sql::table_of(connection.dialect(), &record.relation, copy) {
        connection.execute(&statement.sql)?;
    }
    Ok(())
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Statement, message)
}
