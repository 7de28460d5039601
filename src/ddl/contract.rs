//! A contract on a relation's columns, asked of the catalog inside the transaction that builds it.

use super::carried::declared;
use super::{Check, Statement, ledger, literal, text};
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
        (None, _) => text(dialect, "NULL"),
        // By name, without lengths: the server tells no type of an expression that is null.
        (Some(kind), Dialect::TSql) => {
            let kind = declared(kind).to_lowercase();
            literal(
                dialect,
                match kind.split('(').next().unwrap_or_default().trim() {
                    "integer" => "int",
                    "numeric" => "decimal",
                    other => other,
                },
            )
        }
        (Some(kind), Dialect::Postgres) => format!("CAST(pg_typeof(CAST(NULL AS {kind})) AS VARCHAR)"),
        (Some(kind), _) => format!("typeof(CAST(NULL AS {kind}))"),
    };
    let rows: Vec<String> = promised
        .iter()
        .map(|(name, declared)| {
            format!("SELECT {} AS name, {} AS kind", literal(dialect, &name.to_lowercase()), kind(declared))
        })
        .collect();
    let found = match dialect {
        Dialect::Postgres => "regexp_replace(data_type, '\\([^)]*\\)', '')",
        Dialect::TSql => "left(data_type, charindex('(', concat(data_type, '(')) - 1)",
        Dialect::DuckDb => "data_type",
    };
    let all = match dialect {
        Dialect::TSql => "string_agg(what, '; ') WITHIN GROUP (ORDER BY what)",
        _ => "string_agg(what, '; ' ORDER BY what)",
    };
    let sql = format!(
        "WITH promised AS ({}), found AS (SELECT lower(column_name) AS name, {found} AS kind FROM ({}) AS c), \
         told AS (SELECT CASE WHEN f.name IS NULL THEN concat('it does not give `', p.name, '`') \
         WHEN p.name IS NULL THEN concat('it gives `', f.name, '`, which is not declared') \
         ELSE concat('`', p.name, '` is ', f.kind, ', not ', p.kind) END AS what \
         FROM promised AS p FULL JOIN found AS f ON f.name = p.name \
         WHERE p.name IS NULL OR f.name IS NULL OR p.kind <> f.kind) \
         SELECT concat({}, {all}, {}) FROM told HAVING count(*) > 0",
        rows.join(" UNION ALL "),
        ledger::columns(dialect, relation),
        literal(dialect, &format!("`{}` breaks its contract: ", relation.name)),
        literal(dialect, &format!(". {whom}")),
    );
    Statement::check(sql, Check::Refuse)
}
