use super::{Form, LeftOut, Scheme, plain};
use crate::words::Dialect;

fn scheme(columns: &[(&str, &str)], ignored: &[&str]) -> Scheme {
    let columns: Vec<(String, String)> =
        columns.iter().map(|(n, k)| ((*n).to_owned(), (*k).to_owned())).collect();
    let ignored: Vec<String> = ignored.iter().map(|i| (*i).to_owned()).collect();
    Scheme::new(Dialect::DuckDb, &columns, &ignored)
}

#[test]
fn types_of_all_engines_have_one_form() {
    for (dialect, kind, expected) in [
        (Dialect::DuckDb, "DECIMAL(18,2)", Ok(Form::Decimal { scale: 2 })),
        (Dialect::Postgres, "numeric(18, 2)", Ok(Form::Decimal { scale: 2 })),
        (Dialect::Postgres, "numeric", Err(LeftOut::Kind)),
        (Dialect::TSql, "decimal(9)", Ok(Form::Decimal { scale: 0 })),
        (Dialect::DuckDb, "VARCHAR", Ok(Form::Text)),
        (Dialect::Postgres, "character varying(20)", Ok(Form::Text)),
        (Dialect::TSql, "nvarchar(max)", Ok(Form::Text)),
        (Dialect::DuckDb, "ENUM('a', 'b(')", Ok(Form::Text)),
        (Dialect::TSql, "bit", Ok(Form::Boolean)),
        (Dialect::DuckDb, "BOOLEAN", Ok(Form::Boolean)),
        (Dialect::Postgres, "timestamp(3) with time zone", Ok(Form::TimestampTz)),
        (Dialect::DuckDb, "TIMESTAMP WITH TIME ZONE", Ok(Form::TimestampTz)),
        (Dialect::TSql, "datetime2(7)", Ok(Form::Timestamp)),
        (Dialect::TSql, "timestamp", Err(LeftOut::Kind)),
        (Dialect::DuckDb, "TIMESTAMP_NS", Err(LeftOut::Kind)),
        (Dialect::DuckDb, "DOUBLE", Ok(Form::Float)),
        (Dialect::DuckDb, "INTEGER[]", Err(LeftOut::Kind)),
        (Dialect::DuckDb, "STRUCT(a INTEGER)", Err(LeftOut::Kind)),
        (Dialect::DuckDb, "DECIMAL(18,2)[]", Err(LeftOut::Kind)),
    ] {
        assert_eq!(Form::of(dialect, kind), expected, "{dialect} {kind}");
    }
}

#[test]
fn the_order_of_columns_makes_no_difference_but_names_types_and_rows_do() {
    let row = vec![Some("3".to_owned()), Some("12345".to_owned())];
    let of = |s: &Scheme| s.read(&row).unwrap().checksum;
    let first = of(&scheme(&[("b", "VARCHAR"), ("A", "DATE")], &[]));
    assert_eq!(first, of(&scheme(&[("a", "DATE"), ("B", "VARCHAR")], &[])));
    assert_ne!(first, of(&scheme(&[("a", "TIMESTAMP"), ("b", "VARCHAR")], &[])));
    assert_ne!(first, of(&scheme(&[("a", "DATE"), ("c", "VARCHAR")], &[])));
    assert_ne!(first, of(&scheme(&[("a", "DATE"), ("b", "VARCHAR")], &["B"])));
    let other = [Some("4".to_owned()), Some("12345".to_owned())];
    assert_ne!(first, scheme(&[("b", "VARCHAR"), ("A", "DATE")], &[]).read(&other).unwrap().checksum);
    assert!(first.starts_with("1:") && first.len() == 34, "{first}");
}

#[test]
fn totals_are_plain_numbers_of_exact_columns() {
    let scheme = scheme(
        &[
            ("amount", "DECIMAL(18,2)"),
            ("n", "INTEGER"),
            ("x", "DOUBLE"),
            ("h", "HUGEINT"),
            ("d", "DECIMAL(38,2)"),
            ("list", "INTEGER[]"),
        ],
        &[],
    );
    assert!(!scheme.is_complete());
    let row = ["2", "7", "10.50", "1.00", "5", "3"].map(|t| Some(t.to_owned()));
    let totals = scheme.read(&row).unwrap().totals;
    let told: Vec<String> = totals.into_iter().map(|(n, t)| format!("{n} {}", t.unwrap())).collect();
    assert_eq!(told, ["amount 10.5", "d 1", "h 5", "n 3"]);
    assert_eq!(["1.00", "-0.50", "0.00", "100", "-0.0"].map(plain), ["1", "-0.5", "0", "100", "0"]);
}

#[test]
fn an_answer_that_is_none_is_refused() {
    let scheme = scheme(&[("a", "INTEGER")], &[]);
    assert!(scheme.read(&[]).is_none());
    assert!(scheme.read(&[None, None, None]).is_none());
    assert_eq!(scheme.read(&[Some("0".into()), None, None]).unwrap().rows, 0);
}
