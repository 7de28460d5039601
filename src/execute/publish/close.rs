//! Closes a period: its figures in what stands are what later publications must agree with.

use jiff::Timestamp;

use super::plain;
use crate::ddl::Output;
use crate::ledger::{self, ClosedPeriod, ClosedRelation, Publication, Role};
use crate::warehouse::{Connection, Error, ErrorKind};
use crate::words::machine;

/// Closes a month of what a publication made. Gives what is held from now on, and the relations that
/// are not, since no column of theirs tells a month.
///
/// # Errors
/// When a relation is not as it was published, or the warehouse refuses; nothing is closed then.
pub fn close(
    (database, publication): (&str, &Publication),
    period: &str,
    outputs: &[Output],
    connection: &mut dyn Connection,
) -> Result<(ClosedPeriod, Vec<String>), Error> {
    connection.begin()?;
    let closed = in_transaction((database, publication), period, outputs, connection)
        .and_then(|closed| connection.commit().map(|()| closed));
    if closed.is_err() {
        // The first error is the one to tell.
        let _ = connection.rollback();
    }
    closed
}

fn in_transaction(
    (database, publication): (&str, &Publication),
    period: &str,
    outputs: &[Output],
    connection: &mut dyn Connection,
) -> Result<(ClosedPeriod, Vec<String>), Error> {
    let (mut relations, mut unheld) = (Vec::new(), Vec::new());
    for record in ledger::relations(connection, database, publication.number)? {
        if record.role != Role::Output {
            continue;
        }
        let ignored = record.ignored();
        let now = ledger::measure(connection, &record.relation, &ignored, None)?;
        if now.is_none_or(|now| now.figures.checksum != record.checksum) {
            return Err(Error::new(
                ErrorKind::Statement,
                format!(
                    "{} is not as {publication} made it: see `goldsmith publications verify`",
                    record.name()
                ),
            ));
        }
        let column = outputs.iter().find(|o| o.relation == record.relation).and_then(|o| o.period.clone());
        let Some(column) = column else {
            unheld.push(plain(&record.relation));
            continue;
        };
        let condition = ledger::period_condition(connection, &record.relation, &column, period)?;
        let Some(condition) = condition else {
            return Err(Error::new(
                ErrorKind::Statement,
                format!(
                    "{} has no column `{column}` that tells a month: a date, a text such as 2026-02, or a number such as 202602",
                    record.name()
                ),
            ));
        };
        if let Some(found) = ledger::measure(connection, &record.relation, &ignored, Some(&condition))? {
            relations.push(ClosedRelation {
                relation: record.relation,
                column,
                columns: found.columns,
                rows: found.figures.rows,
                checksum: found.figures.checksum,
                totals: found.figures.totals,
            });
        }
    }
    let closed = ClosedPeriod {
        period: period.to_owned(),
        closed_at: Timestamp::now(),
        closed_by: machine::user_name(),
        number: publication.number,
        relations,
        reason: None,
        approved_by: None,
    };
    ledger::close(connection, database, &publication.project, &closed)?;
    Ok((closed, unheld))
}
