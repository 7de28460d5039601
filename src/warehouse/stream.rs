//! Rows on their way from one warehouse to another, in batches of bounded size. Arrow's record
//! batches are the form that all engines agree on; what a type becomes on the way stands here.
//!
//! | Arrow | stands for |
//! |---|---|
//! | `Boolean`, `Int8` to `Int64`, `UInt8` to `UInt64`, `Float32`, `Float64` | itself |
//! | `Decimal128(p, s)` | a decimal of at most 38 digits, `s` of them behind the point |
//! | `Utf8` | text |
//! | `Binary` | bytes |
//! | `Date32` | a date |
//! | `Time64(us)` | a time of day |
//! | `Timestamp(unit, none)` | date and time without a zone, in the unit's precision |
//! | `Timestamp(us, zone)` | a point in time, whatever zone it is shown in |
//! | `FixedSizeBinary(16)` with the extension `arrow.uuid` | a UUID |
//! | `Utf8` with the extension `arrow.json` | JSON |
//! | `Utf8` with the extension `arrow.opaque` | a value of an engine's own type, as that engine writes it in text; the extension names both |
//! | `List`, `FixedSizeList`, `Struct`, `Map` of these | itself; in them `arrow.bool8` stands for `Boolean` |
//!
//! A reader gives nothing else. What it can't put into these without loss is an error that names
//! the column; so is a type that the writer's engine has nothing for.

use arrow_array::RecordBatch;
use arrow_schema::{Field, SchemaRef};

use super::Error;

/// The key of an Arrow extension's name in a field's metadata.
pub const EXTENSION: &str = "ARROW:extension:name";
/// The key of what the extension says beside its name.
pub const EXTENSION_METADATA: &str = "ARROW:extension:metadata";

/// Takes the rows of a query as they are read.
pub trait Sink {
    /// The columns, before any row.
    fn begin(&mut self, schema: SchemaRef) -> Result<(), Error>;

    /// Some rows. May wait until there is room for them; an error ends the reading.
    fn take(&mut self, batch: RecordBatch) -> Result<(), Error>;
}

/// A field of text that holds values of an engine's own type.
#[must_use]
pub fn opaque(name: &str, engine: &str, kind: &str) -> Field {
    let about = serde_json::json!({ "type_name": kind, "vendor_name": engine });
    Field::new(name, arrow_schema::DataType::Utf8, true).with_metadata(
        [
            (EXTENSION.to_owned(), "arrow.opaque".to_owned()),
            (EXTENSION_METADATA.to_owned(), about.to_string()),
        ]
        .into(),
    )
}
