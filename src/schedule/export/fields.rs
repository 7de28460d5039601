//! The five fields of a cron expression as the numbers that they stand for.

use std::collections::BTreeSet;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A cron expression; `None` is every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) minutes: Option<BTreeSet<u8>>,
    pub(super) hours: Option<BTreeSet<u8>>,
    pub(super) days: Option<BTreeSet<u8>>,
    pub(super) months: Option<BTreeSet<u8>>,
    /// 0 is Sunday.
    pub(super) weekdays: Option<BTreeSet<u8>>,
}

impl Fields {
    /// Reads an expression; the error says what other schedulers do not know.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = parts.as_slice() else {
            return Err("it has not five fields".to_owned());
        };
        let weekdays = field(weekdays, 0, 7, &DAYS, 0)?;
        Ok(Self {
            minutes: field(minutes, 0, 59, &[], 0)?,
            hours: field(hours, 0, 23, &[], 0)?,
            days: field(days, 1, 31, &[], 0)?,
            months: field(months, 1, 12, &MONTHS, 1)?,
            // Sunday is 0 and 7.
            weekdays: weekdays.map(|all| all.into_iter().map(|d| d % 7).collect()),
        })
    }

    /// The expression in plain cron, with numbers alone.
    pub(super) fn plain(&self) -> String {
        let field = |values: &Option<BTreeSet<u8>>, least: u8, most: u8| match values {
            None => "*".to_owned(),
            Some(values) => runs(values, least, most),
        };
        format!(
            "{} {} {} {} {}",
            field(&self.minutes, 0, 59),
            field(&self.hours, 0, 23),
            field(&self.days, 1, 31),
            field(&self.months, 1, 12),
            field(&self.weekdays, 0, 6),
        )
    }
}

fn field(text: &str, least: u8, most: u8, names: &[&str], first: u8) -> Result<Option<BTreeSet<u8>>, String> {
    let number = |word: &str| -> Result<u8, String> {
        let lower = word.to_ascii_lowercase();
        let named = names.iter().position(|n| *n == lower).and_then(|n| u8::try_from(n).ok());
        let value = named.map(|n| n + first).or_else(|| word.parse().ok());
        value.filter(|v| (least..=most).contains(v)).ok_or_else(|| format!("`{word}` is not known there"))
    };
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (
                range,
                step.parse::<u8>()
                    .ok()
                    .filter(|s| *s > 0)
                    .ok_or_else(|| format!("`{part}` is not known there"))?,
            ),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => {
                if step == 1 {
                    return Ok(None);
                }
                // Day 7 is day 0.
                (least, if most == 7 { 6 } else { most })
            }
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        if from <= to {
            values.extend((from..=to).step_by(step.into()));
        } else {
            return Err(format!("`{part}` runs backwards"));
        }
    }
    Ok(Some(values))
}

/// `0`, `7-19`, `0,15,30,45`, `*/5`.
fn runs(values: &BTreeSet<u8>, least: u8, most: u8) -> String {
    let all: Vec<u8> = values.iter().copied().collect();
    if let [first, second, ..] = all.as_slice() {
        let step = second - first;
        let expected: Vec<u8> = (least..=most).step_by(step.into()).collect();
        if step > 1 && *first == least && expected == all {
            return format!("*/{step}");
        }
    }
    let mut parts: Vec<(u8, u8)> = Vec::new();
    for value in all {
        match parts.last_mut() {
            Some((_, end)) if *end + 1 == value => *end = value,
            _ => parts.push((value, value)),
        }
    }
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(from, to)| match to - from {
            0 => from.to_string(),
            1 => format!("{from},{to}"),
            _ => format!("{from}-{to}"),
        })
        .collect();
    parts.join(",")
}
