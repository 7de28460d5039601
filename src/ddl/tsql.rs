//! What SQL Server has no statement of its own for, or another one than the rest. Views can't be made in another
//! database than the session's, nor beside another statement of the batch; a table model goes through a view, since
//! `SELECT .. INTO .. FROM ( )` takes no common table expressions.

use super::increment::take_up;
use super::{BOOKKEEPING, Old, Statement, beside};
use crate::nouns::IncrementalStrategy;
use crate::sql::{self, Keyword, quote, quote_name, string_literal};
use crate::words::{Dialect, RelationName};

const TSQL: Dialect = Dialect::TSql;

/// Makes a schema in the session's database.
pub(super) fn create_schema(schema: &str) -> String {
    let create = format!("CREATE SCHEMA {}", quote(TSQL, schema));
    format!("IF SCHEMA_ID({}) IS NULL EXEC ({})", string_literal(TSQL, schema), string_literal(TSQL, &create))
}

/// Makes a table of goldsmith's own where there is none. Columns are given as other engines have them.
pub(super) fn create_table(relation: &RelationName, columns: &str) -> String {
    let name = here(relation);
    // A column of an index has an end.
    let columns = columns
        .replace("project VARCHAR", "project nvarchar(128)")
        .replace("load VARCHAR", "[load] nvarchar(400)")
        .replace("VARCHAR", "nvarchar(max)")
        .replace("TIMESTAMPTZ", "datetimeoffset(6)")
        .replace("BOOLEAN", "bit");
    format!("IF OBJECT_ID({}, N'U') IS NULL CREATE TABLE {name} ({columns})", string_literal(TSQL, &name))
}

/// A function for scripts that are pasted into a query window as well.
pub(super) fn business_date() -> String {
    let create = format!(
        "CREATE FUNCTION {BOOKKEEPING}.business_date() RETURNS date AS BEGIN \
         RETURN COALESCE(CAST(SESSION_CONTEXT(N'business_date') AS date), CAST(SYSDATETIME() AS date)) END"
    );
    format!("IF OBJECT_ID(N'{BOOKKEEPING}.business_date') IS NULL EXEC ({})", string_literal(TSQL, &create))
}

/// What the session holds that can change what a script means: name, value.
pub(super) const SESSION: &str = "SELECT name, value FROM (VALUES (N'language', CAST(@@LANGUAGE AS nvarchar(128))), \
    (N'datefirst', CAST(@@DATEFIRST AS nvarchar(128))), (N'options', CAST(@@OPTIONS AS nvarchar(128))), \
    (N'collation', CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)))) AS s(name, value) ORDER BY name";

/// A name in the session's database: most statements about a definition take no other.
pub(super) fn here(relation: &RelationName) -> String {
    quote_name(TSQL, &RelationName { database: None, ..relation.clone() })
}

/// Drops a relation of either kind.
pub(super) fn drop(relation: &RelationName, is_view: bool) -> String {
    format!("DROP {} IF EXISTS {}", if is_view { "VIEW" } else { "TABLE" }, here(relation))
}

/// The view through which a query's rows go into a table.
fn through(relation: &RelationName) -> RelationName {
    RelationName { name: format!("{}__goldsmith_query", relation.name), ..relation.clone() }
}

/// Fills a new table (quoted) with the rows of a query of the user's.
fn select_into(relation: &RelationName, into: &str, query: &str, has_leftover: bool) -> Vec<Statement> {
    let view = through(relation);
    let mut statements = Vec::new();
    if has_leftover {
        statements.push(Statement::own(drop(&view, true)));
    }
    statements.push(Statement::around(&format!("CREATE VIEW {} AS\n", here(&view)), query, ""));
    statements.push(Statement::own(format!("SELECT * INTO {into} FROM {}", here(&view))));
    statements.push(Statement::own(drop(&view, true)));
    statements
}

/// Builds a table and puts it in the place of what stands there.
pub(super) fn table_as(relation: &RelationName, query: &str, old: Old<'_>) -> Vec<Statement> {
    let new = beside(relation);
    let mut statements = Vec::new();
    if old.has_leftover {
        statements.push(Statement::own(drop(&new, false)));
    }
    statements.extend(select_into(relation, &here(&new), query, old.has_leftover));
    statements.push(swap_table(relation, &new, old));
    statements
}

/// Notes who may do what with a relation, in the variable `@grants`, as statements that say it again.
fn grants(name: &str) -> String {
    format!(
        "DECLARE @grants nvarchar(max) = (SELECT STRING_AGG(CAST(CONCAT(CASE p.state WHEN 'D' THEN N'DENY ' ELSE N'GRANT ' END, \
         p.permission_name, N' ON ', {name}, N' TO ', QUOTENAME(u.name), \
         CASE p.state WHEN 'W' THEN N' WITH GRANT OPTION' ELSE N'' END) AS nvarchar(max)), N'; ') \
         FROM sys.database_permissions p JOIN sys.database_principals u ON u.principal_id = p.grantee_principal_id \
         WHERE p.class = 1 AND p.minor_id = 0 AND p.major_id = OBJECT_ID({name}));\n"
    )
}

/// Notes a table's indexes and keys, in the variable `@indexes`, as statements that make them again on a table with other
/// columns: without those that need a column which is not there, and without a primary key on one that may be null.
/// `sys.indexes.type`: 1 clustered, 2 not, 5 and 6 the same of columnstores. The server takes no subquery inside of an
/// aggregate, so the statements are made first.
fn indexes(name: &str, fresh: &str) -> String {
    let list = |which: &str, order: &str, more: &str| {
        format!(
            "(SELECT STRING_AGG(CAST(QUOTENAME(c.name){more} AS nvarchar(max)), N', ') WITHIN GROUP (ORDER BY x.{order}) \
             FROM sys.index_columns x JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id \
             WHERE x.object_id = i.object_id AND x.index_id = i.index_id AND {which})"
        )
    };
    let keys = list(
        "x.key_ordinal > 0",
        "key_ordinal",
        " + CASE x.is_descending_key WHEN 1 THEN N' DESC' ELSE N'' END",
    );
    let included = list("x.is_included_column = 1", "index_column_id", "");
    format!(
        "DECLARE @table nvarchar(600) = {name};\n\
         DECLARE @indexes nvarchar(max) = (SELECT STRING_AGG(m.said, N'; ') WITHIN GROUP (ORDER BY m.index_id) FROM (\
         SELECT i.index_id, CAST(CASE WHEN i.is_primary_key = 1 OR i.is_unique_constraint = 1 \
         THEN CONCAT(N'ALTER TABLE ', @table, N' ADD CONSTRAINT ', QUOTENAME(i.name), \
         CASE i.is_primary_key WHEN 1 THEN N' PRIMARY KEY ' ELSE N' UNIQUE ' END, i.type_desc COLLATE DATABASE_DEFAULT, N' (', {keys}, N')') \
         ELSE CONCAT(N'CREATE ', CASE WHEN i.is_unique = 1 THEN N'UNIQUE ' ELSE N'' END, i.type_desc COLLATE DATABASE_DEFAULT, N' INDEX ', \
         QUOTENAME(i.name), N' ON ', @table, \
         CASE WHEN i.type IN (1, 2) THEN CONCAT(N' (', {keys}, N')') ELSE N'' END, \
         CASE WHEN i.type = 2 THEN N' INCLUDE (' + {included} + N')' WHEN i.type = 6 THEN N' (' + {included} + N')' END, \
         N' WHERE ' + i.filter_definition) END AS nvarchar(max)) AS said \
         FROM sys.indexes i WHERE i.object_id = OBJECT_ID({name}) AND i.type IN (1, 2, 5, 6) AND i.is_disabled = 0 \
         AND NOT EXISTS (SELECT 1 FROM sys.index_columns x JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id \
         LEFT JOIN sys.columns n ON n.object_id = OBJECT_ID({fresh}) AND n.name = c.name \
         WHERE x.object_id = i.object_id AND x.index_id = i.index_id AND i.type <> 5 \
         AND (n.name IS NULL OR (i.is_primary_key = 1 AND n.is_nullable = 1)))) AS m);\n"
    )
}

/// Whether a view or a table of this name stands.
fn stands(kind: &str, named: &str) -> String {
    format!("EXISTS (SELECT 1 FROM sys.{kind} WHERE object_id = OBJECT_ID({named}))")
}

/// Puts a table that has been built beside in the place of what stands there. A table of the same shape that others
/// rely on (indexes, keys, triggers) keeps its place and gets the new rows; otherwise the new one takes its name and its
/// indexes and keys, and whoever was allowed something is allowed it again. Views find their tables by name.
pub(super) fn swap_table(relation: &RelationName, new: &RelationName, old: Old<'_>) -> Statement {
    let (name, fresh) = (here(relation), here(new));
    let (named, fresh_named) = (string_literal(TSQL, &name), string_literal(TSQL, &fresh));
    let rename = format!("EXEC sp_rename {fresh_named}, {}, N'OBJECT'", string_literal(TSQL, &relation.name));
    if !old.stands {
        return Statement::own(rename);
    }
    let replace = format!(
        "IF {is_view} DROP VIEW {name};\nDROP TABLE IF EXISTS {name};\n{rename};",
        is_view = stands("views", &named),
    );
    if !old.is_relied_on {
        return Statement::own(replace);
    }
    let refill = format!("DELETE FROM {name}; INSERT INTO {name} SELECT * FROM {fresh}; DROP TABLE {fresh}");
    let shape = |of: &str| {
        format!(
            "SELECT column_id, name, user_type_id, max_length, precision, scale FROM sys.columns WHERE object_id = OBJECT_ID({of})"
        )
    };
    Statement::own(format!(
        "{grants}{indexes}IF {is_table}\n   \
         AND NOT EXISTS ({held} EXCEPT {arrived}) AND NOT EXISTS ({arrived} EXCEPT {held})\n   \
         EXEC ({refill});\nELSE\nBEGIN\n{replace}\nIF @indexes IS NOT NULL EXEC (@indexes);\nIF @grants IS NOT NULL EXEC (@grants);\nEND",
        grants = grants(&named),
        indexes = indexes(&named, &fresh_named),
        is_table = stands("tables", &named),
        held = shape(&named),
        arrived = shape(&fresh_named),
        refill = string_literal(TSQL, &refill),
    ))
}

/// Puts a view in the place of what stands there, and allows again what was allowed.
pub(super) fn view_as(relation: &RelationName, query: &str, old: Old<'_>) -> Vec<Statement> {
    let name = here(relation);
    let named = string_literal(TSQL, &name);
    let create = Statement::around(&format!("CREATE VIEW {name} AS\n"), query, "");
    if !old.stands {
        return vec![create];
    }
    let mut statements = Vec::new();
    if old.is_relied_on {
        // A batch's variables end with it.
        let keep =
            format!("{}SELECT @grants AS again INTO #goldsmith_grants;\nSET @grants = NULL;", grants(&named));
        statements.push(Statement::own(keep));
    }
    statements.push(Statement::own(format!(
        "IF {} DROP TABLE {name};\nDROP VIEW IF EXISTS {name};",
        stands("tables", &named)
    )));
    statements.push(create);
    if old.is_relied_on {
        statements.push(Statement::own(
            "DECLARE @grants nvarchar(max) = (SELECT again FROM #goldsmith_grants);\nDROP TABLE #goldsmith_grants;\n\
             IF @grants IS NOT NULL EXEC (@grants);",
        ));
    }
    statements
}

/// Takes the rows of a query up into a table that is there. Columns that the table does not hold are left out.
pub(super) fn increment(
    relation: &RelationName,
    held: &[(String, String)],
    query: &str,
    strategy: IncrementalStrategy,
    key: &[String],
) -> Vec<Statement> {
    let new = "#goldsmith_new";
    let mut statements = select_into(relation, new, query, true);
    statements.extend(take_up(TSQL, (relation, new), held, strategy, key));
    statements.push(Statement::own(format!("DROP TABLE {new}")));
    statements
}

/// The columns of a relation in their order: `column_name`, `data_type`.
pub(super) fn columns(relation: &RelationName) -> String {
    let name = string_literal(TSQL, &quote_name(TSQL, relation));
    let from = match &relation.database {
        Some(database) => format!("{}.", quote(TSQL, database)),
        None => String::new(),
    };
    format!(
        "SELECT TOP (4096) c.name AS column_name, {TYPE} AS data_type FROM {from}sys.columns c \
         JOIN {from}sys.types t ON t.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID({name}) ORDER BY c.column_id"
    )
}

/// A type as one writes it.
const TYPE: &str = "CASE WHEN t.name IN ('nvarchar', 'nchar') THEN CONCAT(t.name, '(', CASE c.max_length WHEN -1 THEN 'max' \
    ELSE CAST(c.max_length / 2 AS varchar(10)) END, ')') WHEN t.name IN ('varchar', 'char', 'varbinary', 'binary') \
    THEN CONCAT(t.name, '(', CASE c.max_length WHEN -1 THEN 'max' ELSE CAST(c.max_length AS varchar(10)) END, ')') \
    WHEN t.name IN ('decimal', 'numeric') THEN CONCAT(t.name, '(', c.precision, ',', c.scale, ')') \
    WHEN t.name IN ('datetime2', 'datetimeoffset', 'time') THEN CONCAT(t.name, '(', c.scale, ')') ELSE t.name END";

/// The columns of several relations: the relation's place among them, name, type.
pub(super) fn columns_of_all(relations: &[&RelationName]) -> String {
    let each: Vec<String> = relations
        .iter()
        .enumerate()
        .map(|(nth, relation)| {
            let columns = columns(relation).replacen(
                "SELECT TOP (4096) ",
                &format!("SELECT {nth} AS nth, c.column_id, "),
                1,
            );
            columns.trim_end_matches(" ORDER BY c.column_id").to_owned()
        })
        .collect();
    format!(
        "SELECT CAST(a.nth AS varchar(10)), a.column_name, a.data_type FROM ({}) AS a ORDER BY a.nth, a.column_id",
        each.join(" UNION ALL ")
    )
}

/// A point in time in text, as a value that every type of time can be compared with; other texts as they are.
pub(super) fn moment(text: &str) -> String {
    let shape = text.bytes().take(10).map(|b| if b.is_ascii_digit() { b'0' } else { b });
    let value = string_literal(TSQL, text);
    if !shape.eq(*b"0000-00-00") {
        return value;
    }
    let is_zoned = text.ends_with(['Z', 'z']) || text[10..].contains(['+', '-']);
    format!("CAST({value} AS {})", if is_zoned { "datetimeoffset" } else { "datetime2" })
}

/// A value of a column whose text would tell less than the value: `datetime` becomes `Jan  1 2026 10:00AM`.
pub(super) fn whole(kind: &str, value: &str) -> String {
    match kind.to_ascii_lowercase().as_str() {
        "datetime" | "smalldatetime" => format!("CAST({value} AS datetime2(3))"),
        _ => value.to_owned(),
    }
}

/// A query in two: its common table expressions, with `WITH`, and what reads them. Inside of brackets the server
/// takes none.
pub(super) fn hoisted(query: &str) -> (&str, &str) {
    let tokens = sql::tokens(query, TSQL);
    if !tokens.first().is_some_and(|t| t.is(Keyword::With)) {
        return ("", query);
    }
    let (mut depth, mut is_behind) = (0_usize, false);
    for token in &tokens[1..] {
        match token.kind {
            sql::Kind::Open => depth += 1,
            sql::Kind::Close => {
                depth = depth.saturating_sub(1);
                is_behind = depth == 0;
                continue;
            }
            _ => {}
        }
        // Behind the brackets of an expression: `, b AS (`, ` AS (` behind its columns, or the query.
        if depth == 0 && is_behind && token.kind != sql::Kind::Comma && !token.is(Keyword::As) {
            return query.split_at(token.start as usize);
        }
        is_behind = false;
    }
    ("", query)
}

/// A statement around a query of the user's, as a table that is named.
pub(super) fn around(head: &str, query: &str, tail: &str) -> Statement {
    let (ctes, main) = hoisted(query);
    if ctes.is_empty() {
        return Statement::around(head, query, tail);
    }
    // On the same line, so that the lines of the query keep their numbers.
    Statement {
        body_at: Some(0),
        ..Statement::own(format!("{ctes}{}{}\n{tail}", head.trim_end_matches('\n'), super::trimmed_end(main)))
    }
}

#[cfg(test)]
mod tests {
    use super::{grants, hoisted, indexes, moment, whole};

    #[test]
    fn times_are_compared_as_times() {
        assert_eq!(moment("2026-01-01 08:00:00.000000"), "CAST(N'2026-01-01 08:00:00.000000' AS datetime2)");
        assert_eq!(
            moment("2026-01-01 08:00:00 +01:00"),
            "CAST(N'2026-01-01 08:00:00 +01:00' AS datetimeoffset)"
        );
        assert_eq!(moment("17"), "N'17'");
        assert_eq!(moment("größer"), "N'größer'");
        assert_eq!(whole("datetime", "max([a])"), "CAST(max([a]) AS datetime2(3))");
        assert_eq!(whole("datetime2(6)", "max([a])"), "max([a])");
    }

    /// Msg 130 of SQL Server; Babelfish lets it pass.
    #[test]
    fn no_aggregate_has_a_subquery_inside() {
        let text = indexes("N'[a].[b]'", "N'[a].[b__goldsmith]'") + &grants("N'[a].[b]'");
        let mut seen = 0;
        for (at, head) in text.match_indices("STRING_AGG(") {
            let (mut depth, mut end) = (1, at + head.len());
            while depth > 0 {
                depth += match text.as_bytes()[end] {
                    b'(' => 1,
                    b')' => -1,
                    _ => 0,
                };
                end += 1;
            }
            assert!(!text[at..end].contains("SELECT"), "{}", &text[at..end]);
            seen += 1;
        }
        // Two lists of columns, in two places each; the statements; the permissions.
        assert_eq!(seen, 6);
    }

    #[test]
    fn common_table_expressions_come_out() {
        for (query, main) in [
            ("select 1 as a", "select 1 as a"),
            ("with a as (select (1) as x) select x from a", "select x from a"),
            ("with a (x) as (select 1), b as (select x from a) -- c\nselect * from b", "select * from b"),
            ("/* c */ WITH [a b] AS (SELECT ')' AS x) SELECT x FROM [a b]", "SELECT x FROM [a b]"),
            ("with a as (select 1 as x) (select x from a)", "with a as (select 1 as x) (select x from a)"),
        ] {
            assert_eq!(hoisted(query).1, main, "{query}");
        }
    }
}
