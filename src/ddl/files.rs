//! Reading files: CSV, JSON lines, Parquet. `DuckDB` does it, for other engines too.

use super::{Statement, literal};
use crate::nouns::{FileFormat, FileOrigin};
use crate::sql::quote;
use crate::words::Dialect;

/// Raises an error when one of the files is empty: an extract that failed, most likely.
#[must_use]
pub fn refuse_empty_files(path: &str) -> Statement {
    Statement::own(format!(
        "SELECT CASE WHEN count(*) > 0 THEN error('this file is empty: ' || min(filename)) END \
         FROM read_blob({}) WHERE size = 0",
        literal(Dialect::DuckDb, path)
    ))
}

/// How much of a file is looked at before its types are guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// Its first rows: nearly always enough, and nearly free.
    Some,
    /// All of it: an error in a late row then changes the guess.
    All,
}

/// How many rows of a CSV file are looked at first. A million cost a tenth of reading ten million.
const SAMPLE: u64 = 1_000_000;

/// The query that reads files; `path` is what `DuckDB` is to open, `types` are the columns whose
/// types are known.
#[must_use]
pub fn file_query(origin: &FileOrigin, path: &str, types: &[(String, String)], sample: Sample) -> String {
    let mut options = Vec::new();
    match origin.format {
        FileFormat::Csv => {
            csv_options(origin, &mut options);
            let rows = if sample == Sample::All { "-1".to_owned() } else { SAMPLE.to_string() };
            options.push(format!("sample_size = {rows}"));
            if !types.is_empty() {
                options.push(format!("types = {}", map(types)));
            }
        }
        FileFormat::JsonLines => json_options(&mut options),
        FileFormat::Parquet => {}
    }
    let casts = match origin.format {
        FileFormat::Csv => String::new(),
        FileFormat::JsonLines | FileFormat::Parquet => replaced(types),
    };
    select(origin, path, &casts, options)
}

/// The query that reads files whose columns are all known; nothing is guessed.
#[must_use]
pub fn known_file_query(origin: &FileOrigin, path: &str, columns: &[(String, String)]) -> String {
    let mut options = Vec::new();
    match origin.format {
        FileFormat::Csv => {
            csv_options(origin, &mut options);
            options.push(format!("types = {}", map(columns)));
        }
        FileFormat::JsonLines => {
            options.push("format = 'newline_delimited'".to_owned());
            options.push(format!("columns = {}", map(columns)));
        }
        FileFormat::Parquet => {}
    }
    select(origin, path, "", options)
}

/// The query whose description names the columns of files. What a text file's columns are called
/// stands in its first lines; which keys the objects of a JSON file have, only all of it tells.
#[must_use]
pub fn file_shape_query(origin: &FileOrigin, path: &str) -> String {
    let mut options = Vec::new();
    match origin.format {
        FileFormat::Csv => {
            csv_options(origin, &mut options);
            options.push("all_varchar = true".to_owned());
        }
        FileFormat::JsonLines => json_options(&mut options),
        FileFormat::Parquet => {}
    }
    select(origin, path, "", options)
}

fn select(origin: &FileOrigin, path: &str, casts: &str, mut options: Vec<String>) -> String {
    let function = match origin.format {
        FileFormat::Csv => "read_csv",
        FileFormat::JsonLines => "read_json",
        FileFormat::Parquet => "read_parquet",
    };
    if origin.filename.is_some() {
        options.push("filename = '__goldsmith_file'".to_owned());
    }
    options.insert(0, literal(Dialect::DuckDb, path));
    let columns = match &origin.filename {
        Some(column) => {
            format!(
                "* EXCLUDE (__goldsmith_file){casts}, parse_filename(__goldsmith_file) AS {}",
                quote(Dialect::DuckDb, column)
            )
        }
        None => format!("*{casts}"),
    };
    format!("SELECT {columns}\nFROM {function}({})", options.join(", "))
}

fn json_options(options: &mut Vec<String>) {
    options.push("format = 'newline_delimited'".to_owned());
    // Without a limit the whole file decides on the types, not its first rows.
    options.push("sample_size = -1".to_owned());
    options.push("union_by_name = true".to_owned());
}

/// ` REPLACE (CAST(..) AS ..)` for columns with a known type.
fn replaced(types: &[(String, String)]) -> String {
    let casts: Vec<String> = types
        .iter()
        .map(|(column, kind)| {
            let column = quote(Dialect::DuckDb, column);
            let cast = format!("CAST({column} AS {kind})");
            if !is_text(kind) {
                return format!("{cast} AS {column}");
            }
            // Objects and lists as JSON, which is what a file whose columns are all known gives, and not as DuckDB
            // writes its own structs.
            let own = format!("typeof({column})");
            format!(
                "CASE WHEN starts_with({own}, 'STRUCT') OR starts_with({own}, 'MAP') OR ends_with({own}, ']') \
                 THEN CAST(to_json({column}) AS {kind}) ELSE {cast} END AS {column}"
            )
        })
        .collect();
    if casts.is_empty() { String::new() } else { format!(" REPLACE ({})", casts.join(", ")) }
}

/// Whether a type of `DuckDB`'s is text.
fn is_text(kind: &str) -> bool {
    let bare = kind.split('(').next().unwrap_or_default().trim();
    ["VARCHAR", "TEXT", "STRING"].iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// `{'column': 'TYPE', ..}`
fn map(types: &[(String, String)]) -> String {
    let pairs: Vec<String> = types
        .iter()
        .map(|(column, kind)| {
            format!("{}: {}", literal(Dialect::DuckDb, column), literal(Dialect::DuckDb, kind))
        })
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

fn csv_options(origin: &FileOrigin, options: &mut Vec<String>) {
    let mut text = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            options.push(format!("{key} = {}", literal(Dialect::DuckDb, value)));
        }
    };
    // Nothing is left to guessing: a guess that fails makes one text column of a whole table.
    let tabs = origin.path.to_lowercase().trim_end_matches(".gz").rsplit('.').next() == Some("tsv");
    let delimiter = origin.delimiter.clone().unwrap_or_else(|| if tabs { "\t".into() } else { ",".into() });
    let quote = origin.quote.clone().unwrap_or_else(|| "\"".into());
    text("delim", &Some(delimiter));
    text("quote", &Some(quote.clone()));
    text("escape", &Some(quote));
    text("decimal_separator", &origin.decimal);
    text("thousands", &origin.thousands);
    text("dateformat", &origin.date_format);
    text("timestampformat", &origin.timestamp_format);
    options.push(format!("header = {}", origin.header));
    if origin.skip > 0 {
        options.push(format!("skip = {}", origin.skip));
    }
    if !origin.null.is_empty() {
        let words: Vec<String> = origin.null.iter().map(|w| literal(Dialect::DuckDb, w)).collect();
        options.push(format!("nullstr = [{}]", words.join(", ")));
    }
}
