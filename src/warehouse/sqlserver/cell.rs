//! Values as text, in the server's own form.

use std::fmt::Write;

use tiberius::ColumnData;
use tiberius::time::{DateTime2, DateTimeOffset, Time};

use super::moment::{DAY, DAYS, DAYS_1900, date_text, micros_of_ticks, time_text};
use crate::words::decimal;

/// A value as text; null is `None`.
pub(super) fn text(value: &ColumnData<'_>) -> Option<String> {
    Some(match value {
        ColumnData::U8(value) => (*value)?.to_string(),
        ColumnData::I16(value) => (*value)?.to_string(),
        ColumnData::I32(value) => (*value)?.to_string(),
        ColumnData::I64(value) => (*value)?.to_string(),
        ColumnData::F32(value) => format!("{:?}", (*value)?),
        ColumnData::F64(value) => format!("{:?}", (*value)?),
        ColumnData::Bit(value) => if (*value)? { "1" } else { "0" }.to_owned(),
        ColumnData::String(value) => value.as_ref()?.clone().into_owned(),
        ColumnData::Guid(value) => (*value)?.to_string().to_uppercase(),
        ColumnData::Binary(value) => bytes(value.as_ref()?),
        ColumnData::Numeric(value) => {
            let mut text = Vec::new();
            let number = (*value)?;
            decimal(&mut text, number.value(), i16::from(number.scale()));
            String::from_utf8(text).ok()?
        }
        ColumnData::Xml(value) => value.as_ref()?.to_string(),
        ColumnData::DateTime(value) => {
            let value = (*value)?;
            let micros = micros_of_ticks(value.seconds_fragments());
            let day = i64::from(value.days()) - DAYS_1900 + DAYS + micros / DAY;
            format!("{} {}", date_text(day), clock(micros % DAY, 3))
        }
        ColumnData::SmallDateTime(value) => {
            let value = (*value)?;
            let day = i64::from(value.days()) - DAYS_1900 + DAYS;
            format!("{} {}", date_text(day), clock(i64::from(value.seconds_fragments()) * 60_000_000, 0))
        }
        ColumnData::Time(value) => time_text((*value)?),
        ColumnData::Date(value) => date_text(i64::from((*value)?.days())),
        ColumnData::DateTime2(value) => moment((*value)?),
        ColumnData::DateTimeOffset(value) => zoned((*value)?),
    })
}

/// `0x0AFF`
fn bytes(value: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * value.len());
    text.push_str("0x");
    for byte in value {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

fn clock(micros: i64, scale: u8) -> String {
    super::moment::time(micros, scale).map_or_else(String::new, time_text)
}

fn moment(value: DateTime2) -> String {
    format!("{} {}", date_text(i64::from(value.date().days())), time_text(value.time()))
}

/// As at its offset; the wire has it in UTC.
fn zoned(value: DateTimeOffset) -> String {
    let (utc, offset) = (value.datetime2(), i64::from(value.offset()));
    let scale = utc.time().scale();
    let unit = 10_i64.pow(u32::from(scale));
    let day = 86_400 * unit;
    let there = i64::try_from(utc.time().increments()).unwrap_or(0) + offset * 60 * unit;
    let date = i64::from(utc.date().days()) + there.div_euclid(day);
    let time = Time::new(there.rem_euclid(day).unsigned_abs(), scale);
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs();
    format!("{} {} {sign}{:02}:{:02}", date_text(date), time_text(time), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use tiberius::ColumnData;
    use tiberius::numeric::Numeric;
    use tiberius::time::{Date, DateTime, DateTime2, DateTimeOffset, Time};

    use super::text;

    #[test]
    fn values_are_written_as_the_server_writes_them() {
        let new_year = DateTime2::new(Date::new(738_885), Time::new(0, 7));
        for (value, expected) in [
            (ColumnData::Bit(Some(true)), "1"),
            (ColumnData::Numeric(Some(Numeric::new_with_scale(-5, 2))), "-0.05"),
            (ColumnData::Binary(Some(vec![10, 255].into())), "0x0AFF"),
            (ColumnData::F64(Some(1e300)), "1e300"),
            (ColumnData::DateTime(Some(DateTime::new(0, 1))), "1900-01-01 00:00:00.003"),
            (ColumnData::DateTime2(Some(new_year)), "2024-01-01 00:00:00.0000000"),
            (
                ColumnData::DateTimeOffset(Some(DateTimeOffset::new(new_year, -90))),
                "2023-12-31 22:30:00.0000000 -01:30",
            ),
        ] {
            assert_eq!(text(&value).as_deref(), Some(expected));
        }
        assert_eq!(text(&ColumnData::I32(None)), None);
    }
}
