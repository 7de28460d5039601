//! Filling bronze tables: rows come into a table beside, are checked and counted there, and then
//! take the old ones' place.

mod keys;

use super::table::swap_table;
use super::{Act, Check, Elsewhere, Old, Statement, Stream, beside, literal, plain, text, tsql};
use crate::sql::{quote, quote_name};
use crate::words::{Dialect, RelationName};

/// Where a load's rows come from, as SQL.
#[derive(Debug, Clone)]
pub enum Rows {
    /// The engine reads them itself.
    Query {
        /// The query.
        sql: String,
        /// The query that looks at all rows before it guesses a type.
        careful: Option<String>,
    },
    /// A query on another target.
    Elsewhere {
        /// Which one.
        from: Box<Elsewhere>,
        /// The query, in its dialect.
        sql: String,
        /// The query that looks at all rows before it guesses a type.
        careful: Option<String>,
    },
}

/// What a load does to its table.
#[derive(Debug, Clone)]
pub struct Filling<'a> {
    /// Of its engine.
    pub dialect: Dialect,
    /// The table.
    pub relation: &'a RelationName,
    /// The columns that it holds, when it is there and its shape counts.
    pub held: Option<&'a [(String, String)]>,
    /// Whether columns that it does not hold are taken up.
    pub takes_new: bool,
    /// Where the rows come from.
    pub rows: Rows,
    /// The columns that name a row.
    pub key: &'a [String],
    /// The column that tells when a row last changed.
    pub modified: Option<&'a str>,
    /// The column that marks deleted records.
    pub deleted: Option<&'a str>,
    /// What stands in its place.
    pub old: Old<'a>,
}

/// How much a reload may change a table that is there.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// The largest share of rows that may be lost.
    pub max_shrink: f64,
    /// Whether it may become empty.
    pub allow_empty: bool,
}

impl Filling<'_> {
    fn quoted(&self, name: &str) -> String {
        quote(self.dialect, name)
    }

    fn is_postgres(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    fn is_tsql(&self) -> bool {
        self.dialect == Dialect::TSql
    }

    fn table(&self) -> String {
        quote_name(self.dialect, self.relation)
    }

    pub(super) fn arrivals(&self) -> String {
        quote_name(self.dialect, &beside(self.relation))
    }

    fn keys(&self, alias: &str) -> String {
        list(self.key.iter().map(|k| format!("{alias}{}", self.quoted(k))))
    }

    fn same_key(&self, left: &str, right: &str) -> String {
        let pairs: Vec<String> =
            self.key.iter().map(|k| format!("{left}.{0} = {right}.{0}", self.quoted(k))).collect();
        pairs.join(" AND ")
    }

    /// Whether two rows of the same key differ in a column that the table holds.
    fn differs(&self, left: &str, right: &str) -> String {
        if self.is_tsql() {
            let held = self.held.unwrap_or_default();
            let side = |side: &str| list(held.iter().map(|(c, _)| format!("{side}.{}", self.quoted(c))));
            return format!("EXISTS (SELECT {} EXCEPT SELECT {})", side(left), side(right));
        }
        let Some(held) = self.held.filter(|_| self.takes_new || matches!(self.rows, Rows::Elsewhere { .. }))
        else {
            // The columns of both are the same, in the same order.
            return format!("{left} IS DISTINCT FROM {right}");
        };
        let side = |side: &str| list(held.iter().map(|(c, _)| format!("{side}.{}", self.quoted(c))));
        format!("row({}) IS DISTINCT FROM row({})", side(left), side(right))
    }

    /// Whether a row is marked as deleted: by a yes, or by the time of its deletion.
    fn marked(&self, alias: &str) -> String {
        let Some(column) = self.deleted else {
            return if self.is_tsql() { "1 = 0" } else { "false" }.to_owned();
        };
        let kind = self.held.into_iter().flatten().find(|(c, _)| c.eq_ignore_ascii_case(column));
        let column = format!("{alias}{}", self.quoted(column));
        if self.is_tsql() {
            // A yes or no is written as 1 or 0.
            let word = format!("lower(nullif({}, N''))", text(self.dialect, &column));
            return format!("coalesce({word}, N'0') NOT IN (N'false', N'f', N'no', N'n', N'0', N'off')");
        }
        if kind.is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("boolean")) {
            return format!("coalesce({column}, false)");
        }
        let word = format!("nullif(CAST({column} AS VARCHAR), '')");
        if self.is_postgres() {
            return format!(
                "CASE WHEN lower({word}) IN ('false', 'f', 'no', 'n', '0', 'off') THEN false ELSE {word} IS NOT NULL END"
            );
        }
        format!("coalesce(TRY_CAST({word} AS BOOLEAN), {word} IS NOT NULL)")
    }

    /// Brings the rows into the table beside.
    fn arrive(&self, filter: Option<&str>) -> Statement {
        let columns = match self.held {
            Some(held) => {
                let held = list(held.iter().map(|(c, _)| self.quoted(c)));
                if self.takes_new { format!("{held}, * EXCLUDE ({held})") } else { held }
            }
            None => "*".to_owned(),
        };
        let filter = filter.map(|f| format!("\nWHERE {f}")).unwrap_or_default();
        let create = |query: &str| {
            if self.is_tsql() {
                // New columns come along with all others; what the table holds is put in front by name.
                let columns = if self.takes_new { "*" } else { columns.as_str() };
                return format!(
                    "SELECT {columns} INTO {}\nFROM ({query}) AS arriving{filter}",
                    self.arrivals()
                );
            }
            if columns == "*" && filter.is_empty() {
                format!("CREATE OR REPLACE TABLE {} AS\n{query}", self.arrivals())
            } else {
                format!(
                    "CREATE OR REPLACE TABLE {} AS\nSELECT {columns}\nFROM ({query}){filter}",
                    self.arrivals()
                )
            }
        };
        match &self.rows {
            Rows::Query { sql, careful } => {
                Statement { careful: careful.as_deref().map(create), ..Statement::own(create(sql)) }
            }
            Rows::Elsewhere { from, sql, careful } => Statement {
                careful: careful.clone(),
                act: Act::Stream(Box::new(Stream { from: (**from).clone(), into: beside(self.relation) })),
                ..Statement::own(sql)
            },
        }
    }

    /// Old and new rows of each key, with `was` and `is` (the first column of the key), `changed` (the new `modified`),
    /// and whether they differ and are marked as deleted, as 1 or 0: the server aggregates nothing that holds a
    /// subquery.
    fn pairs(&self, join: &str) -> String {
        let key = self.quoted(&self.key[0]);
        let changed = self.modified.map_or_else(|| "NULL".to_owned(), |m| format!("n.{}", self.quoted(m)));
        format!(
            "(SELECT o.{key} AS was, n.{key} AS [is], {changed} AS changed, CASE WHEN {} THEN 1 ELSE 0 END AS differs, \
             CASE WHEN {} THEN 1 ELSE 0 END AS marked FROM {join}) AS pairs",
            self.differs("n", "o"),
            self.marked("n."),
        )
    }

    /// The newest `modified` among the rows of a table, as text.
    fn newest(&self, table: &str) -> String {
        match self.modified {
            Some(modified) => {
                let mut newest = format!("max({})", self.quoted(modified));
                let kind = self.held.into_iter().flatten().find(|(c, _)| c.eq_ignore_ascii_case(modified));
                if let Some((_, kind)) = kind.filter(|_| self.is_tsql()) {
                    newest = tsql::whole(kind, &newest);
                }
                format!("(SELECT {} FROM {table})", text(self.dialect, &newest))
            }
            None => "NULL".to_owned(),
        }
    }

    /// Reloads the table in full; `guard` when it is there already.
    #[must_use]
    pub fn reload(
        &self,
        guard: Option<Guard>,
        before: Vec<Statement>,
        arrived: Vec<Statement>,
    ) -> Vec<Statement> {
        let (table, new) = (self.table(), self.arrivals());
        let mut out = before;
        out.push(self.arrive(None));
        out.extend(arrived);
        self.check_keys(&mut out);
        if self.deleted.is_some() {
            let delete = if self.is_tsql() {
                format!("DELETE n FROM {new} AS n")
            } else {
                format!("DELETE FROM {new} AS n")
            };
            out.push(Statement::own(format!("{delete} WHERE {}", self.marked("n."))));
        }
        if let Some(guard) = guard {
            out.push(self.guard(guard));
        }
        out.push(self.count_reload(guard.is_some()));
        if self.is_postgres() || self.is_tsql() {
            out.push(swap_table(self.dialect, self.relation, &beside(self.relation), self.old));
        } else {
            if guard.is_some() {
                out.push(Statement::own(format!("DROP TABLE {table}")));
            }
            let name = self.quoted(&self.relation.name);
            out.push(Statement::own(format!("ALTER TABLE {new} RENAME TO {name}")));
        }
        out
    }

    /// Refuses a reload that would lose too many rows.
    fn guard(&self, guard: Guard) -> Statement {
        let plain = plain(self.relation);
        let mut cases = Vec::new();
        if !guard.allow_empty {
            cases.push(format!(
                " WHEN old > 0 AND new = 0 THEN concat({}, old, ' rows; set allow_empty: true if that is right')",
                literal(self.dialect, &format!("the source is empty, and {plain} holds "))
            ));
        }
        cases.push(format!(
            " WHEN new < old * (1 - {share}) AND NOT (new = 0 AND {allow}) THEN concat({head}, old, ' to ', new, \
             ' rows, more than max_shrink of {percent}%: is the extract cut off?')",
            share = guard.max_shrink,
            allow = if guard.allow_empty { "1 = 1" } else { "1 = 0" },
            head = literal(self.dialect, &format!("{plain} would shrink from ")),
            percent = (guard.max_shrink * 100.0).round(),
        ));
        Statement::check(
            format!(
                "SELECT CASE{} END FROM (SELECT (SELECT count(*) FROM {}) AS old, (SELECT count(*) FROM {}) AS new) AS counted",
                cases.concat(),
                self.table(),
                self.arrivals(),
            ),
            Check::Refuse,
        )
    }

    /// Counts what a reload changes, and the drift: keys that are gone, and rows that are missing or
    /// other although they were not changed since the newest row that the table holds.
    fn count_reload(&self, exists: bool) -> Statement {
        let (table, new) = (self.table(), self.arrivals());
        let newest = self.newest(&new);
        let sql = if !exists {
            format!("SELECT count(*), count(*), 0, 0, NULL, NULL, {newest} FROM {new}")
        } else if self.key.is_empty() || self.held.is_none() {
            format!("SELECT count(*), NULL, NULL, NULL, NULL, NULL, {newest} FROM {new}")
        } else if self.is_tsql() {
            let (drift, latest) = match self.modified {
                Some(modified) => (
                    "count(CASE WHEN [is] IS NOT NULL AND (was IS NULL OR differs = 1) AND changed <= latest THEN 1 END)",
                    format!(
                        " CROSS JOIN (SELECT max({}) AS latest FROM {table}) AS held",
                        self.quoted(modified)
                    ),
                ),
                None => ("NULL", String::new()),
            };
            let gone = "count(CASE WHEN [is] IS NULL THEN 1 END)";
            format!(
                "SELECT count([is]), count(CASE WHEN was IS NULL THEN 1 END), \
                 count(CASE WHEN [is] IS NOT NULL AND was IS NOT NULL AND differs = 1 THEN 1 END), {gone}, {gone}, {drift}, {newest} \
                 FROM {}{latest}",
                self.pairs(&format!("{table} AS o FULL JOIN {new} AS n ON {}", self.same_key("o", "n"))),
            )
        } else {
            let key = self.quoted(&self.key[0]);
            let differs = self.differs("n", "o");
            let drift = match self.modified {
                Some(modified) => format!(
                    "count(*) FILTER (WHERE n.{key} IS NOT NULL AND (o.{key} IS NULL OR {differs}) AND n.{0} <= (SELECT max({0}) FROM {table}))",
                    self.quoted(modified)
                ),
                None => "NULL".to_owned(),
            };
            format!(
                "SELECT count(n.{key}), count(*) FILTER (WHERE o.{key} IS NULL), \
                 count(*) FILTER (WHERE n.{key} IS NOT NULL AND o.{key} IS NOT NULL AND {differs}), \
                 count(*) FILTER (WHERE n.{key} IS NULL), count(*) FILTER (WHERE n.{key} IS NULL), {drift}, {newest} \
                 FROM {table} AS o FULL JOIN {new} AS n ON {}",
                self.same_key("o", "n"),
            )
        };
        Statement::check(sql, Check::Counts)
    }

    /// Takes up the rows that were changed since `from` into the table that is there.
    #[must_use]
    pub fn upsert(
        &self,
        from: Option<&str>,
        before: Vec<Statement>,
        arrived: Vec<Statement>,
    ) -> Vec<Statement> {
        let (table, new) = (self.table(), self.arrivals());
        let mut out = before;
        let filter = self.modified.zip(from).map(|(modified, from)| {
            let kind = self.held.into_iter().flatten().find(|(c, _)| c.eq_ignore_ascii_case(modified));
            let kind = kind.map_or("VARCHAR", |(_, kind)| kind);
            format!("{} >= CAST({} AS {kind})", self.quoted(modified), literal(self.dialect, from))
        });
        out.push(self.arrive(filter.as_deref()));
        out.extend(arrived);
        self.check_keys(&mut out);
        let (join, differs) = (self.same_key("o", "n"), self.differs("n", "o"));
        let (marked, key) = (self.marked("n."), self.quoted(&self.key[0]));
        let counted = if self.is_tsql() {
            format!(
                "SELECT count(CASE WHEN was IS NULL AND marked = 0 THEN 1 END) AS inserted, \
                 count(CASE WHEN was IS NOT NULL AND marked = 0 AND differs = 1 THEN 1 END) AS updated, \
                 count(CASE WHEN was IS NOT NULL AND marked = 1 THEN 1 END) AS deleted FROM {}",
                self.pairs(&format!("{new} AS n LEFT JOIN {table} AS o ON {join}")),
            )
        } else {
            format!(
                "SELECT count(*) FILTER (WHERE o.{key} IS NULL AND NOT {marked}) AS inserted, \
                 count(*) FILTER (WHERE o.{key} IS NOT NULL AND NOT {marked} AND {differs}) AS updated, \
                 count(*) FILTER (WHERE o.{key} IS NOT NULL AND {marked}) AS deleted \
                 FROM {new} AS n LEFT JOIN {table} AS o ON {join}"
            )
        };
        out.push(Statement::check(
            format!(
                "SELECT (SELECT count(*) FROM {table}) + inserted - deleted, inserted, updated, deleted, NULL, NULL, \
                 (SELECT {} FROM (SELECT max({m}) AS m FROM {table} UNION ALL SELECT max({m}) FROM {new}) AS both_) \
                 FROM ({counted}) AS counted",
                text(self.dialect, "max(m)"),
                m = self.modified.map_or_else(|| "CAST(NULL AS INTEGER)".to_owned(), |m| self.quoted(m)),
            ),
            Check::Counts,
        ));
        out.push(Statement::own(if self.is_tsql() {
            format!("DELETE o FROM {table} AS o JOIN {new} AS n ON {join} WHERE {marked} OR {differs}")
        } else {
            format!("DELETE FROM {table} AS o USING {new} AS n WHERE {join} AND ({marked} OR {differs})")
        }));
        // Another target's rows may have columns that the table takes up with the next daily load.
        let (into, columns) = match (self.held, &self.rows) {
            (Some(held), _) if self.is_tsql() || matches!(self.rows, Rows::Elsewhere { .. }) => (
                format!("({})", list(held.iter().map(|(c, _)| self.quoted(c)))),
                list(held.iter().map(|(c, _)| format!("n.{}", self.quoted(c)))),
            ),
            _ => ("BY NAME".to_owned(), "n.*".to_owned()),
        };
        out.push(Statement::own(format!(
            "INSERT INTO {table} {into} SELECT {columns} FROM {new} AS n WHERE NOT ({marked}) \
             AND NOT EXISTS (SELECT 1 FROM {table} AS o WHERE {join})"
        )));
        out.push(Statement::own(format!("DROP TABLE {new}")));
        out
    }
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
