//! Reads a query of `PostgreSQL`'s in batches, by `COPY .. TO STDOUT` in the binary form: what Arrow has
//! a type for as it is, everything else as text that says which type it is of.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, FixedSizeBinaryBuilder,
    Float32Builder, Float64Builder, Int16Builder, Int32Builder, Int64Builder, StringBuilder,
    Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use postgres::Client;
use postgres::types::Type;

use super::connection::rows;
use super::{error, numeric};
use crate::sql::quote;
use crate::warehouse::stream::{EXTENSION, opaque};
use crate::warehouse::{Error, ErrorKind, Sink, SqlPosition};
use crate::words::Dialect;

/// The engine's name in what it calls its own types.
const ENGINE: &str = "PostgreSQL";
/// A batch has at most so many rows,
const ROWS: usize = 8192;
/// and ends early when it has so many bytes.
const BYTES: usize = 8 << 20;
/// What stands before the user's query.
const HEAD: &str = "COPY (\n";
/// Days and microseconds from 1970, where Arrow begins, to 2000, where the server does.
const DAYS: i32 = 10_957;
const MICROS: i64 = 946_684_800_000_000;

/// A column on its way.
struct Column {
    field: Field,
    form: Form,
    /// Whether the query must make text of it.
    cast: bool,
}

/// The binary form that a column comes in.
#[derive(Debug, Clone, Copy)]
enum Form {
    Boolean,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Decimal { width: u8, scale: i8 },
    Text,
    Bytes,
    Date,
    Time,
    Timestamp { zoned: bool },
    Uuid,
}

/// Runs a query and hands its rows on.
pub(super) fn read(client: &mut Client, sql: &str, to: &mut dyn Sink) -> Result<(), Error> {
    let sql = sql.trim_end_matches(|c: char| c.is_whitespace() || c == ';');
    let columns = columns(client, sql)?;
    let schema = Arc::new(Schema::new(columns.iter().map(|c| c.field.clone()).collect::<Vec<_>>()));
    to.begin(Arc::clone(&schema))?;
    let (head, tail) = if columns.iter().any(|c| c.cast) {
        let list: Vec<String> = columns
            .iter()
            .map(|c| {
                let name = quote(Dialect::Postgres, c.field.name());
                if c.cast { format!("CAST({name} AS text)") } else { name }
            })
            .collect();
        (format!("COPY (SELECT {} FROM (\n", list.join(", ")), "\n) AS q) TO STDOUT (FORMAT binary)")
    } else {
        (HEAD.to_owned(), "\n) TO STDOUT (FORMAT binary)")
    };
    let text = format!("{head}{sql}{tail}");
    let stream = client.copy_out(text.as_str()).map_err(|e| behind(error::read_in(e, &text), head.len()))?;
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    let failed = |e: io::Error| behind(error::read_copy(e, &text), head.len());
    start(&mut stream).map_err(failed)?;
    let mut builders: Vec<Builder> = columns.iter().map(|c| Builder::new(c.form)).collect();
    let (mut count, mut bytes) = (0, 0);
    let mut value = Vec::new();
    loop {
        let fields = i16::from_be_bytes(array(&mut stream).map_err(failed)?);
        if fields < 0 {
            break;
        }
        for (builder, column) in builders.iter_mut().zip(&columns) {
            let length = i32::from_be_bytes(array(&mut stream).map_err(failed)?);
            let Ok(length) = usize::try_from(length) else {
                builder.null();
                continue;
            };
            value.resize(length, 0);
            stream.read_exact(&mut value).map_err(failed)?;
            bytes += length;
            builder.push(&value).ok_or_else(|| unfit(column))?;
        }
        count += 1;
        if count == ROWS || bytes >= BYTES {
            to.take(batch(&schema, &mut builders)?)?;
            (count, bytes) = (0, 0);
        }
    }
    // What follows the end is the server's word that all went well.
    io::copy(&mut stream, &mut io::sink()).map_err(failed)?;
    if count > 0 {
        to.take(batch(&schema, &mut builders)?)?;
    }
    Ok(())
}

fn batch(schema: &Arc<Schema>, builders: &mut [Builder]) -> Result<RecordBatch, Error> {
    let columns: Vec<ArrayRef> = builders.iter_mut().map(Builder::finish).collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
        .map_err(|e| Error::new(ErrorKind::Statement, format!("the rows can't be read: {e}")))
}

/// Skips the stream's heading: 11 bytes of signature, flags, and an extension.
fn start(stream: &mut impl Read) -> io::Result<()> {
    let _: [u8; 15] = array(stream)?;
    let extension = u32::from_be_bytes(array(stream)?);
    io::copy(&mut stream.take(u64::from(extension)), &mut io::sink()).map(|_| ())
}

fn array<const N: usize>(stream: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The columns of a query, each with its way.
fn columns(client: &mut Client, sql: &str) -> Result<Vec<Column>, Error> {
    let statement = client.prepare(sql).map_err(|e| error::read_in(e, sql))?;
    let mut columns = Vec::with_capacity(statement.columns().len());
    for found in statement.columns() {
        let name = found.name();
        let plain =
            |kind: DataType, form: Form| Column { field: Field::new(name, kind, true), form, cast: false };
        let marked = |kind: DataType, form: Form, extension: &str| {
            let about = [(EXTENSION.to_owned(), extension.to_owned())].into();
            let field = Field::new(name, kind, true).with_metadata(about);
            Column { field, form, cast: matches!(form, Form::Text) }
        };
        let zone = || Some(Arc::from("UTC"));
        columns.push(match *found.type_() {
            Type::BOOL => plain(DataType::Boolean, Form::Boolean),
            Type::INT2 => plain(DataType::Int16, Form::Int2),
            Type::INT4 => plain(DataType::Int32, Form::Int4),
            Type::INT8 => plain(DataType::Int64, Form::Int8),
            Type::FLOAT4 => plain(DataType::Float32, Form::Float4),
            Type::FLOAT8 => plain(DataType::Float64, Form::Float8),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => plain(DataType::Utf8, Form::Text),
            Type::BYTEA => plain(DataType::Binary, Form::Bytes),
            Type::DATE => plain(DataType::Date32, Form::Date),
            Type::TIME => plain(DataType::Time64(TimeUnit::Microsecond), Form::Time),
            Type::TIMESTAMP => {
                plain(DataType::Timestamp(TimeUnit::Microsecond, None), Form::Timestamp { zoned: false })
            }
            Type::TIMESTAMPTZ => {
                plain(DataType::Timestamp(TimeUnit::Microsecond, zone()), Form::Timestamp { zoned: true })
            }
            Type::UUID => marked(DataType::FixedSizeBinary(16), Form::Uuid, "arrow.uuid"),
            Type::JSON | Type::JSONB => marked(DataType::Utf8, Form::Text, "arrow.json"),
            Type::NUMERIC if let Some((width, scale)) = digits(found.type_modifier()) => {
                plain(DataType::Decimal128(width, scale), Form::Decimal { width, scale })
            }
            _ => {
                let (oid, modifier) = (found.type_().oid(), found.type_modifier());
                let kind = rows(client, &format!("SELECT format_type({oid}, {modifier})"))?.rows;
                let kind = kind.into_iter().next().and_then(|row| row.into_iter().next()?);
                Column {
                    field: opaque(name, ENGINE, &kind.unwrap_or_default()),
                    form: Form::Text,
                    cast: true,
                }
            }
        });
    }
    Ok(columns)
}

/// Precision and scale of a numeric, from its modifier: `((precision << 16) | scale) + 4`. `None` where
/// none is declared, or Arrow has no room for it.
fn digits(modifier: i32) -> Option<(u8, i8)> {
    let bits = modifier.checked_sub(4).filter(|bits| *bits >= 0)?;
    let (width, scale) = (u8::try_from(bits >> 16).ok()?, i8::try_from(bits & 0x7ff).ok()?);
    ((1..=38).contains(&width) && scale.unsigned_abs() <= width).then_some((width, scale))
}

/// An error with its place in the user's query.
fn behind(error: Error, head: usize) -> Error {
    let position = error.position.and_then(|p| p.offset.checked_sub(head));
    Error { position: position.map(|offset| SqlPosition { offset }), ..error }
}

fn unfit(column: &Column) -> Error {
    Error::new(
        ErrorKind::Statement,
        format!(
            "the column `{}` holds a value that can't be carried to another database without loss \
             (NaN or infinity, perhaps): cast it to text in the query",
            column.field.name()
        ),
    )
}

/// Makes a column of a batch.
enum Builder {
    Boolean(BooleanBuilder),
    Int2(Int16Builder),
    Int4(Int32Builder),
    Int8(Int64Builder),
    Float4(Float32Builder),
    Float8(Float64Builder),
    Decimal(Decimal128Builder, u32),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Uuid(FixedSizeBinaryBuilder),
}

/// Does the same with a builder of whatever type.
macro_rules! each {
    ($self:expr, $builder:ident => $done:expr) => {
        match $self {
            Builder::Boolean($builder) => $done,
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
            Builder::Timestamp($builder) => $done,
            Builder::Uuid($builder) => $done,
        }
    };
}

impl Builder {
    fn new(form: Form) -> Self {
        match form {
            Form::Boolean => Self::Boolean(BooleanBuilder::new()),
            Form::Int2 => Self::Int2(Int16Builder::new()),
            Form::Int4 => Self::Int4(Int32Builder::new()),
            Form::Int8 => Self::Int8(Int64Builder::new()),
            Form::Float4 => Self::Float4(Float32Builder::new()),
            Form::Float8 => Self::Float8(Float64Builder::new()),
            Form::Decimal { width, scale } => {
                let kind = DataType::Decimal128(width, scale);
                Self::Decimal(Decimal128Builder::new().with_data_type(kind), u32::from(scale.unsigned_abs()))
            }
            Form::Text => Self::Text(StringBuilder::new()),
            Form::Bytes => Self::Bytes(BinaryBuilder::new()),
            Form::Date => Self::Date(Date32Builder::new()),
            Form::Time => Self::Time(Time64MicrosecondBuilder::new()),
            Form::Timestamp { zoned } => {
                let builder = TimestampMicrosecondBuilder::new();
                Self::Timestamp(if zoned { builder.with_timezone("UTC") } else { builder })
            }
            Form::Uuid => Self::Uuid(FixedSizeBinaryBuilder::new(16)),
        }
    }

    fn null(&mut self) {
        each!(self, builder => builder.append_null());
    }

    fn finish(&mut self) -> ArrayRef {
        each!(self, builder => ArrayBuilder::finish(builder))
    }

    /// Adds a value. `None` when it is none of the type.
    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        match self {
            Self::Boolean(builder) => builder.append_value(*bytes.first()? != 0),
            Self::Int2(builder) => builder.append_value(i16::from_be_bytes(bytes.try_into().ok()?)),
            Self::Int4(builder) => builder.append_value(i32::from_be_bytes(bytes.try_into().ok()?)),
            Self::Int8(builder) => builder.append_value(i64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Float4(builder) => builder.append_value(f32::from_be_bytes(bytes.try_into().ok()?)),
            Self::Float8(builder) => builder.append_value(f64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Decimal(builder, scale) => builder.append_value(numeric::units(bytes, *scale)?),
            Self::Text(builder) => builder.append_value(std::str::from_utf8(bytes).ok()?),
            Self::Bytes(builder) => builder.append_value(bytes),
            Self::Date(builder) => builder.append_value(match i32::from_be_bytes(bytes.try_into().ok()?) {
                i32::MAX => i32::MAX,
                i32::MIN => -i32::MAX,
                days => days.checked_add(DAYS)?,
            }),
            Self::Time(builder) => builder.append_value(i64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Timestamp(builder) => {
                builder.append_value(match i64::from_be_bytes(bytes.try_into().ok()?) {
                    i64::MAX => i64::MAX,
                    i64::MIN => -i64::MAX,
                    micros => micros.checked_add(MICROS)?,
                });
            }
            Self::Uuid(builder) => builder.append_value(bytes).ok()?,
        }
        Some(())
    }
}
