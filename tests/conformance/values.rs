//! Values of all types, read and appended.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use goldsmith::warehouse::{Connection, Error, ErrorKind, Sink};
use goldsmith::words::Dialect;

use crate::engines::{Stage, one, run};

/// Keeps what it is given.
#[derive(Default)]
pub struct Kept {
    pub schema: Option<SchemaRef>,
    pub batches: Vec<RecordBatch>,
}

impl Sink for Kept {
    fn begin(&mut self, schema: SchemaRef) -> Result<(), Error> {
        self.schema = Some(schema);
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> Result<(), Error> {
        self.batches.push(batch);
        Ok(())
    }
}

pub fn read(c: &mut dyn Connection, sql: &str) -> Kept {
    let mut kept = Kept::default();
    c.read(sql, &mut kept).expect(sql);
    kept
}

/// Type, and values of it as SQL.
pub const VALUES: [(&str, &[&str]); 18] = [
    ("BOOLEAN", &["true", "false"]),
    ("SMALLINT", &["-32768", "32767"]),
    ("INTEGER", &["-2147483648", "2147483647"]),
    ("BIGINT", &["-9223372036854775808", "9223372036854775807"]),
    ("REAL", &["1.5", "-0.25", "'NaN'", "0.1"]),
    ("DOUBLE PRECISION", &["1e300", "0.1", "'NaN'", "'-Infinity'", "'-0'", "5e-324"]),
    ("DECIMAL(38,10)", &["1234567890123456789012345678.0123456789", "-0.0000000001", "0"]),
    ("DECIMAL(18,2)", &["12345.67", "-0.05"]),
    ("DECIMAL(38,0)", &["99999999999999999999999999999999999999"]),
    ("VARCHAR", &["''", "'a'", "'größe 𝄞'", "E'tab\\tnew\\nline\\\\ \\r'", "'\\N'", "'it''s'", "' '"]),
    ("CHAR(3)", &["'abc'"]),
    ("BYTEA", &["CAST('' AS BYTEA)", "CAST('abc' AS BYTEA)"]),
    ("DATE", &["'0001-01-01'", "'1969-12-31'", "'2024-02-29'", "'9999-12-31'", "'infinity'", "'-infinity'"]),
    ("TIME", &["'00:00:00'", "'23:59:59.999999'"]),
    (
        "TIMESTAMP",
        &["'1969-12-31 23:59:59.999999'", "'2026-11-23 10:00:00'", "'infinity'", "'12026-01-01 00:00:00'"],
    ),
    ("TIMESTAMP WITH TIME ZONE", &["'2026-03-29 02:30:00.123456+01'", "'0001-01-01 00:00:00+00'"]),
    ("UUID", &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    ("JSON", &["'{\"a\": [1, \"ä\"]}'"]),
];

/// The same for SQL Server, whose types are others.
pub const TSQL_VALUES: [(&str, &[&str]); 20] = [
    ("BIT", &["1", "0"]),
    ("TINYINT", &["0", "255"]),
    ("SMALLINT", &["-32768", "32767"]),
    ("INT", &["-2147483648", "2147483647"]),
    ("BIGINT", &["-9223372036854775808", "9223372036854775807"]),
    ("REAL", &["1.5", "-0.25", "0.1"]),
    ("FLOAT", &["1e300", "0.1", "-0.1", "2.5e-300"]),
    ("DECIMAL(38,10)", &["1234567890123456789012345678.0123456789", "-0.0000000001", "0"]),
    ("DECIMAL(18,2)", &["12345.67", "-0.05"]),
    ("DECIMAL(38,0)", &["99999999999999999999999999999999999999"]),
    ("NVARCHAR(MAX)", &["N''", "N'a'", "N'größe 𝄞'", "N'a\tb\nc\\ \r'", r"N'\N'", "N'it''s'", "N' '"]),
    ("NCHAR(3)", &["N'äbc'"]),
    ("VARBINARY(MAX)", &["0x", "0x00FF"]),
    ("DATE", &["'0001-01-01'", "'1969-12-31'", "'2024-02-29'", "'9999-12-31'"]),
    ("TIME(6)", &["'00:00:00'", "'23:59:59.999999'"]),
    ("DATETIME", &["'1753-01-01'", "'2026-11-23T10:00:00.003'", "'9999-12-31T23:59:59.993'"]),
    ("DATETIME2(6)", &["'1969-12-31T23:59:59.999999'", "'0001-01-01'", "'9999-12-31T23:59:59.999999'"]),
    ("DATETIMEOFFSET(3)", &["'2026-03-29T02:30:00.123+00:00'"]),
    ("UNIQUEIDENTIFIER", &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    ("VARCHAR(20)", &["'plain'"]),
];

/// Makes a table with a column of each type, and rows of its values and nulls.
pub fn make_table(c: &mut dyn Connection, table: &str, is_limited: bool) {
    let values = values(c);
    let columns: Vec<String> =
        values.iter().enumerate().map(|(n, (kind, _))| format!("c{n} {kind}")).collect();
    run(c, &[&format!("CREATE TABLE {table} (id INTEGER, {})", columns.join(", "))]);
    let most = values.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    for row in 0..=most {
        let cells: Vec<String> = values
            .iter()
            .map(|(kind, values)| {
                let value = values.get(row).filter(|value| !(is_limited && value.len() == 38));
                value.map_or_else(|| "NULL".to_owned(), |value| format!("CAST({value} AS {kind})"))
            })
            .collect();
        run(c, &[&format!("INSERT INTO {table} VALUES ({row}, {})", cells.join(", "))]);
    }
}

/// The types of a session's engine.
fn values(c: &dyn Connection) -> &'static [(&'static str, &'static [&'static str])] {
    if c.dialect() == Dialect::TSql { &TSQL_VALUES } else { &VALUES }
}

/// All rows as text.
pub fn texts(c: &mut dyn Connection, table: &str) -> Vec<Vec<Option<String>>> {
    let kind = if c.dialect() == Dialect::TSql { "NVARCHAR(MAX)" } else { "VARCHAR" };
    let text = |n: usize| match c.dialect() {
        // Beyond its usual six digits.
        Dialect::TSql if matches!(TSQL_VALUES[n].0, "REAL" | "FLOAT") => format!("CONVERT({kind}, c{n}, 3)"),
        Dialect::TSql if TSQL_VALUES[n].0.starts_with("VARBINARY") => format!("c{n}"),
        _ => format!("CAST(c{n} AS {kind})"),
    };
    let columns: Vec<String> = (0..values(c).len()).map(text).collect();
    c.query(&format!("SELECT {} FROM {table} ORDER BY id", columns.join(", "))).unwrap().rows
}

pub fn every_type_comes_back_as_it_was(stage: &mut Stage) {
    let mut c = stage.connect();
    // Babelfish reads no number of 38 digits without a point.
    make_table(&mut *c, "t", stage.is_babelfish());
    let empty = "CREATE TABLE u AS SELECT * FROM t WHERE false";
    run(&mut *c, &[stage.say([empty, empty, "SELECT * INTO u FROM t WHERE 1 = 0"])]);
    let kept = read(&mut *c, "SELECT * FROM t ORDER BY id -- all of it");
    let rows: usize = kept.batches.iter().map(RecordBatch::num_rows).sum();
    c.begin().unwrap();
    let table = stage.name(stage.schema(), "u");
    let appended = c.append(&table, &mut kept.batches.into_iter().map(Ok)).unwrap();
    c.commit().unwrap();
    assert_eq!(appended, rows as u64);
    assert_eq!(texts(&mut *c, "t"), texts(&mut *c, "u"));
}

pub fn nothing_but_columns_come_out_of_nothing(stage: &mut Stage) {
    let kept = read(&mut *stage.connect(), "SELECT 1 AS a, 'x' AS b WHERE 1 = 0;\n");
    assert!(kept.batches.iter().all(|batch| batch.num_rows() == 0));
    let schema = kept.schema.expect("columns");
    let names: Vec<&String> = schema.fields().iter().map(|f| f.name()).collect();
    assert_eq!(names, ["a", "b"]);
}

pub fn rows_come_in_batches(stage: &mut Stage) {
    let sql = stage.say([
        "SELECT range AS n, 'row ' || range AS name FROM range(300000)",
        "SELECT n, 'row ' || n AS name FROM generate_series(0, 299999) n",
        "SELECT n, CONCAT('row ', n) AS name FROM (\
         SELECT CAST(a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS bigint) AS n \
         FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) a(n) \
         CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) b(n) \
         CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) c(n) \
         CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) d(n) \
         CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) e(n) \
         CROSS JOIN (VALUES (0), (1), (2)) f(n)) q",
    ]);
    let mut c = stage.connect();
    let kept = read(&mut *c, sql);
    assert_eq!(kept.batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 300_000);
    assert!(kept.batches.iter().all(|batch| batch.num_rows() <= 8192));
    run(&mut *c, &["CREATE TABLE t (n BIGINT, name VARCHAR(100))"]);
    c.begin().unwrap();
    let table = stage.name(stage.schema(), "t");
    assert_eq!(c.append(&table, &mut kept.batches.into_iter().map(Ok)).unwrap(), 300_000);
    c.commit().unwrap();
    let sum = one(&mut *c, "SELECT CONCAT(CAST(sum(n) AS VARCHAR(30)), ' ', max(name)) FROM t");
    assert_eq!(sum.as_deref(), Some("44999850000 row 99999"));
}

fn two_columns(numbers: Vec<i32>, texts: Vec<&str>) -> RecordBatch {
    let fields = vec![Field::new("id", DataType::Int32, true), Field::new("amount", DataType::Utf8, true)];
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int32Array::from(numbers)), Arc::new(StringArray::from(texts))];
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

pub fn a_value_that_does_not_fit_is_named(stage: &mut Stage) {
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (id INTEGER, amount DECIMAL(18,2))"]);
    let table = stage.name(stage.schema(), "t");
    c.begin().unwrap();
    let good = two_columns(vec![1, 2], vec!["1.50", "2"]);
    let bad = two_columns(vec![3, 4], vec!["3", "four"]);
    let error = c.append(&table, &mut [Ok(good), Ok(bad)].into_iter()).unwrap_err();
    c.rollback().unwrap();
    assert!(error.message.starts_with("the column `amount`, row 4: "), "{error}");
    assert!(error.message.contains("four"), "{error}");
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("0"));
}

pub fn an_error_among_the_batches_is_the_one_that_is_told(stage: &mut Stage) {
    let mut c = stage.connect();
    run(&mut *c, &["CREATE TABLE t (id INTEGER, amount VARCHAR(10))"]);
    let table = stage.name(stage.schema(), "t");
    c.begin().unwrap();
    let batches = [Ok(two_columns(vec![1], vec!["a"])), Err(Error::new(ErrorKind::Cancelled, "the source"))];
    let error = c.append(&table, &mut batches.into_iter()).unwrap_err();
    c.rollback().unwrap();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Cancelled, "the source"));
    assert_eq!(one(&mut *c, "SELECT count(*) FROM t").as_deref(), Some("0"));
}

pub fn a_query_that_fails_names_its_place(stage: &mut Stage) {
    let sql = "SELECT 'ä' AS a,\n  nowhere.x FROM (SELECT 1 AS y) AS b";
    let error = stage.connect().read(sql, &mut Kept::default()).unwrap_err();
    let at = error.position.expect("a place").offset;
    assert!(sql[at..].starts_with("nowhere"), "{:?}", &sql[at..]);
}
