//! A quick look at the bytes: most SQL runs no text and reaches no server, and is not read twice.

use crate::words::Dialect;

/// Without one of these, in any case, there is nothing to find. Each starts with a letter.
fn needles(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::TSql => &["exec", "open", "sp_", "xp_", "external"],
        Dialect::DuckDb => &[
            "query",
            "attach",
            "set",
            "postgres_",
            "mysql_",
            "sqlite_",
            "odbc_",
            "read_duckdb",
            "p://",
            "ps://",
            "s3",
            "gs://",
            "gcs://",
            "r2://",
            "az",
            "abfs",
            "hf://",
            "hdfs",
            "postgres",
            "mysql:",
            "md:",
        ],
        Dialect::Postgres => &["execute", "set", "dblink", "server", "foreign", "subscription", "program"],
    }
}

/// Whether the text holds anything worth a second reading.
pub(super) fn hold(text: &str, dialect: Dialect) -> bool {
    let needles = needles(dialect);
    let mut starts = [false; 256];
    for needle in needles {
        let first = needle.as_bytes()[0];
        starts[usize::from(first)] = true;
        starts[usize::from(first.to_ascii_uppercase())] = true;
    }
    let bytes = text.as_bytes();
    let holds = |at: usize| {
        // Bit 5 apart, the second byte tells most words from a needle.
        let second = bytes.get(at + 1).map(|b| b | 0x20);
        let mut likely =
            needles.iter().map(|n| n.as_bytes()).filter(|n| n.get(1).map(|b| b | 0x20) == second);
        likely.any(|n| bytes.get(at..at + n.len()).is_some_and(|b| b.eq_ignore_ascii_case(n)))
    };
    (0..bytes.len()).any(|at| starts[usize::from(bytes[at])] && holds(at))
}

#[cfg(test)]
mod tests {
    use super::hold;
    use crate::words::Dialect;

    #[test]
    fn finds_words_in_any_case() {
        for (dialect, text) in [
            (Dialect::TSql, "x EXEC (@s)"),
            (Dialect::TSql, "select * from OpenQuery(a, 'b')"),
            (Dialect::DuckDb, "from 'S3://b'"),
            (Dialect::DuckDb, "from 'HTTPS://b'"),
            (Dialect::DuckDb, "from 'ftp://b'"),
            (Dialect::Postgres, "Execute x"),
        ] {
            assert!(hold(text, dialect), "{text}");
            assert!(!hold("select a from b where c = 'd'", dialect));
        }
    }
}
