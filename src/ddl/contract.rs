//! A contract on a relation's columns, asked of the catalog inside the transaction that builds it.

use super::{Check, Statement, ledger, literal};
use crate::words::{Dialect, RelationName};

/// A query that fails the step, and with it rolls back the relation, when its columns or their types are not
/// the promised ones. `whom` ends the message. PostgreSQL's types are compared without lengths.
#[must_use]
pub fn refuse_broken_contract(
    dialect: Dialect,
    relation: &RelationName,
    promised: &[(String, Option<String>)],
    whom: &str,
) -> Statement {
    let kind = |kind: &Option<String>| match (kind, dialect) {
        (None, _) => "CAST(NULL AS VARCHAR)".to_owned(),
        (Some(kind), Dialect::Postgres) => format!("CAST(pg_typeof(CAST(NULL AS {kind})) AS VARCHAR)"),
        (Some(kind), _) => format!("typeof(CAST(NULL AS {kind}))"),
    };
    let rows: Vec<String> = promised
        .iter()
        .map(|(name, declared)| {
            format!("SELECT {} AS name, {} AS kind", literal(&name.to_lowercase()), kind(declared))
        })
        .collect();
    let found = match dialect {
        Dialect::Postgres => "regexp_replace(data_type, '\\([^)]*\\)', '')",
        _ => "data_type",
    };
    let sql = format!(
        "WITH promised AS ({}), found AS (SELECT lower(column_name) AS name, {found} AS kind FROM ({}) AS c), \
         told AS (SELECT CASE WHEN f.name IS NULL THEN 'it does not give `' || p.name || '`' \
         WHEN p.name IS NULL THEN 'it gives `' || f.name || '`, which is not declared' \
         ELSE '`' || p.name || '` is ' || f.kind || ', not ' || p.kind END AS what \
         FROM promised AS p FULL JOIN found AS f ON f.name = p.name \
         WHERE p.name IS NULL OR f.name IS NULL OR p.kind <> f.kind) \
         SELECT {} || string_agg(what, '; ' ORDER BY what) || {} FROM told HAVING count(*) > 0",
        rows.join(" UNION ALL "),
        ledger::columns(dialect, relation),
        literal(&format!("`{}` breaks its contract: ", relation.name)),
        literal(&format!(". {whom}")),
    );
    Statement::check(sql, Check::Refuse)
}
