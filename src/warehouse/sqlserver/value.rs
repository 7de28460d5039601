//! Values of Arrow's as a table's columns take them.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use tiberius::numeric::Numeric;
use tiberius::time::{Date, DateTime, DateTimeOffset, SmallDateTime};
use tiberius::xml::XmlData;
use tiberius::{ColumnData, FixedLenType, TypeInfo, Uuid, VarLenType};

use super::moment::{DAY, DAYS_1900, date, moment, time};
use super::reader::rescaled;
use crate::words::{civil, decimal};

/// What a column of a table takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bit,
    /// A whole number of so many bytes; one byte has no sign.
    Whole(usize),
    Float4,
    Float8,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Money,
    SmallMoney,
    Text,
    Bytes,
    Date,
    Time(u8),
    /// `datetime`
    Ticks,
    /// `smalldatetime`
    Minutes,
    Moment(u8),
    Zoned(u8),
    Guid,
    Xml,
}

/// A value on its way.
enum Value<'a> {
    Bit(bool),
    Whole(i128),
    Decimal(i128, i8),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Uuid(&'a [u8]),
    /// Days since 1970.
    Date(i64),
    /// Microseconds of a day.
    Time(i64),
    /// Microseconds since 1970, and whether it is a point in time.
    Moment(i64, bool),
}

impl Kind {
    /// Of a column; `None` for types that no bulk load takes.
    pub(super) fn of(kind: &TypeInfo) -> Option<Self> {
        Some(match kind {
            TypeInfo::FixedLen(fixed) => match fixed {
                FixedLenType::Bit => Self::Bit,
                FixedLenType::Int1 => Self::Whole(1),
                FixedLenType::Int2 => Self::Whole(2),
                FixedLenType::Int4 => Self::Whole(4),
                FixedLenType::Int8 => Self::Whole(8),
                FixedLenType::Float4 => Self::Float4,
                FixedLenType::Float8 => Self::Float8,
                FixedLenType::Money => Self::Money,
                FixedLenType::Money4 => Self::SmallMoney,
                FixedLenType::Datetime => Self::Ticks,
                FixedLenType::Datetime4 => Self::Minutes,
                FixedLenType::Null => return None,
            },
            TypeInfo::VarLenSized(sized) => {
                let length = sized.len();
                let scale = u8::try_from(length).unwrap_or(7);
                match sized.r#type() {
                    VarLenType::Bitn => Self::Bit,
                    VarLenType::Intn => Self::Whole(length),
                    VarLenType::Floatn if length == 4 => Self::Float4,
                    VarLenType::Floatn => Self::Float8,
                    VarLenType::Money if length == 4 => Self::SmallMoney,
                    VarLenType::Money => Self::Money,
                    VarLenType::Datetimen if length == 4 => Self::Minutes,
                    VarLenType::Datetimen => Self::Ticks,
                    VarLenType::Daten => Self::Date,
                    VarLenType::Timen => Self::Time(scale),
                    VarLenType::Datetime2 => Self::Moment(scale),
                    VarLenType::DatetimeOffsetn => Self::Zoned(scale),
                    VarLenType::Guid => Self::Guid,
                    VarLenType::BigVarChar
                    | VarLenType::BigChar
                    | VarLenType::NVarchar
                    | VarLenType::NChar
                    | VarLenType::Text
                    | VarLenType::NText => Self::Text,
                    VarLenType::BigVarBin | VarLenType::BigBinary | VarLenType::Image => Self::Bytes,
                    _ => return None,
                }
            }
            TypeInfo::VarLenSizedPrecision { precision, scale, .. } => {
                Self::Decimal { precision: *precision, scale: *scale }
            }
            TypeInfo::Xml { .. } => Self::Xml,
            TypeInfo::Udt(_) => return None,
        })
    }

    /// The value of a row; the error says what the value is.
    pub(super) fn value(self, column: &ArrayRef, row: usize) -> Result<ColumnData<'static>, String> {
        if column.is_null(row) {
            return Ok(self.null());
        }
        let value = Value::of(column, row)?;
        self.made(&value).ok_or_else(|| format!("{} does not fit the column's type", value.shown()))
    }

    fn null(self) -> ColumnData<'static> {
        match self {
            Self::Bit => ColumnData::Bit(None),
            Self::Whole(1) => ColumnData::U8(None),
            Self::Whole(2) => ColumnData::I16(None),
            Self::Whole(4) => ColumnData::I32(None),
            Self::Whole(_) => ColumnData::I64(None),
            Self::Float4 => ColumnData::F32(None),
            Self::Float8 => ColumnData::F64(None),
            Self::Decimal { .. } | Self::Money | Self::SmallMoney => ColumnData::Numeric(None),
            Self::Text => ColumnData::String(None),
            Self::Bytes => ColumnData::Binary(None),
            Self::Date => ColumnData::Date(None),
            Self::Time(_) => ColumnData::Time(None),
            Self::Ticks => ColumnData::DateTime(None),
            Self::Minutes => ColumnData::SmallDateTime(None),
            Self::Moment(_) => ColumnData::DateTime2(None),
            Self::Zoned(_) => ColumnData::DateTimeOffset(None),
            Self::Guid => ColumnData::Guid(None),
            Self::Xml => ColumnData::Xml(None),
        }
    }

    /// `None` for a value that the column can't hold.
    fn made(self, value: &Value<'_>) -> Option<ColumnData<'static>> {
        Some(match self {
            Self::Bit => ColumnData::Bit(Some(value.bit()?)),
            Self::Whole(bytes) => {
                let number = value.units(0)?;
                match bytes {
                    1 => ColumnData::U8(Some(u8::try_from(number).ok()?)),
                    2 => ColumnData::I16(Some(i16::try_from(number).ok()?)),
                    4 => ColumnData::I32(Some(i32::try_from(number).ok()?)),
                    _ => ColumnData::I64(Some(i64::try_from(number).ok()?)),
                }
            }
            #[expect(clippy::cast_possible_truncation, reason = "the column is as narrow")]
            Self::Float4 => ColumnData::F32(Some(value.float()? as f32)),
            Self::Float8 => ColumnData::F64(Some(value.float()?)),
            Self::Decimal { precision, scale } => numeric(value, precision, scale)?,
            Self::Money => numeric(value, 19, 4)?,
            Self::SmallMoney => numeric(value, 10, 4)?,
            Self::Text => ColumnData::String(Some(value.text()?)),
            Self::Bytes => match value {
                Value::Bytes(bytes) | Value::Uuid(bytes) => {
                    ColumnData::Binary(Some(Cow::Owned(bytes.to_vec())))
                }
                _ => return None,
            },
            Self::Date => ColumnData::Date(Some(value.date()?)),
            Self::Time(scale) => ColumnData::Time(Some(time(value.clock()?, scale)?)),
            Self::Moment(scale) => ColumnData::DateTime2(Some(moment(value.micros()?, scale)?)),
            Self::Zoned(scale) => ColumnData::DateTimeOffset(Some(DateTimeOffset::new(
                value.zoned().and_then(|micros| moment(micros, scale))?,
                0,
            ))),
            Self::Ticks => {
                let micros = value.micros()?;
                let days = micros.div_euclid(DAY) + DAYS_1900;
                // Three ticks are ten milliseconds.
                let ticks = (micros.rem_euclid(DAY) * 3 + 5000) / 10_000;
                let (days, ticks) = if ticks == 25_920_000 { (days + 1, 0) } else { (days, ticks) };
                // It begins with the year 1753.
                let days = i32::try_from(days).ok().filter(|days| (-53_690..=2_958_463).contains(days))?;
                ColumnData::DateTime(Some(DateTime::new(days, u32::try_from(ticks).ok()?)))
            }
            Self::Minutes => {
                let minutes = (value.micros()? + 30_000_000).div_euclid(60_000_000);
                let days = u16::try_from(minutes.div_euclid(1440) + DAYS_1900).ok()?;
                let minute = u16::try_from(minutes.rem_euclid(1440)).ok()?;
                ColumnData::SmallDateTime(Some(SmallDateTime::new(days, minute)))
            }
            Self::Guid => ColumnData::Guid(Some(match value {
                Value::Uuid(bytes) => Uuid::from_slice(bytes).ok()?,
                Value::Text(text) => Uuid::parse_str(text.trim()).ok()?,
                _ => return None,
            })),
            Self::Xml => ColumnData::Xml(Some(Cow::Owned(XmlData::new(value.text()?)))),
        })
    }
}

fn numeric(value: &Value<'_>, precision: u8, scale: u8) -> Option<ColumnData<'static>> {
    let units = value.units(scale)?;
    let fits = units.unsigned_abs() < 10_u128.checked_pow(u32::from(precision))?;
    fits.then(|| ColumnData::Numeric(Some(Numeric::new_with_scale(units, scale))))
}

impl<'a> Value<'a> {
    fn of(column: &'a ArrayRef, row: usize) -> Result<Self, String> {
        macro_rules! whole {
            ($kind:ty) => {
                Self::Whole(column.as_primitive::<$kind>().value(row).into())
            };
        }
        Ok(match column.data_type() {
            DataType::Boolean => Self::Bit(column.as_boolean().value(row)),
            DataType::Int8 => whole!(Int8Type),
            DataType::Int16 => whole!(Int16Type),
            DataType::Int32 => whole!(Int32Type),
            DataType::Int64 => whole!(Int64Type),
            DataType::UInt8 => whole!(UInt8Type),
            DataType::UInt16 => whole!(UInt16Type),
            DataType::UInt32 => whole!(UInt32Type),
            DataType::UInt64 => whole!(UInt64Type),
            DataType::Float32 => Self::Float(column.as_primitive::<Float32Type>().value(row).into()),
            DataType::Float64 => Self::Float(column.as_primitive::<Float64Type>().value(row)),
            DataType::Decimal128(_, scale) => {
                Self::Decimal(column.as_primitive::<Decimal128Type>().value(row), *scale)
            }
            DataType::Utf8 => Self::Text(column.as_string::<i32>().value(row)),
            DataType::Binary => Self::Bytes(column.as_binary::<i32>().value(row)),
            DataType::FixedSizeBinary(16) => Self::Uuid(column.as_fixed_size_binary().value(row)),
            DataType::Date32 => Self::Date(column.as_primitive::<Date32Type>().value(row).into()),
            DataType::Time64(TimeUnit::Microsecond) => {
                Self::Time(column.as_primitive::<Time64MicrosecondType>().value(row))
            }
            DataType::Timestamp(unit, zone) => {
                let (value, factor) = match unit {
                    TimeUnit::Second => (column.as_primitive::<TimestampSecondType>().value(row), 1_000_000),
                    TimeUnit::Millisecond => {
                        (column.as_primitive::<TimestampMillisecondType>().value(row), 1000)
                    }
                    TimeUnit::Microsecond => {
                        (column.as_primitive::<TimestampMicrosecondType>().value(row), 1)
                    }
                    TimeUnit::Nanosecond => {
                        let value = column.as_primitive::<TimestampNanosecondType>().value(row);
                        if value % 1000 != 0 {
                            return Err("has nanoseconds, which the server has no type for".into());
                        }
                        (value / 1000, 1)
                    }
                };
                let micros = value.checked_mul(factor).ok_or("is later than the server's last date")?;
                Self::Moment(micros, zone.is_some())
            }
            other => return Err(format!("is of a type that the server has nothing for, {other}")),
        })
    }

    fn bit(&self) -> Option<bool> {
        match self {
            Self::Bit(bit) => Some(*bit),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => match self.units(0)? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
        }
    }

    /// A number in units with so many digits behind the point.
    fn units(&self, scale: u8) -> Option<i128> {
        match self {
            Self::Bit(bit) => rescaled(i128::from(*bit), 0, scale),
            Self::Whole(number) => rescaled(*number, 0, scale),
            Self::Decimal(units, own) => match u8::try_from(*own) {
                Ok(own) => rescaled(*units, own, scale),
                Err(_) => rescaled(*units, 0, scale + own.unsigned_abs()),
            },
            Self::Text(text) => units_of(text.trim(), scale),
            // As it is written, which is the shortest text that it comes back from.
            Self::Float(number) if number.is_finite() => units_of(&number.to_string(), scale),
            _ => None,
        }
    }

    fn float(&self) -> Option<f64> {
        let number = match self {
            Self::Float(number) => *number,
            Self::Text(text) => text.trim().parse().ok()?,
            Self::Whole(_) | Self::Decimal(..) => self.shown().parse().ok()?,
            _ => return None,
        };
        // The server knows no infinity.
        number.is_finite().then_some(number)
    }

    fn text(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Owned(match self {
            Self::Bytes(_) => return None,
            Self::Uuid(bytes) => Uuid::from_slice(bytes).ok()?.to_string(),
            other => other.shown(),
        }))
    }

    fn date(&self) -> Option<Date> {
        match self {
            Self::Date(days) => date(*days),
            Self::Moment(micros, false) if micros.rem_euclid(DAY) == 0 => date(micros.div_euclid(DAY)),
            Self::Text(text) => date(days_of(text.trim().parse().ok()?)?),
            _ => None,
        }
    }

    fn clock(&self) -> Option<i64> {
        match self {
            Self::Time(micros) => Some(*micros),
            Self::Text(text) => micros_of_day(text.trim().parse().ok()?),
            _ => None,
        }
    }

    /// Microseconds since 1970, of what has no zone.
    fn micros(&self) -> Option<i64> {
        match self {
            Self::Date(days) => days.checked_mul(DAY),
            Self::Moment(micros, _) => Some(*micros),
            Self::Text(text) => {
                let when: jiff::civil::DateTime = text.trim().parse().ok()?;
                days_of(when.date())?.checked_mul(DAY)?.checked_add(micros_of_day(when.time())?)
            }
            _ => None,
        }
    }

    fn zoned(&self) -> Option<i64> {
        match self {
            Self::Text(text) => match text.trim().parse::<jiff::Timestamp>() {
                Ok(when) => Some(when.as_microsecond()),
                Err(_) => self.micros(),
            },
            other => other.micros(),
        }
    }

    /// The value for people, and for columns of text.
    fn shown(&self) -> String {
        let day = |days: i64| {
            let (year, month, day) = civil(days);
            format!("{year:04}-{month:02}-{day:02}")
        };
        let clock = |micros: i64| {
            let (seconds, behind) = (micros / 1_000_000, micros % 1_000_000);
            let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            if behind == 0 { clock } else { format!("{clock}.{behind:06}") }
        };
        match self {
            Self::Bit(bit) => bit.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(units, scale) => {
                let mut text = Vec::new();
                decimal(&mut text, *units, i16::from(*scale));
                String::from_utf8(text).unwrap_or_default()
            }
            Self::Float(number) => format!("{number:?}"),
            Self::Text(text) => (*text).to_owned(),
            Self::Bytes(bytes) | Self::Uuid(bytes) => format!("of {} bytes", bytes.len()),
            Self::Date(days) => day(*days),
            Self::Time(micros) => clock(*micros),
            Self::Moment(micros, is_zoned) => {
                let zone = if *is_zoned { "+00:00" } else { "" };
                format!("{} {}{zone}", day(micros.div_euclid(DAY)), clock(micros.rem_euclid(DAY)))
            }
        }
    }
}

/// Days since 1970.
fn days_of(date: jiff::civil::Date) -> Option<i64> {
    Some(date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days().into())
}

/// Microseconds since midnight; `None` where there is a digit beyond them.
fn micros_of_day(time: jiff::civil::Time) -> Option<i64> {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let behind = i64::from(time.subsec_nanosecond());
    (behind % 1000 == 0).then_some(seconds * 1_000_000 + behind / 1000)
}

/// A decimal number in text, in units with so many digits behind the point; `None` where digits would be lost.
fn units_of(text: &str, scale: u8) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + behind.len() == 0 || !whole.bytes().chain(behind.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let behind = behind.trim_end_matches('0');
    let units: i128 = format!("{}{behind}", if whole.is_empty() { "0" } else { whole }).parse().ok()?;
    Some(sign * rescaled(units, u8::try_from(behind.len()).ok()?, scale)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Decimal128Array, Float64Array, StringArray, TimestampMicrosecondArray};
    use tiberius::ColumnData;

    use super::super::cell;
    use super::{Kind, units_of};

    fn made(kind: Kind, column: impl arrow_array::Array + 'static) -> Result<Option<String>, String> {
        let column: ArrayRef = Arc::new(column);
        kind.value(&column, 0).map(|value: ColumnData<'static>| cell::text(&value))
    }

    #[test]
    fn money_passes_through_no_float() {
        let largest = Decimal128Array::from(vec![9_223_372_036_854_775_807_i128])
            .with_precision_and_scale(19, 4)
            .unwrap();
        assert_eq!(made(Kind::Money, largest).unwrap().as_deref(), Some("922337203685477.5807"));
        let text = StringArray::from(vec!["922337203685477.5807"]);
        assert_eq!(made(Kind::Money, text).unwrap().as_deref(), Some("922337203685477.5807"));
    }

    #[test]
    fn values_become_what_the_column_is() {
        let text = |t: &str| StringArray::from(vec![t.to_owned()]);
        for (kind, value, expected) in [
            (Kind::Whole(1), "255", "255"),
            (Kind::Decimal { precision: 18, scale: 2 }, "1.500", "1.50"),
            (Kind::Date, "2024-02-29", "2024-02-29"),
            (Kind::Time(3), "23:59:59.5", "23:59:59.500"),
            (Kind::Moment(7), "9999-12-31 23:59:59.999999", "9999-12-31 23:59:59.9999990"),
            (Kind::Ticks, "2026-01-01 00:00:00.999", "2026-01-01 00:00:01.000"),
            (Kind::Minutes, "2026-01-01 23:59:30", "2026-01-02 00:00:00"),
            (Kind::Zoned(0), "2026-03-29T02:30:00+01:00", "2026-03-29 01:30:00 +00:00"),
            (Kind::Bit, "TRUE", "1"),
            (Kind::Guid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
        ] {
            assert_eq!(made(kind, text(value)).unwrap().as_deref(), Some(expected), "{kind:?}");
        }
        let moment = TimestampMicrosecondArray::from(vec![-1]);
        assert_eq!(made(Kind::Text, moment).unwrap().as_deref(), Some("1969-12-31 23:59:59.999999"));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let text = |t: &str| StringArray::from(vec![t.to_owned()]);
        for (kind, value) in [
            (Kind::Whole(1), "256"),
            (Kind::Whole(4), "1.5"),
            (Kind::Decimal { precision: 4, scale: 2 }, "100"),
            (Kind::Decimal { precision: 4, scale: 2 }, "1.234"),
            (Kind::Date, "2025-02-29"),
            (Kind::Ticks, "1752-12-31 00:00:00"),
            (Kind::Float8, "NaN"),
            (Kind::Bit, "2"),
        ] {
            let error = made(kind, text(value)).unwrap_err();
            assert!(error.starts_with(value), "{error}");
        }
        assert!(made(Kind::Float8, Float64Array::from(vec![f64::INFINITY])).is_err());
    }

    #[test]
    fn numbers_are_read_digit_by_digit() {
        assert_eq!(units_of("-0.05", 2), Some(-5));
        assert_eq!(units_of(".5", 1), Some(5));
        assert_eq!(units_of("99999999999999999999999999999999999999", 0), Some(10_i128.pow(38) - 1));
        for wrong in ["", "-", "1e3", "1.2.3", "ä", "1,5"] {
            assert_eq!(units_of(wrong, 2), None, "{wrong}");
        }
    }
}
