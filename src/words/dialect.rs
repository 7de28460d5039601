//! The SQL dialects that goldsmith reads and writes.

use std::fmt;
use std::str::FromStr;

/// The dialect of a piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQL Server, Azure SQL, Synapse, Fabric.
    TSql,
    /// `DuckDB`.
    DuckDb,
    /// `PostgreSQL`.
    Postgres,
}

impl Dialect {
    /// All dialects, in the order in which help texts list them.
    pub const ALL: [Self; 3] = [Self::TSql, Self::DuckDb, Self::Postgres];

    /// The word used in YAML, on the command line and in file names (`name.<dialect>.sql`).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TSql => "tsql",
            Self::DuckDb => "duckdb",
            Self::Postgres => "postgres",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|d| d.word().eq_ignore_ascii_case(word))
            .ok_or_else(|| format!("`{word}` is no dialect: use tsql, duckdb or postgres"))
    }
}
