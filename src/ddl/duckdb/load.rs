//! Filling bronze tables: rows come into a table beside, are checked and counted there, and then
//! take the old ones' place.

use super::{literal, name, quoted};
use crate::ddl::{Act, Check, Figures, Shape, Statement, Stream};
use crate::nouns::Column;
use crate::words::RelationName;

/// How many lines of an offending row are shown, in characters.
const SHOWN: usize = 200;

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
        /// The target's name.
        target: String,
        /// The query, in its dialect.
        sql: String,
        /// The columns with a declared type.
        declared: Vec<(String, String)>,
        /// What is compared with the source.
        control: Option<Figures>,
    },
}

/// What a load does to its table.
#[derive(Debug, Clone)]
pub struct Filling<'a> {
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
    fn table(&self) -> String {
        name(self.relation)
    }

    fn arrivals(&self) -> String {
        name(&beside(self.relation))
    }

    /// The table of keys that came in more than once.
    fn repeated(&self) -> String {
        format!("temp.{}", quoted(&format!("{}__repeated", self.relation.name)))
    }

    fn keys(&self, alias: &str) -> String {
        list(self.key.iter().map(|k| format!("{alias}{}", quoted(k))))
    }

    fn same_key(&self, left: &str, right: &str) -> String {
        let pairs: Vec<String> =
            self.key.iter().map(|k| format!("{left}.{0} = {right}.{0}", quoted(k))).collect();
        pairs.join(" AND ")
    }

    /// Whether two rows of the same key differ in a column that the table holds.
    fn differs(&self, left: &str, right: &str) -> String {
        let Some(held) = self.held.filter(|_| self.takes_new || matches!(self.rows, Rows::Elsewhere { .. }))
        else {
            // The columns of both are the same, in the same order.
            return format!("{left} IS DISTINCT FROM {right}");
        };
        let side = |side: &str| list(held.iter().map(|(c, _)| format!("{side}.{}", quoted(c))));
        format!("row({}) IS DISTINCT FROM row({})", side(left), side(right))
    }

    /// Whether a row is marked as deleted: by a yes, or by the time of its deletion.
    fn marked(&self, alias: &str) -> String {
        let Some(column) = self.deleted else { return "false".to_owned() };
        let kind = self.held.into_iter().flatten().find(|(c, _)| c.eq_ignore_ascii_case(column));
        let column = format!("{alias}{}", quoted(column));
        if kind.is_some_and(|(_, kind)| kind == "BOOLEAN") {
            return format!("coalesce({column}, false)");
        }
        let word = format!("nullif(CAST({column} AS VARCHAR), '')");
        format!("coalesce(TRY_CAST({word} AS BOOLEAN), {word} IS NOT NULL)")
    }

    /// Brings the rows into the table beside.
    fn arrive(&self, filter: Option<&str>) -> Statement {
        let columns = match self.held {
            Some(held) => {
                let held = list(held.iter().map(|(c, _)| quoted(c)));
                if self.takes_new { format!("{held}, * EXCLUDE ({held})") } else { held }
            }
            None => "*".to_owned(),
        };
        let filter = filter.map(|f| format!("\nWHERE {f}")).unwrap_or_default();
        let create = |query: &str| {
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
            Rows::Elsewhere { target, sql, declared, control } => Statement {
                act: Act::Stream(Box::new(Stream {
                    target: target.clone(),
                    into: beside(self.relation),
                    declared: declared.clone(),
                    control: control.clone(),
                })),
                ..Statement::own(sql)
            },
        }
    }

    /// Refuses rows without a key and rows of one key that contradict each other; of the others that
    /// share a key only the newest stays.
    fn check_keys(&self, out: &mut Vec<Statement>) {
        if self.key.is_empty() {
            return;
        }
        let (new, repeated) = (self.arrivals(), self.repeated());
        let nulls: Vec<String> = self.key.iter().map(|k| format!("{} IS NULL", quoted(k))).collect();
        let plain = plain(self.relation);
        let named = self.key.join(", ");
        out.push(Statement::check(
            format!(
                "SELECT {} || count(*) || CASE WHEN count(*) = 1 THEN ' row has' ELSE ' rows have' END || \
                 ' none, the first is ' || left(CAST(first(n ORDER BY n.rowid) AS VARCHAR), {SHOWN}) \
                 FROM {new} AS n WHERE {} HAVING count(*) > 0",
                literal(&format!("the key of {plain}, {named}, must not be null: ")),
                nulls.join(" OR "),
            ),
            Check::Refuse,
        ));
        out.push(Statement::own(format!(
            "CREATE OR REPLACE TEMP TABLE {repeated} AS SELECT {} FROM {new} GROUP BY ALL HAVING count(*) > 1",
            self.keys("")
        )));
        let order =
            self.modified.map_or_else(|| "NULL".to_owned(), |m| format!("n.{} DESC NULLS LAST", quoted(m)));
        let join = format!("{new} AS n JOIN {repeated} AS r ON {}", self.same_key("n", "r"));
        let shown = self
            .key
            .iter()
            .map(|k| format!("{} || CAST({} AS VARCHAR)", literal(&format!("{k} = ")), quoted(k)))
            .collect::<Vec<_>>()
            .join(" || ', ' || ");
        out.push(Statement::check(
            format!(
                "SELECT {} || min(shown) || {} || CASE WHEN count(*) = 1 THEN '' ELSE ' (and ' || (count(*) - 1) || ' more keys like it)' END \
                 FROM (SELECT {shown} AS shown FROM (SELECT DISTINCT n.* FROM {join} \
                 QUALIFY rank() OVER (PARTITION BY {} ORDER BY {order}) = 1) GROUP BY {} HAVING count(*) > 1) \
                 HAVING count(*) > 0",
                literal(&format!("rows of {plain} contradict each other: several with ")),
                literal(if self.modified.is_some() { ", and none of them is the newest" } else { ", which is the key" }),
                self.keys("n."),
                self.keys(""),
            ),
            Check::Refuse,
        ));
        out.push(Statement::check(
            format!(
                "SELECT count(*) || CASE WHEN count(*) = 1 THEN ' key' ELSE ' keys' END || {} \
                 FROM (SELECT {} FROM {join} GROUP BY ALL) HAVING count(*) > 0",
                literal(" came more than once: the newest row of each was kept"),
                self.keys("n."),
            ),
            Check::Tell,
        ));
        out.push(Statement::own(format!(
            "DELETE FROM {new} WHERE rowid IN (SELECT id FROM (SELECT n.rowid AS id, row_number() OVER \
             (PARTITION BY {} ORDER BY {order}, n.rowid) AS nth FROM {join}) WHERE nth > 1)",
            self.keys("n."),
        )));
        out.push(Statement::own(format!("DROP TABLE {repeated}")));
    }

    /// The newest `modified` among the rows of a table, as text.
    fn newest(&self, table: &str) -> String {
        match self.modified {
            Some(modified) => format!("(SELECT CAST(max({}) AS VARCHAR) FROM {table})", quoted(modified)),
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
            out.push(Statement::own(format!("DELETE FROM {new} AS n WHERE {}", self.marked("n."))));
        }
        if let Some(guard) = guard {
            out.push(self.guard(guard));
        }
        out.push(self.count_reload(guard.is_some()));
        if guard.is_some() {
            out.push(Statement::own(format!("DROP TABLE {table}")));
        }
        out.push(Statement::own(format!("ALTER TABLE {new} RENAME TO {}", quoted(&self.relation.name))));
        out
    }

    /// Refuses a reload that would lose too many rows.
    fn guard(&self, guard: Guard) -> Statement {
        let plain = plain(self.relation);
        let mut cases = Vec::new();
        if !guard.allow_empty {
            cases.push(format!(
                " WHEN old > 0 AND new = 0 THEN {} || old || ' rows; set allow_empty: true if that is right'",
                literal(&format!("the source is empty, and {plain} holds "))
            ));
        }
        cases.push(format!(
            " WHEN new < old * (1 - {share}) AND NOT (new = 0 AND {allow}) THEN {head} || old || ' to ' || new || \
             ' rows, more than max_shrink of {percent}%: is the extract cut off?'",
            share = guard.max_shrink,
            allow = guard.allow_empty,
            head = literal(&format!("{plain} would shrink from ")),
            percent = (guard.max_shrink * 100.0).round(),
        ));
        Statement::check(
            format!(
                "SELECT CASE{} END FROM (SELECT (SELECT count(*) FROM {}) AS old, (SELECT count(*) FROM {}) AS new)",
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
        } else {
            let key = quoted(&self.key[0]);
            let differs = self.differs("n", "o");
            let drift = match self.modified {
                Some(modified) => format!(
                    "count(*) FILTER (n.{key} IS NOT NULL AND (o.{key} IS NULL OR {differs}) AND n.{0} <= (SELECT max({0}) FROM {table}))",
                    quoted(modified)
                ),
                None => "NULL".to_owned(),
            };
            format!(
                "SELECT count(n.{key}), count(*) FILTER (o.{key} IS NULL), \
                 count(*) FILTER (n.{key} IS NOT NULL AND o.{key} IS NOT NULL AND {differs}), \
                 count(*) FILTER (n.{key} IS NULL), count(*) FILTER (n.{key} IS NULL), {drift}, {newest} \
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
            format!("{} >= CAST({} AS {kind})", quoted(modified), literal(from))
        });
        out.push(self.arrive(filter.as_deref()));
        out.extend(arrived);
        self.check_keys(&mut out);
        let (join, differs) = (self.same_key("o", "n"), self.differs("n", "o"));
        let (marked, key) = (self.marked("n."), quoted(&self.key[0]));
        out.push(Statement::check(
            format!(
                "SELECT (SELECT count(*) FROM {table}) + inserted - deleted, inserted, updated, deleted, NULL, NULL, newest \
                 FROM (SELECT count(*) FILTER (o.{key} IS NULL AND NOT {marked}) AS inserted, \
                 count(*) FILTER (o.{key} IS NOT NULL AND NOT {marked} AND {differs}) AS updated, \
                 count(*) FILTER (o.{key} IS NOT NULL AND {marked}) AS deleted, \
                 (SELECT CAST(max(m) AS VARCHAR) FROM (SELECT max({m}) AS m FROM {table} UNION ALL SELECT max({m}) FROM {new})) AS newest \
                 FROM {new} AS n LEFT JOIN {table} AS o ON {join})",
                m = self.modified.map_or_else(|| "NULL".to_owned(), quoted),
            ),
            Check::Counts,
        ));
        out.push(Statement::own(format!(
            "DELETE FROM {table} AS o USING {new} AS n WHERE {join} AND ({marked} OR {differs})"
        )));
        // Another target's rows may have columns that the table takes up with the next daily load.
        let columns = match (self.held, &self.rows) {
            (Some(held), Rows::Elsewhere { .. }) => {
                list(held.iter().map(|(c, _)| format!("n.{}", quoted(c))))
            }
            _ => "n.*".to_owned(),
        };
        out.push(Statement::own(format!(
            "INSERT INTO {table} BY NAME SELECT {columns} FROM {new} AS n WHERE NOT {marked} \
             AND NOT EXISTS (SELECT 1 FROM {table} AS o WHERE {join})"
        )));
        out.push(Statement::own(format!("DROP TABLE {new}")));
        out
    }
}

/// The table beside a relation, in which its rows arrive.
#[must_use]
pub fn beside(relation: &RelationName) -> RelationName {
    RelationName { name: format!("{}__goldsmith", relation.name), ..relation.clone() }
}

/// The figures of a load that are compared with its source's, which `source` is a query for.
#[must_use]
pub fn figures(source: &str, relation: &RelationName, sum: Option<&str>) -> Figures {
    let arrived = name(&beside(relation));
    let (at_source, here) = match sum {
        Some(column) => {
            let sum = format!("count(*) AS n, CAST(sum({}) AS VARCHAR) AS total", quoted(column));
            (sum.clone(), format!("{sum}, min(typeof({})) IN ('FLOAT', 'DOUBLE') AS floats", quoted(column)))
        }
        None => ("count(*) AS n".to_owned(), "count(*) AS n".to_owned()),
    };
    Figures {
        at_source: format!("SELECT {at_source} FROM (\n{source}\n) AS source"),
        arrived: format!("SELECT {here} FROM {arrived}"),
        sum: sum.map(str::to_owned),
    }
}

/// The comparison of figures where source and target are one warehouse.
#[must_use]
pub fn compare(figures: &Figures) -> Statement {
    let sql = format!("SELECT * FROM (\n{}\n) AS s, (\n{}\n) AS a", figures.at_source, figures.arrived);
    Statement::check(sql, Check::Control(figures.sum.clone()))
}

/// The rows of a query that were changed since `from`; standard SQL.
#[must_use]
pub fn rows_since(query: &str, modified: &str, from: &str) -> String {
    // On the first line, so that the lines of the query keep their numbers.
    format!("SELECT * FROM ({query}\n) AS changed WHERE {} >= {}", quoted(modified), literal(from))
}

/// The check that what a query gives has the shape of a table; `declared` columns with their types
/// stand for what the query only guesses.
#[must_use]
pub fn shape_of_query(query: &str, declared: &[Column], shape: Shape) -> Statement {
    let cases: Vec<String> = declared
        .iter()
        .filter_map(|c| {
            let kind = c.data_type.as_ref()?;
            Some(format!(" WHEN {} THEN typeof(CAST(NULL AS {kind}))", literal(&c.name.to_lowercase())))
        })
        .collect();
    let kind = if cases.is_empty() {
        "column_type".to_owned()
    } else {
        format!("CASE lower(column_name){} ELSE column_type END", cases.concat())
    };
    Statement::check(
        // A JSON file without objects is described as one column `json`.
        format!(
            "SELECT column_name, {kind} FROM (DESCRIBE {query}) WHERE NOT (column_name = 'json' AND column_type = 'JSON')"
        ),
        Check::Shape(Box::new(shape)),
    )
}

/// The check that the table beside, which another target's rows have filled, has the table's shape.
#[must_use]
pub fn shape_of_arrived(filling: &Filling<'_>, shape: Shape) -> Statement {
    Statement::check(
        format!("SELECT column_name, column_type FROM (DESCRIBE {})", filling.arrivals()),
        Check::Shape(Box::new(shape)),
    )
}

/// The query for the newest `modified` of a table, and that minus the lookback, both as text;
/// values later than `now` (of the platform's time zone) are ignored. `kind` is the column's type.
#[must_use]
pub fn watermark(
    relation: &RelationName,
    modified: &str,
    kind: &str,
    lookback: std::time::Duration,
    now: &jiff::Zoned,
) -> String {
    let column = quoted(modified);
    let (latest, back) = if kind.starts_with("TIMESTAMP WITH TIME ZONE") {
        (Some(format!("TIMESTAMPTZ {}", literal(&now.timestamp().to_string()))), true)
    } else if kind.starts_with("TIMESTAMP") || kind == "DATE" {
        (Some(format!("TIMESTAMP {}", literal(&now.datetime().to_string().replace('T', " ")))), true)
    } else {
        (None, false)
    };
    let newest = format!("max({column})");
    let from = if back {
        format!("CAST(CAST({newest} - to_microseconds({}) AS {kind}) AS VARCHAR)", lookback.as_micros())
    } else {
        format!("CAST({newest} AS VARCHAR)")
    };
    let filter = latest.map(|l| format!(" WHERE {column} <= {l}")).unwrap_or_default();
    format!("SELECT CAST({newest} AS VARCHAR), {from} FROM {}{filter}", name(relation))
}

/// The query for the STATE that a load's Singer tap left last.
#[must_use]
pub fn last_state(loads: &RelationName, load: &str) -> String {
    format!(
        "SELECT state FROM {} WHERE load = {} AND state IS NOT NULL ORDER BY finished_at DESC LIMIT 1",
        name(loads),
        literal(load)
    )
}

/// The query that reads a relation of another project.
#[must_use]
pub fn import_query(origin: &RelationName) -> String {
    format!("SELECT * FROM {}", name(origin))
}

/// Checks that a table which another tool loads is there and has its declared columns.
#[must_use]
pub fn external_check(relation: &RelationName, columns: &[Column]) -> Statement {
    let columns: Vec<String> = columns.iter().map(|c| quoted(&c.name)).collect();
    let columns = if columns.is_empty() { "*".to_owned() } else { columns.join(", ") };
    Statement::own(format!("SELECT {columns} FROM {} LIMIT 0", name(relation)))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// `schema.name`, for messages.
fn plain(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name)
}
