//! Takes new rows up into a table that is there, with statements that all servers know.

use super::{Check, Statement, first, literal, plain};
use crate::nouns::IncrementalStrategy;
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// Takes the rows of `new` (quoted) up into a table with these columns; others are left out. MERGE is not there
/// before version 15 of `PostgreSQL`.
pub(super) fn take_up(
    dialect: Dialect,
    (relation, new): (&RelationName, &str),
    held: &[(String, String)],
    strategy: IncrementalStrategy,
    key: &[String],
) -> Vec<Statement> {
    let quoted = |name: &str| quote(dialect, name);
    let table = quote_name(dialect, relation);
    let columns: Vec<String> = held.iter().map(|(name, _)| quoted(name)).collect();
    let columns = columns.join(", ");
    let pairs: Vec<String> = key.iter().map(|k| format!("old.{0} = new.{0}", quoted(k))).collect();
    let same = pairs.join(" AND ");
    let insert = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {new} AS new");
    match strategy {
        IncrementalStrategy::Append => vec![Statement::own(insert)],
        IncrementalStrategy::DeleteInsert => {
            let delete = match dialect {
                Dialect::TSql => format!("DELETE old FROM {table} AS old JOIN {new} AS new ON {same}"),
                _ => format!("DELETE FROM {table} AS old USING {new} AS new WHERE {same}"),
            };
            vec![Statement::own(delete), Statement::own(insert)]
        }
        IncrementalStrategy::Merge => {
            let keys: Vec<String> = key.iter().map(|k| quoted(k)).collect();
            let told = format!("several new rows of {} have one key ({})", plain(relation), key.join(", "));
            let doubled = format!(
                "SELECT {} FROM {new} GROUP BY {} HAVING count(*) > 1",
                literal(dialect, &told),
                keys.join(", ")
            );
            let mut statements = vec![Statement::check(first(dialect, &doubled, 1), Check::Refuse)];
            let is_key = |name: &str| key.iter().any(|k| k.eq_ignore_ascii_case(name));
            let sets: Vec<String> = held
                .iter()
                .filter(|(name, _)| !is_key(name))
                .map(|(name, _)| format!("{0} = new.{0}", quoted(name)))
                .collect();
            if !sets.is_empty() {
                let sets = sets.join(", ");
                statements.push(Statement::own(match dialect {
                    Dialect::TSql => {
                        format!("UPDATE old SET {sets} FROM {table} AS old JOIN {new} AS new ON {same}")
                    }
                    _ => format!("UPDATE {table} AS old SET {sets} FROM {new} AS new WHERE {same}"),
                }));
            }
            statements.push(Statement::own(format!(
                "{insert} WHERE NOT EXISTS (SELECT 1 FROM {table} AS old WHERE {same})"
            )));
            statements
        }
    }
}
