//! Values of Arrow's in the form in which they go into a checksum.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

use super::days::Days;
use crate::ddl::checksum::Form;
use crate::words::decimal;

/// A column of a batch.
pub(super) struct Values<'a> {
    nulls: Option<&'a NullBuffer>,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Booleans(&'a BooleanArray),
    Whole(Cow<'a, [i64]>),
    Large(&'a [u64]),
    Decimals(&'a [i128]),
    Floats(Cow<'a, [f64]>),
    Days(&'a [i32]),
    /// In units of so many microseconds.
    Moments(&'a [i64], i64),
    Texts(&'a StringArray),
}

impl<'a> Values<'a> {
    /// Of a column; `None` for a type that does not come.
    pub(super) fn of(column: &'a ArrayRef) -> Option<Self> {
        macro_rules! whole {
            ($kind:ty) => {
                Kind::Whole(column.as_primitive::<$kind>().values().iter().map(|n| i64::from(*n)).collect())
            };
        }
        let kind = match column.data_type() {
            DataType::Boolean => Kind::Booleans(column.as_boolean()),
            DataType::Int8 => whole!(Int8Type),
            DataType::Int16 => whole!(Int16Type),
            DataType::Int32 => whole!(Int32Type),
            DataType::Int64 => Kind::Whole(Cow::Borrowed(column.as_primitive::<Int64Type>().values())),
            DataType::UInt8 => whole!(UInt8Type),
            DataType::UInt16 => whole!(UInt16Type),
            DataType::UInt32 => whole!(UInt32Type),
            DataType::UInt64 => Kind::Large(column.as_primitive::<UInt64Type>().values()),
            DataType::Decimal128(..) => Kind::Decimals(column.as_primitive::<Decimal128Type>().values()),
            DataType::Float32 => {
                let narrow = column.as_primitive::<Float32Type>().values();
                Kind::Floats(narrow.iter().map(|n| f64::from(*n)).collect())
            }
            DataType::Float64 => Kind::Floats(Cow::Borrowed(column.as_primitive::<Float64Type>().values())),
            DataType::Date32 => Kind::Days(column.as_primitive::<Date32Type>().values()),
            DataType::Timestamp(TimeUnit::Second, _) => {
                Kind::Moments(column.as_primitive::<TimestampSecondType>().values(), 1_000_000)
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                Kind::Moments(column.as_primitive::<TimestampMillisecondType>().values(), 1000)
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Kind::Moments(column.as_primitive::<TimestampMicrosecondType>().values(), 1)
            }
            DataType::Utf8 => Kind::Texts(column.as_string::<i32>()),
            _ => return None,
        };
        Some(Self { nulls: column.nulls().filter(|n| n.null_count() > 0), kind })
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        match &self.kind {
            Kind::Booleans(values) => values.len(),
            Kind::Whole(values) => values.len(),
            Kind::Large(values) => values.len(),
            Kind::Decimals(values) => values.len(),
            Kind::Floats(values) => values.len(),
            Kind::Days(values) => values.len(),
            Kind::Moments(values, _) => values.len(),
            Kind::Texts(values) => values.len(),
        }
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }

    /// A number, in its smallest unit; `None` for null and for what is no number.
    pub(super) fn number(&self, row: usize) -> Option<i128> {
        if self.is_null(row) {
            return None;
        }
        match &self.kind {
            Kind::Whole(values) => Some(i128::from(values[row])),
            Kind::Large(values) => Some(i128::from(values[row])),
            Kind::Decimals(values) => Some(values[row]),
            _ => None,
        }
    }

    /// The sum of whole numbers, and of decimals of no more than 26 digits, among which there is no null;
    /// of a batch's rows it always fits.
    pub(super) fn sum(&self) -> Option<i128> {
        if self.nulls.is_some() || self.len() == 0 {
            return None;
        }
        match &self.kind {
            Kind::Whole(values) => Some(values.iter().map(|n| i128::from(*n)).sum()),
            Kind::Large(values) => Some(values.iter().map(|n| i128::from(*n)).sum()),
            Kind::Decimals(values) => values.iter().try_fold(0, |sum: i128, n| sum.checked_add(*n)),
            _ => None,
        }
    }

    /// Writes a value and tells whether there is one; `None` when only the engine can write it.
    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>, row: usize, form: Form, days: &mut Days) -> Option<bool> {
        if self.is_null(row) {
            return Some(false);
        }
        match (&self.kind, form) {
            (Kind::Booleans(values), _) => out.push(if values.value(row) { b'1' } else { b'0' }),
            (Kind::Whole(values), _) => integer(out, values[row]),
            (Kind::Large(values), _) => whole(out, values[row]),
            (Kind::Decimals(values), Form::Decimal { scale }) => decimal(out, values[row], i16::from(scale)),
            (Kind::Floats(values), _) => float(out, values[row]),
            (Kind::Days(values), _) => days.write(out, values[row])?,
            (Kind::Moments(values, factor), _) => match values[row] {
                i64::MAX => out.extend_from_slice(b"infinity"),
                value if value <= -i64::MAX => out.extend_from_slice(b"-infinity"),
                value => integer(out, value.checked_mul(*factor)?),
            },
            (Kind::Texts(values), _) => out.extend_from_slice(values.value(row).as_bytes()),
            (Kind::Decimals(_), _) => return None,
        }
        Some(true)
    }
}

/// Decimal digits.
pub(super) fn whole(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn integer(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// The bits of a floating-point number.
fn float(out: &mut Vec<u8>, number: f64) {
    if number.is_nan() {
        out.extend_from_slice(b"nan");
        return;
    }
    let bits = if number == 0.0 { 0 } else { number.to_bits() };
    let digit = |nth: u32| b"0123456789abcdef"[(bits >> (60 - 4 * nth) & 15) as usize];
    out.extend((0..16).map(digit));
}

#[cfg(test)]
mod tests {
    use super::float;

    fn told(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_are_bits() {
        for (number, expected) in [
            (1.0, "3ff0000000000000"),
            (-0.1, "bfb999999999999a"),
            (-0.0, "0000000000000000"),
            (-f64::NAN, "nan"),
            (f64::INFINITY, "7ff0000000000000"),
        ] {
            assert_eq!(told(|o| float(o, number)), expected);
        }
    }
}
