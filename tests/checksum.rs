//! Checksums as the warehouse computes them: the order of rows and columns makes no difference, any
//! other value does, and what looks alike in a text is told apart.

use goldsmith::ddl::checksum::{Figures, Scheme};
use goldsmith::ledger;
use goldsmith::warehouse::duckdb::{DuckDb, Memory};
use goldsmith::warehouse::{Access, Warehouse};
use goldsmith::words::{Dialect, RelationName};
use proptest::prelude::*;

fn open() -> duckdb::Connection {
    duckdb::Connection::open_in_memory().expect("DuckDB opens")
}

fn columns(connection: &duckdb::Connection, table: &str) -> Vec<(String, String)> {
    let sql = format!(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}' ORDER BY column_index"
    );
    let mut statement = connection.prepare(&sql).expect("SQL");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// The figures as the engine adds them up.
fn figures(connection: &duckdb::Connection, table: &str, ignored: &[&str]) -> Figures {
    let ignored: Vec<String> = ignored.iter().map(ToString::to_string).collect();
    let scheme = Scheme::new(Dialect::DuckDb, &columns(connection, table), &ignored);
    let sql = scheme.query(Dialect::DuckDb, table, None);
    let mut statement = connection.prepare(&sql).unwrap_or_else(|e| panic!("{e}\n{sql}"));
    let mut rows = statement.query([]).expect("rows");
    let row = rows.next().expect("a row").expect("a row");
    let width = row.as_ref().column_count();
    let cells: Vec<Option<String>> = (0..width).map(|i| row.get(i).expect("text")).collect();
    scheme.read(&cells).expect("figures")
}

fn of(sql: &str) -> Figures {
    let connection = open();
    connection.execute_batch(&format!("CREATE TABLE t AS {sql}")).unwrap_or_else(|e| panic!("{e}\n{sql}"));
    figures(&connection, "t", &[])
}

#[test]
fn what_looks_alike_is_told_apart() {
    let alike = [
        "SELECT 'a' AS x, NULL::VARCHAR AS y",
        "SELECT 'a' AS x, '' AS y",
        "SELECT NULL::VARCHAR AS x, 'a' AS y",
        "SELECT '' AS x, 'a' AS y",
        "SELECT 'a' || chr(31) AS x, '' AS y",
        "SELECT '' AS x, chr(31) || 'a' AS y",
        "SELECT 'a' || chr(30) AS x, '' AS y",
        "SELECT 'a' AS x, chr(30) || '1,0' AS y",
        "SELECT 'A' AS x, '' AS y",
        "SELECT 'a ' AS x, '' AS y",
        "SELECT 'ä' AS x, '' AS y",
        "SELECT 'a' || chr(776) AS x, '' AS y",
        "SELECT 'a' AS x, '' AS z",
        "SELECT 'a' AS x, '' AS y UNION ALL SELECT 'a', ''",
        "SELECT 'a' AS x, '' AS y WHERE false",
        "SELECT 1 AS x, '' AS y",
        "SELECT 1.0 AS x, '' AS y",
        "SELECT 1.00 AS x, '' AS y",
        "SELECT true AS x, '' AS y",
        "SELECT DATE '1970-01-01' AS x, '' AS y",
        "SELECT TIMESTAMP '1970-01-01' AS x, '' AS y",
        "SELECT TIMESTAMPTZ '1970-01-01 00:00:00+00' AS x, '' AS y",
        "SELECT TIME '00:00:00' AS x, '' AS y",
        "SELECT 'a'::BLOB AS x, '' AS y",
    ];
    let mut seen = std::collections::HashMap::new();
    for sql in alike {
        if let Some(other) = seen.insert(of(sql).checksum, sql) {
            panic!("{sql}\n{other}\nhave the same checksum");
        }
    }
}

#[test]
fn the_same_data_in_other_types_of_the_same_kind_is_the_same() {
    for (one, other) in [
        ("SELECT 7::TINYINT AS n", "SELECT 7::HUGEINT AS n"),
        ("SELECT 1.50::DECIMAL(9,2) AS n", "SELECT 1.50::DECIMAL(38,2) AS n"),
        ("SELECT 'x'::VARCHAR AS n", "SELECT 'x'::ENUM('x', 'y') AS n"),
        ("SELECT 1 AS a, 2 AS B", "SELECT 2 AS b, 1 AS A"),
        ("SELECT TIMESTAMP_S '2026-01-01 00:00:01' AS n", "SELECT TIMESTAMP '2026-01-01 00:00:01' AS n"),
    ] {
        assert_eq!(of(one).checksum, of(other).checksum, "{one} / {other}");
    }
}

/// The figures that the page on publications promises: whoever writes the rules anew must get these.
#[test]
fn the_figures_of_version_1_stay_what_they_are() {
    let rows = "SELECT 1 AS id, 'Müller' AS name, 10.50::DECIMAL(18,2) AS amount, DATE '2026-02-28' AS day, true AS paid, \
                TIMESTAMP '2026-02-28 12:34:56.789' AS at, NULL::VARCHAR AS note \
                UNION ALL SELECT 2, '', -0.25, DATE '1969-12-31', false, TIMESTAMP '1969-12-31 23:59:59', 'x'";
    let figures = of(rows);
    assert_eq!(figures.rows, 2);
    assert_eq!(figures.checksum, "1:f24562a1decb32f38e81110376f8078d");
    let totals: Vec<(&str, &str)> =
        figures.totals.iter().map(|(n, t)| (n.as_str(), t.as_deref().unwrap_or(""))).collect();
    assert_eq!(totals, [("amount", "10.25"), ("id", "3")]);
}

#[test]
fn strange_tables_have_figures_too() {
    let wide: Vec<String> = (0..600).map(|i| format!("{i} AS c{i}, 'x' AS t{i}")).collect();
    assert_eq!(of(&format!("SELECT {}", wide.join(", "))).rows, 1);
    let connection = open();
    connection
        .execute_batch("CREATE TABLE t AS SELECT 1 AS \"a\"\"b; DROP TABLE t\", [1] AS l, 1.5::DOUBLE AS f, {'a': 1} AS s")
        .expect("SQL");
    assert_eq!(figures(&connection, "t", &[]).rows, 1);
    // Values whose sum would not fit make no total, and no error.
    let large = of(
        "SELECT 170141183460469231731687303715884105727::HUGEINT AS h, 99999999999999999999999999999999999999::DECIMAL(38,0) AS d FROM range(3)",
    );
    assert_eq!(large.totals.iter().map(|(_, t)| t.clone()).collect::<Vec<_>>(), [None, None]);
    assert_eq!(of("SELECT [1] AS only").rows, 1);
    // A float is watched over like any value; the two zeros are one, and so are all that are no number.
    let float = |value: &str| of(&format!("SELECT {value}::DOUBLE AS f")).checksum;
    assert_ne!(float("1.5"), float("1.5000000000000002"));
    assert_eq!(float("'-0.0'"), float("0"));
    assert_eq!(float("'-nan'"), float("'nan'"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn order_makes_no_difference_and_any_change_does(
        rows in proptest::collection::vec((any::<i32>(), proptest::option::of(".{0,12}"), -99_999_i64..99_999), 1..40),
        pick in any::<proptest::sample::Index>(),
        column in 0..3_u8,
    ) {
        let connection = open();
        connection.execute_batch(
            "CREATE TABLE a (n INTEGER, t VARCHAR, d DECIMAL(18,2)); CREATE TABLE b AS FROM a; CREATE TABLE c AS FROM a",
        ).expect("SQL");
        let insert = |table: &str, rows: &[(i32, Option<String>, i64)]| {
            let mut statement = connection
                .prepare(&format!("INSERT INTO {table} VALUES (?, ?, CAST(? AS DECIMAL(18,2)) / 100)"))
                .expect("SQL");
            for (n, t, d) in rows {
                statement.execute(duckdb::params![n, t, d]).expect("a row");
            }
        };
        let mut turned = rows.clone();
        turned.reverse();
        insert("a", &rows);
        insert("b", &turned);
        let mut other = rows.clone();
        let row = pick.get(&rows);
        let at = rows.iter().position(|r| r == row).expect("one of them");
        match column {
            0 => other[at].0 = other[at].0.wrapping_add(1),
            1 => other[at].1 = match &other[at].1 { None => Some(String::new()), Some(text) => Some(format!("{text}!")) },
            _ => other[at].2 += 1,
        }
        insert("c", &other);
        let (a, b, c) = (figures(&connection, "a", &[]), figures(&connection, "b", &[]), figures(&connection, "c", &[]));
        prop_assert_eq!(&a, &b);
        prop_assert_ne!(&a.checksum, &c.checksum);
        let ignored = ["N", "t", "d"][usize::from(column)];
        prop_assert_eq!(figures(&connection, "a", &[ignored]).checksum, figures(&connection, "c", &[ignored]).checksum);
    }
}

/// The figures of a table of the warehouse as a publication takes them: in this process, where it can.
fn taken(sql: &str) -> (Figures, Figures) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = camino::Utf8Path::from_path(folder.path()).expect("UTF-8");
    let access = [("books".to_owned(), Access::Write)];
    let warehouse = DuckDb::open(folder, folder, &access, Memory::Much).expect("a warehouse");
    let mut connection = warehouse.connect("books").expect("a connection");
    connection
        .execute(&format!("CREATE TABLE books.main.t AS {sql}"))
        .unwrap_or_else(|e| panic!("{e:?}\n{sql}"));
    let relation = RelationName::new("books", "main", "t");
    let taken =
        ledger::measure(connection.as_mut(), &relation, &[], None).expect("figures").expect("a table");
    let columns: Vec<(String, String)> = connection
        .query("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index")
        .expect("columns")
        .rows
        .into_iter()
        .map(|row| (row[0].clone().expect("a name"), row[1].clone().expect("a type")))
        .collect();
    let scheme = Scheme::new(Dialect::DuckDb, &columns, &[]);
    let rows = connection.query(&scheme.query(Dialect::DuckDb, "books.main.t", None)).expect("figures").rows;
    (taken.figures, scheme.read(&rows[0]).expect("figures"))
}

#[test]
fn what_is_added_up_here_is_what_the_engine_adds_up() {
    for sql in [
        "SELECT 1 AS a WHERE false",
        "SELECT NULL::INTEGER AS a, NULL::DECIMAL(5,2) AS b, NULL::VARCHAR AS c, NULL::BOOLEAN AS d, NULL::DATE AS e, NULL::TIMESTAMP AS f FROM range(3)",
        "SELECT (range - 50)::TINYINT AS a, (range - 50)::SMALLINT AS b, (range - 50)::INTEGER AS c, (range - 50) * 90000000000000000 AS d, range::UTINYINT AS e, range::USMALLINT AS f, range::UINTEGER AS g, range::UBIGINT AS h FROM range(100)",
        "SELECT 18446744073709551615::UBIGINT AS a, (-9223372036854775808)::BIGINT AS b FROM range(3)",
        "SELECT ((range - 50) / 7)::DECIMAL(4,2) AS a, ((range - 50) / 7)::DECIMAL(9,4) AS b, ((range - 50) / 7)::DECIMAL(18,2) AS c, ((range - 50) / 7)::DECIMAL(38,10) AS d, (range / 1000)::DECIMAL(3,3) AS e, range::DECIMAL(38,0) AS f FROM range(100)",
        "SELECT 99999999999999999999999999999999999999::DECIMAL(38,0) AS a, 1::DECIMAL(38,10) AS b FROM range(3)",
        "SELECT 100000000000000000000000000::DECIMAL(38,0) AS a, -100000000000000000000000000::DECIMAL(38,0) AS b",
        "SELECT 100000000000000000000000001::DECIMAL(38,0) AS a, 100000000000000000.000000001::DECIMAL(38,9) AS b, 9999999999999999999999999999::DECIMAL(38,10) AS c",
        "SELECT range % 2 = 0 AS a, DATE '1999-12-01' + range::INTEGER AS b FROM range(5000)",
        "SELECT DATE '0044-03-15 (BC)' AS a UNION ALL SELECT '-infinity' UNION ALL SELECT '0001-01-01'",
        "SELECT DATE 'infinity' AS a, 1 AS b",
        "SELECT DATE '12026-01-01' AS a, 1 AS b",
        "SELECT TIMESTAMP '2026-02-28 12:34:56.789' + INTERVAL (range * 77777) SECOND AS a, TIMESTAMP_S '1960-01-01 00:00:01' AS b, TIMESTAMP_MS '1960-01-01 00:00:01.5' AS c, TIMESTAMPTZ '2026-02-28 12:34:56+02' AS d FROM range(9)",
        "SELECT TIMESTAMP 'infinity' AS a, TIMESTAMP '-infinity' AS b, TIMESTAMPTZ 'infinity' AS c, TIMESTAMPTZ '-infinity' AS d, TIMESTAMP '0044-03-15 (BC) 00:00:00' AS e",
        "SELECT TIMESTAMP_S 'infinity' AS a, TIMESTAMP_MS '-infinity' AS b",
        "SELECT TIME '12:34:56.789' AS a, gen_random_uuid() AS b, 'abc'::BLOB AS c, ''::BLOB AS d, 'x'::ENUM('x', 'y') AS e FROM range(5)",
        "SELECT '' AS a, 'ä€😀' AS b, chr(31) || chr(30) AS c, NULL::VARCHAR AS d, repeat('long ', range::INTEGER) AS e FROM range(500)",
        "SELECT repeat('x', 3000000) AS a FROM range(3)",
        "SELECT 5::HUGEINT AS a, 'x' AS b",
        "SELECT 1.5::DOUBLE AS f, [1] AS l, {'a': 1} AS s, 'x' AS t, '{}'::JSON AS j",
        "SELECT 1.5::DOUBLE AS only FROM range(7)",
        "SELECT [1] AS only FROM range(7)",
        "SELECT x, x::FLOAT AS y FROM (VALUES (1.5::DOUBLE), (-0.1), ('-0.0'), ('nan'), ('-nan'), ('inf'), ('-inf'), (NULL), (1e-40), (3.3333)) t(x)",
    ] {
        let (here, there) = taken(sql);
        assert_eq!(here, there, "{sql}");
    }
}
