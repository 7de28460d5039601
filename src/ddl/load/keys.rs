//! Rows without a key, rows that share one, and rows of one key that contradict each other.

use super::Filling;
use crate::ddl::{Check, Statement, literal, plain, text};
use crate::words::Dialect;

/// How many characters of an offending row are shown.
const SHOWN: usize = 200;

impl Filling<'_> {
    /// What tells the rows of the table beside apart, and in which order they came.
    fn row_id(&self) -> &'static str {
        if self.is_postgres() { "ctid" } else { "rowid" }
    }

    /// The table of keys that came in more than once.
    fn repeated(&self) -> String {
        if self.is_tsql() {
            return "#goldsmith_repeated".to_owned();
        }
        let schema = if self.is_postgres() { "pg_temp" } else { "temp" };
        format!("{schema}.{}", self.quoted(&format!("{}__repeated", self.relation.name)))
    }

    /// Refuses rows without a key and rows of one key that contradict each other; of the others that
    /// share a key only the newest stays.
    pub(super) fn check_keys(&self, out: &mut Vec<Statement>) {
        if self.key.is_empty() {
            return;
        }
        let (new, repeated) = (self.arrivals(), self.repeated());
        let nulls: Vec<String> = self.key.iter().map(|k| format!("{} IS NULL", self.quoted(k))).collect();
        let plain = plain(self.relation);
        let named = self.key.join(", ");
        let nulls = nulls.join(" OR ");
        let a_row = match self.dialect {
            Dialect::TSql => format!(
                "left((SELECT TOP (1) * FROM {new} AS n WHERE {nulls} FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), {SHOWN})"
            ),
            _ => format!(
                "(SELECT left(CAST(n AS VARCHAR), {SHOWN}) FROM {new} AS n WHERE {nulls} ORDER BY n.{} LIMIT 1)",
                self.row_id()
            ),
        };
        out.push(Statement::check(
            format!(
                "SELECT concat({}, count(*), CASE WHEN count(*) = 1 THEN ' row has' ELSE ' rows have' END, \
                 ' none, the first is ', {a_row}) FROM {new} AS n WHERE {nulls} HAVING count(*) > 0",
                literal(self.dialect, &format!("the key of {plain}, {named}, must not be null: ")),
            ),
            Check::Refuse,
        ));
        let keys = self.keys("");
        let (create, into) = match self.dialect {
            Dialect::Postgres => (format!("CREATE TEMPORARY TABLE {repeated} AS "), String::new()),
            Dialect::TSql => (String::new(), format!(" INTO {repeated}")),
            Dialect::DuckDb => (format!("CREATE OR REPLACE TEMP TABLE {repeated} AS "), String::new()),
        };
        out.push(Statement::own(format!(
            "{create}SELECT {keys}{into} FROM {new} GROUP BY {keys} HAVING count(*) > 1"
        )));
        let order = match self.modified {
            // There nothing counts as less than all values.
            Some(modified) if self.is_tsql() => format!("n.{} DESC", self.quoted(modified)),
            Some(modified) => format!("n.{} DESC NULLS LAST", self.quoted(modified)),
            None if self.is_tsql() => "(SELECT NULL)".to_owned(),
            None => "NULL".to_owned(),
        };
        let join = format!("{new} AS n JOIN {repeated} AS r ON {}", self.same_key("n", "r"));
        let shown = self
            .key
            .iter()
            .map(|k| {
                format!(
                    "{}, {}",
                    literal(self.dialect, &format!("{k} = ")),
                    text(self.dialect, &self.quoted(k))
                )
            })
            .collect::<Vec<_>>()
            .join(", ', ', ");
        let shown = format!("concat({shown}, '')");
        // Without an order all rows of a key are its first.
        let rank = match (self.modified, self.is_tsql()) {
            (None, true) => "1".to_owned(),
            _ => format!("rank() OVER (PARTITION BY {} ORDER BY {order})", self.keys("n.")),
        };
        out.push(Statement::check(
            format!(
                "SELECT concat({}, min(shown), {}, CASE WHEN count(*) = 1 THEN '' ELSE concat(' (and ', count(*) - 1, ' more keys like it)') END) \
                 FROM (SELECT {shown} AS shown FROM (SELECT DISTINCT * FROM (SELECT n.*, \
                 {rank} AS nth__goldsmith FROM {join}) AS ranked \
                 WHERE nth__goldsmith = 1) AS newest GROUP BY {} HAVING count(*) > 1) AS several HAVING count(*) > 0",
                literal(self.dialect, &format!("rows of {plain} contradict each other: several with ")),
                literal(self.dialect, if self.modified.is_some() { ", and none of them is the newest" } else { ", which is the key" }),
                self.keys(""),
            ),
            Check::Refuse,
        ));
        out.push(Statement::check(
            format!(
                "SELECT concat(count(*), CASE WHEN count(*) = 1 THEN ' key' ELSE ' keys' END, {}) \
                 FROM (SELECT DISTINCT {} FROM {join}) AS keys HAVING count(*) > 0",
                literal(self.dialect, " came more than once: the newest row of each was kept"),
                self.keys("n."),
            ),
            Check::Tell,
        ));
        if self.is_tsql() {
            out.extend(self.keep_newest(&new, &repeated, &order));
            out.push(Statement::own(format!("DROP TABLE {repeated}")));
            return;
        }
        out.push(Statement::own(format!(
            "DELETE FROM {new} WHERE {id} IN (SELECT id FROM (SELECT n.{id} AS id, row_number() OVER \
             (PARTITION BY {} ORDER BY {order}, n.{id}) AS nth FROM {join}) AS numbered WHERE nth > 1)",
            self.keys("n."),
            id = self.row_id(),
        )));
        out.push(Statement::own(format!("DROP TABLE {repeated}")));
    }

    /// Of rows that share a key the newest, where the server tells rows apart by nothing else.
    fn keep_newest(&self, new: &str, repeated: &str, order: &str) -> Vec<Statement> {
        let join = format!("{new} AS n JOIN {repeated} AS r ON {}", self.same_key("n", "r"));
        let kept = "#goldsmith_kept";
        [
            format!(
                "SELECT * INTO {kept} FROM (SELECT n.*, row_number() OVER (PARTITION BY {} ORDER BY {order}) AS nth__goldsmith \
                 FROM {join}) AS numbered WHERE nth__goldsmith = 1",
                self.keys("n.")
            ),
            format!("DELETE n FROM {join}"),
            format!("ALTER TABLE {kept} DROP COLUMN nth__goldsmith"),
            format!("INSERT INTO {new} SELECT * FROM {kept}"),
            format!("DROP TABLE {kept}"),
        ]
        .map(Statement::own)
        .into()
    }
}
