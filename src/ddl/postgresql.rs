//! What `PostgreSQL` has no statement of its own for. Blocks run in the transaction that is open, like
//! any statement.

use super::increment::take_up;
use super::{Old, Statement, beside, literal};
use crate::nouns::IncrementalStrategy;
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// A function for scripts that are pasted into a query window as well.
pub(super) const BUSINESS_DATE: &str = "CREATE OR REPLACE FUNCTION goldsmith.business_date() RETURNS date LANGUAGE sql STABLE AS \
     $$ SELECT coalesce(nullif(current_setting('goldsmith.business_date', true), '')::date, current_date) $$";

/// What the session holds that can change what a script means: name, value.
pub(super) const SESSION: &str = "SELECT name, setting FROM pg_settings WHERE name IN ('TimeZone', 'DateStyle', 'IntervalStyle', \
     'lc_collate', 'lc_numeric', 'search_path', 'extra_float_digits', 'transaction_isolation', \
     'standard_conforming_strings', 'server_encoding') ORDER BY name";

/// The views that stand on the relation `held`, through others too, the nearest first: as an array of
/// records of `goldsmith`'s own making.
const DEPENDANTS: &str = "\
    FOR one IN
        WITH RECURSIVE above(oid, depth) AS (
            SELECT r.ev_class, 1 FROM pg_depend p JOIN pg_rewrite r ON r.oid = p.objid
            WHERE p.classid = 'pg_rewrite'::regclass AND p.refclassid = 'pg_class'::regclass
              AND p.refobjid = held AND r.ev_class <> held
            UNION
            SELECT r.ev_class, a.depth + 1 FROM above a
            JOIN pg_depend p ON p.refobjid = a.oid AND p.refclassid = 'pg_class'::regclass
            JOIN pg_rewrite r ON r.oid = p.objid AND p.classid = 'pg_rewrite'::regclass
            WHERE r.ev_class <> a.oid)
        SELECT a.oid, format('%I.%I', n.nspname, c.relname) AS named, c.relacl, c.relowner,
               CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS kind
        FROM (SELECT oid, max(depth) AS depth FROM above GROUP BY oid) a
        JOIN pg_class c ON c.oid = a.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        ORDER BY a.depth, a.oid
    LOOP
        makes := makes || format('CREATE %s %s AS %s', one.kind, one.named, pg_get_viewdef(one.oid));
        whose := whose || one.named;
        drops := format('DROP %s %s', one.kind, one.named) || drops;
        FOR given IN SELECT * FROM aclexplode(one.relacl) g WHERE g.grantee <> one.relowner LOOP
            makes := makes || format('GRANT %s ON %s TO %s', given.privilege_type, one.named,
                CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END);
            whose := whose || one.named;
        END LOOP;
    END LOOP;
    FOR given IN SELECT g.* FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = held AND g.grantee <> c.relowner LOOP
        makes := makes || format('GRANT %s ON %s TO %s', given.privilege_type, named,
            CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END);
        whose := whose || named;
    END LOOP;
";
/// Makes all that again. Views that this run builds later may have to wait for that.
const AGAIN: &str = "\
    FOR nth IN 1 .. cardinality(makes) LOOP
        BEGIN
            EXECUTE makes[nth];
        EXCEPTION WHEN syntax_error_or_access_rule_violation THEN
            IF NOT whose[nth] = ANY (rebuilt) THEN
                RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
                    MESSAGE = format('%s has another shape now, and the view %s can not be made on it any more: %s',
                        replace(named, chr(34), ''), whose[nth], SQLERRM),
                    HINT = 'change or drop the view, or build it in the same run';
            END IF;
        END;
    END LOOP;
";
/// The variables of both blocks.
const VARIABLES: &str = "\
    one record; given record; act text;
    kind text := (SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END
                  FROM pg_class WHERE oid = held);
    makes text[] := '{}'; whose text[] := '{}'; drops text[] := '{}';
";

/// Puts a table that has been built beside in the place of what stands there. A table of the same
/// shape that others rely on (views, grants, indexes, keys) keeps its place and gets the new rows; readers
/// then see the old ones until the commit. Otherwise the new one takes its name, and the views that stand
/// on it are made again; of those that this run builds later, some perhaps only then.
#[must_use]
pub(super) fn swap_table(relation: &RelationName, new: &RelationName, old: Old<'_>) -> Statement {
    let (name, fresh) = (quote_name(Dialect::Postgres, relation), quote_name(Dialect::Postgres, new));
    let bare = quote(Dialect::Postgres, &relation.name);
    if !old.stands {
        return Statement::own(format!("ALTER TABLE {fresh} RENAME TO {bare}"));
    }
    if !old.is_relied_on {
        return Statement::own(format!("DROP TABLE {name}; ALTER TABLE {fresh} RENAME TO {bare}"));
    }
    Statement::own(format!(
        "DO $goldsmith$
DECLARE
    named text := {named};
    held regclass := to_regclass({named});
    fresh regclass := to_regclass({fresh_named});
    rebuilt text[] := {rebuilt};
{VARIABLES}BEGIN
    IF held IS NULL THEN
        ALTER TABLE {fresh} RENAME TO {bare};
        RETURN;
    END IF;
{DEPENDANTS}    IF kind = 'TABLE' AND (SELECT array_agg((attname, atttypid, atttypmod)::text ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = held AND attnum > 0 AND NOT attisdropped)
       = (SELECT array_agg((attname, atttypid, atttypmod)::text ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = fresh AND attnum > 0)
       AND (cardinality(makes) > 0 OR EXISTS (SELECT FROM pg_index WHERE indrelid = held)
            OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = held OR confrelid = held)
            OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = held AND NOT tgisinternal)) THEN
        DELETE FROM {name};
        INSERT INTO {name} SELECT * FROM {fresh};
        DROP TABLE {fresh};
        RETURN;
    END IF;
    FOREACH act IN ARRAY drops LOOP EXECUTE act; END LOOP;
    EXECUTE format('DROP %s %s', kind, named);
    ALTER TABLE {fresh} RENAME TO {bare};
{AGAIN}END $goldsmith$",
        named = literal(Dialect::Postgres, &in_database(relation)),
        fresh_named = literal(Dialect::Postgres, &in_database(new)),
        rebuilt = names(old.rebuilt),
    ))
}

/// Puts a view that has been built beside in the place of what stands there, and makes those
/// that stand on it again where its columns have changed.
#[must_use]
pub(super) fn swap_view(relation: &RelationName, new: &RelationName, old: Old<'_>) -> Statement {
    let fresh = quote_name(Dialect::Postgres, new);
    let bare = quote(Dialect::Postgres, &relation.name);
    if !old.stands {
        return Statement::own(format!("ALTER VIEW {fresh} RENAME TO {bare}"));
    }
    Statement::own(format!(
        "DO $goldsmith$
DECLARE
    named text := {named};
    held regclass := to_regclass({named});
    rebuilt text[] := {rebuilt};
{VARIABLES}BEGIN
    IF held IS NULL THEN
        ALTER VIEW {fresh} RENAME TO {bare};
        RETURN;
    END IF;
    BEGIN
        EXECUTE 'CREATE OR REPLACE VIEW ' || named || ' AS ' || pg_get_viewdef(to_regclass({fresh_named}));
        DROP VIEW {fresh};
        RETURN;
    EXCEPTION WHEN invalid_table_definition OR wrong_object_type THEN
        NULL; -- its columns are others now, or it is a table
    END;
{DEPENDANTS}    FOREACH act IN ARRAY drops LOOP EXECUTE act; END LOOP;
    EXECUTE format('DROP %s %s', kind, named);
    ALTER VIEW {fresh} RENAME TO {bare};
{AGAIN}END $goldsmith$",
        named = literal(Dialect::Postgres, &in_database(relation)),
        fresh_named = literal(Dialect::Postgres, &in_database(new)),
        rebuilt = names(old.rebuilt),
    ))
}

/// Names as the server writes them in `format('%I.%I')`, in an array.
fn names(relations: &[RelationName]) -> String {
    let part = |part: Option<&str>| literal(Dialect::Postgres, part.unwrap_or_default());
    let all: Vec<String> = relations
        .iter()
        .map(|r| format!("format('%I.%I', {}, {})", part(r.schema.as_deref()), part(Some(&r.name))))
        .collect();
    format!("ARRAY[{}]::text[]", all.join(", "))
}

/// `"schema"."name"`: a name inside a function's argument has no database.
fn in_database(relation: &RelationName) -> String {
    quote_name(Dialect::Postgres, &RelationName { database: None, ..relation.clone() })
}

/// The columns of a relation in their order: `column_name`, `data_type`.
#[must_use]
pub(super) fn columns(relation: &RelationName) -> String {
    format!(
        "SELECT a.attname AS column_name, format_type(a.atttypid, a.atttypmod) AS data_type \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = {} AND c.relname = {} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        literal(Dialect::Postgres, relation.schema.as_deref().unwrap_or_default()),
        literal(Dialect::Postgres, &relation.name),
    )
}

/// The columns of the relations `w(nth, d, s, t)`: its `nth`, name, type.
#[must_use]
pub(super) fn columns_of_all(wanted: &str) -> String {
    format!(
        "SELECT w.nth::text, a.attname, format_type(a.atttypid, a.atttypmod) \
         FROM {wanted} JOIN pg_namespace n ON n.nspname = w.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.t JOIN pg_attribute a ON a.attrelid = c.oid \
         WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY w.nth, a.attnum"
    )
}

/// Takes the rows of a query up into a table that is there. Columns that the table does not hold are left
/// out. MERGE is not there before version 15.
#[must_use]
pub(super) fn increment(
    relation: &RelationName,
    held: &[(String, String)],
    query: &str,
    strategy: IncrementalStrategy,
    key: &[String],
) -> Vec<Statement> {
    let bare = quote(Dialect::Postgres, &format!("{}__new", beside(relation).name));
    let new = format!("pg_temp.{bare}");
    let head = format!("CREATE TEMPORARY TABLE {bare} ON COMMIT DROP AS\n");
    let mut statements = vec![Statement::around(&head, query, "")];
    statements.extend(take_up(Dialect::Postgres, (relation, &new), held, strategy, key));
    statements.push(Statement::own(format!("DROP TABLE {new}")));
    statements
}

/// A type of `PostgreSQL`'s by the name that `DuckDB` has for it; types that it has none for are read as
/// text.
pub(super) fn duckdb_type(kind: &str) -> String {
    let upper = kind.to_ascii_uppercase();
    if let Some(inner) = upper.strip_suffix("[]") {
        return format!("{}[]", duckdb_type(inner));
    }
    let bare = upper.split('(').next().unwrap_or_default().trim_end();
    match bare {
        "BOOLEAN" | "BOOL" => "BOOLEAN".to_owned(),
        "SMALLINT" | "INT2" => "SMALLINT".to_owned(),
        "INTEGER" | "INT" | "INT4" => "INTEGER".to_owned(),
        "BIGINT" | "INT8" => "BIGINT".to_owned(),
        "DATE" | "UUID" | "TIMESTAMP WITH TIME ZONE" => bare.to_owned(),
        "REAL" | "FLOAT4" => "FLOAT".to_owned(),
        "DOUBLE PRECISION" | "DOUBLE" | "FLOAT8" | "FLOAT" => "DOUBLE".to_owned(),
        "NUMERIC" | "DECIMAL" if upper.contains('(') => upper.replacen("NUMERIC", "DECIMAL", 1),
        "BYTEA" => "BLOB".to_owned(),
        "TIMESTAMPTZ" => "TIMESTAMP WITH TIME ZONE".to_owned(),
        "TIMESTAMP" | "TIMESTAMP WITHOUT TIME ZONE" if upper.ends_with(" WITH TIME ZONE") => {
            "TIMESTAMP WITH TIME ZONE".to_owned()
        }
        "TIMESTAMP" | "TIMESTAMP WITHOUT TIME ZONE" => "TIMESTAMP".to_owned(),
        "TIME" | "TIME WITHOUT TIME ZONE" => "TIME".to_owned(),
        "JSON" | "JSONB" => "JSON".to_owned(),
        _ => "VARCHAR".to_owned(),
    }
}
