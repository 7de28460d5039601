//! The form in which a value goes into a checksum: one for each kind of type, whatever an engine calls it.

use super::Column;
use crate::words::Dialect;

/// The form of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Whole numbers of any width: decimal digits.
    Integer,
    /// Fixed-point numbers: decimal digits, with as many behind the point as declared.
    Decimal {
        /// How many.
        scale: u8,
    },
    /// Floating-point numbers of any width: the sixteen hexadecimal digits of their 64 bits as IEEE 754 has
    /// them, or `nan`; zero has no sign.
    Float,
    /// `1` or `0`.
    Boolean,
    /// `2026-02-28`
    Date,
    /// Microseconds since midnight.
    Time,
    /// Microseconds since 1970 by a clock without zone.
    Timestamp,
    /// Microseconds since 1970 in UTC.
    TimestampTz,
    /// Small letters, with hyphens.
    Uuid,
    /// Unicode, as it is, in UTF-8.
    Text,
    /// Hexadecimal digits.
    Binary,
}

/// Why a column stays out of a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// `checksum: ignore`
    Ignored,
    /// A type without one form on every engine.
    Kind,
}

impl Form {
    /// The form of an engine's type.
    pub(super) fn of(dialect: Dialect, kind: &str) -> Result<Self, LeftOut> {
        let kind = kind.trim().to_ascii_uppercase();
        if kind.ends_with(']') || kind.starts_with("STRUCT") || kind.starts_with("MAP") {
            return Err(LeftOut::Kind);
        }
        let (word, arguments) = match kind.split_once('(') {
            Some((word, rest)) => {
                let (inner, behind) = rest.rsplit_once(')').unwrap_or((rest, ""));
                (format!("{}{behind}", word.trim_end()), inner.to_owned())
            }
            None => (kind.clone(), String::new()),
        };
        Ok(match word.as_str() {
            "BOOLEAN" | "BOOL" | "BIT" if dialect != Dialect::Postgres || word != "BIT" => Self::Boolean,
            "TINYINT" | "SMALLINT" | "INTEGER" | "INT" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT"
            | "UINTEGER" | "UBIGINT" | "UHUGEINT" | "INT2" | "INT4" | "INT8" => Self::Integer,
            "DECIMAL" | "NUMERIC" if !arguments.is_empty() => {
                let scale = arguments.split_once(',').map_or(Ok(0), |(_, s)| s.trim().parse());
                Self::Decimal { scale: scale.map_err(|_| LeftOut::Kind)? }
            }
            "MONEY" | "SMALLMONEY" if dialect == Dialect::TSql => Self::Decimal { scale: 4 },
            "DATE" => Self::Date,
            "TIME" | "TIME WITHOUT TIME ZONE" => Self::Time,
            "TIMESTAMP" if dialect == Dialect::TSql => return Err(LeftOut::Kind),
            "TIMESTAMP"
            | "TIMESTAMP WITHOUT TIME ZONE"
            | "TIMESTAMP_S"
            | "TIMESTAMP_MS"
            | "DATETIME"
            | "DATETIME2"
            | "SMALLDATETIME" => Self::Timestamp,
            "TIMESTAMP WITH TIME ZONE" | "TIMESTAMPTZ" | "DATETIMEOFFSET" => Self::TimestampTz,
            "UUID" | "UNIQUEIDENTIFIER" => Self::Uuid,
            "VARCHAR" | "TEXT" | "CHAR" | "BPCHAR" | "STRING" | "ENUM" | "CHARACTER VARYING"
            | "CHARACTER" | "NVARCHAR" | "NCHAR" | "NTEXT" => Self::Text,
            "BLOB" | "BYTEA" | "VARBINARY" | "BINARY" => Self::Binary,
            "FLOAT" | "DOUBLE" | "REAL" | "DOUBLE PRECISION" | "FLOAT4" | "FLOAT8" => Self::Float,
            _ => return Err(LeftOut::Kind),
        })
    }

    /// The type's word in the checksum: the same on every engine.
    pub(super) fn word(self) -> String {
        match self {
            Self::Integer => "integer".into(),
            Self::Decimal { scale } => format!("decimal {scale}"),
            Self::Float => "float".into(),
            Self::Boolean => "boolean".into(),
            Self::Date => "date".into(),
            Self::Time => "time".into(),
            Self::Timestamp => "timestamp".into(),
            Self::TimestampTz => "timestamptz".into(),
            Self::Uuid => "uuid".into(),
            Self::Text => "text".into(),
            Self::Binary => "binary".into(),
        }
    }
}

/// How a column is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// All its values; their sum always fits into 38 digits.
    Sum,
    /// The sum, unless a value lies beyond 1 and so many zeros, so that the sum might not fit: then null.
    Within {
        /// How many.
        zeros: u8,
    },
}

/// A million million rows of such values fit into 38 digits.
const DIGITS: u8 = 26;

impl Total {
    /// That of a column; `None` for what has none: text, dates, and floating-point numbers, whose sums
    /// depend on the order of rows.
    pub(super) fn of(column: &Column) -> Option<Self> {
        match column.form.ok()? {
            Form::Integer if column.kind.to_ascii_uppercase().contains("UHUGEINT") => None,
            Form::Integer if column.kind.to_ascii_uppercase().contains("HUGEINT") => {
                Some(Self::Within { zeros: DIGITS })
            }
            Form::Integer => Some(Self::Sum),
            Form::Decimal { scale } => {
                let inner = column.kind.split_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
                let precision = inner.split(',').next().and_then(|p| p.trim().parse::<u8>().ok());
                match (precision.unwrap_or(38), DIGITS.checked_sub(scale)) {
                    (0..=DIGITS, _) => Some(Self::Sum),
                    (_, zeros) => Some(Self::Within { zeros: zeros? }),
                }
            }
            _ => None,
        }
    }

    /// Its SQL, `value` being the column's.
    pub(super) fn sql(self, value: &str) -> String {
        let Self::Within { zeros } = self else { return format!("sum({value})") };
        let limit = format!("1{}", "0".repeat(usize::from(zeros)));
        let fits = format!("{value} BETWEEN -{limit} AND {limit}");
        format!(
            "CASE WHEN min({value}) >= -{limit} AND max({value}) <= {limit} THEN sum(CASE WHEN {fits} THEN {value} END) END"
        )
    }
}
