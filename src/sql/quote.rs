//! Writes names and strings so that an engine reads them back as they are.

use crate::words::{Dialect, RelationName};

/// An identifier between the quotes of its dialect.
#[must_use]
pub fn quote(dialect: Dialect, identifier: &str) -> String {
    match dialect {
        Dialect::TSql => format!("[{}]", identifier.replace(']', "]]")),
        Dialect::DuckDb | Dialect::Postgres => format!("\"{}\"", identifier.replace('"', "\"\"")),
    }
}

/// A relation's name, each part quoted; a missing inner part stays empty (`[db]..[t]`).
#[must_use]
pub fn quote_name(dialect: Dialect, name: &RelationName) -> String {
    let outer = [&name.server, &name.database, &name.schema];
    let mut quoted = String::new();
    for part in outer.into_iter().skip_while(|part| part.is_none()) {
        if let Some(part) = part {
            quoted.push_str(&quote(dialect, part));
        }
        quoted.push('.');
    }
    quoted + &quote(dialect, &name.name)
}

/// A string literal; in T-SQL a Unicode one (`N'..'`).
#[must_use]
pub fn string_literal(dialect: Dialect, text: &str) -> String {
    let prefix = if dialect == Dialect::TSql { "N" } else { "" };
    format!("{prefix}'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::{quote, quote_name, string_literal};
    use crate::words::{Dialect, RelationName};

    #[test]
    fn quotes_for_each_engine() {
        assert_eq!(quote(Dialect::TSql, "a]b\""), "[a]]b\"]");
        assert_eq!(quote(Dialect::DuckDb, "a]b\""), "\"a]b\"\"\"");
        let name = RelationName::from_parts(&["db", "", "t"]).unwrap();
        assert_eq!(quote_name(Dialect::TSql, &name), "[db]..[t]");
        assert_eq!(string_literal(Dialect::TSql, "it's"), "N'it''s'");
        assert_eq!(string_literal(Dialect::Postgres, "it's"), "'it''s'");
    }
}
