//! Holds closed periods: what they published stays, unless somebody answers for the change.

use jiff::Timestamp;

use super::plain;
use crate::ddl::Publish;
use crate::ledger::{self, ClosedPeriod, ClosedRelation, Measured};
use crate::warehouse::{Connection, Error, ErrorKind};
use crate::words::machine;

/// Compares each closed period with what is about to be published. Gives the periods that change with
/// somebody's approval, with their new figures.
///
/// # Errors
/// When a closed period would change and nobody has approved it.
pub(super) fn hold(
    publish: &Publish,
    number: u64,
    connection: &mut dyn Connection,
) -> Result<Vec<ClosedPeriod>, Error> {
    let reason = publish.reasons.iter().find(|(rule, _)| rule == "restate").map(|(_, why)| why.clone());
    let approved = reason.as_ref().and(publish.approved_by.clone());
    let mut restated = Vec::new();
    for period in ledger::closed(connection, &publish.database, &publish.project)? {
        let mut relations = Vec::new();
        let mut changed = Vec::new();
        for held in &period.relations {
            let now = now(publish, &period.period, held, connection)?;
            match now {
                Some(now) if now.figures.checksum == held.checksum => relations.push(held.clone()),
                Some(now) => {
                    changed.push(told(held, &now));
                    relations.push(ClosedRelation {
                        columns: now.columns,
                        rows: now.figures.rows,
                        checksum: now.figures.checksum,
                        totals: now.figures.totals,
                        ..held.clone()
                    });
                }
                None => {
                    changed.push(format!("{} or its column {} is gone", plain(&held.relation), held.column));
                }
            }
        }
        if changed.is_empty() {
            continue;
        }
        if approved.is_none() {
            return Err(Error::new(
                ErrorKind::Statement,
                format!(
                    "the closed period {} would change: {}; when that is meant: --restate \"reason\" --approved-by NAME",
                    period.period,
                    changed.join("; ")
                ),
            ));
        }
        restated.push(ClosedPeriod {
            closed_at: Timestamp::now(),
            closed_by: machine::user_name(),
            number,
            relations,
            reason: reason.clone(),
            approved_by: approved.clone(),
            ..period
        });
    }
    Ok(restated)
}

/// The figures of a closed period as they would be published.
fn now(
    publish: &Publish,
    period: &str,
    held: &ClosedRelation,
    connection: &mut dyn Connection,
) -> Result<Option<Measured>, Error> {
    let ignored = publish.outputs.iter().find(|o| o.relation == held.relation);
    let ignored = ignored.map(|o| o.ignored.clone()).unwrap_or_default();
    let Some(condition) = ledger::period_condition(connection, &held.relation, &held.column, period)? else {
        return Ok(None);
    };
    ledger::measure(connection, &held.relation, &ignored, Some(&condition))
}

/// What changes in one relation: rows, and each total.
fn told(held: &ClosedRelation, now: &Measured) -> String {
    let mut parts = Vec::new();
    if held.rows != now.figures.rows {
        parts.push(format!("{} rows instead of {}", now.figures.rows, held.rows));
    }
    for (column, total) in &now.figures.totals {
        let before = held.totals.iter().find(|(other, _)| other == column).and_then(|(_, t)| t.as_deref());
        if before != total.as_deref() {
            let text = |t: Option<&str>| t.unwrap_or("nothing").to_owned();
            parts.push(format!("{column} {} instead of {}", text(total.as_deref()), text(before)));
        }
    }
    if parts.is_empty() {
        parts.push("other values in its rows".to_owned());
    }
    format!("{}: {}", plain(&held.relation), parts.join(", "))
}
