//! Functions and files in place of a table: whose rows come from elsewhere, from a file, or from a
//! table that is given by name.

use super::Scanner;
use super::frame::{Base, Clause};
use crate::sql::keyword::Keyword as K;
use crate::sql::name::Name;
use crate::sql::script::Verb;
use crate::sql::token::Kind;
use crate::words::Dialect;

/// Functions whose rows come from another server or a file.
pub(super) const REMOTE: [&str; 3] = ["openquery", "openrowset", "opendatasource"];

/// Functions of T-SQL whose first argument is the table that they search.
const TABLE_OF: [&str; 5] = [
    "containstable",
    "freetexttable",
    "semantickeyphrasetable",
    "semanticsimilaritytable",
    "semanticsimilaritydetailstable",
];

impl Scanner<'_> {
    /// A function in place of a table; its arguments are walked as an expression.
    pub(super) fn table_function(&mut self, name: Name) -> usize {
        let text = name.last(self.tokens).text(self.text);
        let remote = self.is_tsql() && REMOTE.iter().any(|r| text.eq_ignore_ascii_case(r));
        let reads_files = self.dialect == Dialect::DuckDb && reads_files(text);
        self.call(name);
        if remote {
            self.record_remote(name, name.end);
            if self.tokens.get(name.end + 1).is_some_and(|t| t.is(K::Bulk))
                && self.kind(name.end + 2) == Some(Kind::String)
            {
                self.record_file(name.end + 2);
            }
        }
        if reads_files {
            self.files_in(name.end);
        } else if self.is_tsql() {
            self.table_argument(name.end, text);
        }
        let frame = self.top();
        frame.clause = Clause::After;
        frame.alias = Some(Base(None));
        name.end
    }

    /// The table that a T-SQL function reads, given to it by name behind the parenthesis at `open`.
    fn table_argument(&mut self, open: usize, function: &str) {
        let is = |f: &&str| function.eq_ignore_ascii_case(f);
        let mut at = open + 1;
        if is(&"predict") {
            // PREDICT(MODEL = @model, DATA = t AS d)
            let data = (at..self.closing(open))
                .find(|at| self.says(self.tokens[*at], "data") && self.kind(at + 1) == Some(Kind::Equals));
            let Some(data) = data else { return };
            at = data + 2;
        } else if is(&"changetable") {
            at += 1; // CHANGES or VERSION
        } else if !TABLE_OF.iter().any(is) {
            return;
        }
        let table = Name::at(self.tokens, at).filter(|table| table.end <= self.end);
        if let Some(table) = table.filter(|table| self.cte(*table).is_none()) {
            self.record(table, Verb::Read);
        }
    }

    /// The files among the arguments of a function that reads files: strings that no `=` precedes.
    fn files_in(&mut self, open: usize) {
        for i in open + 1..self.closing(open) {
            let before = self.tokens[i - 1].kind;
            if self.tokens[i].kind == Kind::String && matches!(before, Kind::Open | Kind::Comma) {
                self.record_file(i);
            }
        }
    }

    /// Whether the name is that of a file: `DuckDB` reads `FROM "a.csv"` as it reads `FROM 'a.csv'`.
    pub(super) fn is_quoted_file(&self, name: Name) -> bool {
        let token = self.tokens[name.start];
        let text = token.text(self.text).trim_end_matches('"');
        let ends = |ending: &str| {
            text.len() > ending.len()
                && text.get(text.len() - ending.len()..).is_some_and(|end| end.eq_ignore_ascii_case(ending))
        };
        self.dialect == Dialect::DuckDb
            && name.dots == 0
            && token.kind == Kind::Quoted
            && [".csv", ".parquet", ".json", ".jsonl", ".ndjson", ".tsv", ".csv.gz", ".xlsx"]
                .iter()
                .any(|e| ends(e))
    }
}

/// Whether a `DuckDB` function reads the files that its arguments name.
fn reads_files(function: &str) -> bool {
    let lower = function.to_ascii_lowercase();
    lower.starts_with("read_")
        || matches!(
            lower.as_str(),
            "parquet_scan" | "sniff_csv" | "glob" | "parquet_metadata" | "parquet_schema"
        )
}
