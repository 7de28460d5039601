//! Reads a query of `DuckDB`'s in batches: what Arrow has a type for as it is, everything else as text
//! that says which type it is of.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Int8Array, RecordBatch};
use arrow_schema::{DataType, Field, IntervalUnit, Schema, SchemaRef, TimeUnit};
use duckdb::Connection as Handle;

use super::connection::query;
use super::ration::Ration;
use super::{error, quoted};
use crate::warehouse::stream::{EXTENSION, opaque};
use crate::warehouse::{Error, ErrorKind, Sink, SqlPosition};

/// The engine's name in what it calls its own types.
pub(super) const ENGINE: &str = "DuckDB";
/// What stands before the user's query. Nothing but one query can stand there.
const HEAD: &str = "FROM (\n";

/// How a column travels.
enum Way {
    /// As it is.
    Plain,
    /// As text, of this type.
    Text(String),
}

/// Runs a query and hands its rows on; `ration` is that of an instance that began with little memory.
pub(super) fn read(
    handle: &Handle,
    sql: &str,
    to: &mut dyn Sink,
    ration: Option<&Ration>,
) -> Result<(), Error> {
    let sql = sql.trim_end_matches(|c: char| c.is_whitespace() || c == ';');
    let body = format!("{HEAD}{sql}\n) AS q");
    let ways = ways(handle, &body)?;
    let casts: Vec<String> = ways
        .iter()
        .filter(|(_, way)| matches!(way, Way::Text(_)))
        .map(|(name, _)| format!("CAST({0} AS VARCHAR) AS {0}", quoted(name)))
        .collect();
    let select =
        if casts.is_empty() { String::new() } else { format!("SELECT * REPLACE ({}) ", casts.join(", ")) };
    let text = format!("{select}{body}");
    let head = select.len() + HEAD.len();
    let tell = |e: duckdb::Error| {
        let error = behind(error::read_in(e, &text), head);
        match ration {
            Some(ration) if error.message.starts_with("Out of Memory Error") && ration.lift(handle) => {
                Error { kind: ErrorKind::Transient, ..error }
            }
            _ => error,
        }
    };
    if let Some(ration) = ration {
        ration.suit(handle, &text, ways.len());
    }
    // UUIDs, JSON and the like then say what they are.
    handle.execute_batch("SET SESSION arrow_lossless_conversion = true").map_err(error::read)?;
    let mut statement = handle.prepare(&text).map_err(tell)?;
    drop(statement.stream_arrow([]).map_err(tell)?);
    let schema = schema(&statement.schema(), &ways)?;
    to.begin(Arc::clone(&schema))?;
    while let Some(rows) = statement.step().map_err(tell)? {
        let columns = rows.columns().iter().zip(schema.fields()).map(|(c, f)| carried(c, f)).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
            .map_err(|e| Error::new(ErrorKind::Statement, format!("the rows can't be read: {e}")))?;
        to.take(batch)?;
    }
    Ok(())
}

/// The columns of a query with the way that each travels.
fn ways(handle: &Handle, body: &str) -> Result<Vec<(String, Way)>, Error> {
    let describe = "DESCRIBE ";
    let rows =
        query(handle, &format!("{describe}{body}")).map_err(|e| behind(e, describe.len() + HEAD.len()))?;
    rows.rows
        .into_iter()
        .map(|row| {
            let mut cells = row.into_iter().flatten();
            let (name, kind) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
            way(&kind).map(|way| (name.clone(), way)).ok_or_else(|| cannot(&name, &kind))
        })
        .collect()
}

/// How a type travels; `None` when it can't.
fn way(kind: &str) -> Option<Way> {
    let nested = kind.ends_with(']') || kind.starts_with("STRUCT(") || kind.starts_with("MAP(");
    match kind {
        "BOOLEAN"
        | "TINYINT"
        | "SMALLINT"
        | "INTEGER"
        | "BIGINT"
        | "UTINYINT"
        | "USMALLINT"
        | "UINTEGER"
        | "UBIGINT"
        | "FLOAT"
        | "DOUBLE"
        | "VARCHAR"
        | "BLOB"
        | "DATE"
        | "TIME"
        | "TIMESTAMP"
        | "TIMESTAMP_S"
        | "TIMESTAMP_MS"
        | "TIMESTAMP_NS"
        | "TIMESTAMP WITH TIME ZONE"
        | "UUID"
        | "JSON"
        | "\"NULL\"" => Some(Way::Plain),
        _ if nested || kind.starts_with("DECIMAL(") => Some(Way::Plain),
        // Arrow has smaller ones or none: an interval of 300 years would come out as another.
        "HUGEINT" | "UHUGEINT" | "BIGNUM" | "INTERVAL" | "BIT" | "TIME_NS" | "TIME WITH TIME ZONE" => {
            Some(Way::Text(kind.to_owned()))
        }
        _ if kind.starts_with("ENUM(") => Some(Way::Text(kind.to_owned())),
        _ => None,
    }
}

/// The columns as they are handed on.
fn schema(found: &Schema, ways: &[(String, Way)]) -> Result<SchemaRef, Error> {
    let mut fields = Vec::with_capacity(ways.len());
    for (field, (name, way)) in found.fields().iter().zip(ways) {
        let field = field.as_ref().clone().with_nullable(true);
        fields.push(match way {
            Way::Text(kind) => opaque(name, ENGINE, kind),
            Way::Plain if is_bool8(&field) => Field::new(name, DataType::Boolean, true),
            Way::Plain if is_lossy(&field) => return Err(cannot(name, &field.data_type().to_string())),
            Way::Plain => field,
        });
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn is_bool8(field: &Field) -> bool {
    field.metadata().get(EXTENSION).is_some_and(|name| name == "arrow.bool8")
}

/// Whether something in a field is not what it was before.
fn is_lossy(field: &Field) -> bool {
    let extension = field.metadata().get(EXTENSION).map(String::as_str);
    match (field.data_type(), extension) {
        (_, Some("arrow.opaque"))
        | (
            DataType::Dictionary(..)
            | DataType::Union(..)
            | DataType::Interval(IntervalUnit::MonthDayNano)
            | DataType::Time64(TimeUnit::Nanosecond),
            _,
        ) => true,
        (DataType::List(inner) | DataType::FixedSizeList(inner, _) | DataType::Map(inner, _), _) => {
            is_lossy(inner)
        }
        (DataType::Struct(fields), _) => fields.iter().any(|f| is_lossy(f)),
        _ => false,
    }
}

/// A column in the form that its field says.
fn carried(column: &ArrayRef, field: &Field) -> ArrayRef {
    match (field.data_type(), column.as_any().downcast_ref::<Int8Array>()) {
        (DataType::Boolean, Some(bytes)) => Arc::new(BooleanArray::from_unary(bytes, |byte| byte != 0)),
        _ => Arc::clone(column),
    }
}

fn cannot(column: &str, kind: &str) -> Error {
    let message = format!(
        "the column `{column}` is of a type that can't be carried to another database without loss, {kind}: \
         cast it in the query, as in CAST({column} AS VARCHAR)"
    );
    Error::new(ErrorKind::Statement, message)
}

/// An error with its place in the user's query.
fn behind(error: Error, head: usize) -> Error {
    let position = error.position.and_then(|p| p.offset.checked_sub(head));
    Error { position: position.map(|offset| SqlPosition { offset }), ..error }
}
