//! Values of Arrow's in the form that `COPY .. FROM STDIN` reads: text, with tabs between and lines
//! behind.

use std::io::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use crate::words::{civil, decimal};

const DAY: i64 = 86_400_000_000;

/// Writes a value, which is not null. The error says what the value is.
pub(super) fn write(out: &mut Vec<u8>, column: &ArrayRef, row: usize) -> Result<(), String> {
    let mut plain = |value: std::fmt::Arguments<'_>| {
        // Writing into a vector can't fail.
        let _ = out.write_fmt(value);
        Ok(())
    };
    match column.data_type() {
        DataType::Boolean => {
            plain(format_args!("{}", if column.as_boolean().value(row) { 't' } else { 'f' }))
        }
        DataType::Int8 => plain(format_args!("{}", column.as_primitive::<Int8Type>().value(row))),
        DataType::Int16 => plain(format_args!("{}", column.as_primitive::<Int16Type>().value(row))),
        DataType::Int32 => plain(format_args!("{}", column.as_primitive::<Int32Type>().value(row))),
        DataType::Int64 => plain(format_args!("{}", column.as_primitive::<Int64Type>().value(row))),
        DataType::UInt8 => plain(format_args!("{}", column.as_primitive::<UInt8Type>().value(row))),
        DataType::UInt16 => plain(format_args!("{}", column.as_primitive::<UInt16Type>().value(row))),
        DataType::UInt32 => plain(format_args!("{}", column.as_primitive::<UInt32Type>().value(row))),
        DataType::UInt64 => plain(format_args!("{}", column.as_primitive::<UInt64Type>().value(row))),
        DataType::Float32 => plain(format_args!("{}", column.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => plain(format_args!("{}", column.as_primitive::<Float64Type>().value(row))),
        DataType::Decimal128(_, scale) => {
            decimal(out, column.as_primitive::<Decimal128Type>().value(row), i16::from(*scale));
            Ok(())
        }
        DataType::Utf8 => text(out, column.as_string::<i32>().value(row)),
        DataType::Binary => {
            out.extend_from_slice(b"\\\\x");
            hex(out, column.as_binary::<i32>().value(row));
            Ok(())
        }
        DataType::FixedSizeBinary(16) => {
            hex(out, column.as_fixed_size_binary().value(row));
            Ok(())
        }
        DataType::Date32 => {
            match column.as_primitive::<Date32Type>().value(row) {
                i32::MAX => out.extend_from_slice(b"infinity"),
                days if days <= -i32::MAX => out.extend_from_slice(b"-infinity"),
                days => day(out, i64::from(days)),
            }
            Ok(())
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            clock(out, column.as_primitive::<Time64MicrosecondType>().value(row));
            Ok(())
        }
        DataType::Timestamp(unit, zone) => {
            let (value, factor) = match unit {
                TimeUnit::Second => (column.as_primitive::<TimestampSecondType>().value(row), 1_000_000),
                TimeUnit::Millisecond => (column.as_primitive::<TimestampMillisecondType>().value(row), 1000),
                TimeUnit::Microsecond => (column.as_primitive::<TimestampMicrosecondType>().value(row), 1),
                TimeUnit::Nanosecond => {
                    let value = column.as_primitive::<TimestampNanosecondType>().value(row);
                    if value % 1000 != 0 && value.unsigned_abs() != i64::MAX.unsigned_abs() {
                        return Err("has nanoseconds, which PostgreSQL has no type for".into());
                    }
                    (if value.unsigned_abs() == i64::MAX.unsigned_abs() { value } else { value / 1000 }, 1)
                }
            };
            moment(out, value, factor, zone.is_some())
        }
        DataType::List(_) => list(out, column, row),
        other => Err(format!("is of a type that PostgreSQL has nothing for, {other}")),
    }
}

/// Text with everything escaped that means something to `COPY`.
fn text(out: &mut Vec<u8>, value: &str) -> Result<(), String> {
    for byte in value.bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0 => return Err("holds the character U+0000, which PostgreSQL can't store".into()),
            other => out.push(other),
        }
    }
    Ok(())
}

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// Date and time, `value` in units of so many microseconds.
fn moment(out: &mut Vec<u8>, value: i64, factor: i64, is_zoned: bool) -> Result<(), String> {
    if value == i64::MAX {
        out.extend_from_slice(b"infinity");
        return Ok(());
    }
    if value <= -i64::MAX {
        out.extend_from_slice(b"-infinity");
        return Ok(());
    }
    let micros = value.checked_mul(factor).ok_or("is later than PostgreSQL's last date")?;
    let days = micros.div_euclid(DAY);
    let mut head = Vec::new();
    day(&mut head, days);
    // An era stands at the very end.
    let (date, era) = match head.strip_suffix(b" BC") {
        Some(date) => (date, " BC"),
        None => (head.as_slice(), ""),
    };
    out.extend_from_slice(date);
    out.push(b' ');
    clock(out, micros.rem_euclid(DAY));
    if is_zoned {
        out.extend_from_slice(b"+00");
    }
    out.extend_from_slice(era.as_bytes());
    Ok(())
}

/// A day, counted from 1970.
fn day(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil(days);
    // There was no year 0.
    let _ = if year > 0 {
        write!(out, "{year:04}-{month:02}-{day:02}")
    } else {
        write!(out, "{:04}-{month:02}-{day:02} BC", 1 - year)
    };
}

fn clock(out: &mut Vec<u8>, micros: i64) {
    let seconds = micros / 1_000_000;
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = micros % 1_000_000;
    if rest != 0 {
        let _ = write!(out, ".{rest:06}");
    }
}

/// `{1,NULL,"a b"}`, escaped once for the array and once for `COPY`.
fn list(out: &mut Vec<u8>, column: &ArrayRef, row: usize) -> Result<(), String> {
    let values = column.as_list::<i32>().value(row);
    out.push(b'{');
    for nth in 0..values.len() {
        if nth > 0 {
            out.push(b',');
        }
        if values.is_null(nth) {
            out.extend_from_slice(b"NULL");
            continue;
        }
        if matches!(values.data_type(), DataType::List(_)) {
            list(out, &values, nth)?;
            continue;
        }
        out.push(b'"');
        match values.data_type() {
            DataType::Utf8 => {
                for part in values.as_string::<i32>().value(nth).split_inclusive(['"', '\\']) {
                    let (head, mark) = match part.strip_suffix('"') {
                        Some(head) => (head, "\\\\\""),
                        None => part.strip_suffix('\\').map_or((part, ""), |head| (head, "\\\\\\\\")),
                    };
                    text(out, head)?;
                    out.extend_from_slice(mark.as_bytes());
                }
            }
            // The array's own reading takes one backslash away.
            DataType::Binary => {
                out.extend_from_slice(b"\\\\\\\\x");
                hex(out, values.as_binary::<i32>().value(nth));
            }
            _ => write(out, &values, nth)?,
        }
        out.push(b'"');
    }
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{clock, day, decimal, moment, text};

    fn told(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_and_times_have_the_servers_form() {
        assert_eq!(told(|o| decimal(o, -1234, 2)), "-12.34");
        assert_eq!(told(|o| decimal(o, -4, 2)), "-0.04");
        assert_eq!(told(|o| decimal(o, 7, 0)), "7");
        assert_eq!(told(|o| decimal(o, 7, -2)), "700");
        assert_eq!(told(|o| day(o, 0)), "1970-01-01");
        assert_eq!(told(|o| day(o, 11_016)), "2000-02-29");
        assert_eq!(told(|o| day(o, -719_529)), "0002-12-31 BC");
        assert_eq!(told(|o| clock(o, 86_399_999_999)), "23:59:59.999999");
        assert_eq!(told(|o| moment(o, -1, 1, true).unwrap()), "1969-12-31 23:59:59.999999+00");
        assert_eq!(told(|o| moment(o, i64::MAX, 1, false).unwrap()), "infinity");
        assert_eq!(told(|o| text(o, "a\tb\\\nä").unwrap()), "a\\tb\\\\\\nä");
        assert!(text(&mut Vec::new(), "\0").is_err());
    }
}
