//! Keeps the rows of publications, and lets those go that have been kept long enough.

use std::collections::{HashMap, HashSet};

use crate::ddl::Publish;
use crate::ddl::{self, ledger as sql};
use crate::ledger::{self, RelationRecord, Role};
use crate::warehouse::{Connection, Error};

/// The longest name that every engine takes, in bytes.
const LONGEST: usize = 63;

/// The tables that the archive holds.
pub(super) fn tables(database: &str, connection: &mut dyn Connection) -> Result<HashSet<String>, Error> {
    let rows = connection.query(&sql::archived(connection.dialect(), database))?.rows;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
}

/// Copies the rows of each output, unless the standing publication has kept the same.
pub(super) fn keep(
    publish: &Publish,
    number: u64,
    standing: &[RelationRecord],
    outputs: &mut [(RelationRecord, bool)],
    connection: &mut dyn Connection,
) -> Result<(), Error> {
    let held = tables(&publish.database, connection)?;
    for (nth, (output, is_complete)) in outputs.iter_mut().enumerate() {
        let same = standing.iter().find(|before| {
            before.role == Role::Output
                && before.relation == output.relation
                && before.columns == output.columns
                && before.checksum == output.checksum
        });
        let kept = same.and_then(|before| before.archive.clone()).filter(|table| held.contains(table));
        output.archive = kept.filter(|_| *is_complete);
        if output.archive.is_none() {
            let table = named(number, nth, &output.relation.name);
            connection.execute(&sql::archive(
                connection.dialect(),
                &publish.database,
                &table,
                &output.relation,
            ))?;
            output.archive = Some(table);
        }
    }
    Ok(())
}

/// `17_2_mrr_month`, cut to what every engine takes.
fn named(number: u64, nth: usize, relation: &str) -> String {
    let mut name = format!("{number}_{}_{relation}", nth + 1);
    while name.len() > LONGEST {
        name.pop();
    }
    name
}

/// Drops the rows of publications that have been kept long enough; the ledger keeps their figures.
pub(super) fn forget(publish: &Publish, connection: &mut dyn Connection) -> Result<(), Error> {
    let all = ledger::publications(connection, &publish.database, &publish.project)?;
    let recent = all.iter().take(usize::try_from(publish.keep).unwrap_or(usize::MAX));
    let mut kept: HashSet<u64> = recent.map(|p| p.number).collect();
    if publish.keeps_period_ends {
        let mut ends: HashMap<(i16, i8), &ledger::Publication> = HashMap::new();
        for publication in &all {
            let month = (publication.business_date.year(), publication.business_date.month());
            let end = ends.entry(month).or_insert(publication);
            if (end.business_date, end.number) < (publication.business_date, publication.number) {
                *end = publication;
            }
        }
        kept.extend(ends.values().map(|p| p.number));
    }
    if all.iter().all(|p| kept.contains(&p.number)) {
        return Ok(());
    }
    let held = tables(&publish.database, connection)?;
    let rows =
        connection.query(&sql::archives(connection.dialect(), &publish.database, &publish.project))?.rows;
    let copies: Vec<(u64, String)> = rows
        .into_iter()
        .filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
            Ok([Some(number), Some(table)]) => Some((number.parse().ok()?, table)),
            _ => None,
        })
        .collect();
    let needed: HashSet<&str> =
        copies.iter().filter(|(number, _)| kept.contains(number)).map(|(_, t)| t.as_str()).collect();
    let mut gone = HashSet::new();
    for (_, table) in &copies {
        if !needed.contains(table.as_str()) && held.contains(table) && gone.insert(table) {
            let statement =
                ddl::drop(connection.dialect(), &sql::archive_table(&publish.database, table), false);
            connection.execute(&statement.sql)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_are_short_and_whole_characters() {
        assert_eq!(named(17, 1, "mrr_month"), "17_2_mrr_month");
        let long = named(1, 0, &"ä".repeat(80));
        assert!(long.len() <= 63 && long.starts_with("1_1_ä"), "{long}");
    }
}
