//! Reads a query of SQL Server's in batches: what Arrow has a type for as it is, the engine's own types as
//! text that says which type it is of. The server tells the columns before the query runs.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeBinaryBuilder,
    Float32Builder, Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder,
    Time64MicrosecondBuilder, TimestampMicrosecondBuilder, UInt8Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use tiberius::{ColumnData, ColumnType, Row};

use super::cell;
use super::connection::rows;
use super::moment::{DAY, DAYS, DAYS_1900, micros_of, micros_of_ticks, micros_since};
use super::spelled::spelled;
use super::wire::{Item, Wire};
use crate::sql::{quote, string_literal};
use crate::warehouse::stream::{EXTENSION, opaque};
use crate::warehouse::{Error, ErrorKind, Sink};
use crate::words::Dialect;

/// The engine's name in what it calls its own types.
const ENGINE: &str = "SQL Server";
/// A batch has at most so many rows,
const ROWS: usize = 8192;
/// and ends early when it has so many bytes.
const BYTES: usize = 8 << 20;

/// A column, as the server tells it before the query runs.
#[derive(PartialEq, Eq)]
struct Column {
    name: String,
    /// Its type as one writes it, in small letters: `decimal(38,10)`.
    kind: String,
    /// The collation of text.
    collation: Option<String>,
}

/// Whether two queries give columns of the same names, types and collations.
pub(super) fn are_alike(wire: &mut Wire, one: &str, other: &str) -> Result<bool, Error> {
    Ok(columns(wire, one)? == columns(wire, other)?)
}

/// Runs a query and hands its rows on.
pub(super) fn read(wire: &mut Wire, sql: &str, to: &mut dyn Sink) -> Result<(), Error> {
    let columns = columns(wire, sql)?;
    let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Schema::new(fields));
    to.begin(Arc::clone(&schema))?;
    let text =
        if columns.iter().any(|c| is_money_name(&c.kind)) { exactly(&columns, sql) } else { sql.to_owned() };
    let mut builders: Vec<Builder> = schema.fields().iter().map(|f| Builder::new(f.data_type())).collect();
    let (mut count, mut bytes) = (0, 0);
    wire.batch(&text, |item| {
        let Item::Row(row) = item else { return Ok(()) };
        bytes += push(&mut builders, &columns, &row)?;
        count += 1;
        if count == ROWS || bytes >= BYTES {
            (count, bytes) = (0, 0);
            to.take(batch(&schema, &mut builders)?)?;
        }
        Ok(())
    })?;
    if count > 0 {
        to.take(batch(&schema, &mut builders)?)?;
    }
    Ok(())
}

/// Whether the driver hands the values of a column over as floating-point numbers, though they are none.
pub(super) fn is_money(column: &tiberius::Column) -> bool {
    matches!(column.column_type(), ColumnType::Money | ColumnType::Money4)
}

/// A query that gives money as decimals, and everything else as it is.
pub(super) fn without_money(wire: &mut Wire, sql: &str) -> Result<String, Error> {
    Ok(exactly(&columns(wire, sql)?, sql))
}

/// The server itself converts what a batch gives: no query has to be taken apart.
fn exactly(columns: &[Column], sql: &str) -> String {
    let list: Vec<String> = columns
        .iter()
        .map(|c| {
            let kind = match c.kind.as_str() {
                "money" => "decimal(19,4)",
                "smallmoney" => "decimal(10,4)",
                other => other,
            };
            format!("{} {kind}", quote(Dialect::TSql, &c.name))
        })
        .collect();
    format!("EXEC ({}) WITH RESULT SETS (({}))", string_literal(Dialect::TSql, sql), list.join(", "))
}

fn is_money_name(kind: &str) -> bool {
    matches!(kind, "money" | "smallmoney")
}

/// The columns of a query.
fn columns(wire: &mut Wire, sql: &str) -> Result<Vec<Column>, Error> {
    let ask = format!("EXEC sys.sp_describe_first_result_set @tsql = {}", string_literal(Dialect::TSql, sql));
    let told = match rows(wire, &ask) {
        Ok(told) => told,
        Err(error) => {
            // Sent as it is, a wrong query tells its place, and gives no columns.
            let stop = || Error { position: None, ..error.clone() };
            return Err(wire.batch(sql, |_| Err(stop())).err().unwrap_or_else(stop));
        }
    };
    let at = |wanted: &str| told.columns.iter().position(|name| name == wanted);
    let (name, kind) = (at("name"), at("system_type_name"));
    let (hidden, length) = (at("is_hidden"), at("max_length"));
    let (precision, scale, collation) = (at("precision"), at("scale"), at("collation_name"));
    let mut columns = Vec::new();
    for row in &told.rows {
        let cell = |nth: Option<usize>| row.get(nth?).cloned().flatten();
        if cell(hidden).as_deref() == Some("1") {
            continue;
        }
        let number = |nth: Option<usize>| cell(nth).and_then(|text| text.parse().ok()).unwrap_or(0);
        let nth = columns.len() + 1;
        columns.push(Column {
            name: cell(name).filter(|n| !n.is_empty()).unwrap_or_else(|| format!("column{nth}")),
            kind: spelled(&cell(kind).unwrap_or_default(), number(length), number(precision), number(scale)),
            collation: cell(collation),
        });
    }
    if columns.is_empty() {
        return Err(Error::new(ErrorKind::Statement, "the query gives no columns"));
    }
    Ok(columns)
}

/// What a column becomes.
fn field(column: &Column) -> Result<Field, Error> {
    let bare = column.kind.split('(').next().unwrap_or_default();
    let numbers: Vec<i32> =
        column.kind.split(['(', ',', ')']).skip(1).filter_map(|part| part.trim().parse().ok()).collect();
    let micros = |zone: Option<Arc<str>>| DataType::Timestamp(TimeUnit::Microsecond, zone);
    let kind = match bare {
        "bit" => DataType::Boolean,
        "tinyint" => DataType::UInt8,
        "smallint" => DataType::Int16,
        "int" => DataType::Int32,
        "bigint" => DataType::Int64,
        "real" => DataType::Float32,
        "float" => DataType::Float64,
        "decimal" | "numeric" => {
            let precision = numbers.first().and_then(|n| u8::try_from(*n).ok()).unwrap_or(18);
            let scale = numbers.get(1).and_then(|n| i8::try_from(*n).ok()).unwrap_or(0);
            DataType::Decimal128(precision, scale)
        }
        "money" => DataType::Decimal128(19, 4),
        "smallmoney" => DataType::Decimal128(10, 4),
        "char" | "varchar" | "nchar" | "nvarchar" | "text" | "ntext" | "sysname" => DataType::Utf8,
        "binary" | "varbinary" | "image" | "timestamp" | "rowversion" => DataType::Binary,
        "date" => DataType::Date32,
        "time" => DataType::Time64(TimeUnit::Microsecond),
        "datetime" | "smalldatetime" | "datetime2" => micros(None),
        "datetimeoffset" => micros(Some(Arc::from("UTC"))),
        "uniqueidentifier" => {
            let about = [(EXTENSION.to_owned(), "arrow.uuid".to_owned())].into();
            return Ok(Field::new(&column.name, DataType::FixedSizeBinary(16), true).with_metadata(about));
        }
        "xml" | "sql_variant" => return Ok(opaque(&column.name, ENGINE, bare)),
        other => {
            let message = format!(
                "the column `{}` is of the type {other}, which can't be carried to another database: cast it in the query",
                column.name
            );
            return Err(Error::new(ErrorKind::Statement, message));
        }
    };
    Ok(Field::new(&column.name, kind, true))
}

fn push(builders: &mut [Builder], columns: &[Column], row: &Row) -> Result<usize, Error> {
    let mut bytes = 0;
    for ((builder, column), (_, value)) in builders.iter_mut().zip(columns).zip(row.cells()) {
        bytes += builder.push(value).ok_or_else(|| unfit(column))?;
    }
    Ok(bytes)
}

fn batch(schema: &Arc<Schema>, builders: &mut [Builder]) -> Result<RecordBatch, Error> {
    let columns: Vec<ArrayRef> = builders.iter_mut().map(Builder::finish).collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
        .map_err(|e| Error::new(ErrorKind::Statement, format!("the rows can't be read: {e}")))
}

fn unfit(column: &Column) -> Error {
    let message = format!(
        "the column `{}` ({}) holds a value that can't be carried to another database without loss \
         (more digits than microseconds have, perhaps): cast it in the query",
        column.name, column.kind
    );
    Error::new(ErrorKind::Statement, message)
}

/// Makes a column of a batch.
enum Builder {
    Boolean(BooleanBuilder),
    Byte(UInt8Builder),
    Int2(Int16Builder),
    Int4(Int32Builder),
    Int8(Int64Builder),
    Float4(Float32Builder),
    Float8(Float64Builder),
    Decimal(Decimal128Builder, u8),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Moment(TimestampMicrosecondBuilder),
    Uuid(FixedSizeBinaryBuilder),
}

/// Does the same with a builder of whatever type.
macro_rules! each {
    ($self:expr, $builder:ident => $done:expr) => {
        match $self {
            Builder::Boolean($builder) => $done,
            Builder::Byte($builder) => $done,
            Builder::Int2($builder) => $done,
            Builder::Int4($builder) => $done,
            Builder::Int8($builder) => $done,
            Builder::Float4($builder) => $done,
            Builder::Float8($builder) => $done,
            Builder::Decimal($builder, _) => $done,
            Builder::Text($builder) => $done,
            Builder::Bytes($builder) => $done,
            Builder::Date($builder) => $done,
            Builder::Time($builder) => $done,
            Builder::Moment($builder) => $done,
            Builder::Uuid($builder) => $done,
        }
    };
}

impl Builder {
    fn new(kind: &DataType) -> Self {
        match kind {
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::UInt8 => Self::Byte(UInt8Builder::new()),
            DataType::Int16 => Self::Int2(Int16Builder::new()),
            DataType::Int32 => Self::Int4(Int32Builder::new()),
            DataType::Int64 => Self::Int8(Int64Builder::new()),
            DataType::Float32 => Self::Float4(Float32Builder::new()),
            DataType::Float64 => Self::Float8(Float64Builder::new()),
            DataType::Decimal128(_, scale) => Self::Decimal(
                Decimal128Builder::new().with_data_type(kind.clone()),
                u8::try_from(*scale).unwrap_or(0),
            ),
            DataType::Binary => Self::Bytes(BinaryBuilder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Time64(_) => Self::Time(Time64MicrosecondBuilder::new()),
            DataType::Timestamp(_, zone) => Self::Moment(match zone {
                Some(zone) => TimestampMicrosecondBuilder::new().with_timezone(Arc::clone(zone)),
                None => TimestampMicrosecondBuilder::new(),
            }),
            DataType::FixedSizeBinary(_) => Self::Uuid(FixedSizeBinaryBuilder::new(16)),
            _ => Self::Text(StringBuilder::new()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        each!(self, builder => ArrayBuilder::finish(builder))
    }

    /// Adds a value and tells how many bytes it has. `None` when it is none of the type.
    fn push(&mut self, value: &ColumnData<'_>) -> Option<usize> {
        if is_null(value) {
            each!(self, builder => builder.append_null());
            return Some(0);
        }
        let mut bytes = 8;
        match (self, value) {
            (Self::Boolean(builder), ColumnData::Bit(value)) => builder.append_option(*value),
            (Self::Byte(builder), ColumnData::U8(value)) => builder.append_option(*value),
            (Self::Int2(builder), value) => builder.append_value(i16::try_from(whole(value)?).ok()?),
            (Self::Int4(builder), value) => builder.append_value(i32::try_from(whole(value)?).ok()?),
            (Self::Int8(builder), value) => builder.append_value(whole(value)?),
            (Self::Float4(builder), ColumnData::F32(value)) => builder.append_option(*value),
            (Self::Float8(builder), ColumnData::F64(value)) => builder.append_option(*value),
            (Self::Float8(builder), ColumnData::F32(value)) => builder.append_option(value.map(f64::from)),
            (Self::Decimal(builder, scale), ColumnData::Numeric(Some(number))) => {
                builder.append_value(rescaled(number.value(), number.scale(), *scale)?);
            }
            (Self::Bytes(builder), ColumnData::Binary(Some(value))) => {
                bytes = value.len();
                builder.append_value(value);
            }
            (Self::Date(builder), ColumnData::Date(Some(value))) => {
                builder.append_value(i32::try_from(i64::from(value.days()) - DAYS).ok()?);
            }
            (Self::Time(builder), ColumnData::Time(Some(value))) => builder.append_value(micros_of(*value)?),
            (Self::Moment(builder), value) => builder.append_value(micros(value)?),
            (Self::Uuid(builder), ColumnData::Guid(Some(value))) => {
                builder.append_value(value.as_bytes()).ok()?;
            }
            (Self::Text(builder), ColumnData::String(Some(value))) => {
                bytes = value.len();
                builder.append_value(value);
            }
            (Self::Text(builder), value) => {
                let text = cell::text(value)?;
                bytes = text.len();
                builder.append_value(text);
            }
            _ => return None,
        }
        Some(bytes)
    }
}

fn is_null(value: &ColumnData<'_>) -> bool {
    match value {
        ColumnData::U8(v) => v.is_none(),
        ColumnData::I16(v) => v.is_none(),
        ColumnData::I32(v) => v.is_none(),
        ColumnData::I64(v) => v.is_none(),
        ColumnData::F32(v) => v.is_none(),
        ColumnData::F64(v) => v.is_none(),
        ColumnData::Bit(v) => v.is_none(),
        ColumnData::String(v) => v.is_none(),
        ColumnData::Guid(v) => v.is_none(),
        ColumnData::Binary(v) => v.is_none(),
        ColumnData::Numeric(v) => v.is_none(),
        ColumnData::Xml(v) => v.is_none(),
        ColumnData::DateTime(v) => v.is_none(),
        ColumnData::SmallDateTime(v) => v.is_none(),
        ColumnData::Time(v) => v.is_none(),
        ColumnData::Date(v) => v.is_none(),
        ColumnData::DateTime2(v) => v.is_none(),
        ColumnData::DateTimeOffset(v) => v.is_none(),
    }
}

fn whole(value: &ColumnData<'_>) -> Option<i64> {
    match value {
        ColumnData::U8(value) => value.map(i64::from),
        ColumnData::I16(value) => value.map(i64::from),
        ColumnData::I32(value) => value.map(i64::from),
        ColumnData::I64(value) => *value,
        _ => None,
    }
}

/// Microseconds since 1970.
fn micros(value: &ColumnData<'_>) -> Option<i64> {
    let since = |days: i64, micros: i64| (days - DAYS_1900).checked_mul(DAY)?.checked_add(micros);
    match value {
        ColumnData::DateTime(Some(v)) => since(v.days().into(), micros_of_ticks(v.seconds_fragments())),
        ColumnData::SmallDateTime(Some(v)) => {
            since(v.days().into(), i64::from(v.seconds_fragments()) * 60_000_000)
        }
        ColumnData::DateTime2(Some(v)) => micros_since(*v),
        ColumnData::DateTimeOffset(Some(v)) => micros_since(v.datetime2()),
        _ => None,
    }
}

/// A number of units with another count of digits behind the point; `None` where digits would be lost.
pub(super) fn rescaled(units: i128, from: u8, to: u8) -> Option<i128> {
    if to >= from {
        return units.checked_mul(10_i128.checked_pow(u32::from(to - from))?);
    }
    let power = 10_i128.checked_pow(u32::from(from - to))?;
    (units % power == 0).then_some(units / power)
}

#[cfg(test)]
mod tests {
    use super::{Column, exactly, field, rescaled};

    #[test]
    fn money_is_converted_by_the_server() {
        let column =
            |name: &str, kind: &str| Column { name: name.into(), kind: kind.into(), collation: None };
        let columns = [column("a]", "money"), column("b", "nvarchar(max)"), column("c", "smallmoney")];
        assert_eq!(
            exactly(&columns, "select 'x'"),
            "EXEC (N'select ''x''') WITH RESULT SETS (([a]]] decimal(19,4), [b] nvarchar(max), [c] decimal(10,4)))"
        );
    }

    #[test]
    fn types_that_nobody_else_has_are_told() {
        let column = |kind: &str| Column { name: "a".into(), kind: kind.into(), collation: None };
        assert_eq!(field(&column("decimal(38,10)")).unwrap().data_type().to_string(), "Decimal128(38, 10)");
        assert!(field(&column("geography")).unwrap_err().message.contains("cast it in the query"));
    }

    #[test]
    fn digits_are_never_lost() {
        assert_eq!(rescaled(125, 2, 4), Some(12_500));
        assert_eq!(rescaled(12_500, 4, 2), Some(125));
        assert_eq!(rescaled(12_501, 4, 2), None);
        assert_eq!(rescaled(i128::MAX, 0, 2), None);
    }
}
