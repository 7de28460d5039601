//! The five fields of a cron expression as the numbers that they stand for.

use std::collections::BTreeSet;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A cron expression; `None` is every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::schedule) struct Fields {
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
        let all = |values: Option<BTreeSet<u8>>, count: usize| values.filter(|v| v.len() < count);
        let mut fields = Self {
            minutes: all(field(minutes, 0, 59, &[], 0)?, 60),
            hours: all(field(hours, 0, 23, &[], 0)?, 24),
            days: field(days, 1, 31, &[], 0)?,
            months: all(field(months, 1, 12, &MONTHS, 1)?, 12),
            // Sunday is 0 and 7.
            weekdays: weekdays.map(|all| all.into_iter().map(|d| d % 7).collect()),
        };
        // Where both days are said, one that fits either is taken: all of one kind is each day.
        let (days, weekdays) = (all(fields.days.clone(), 31), all(fields.weekdays.clone(), 7));
        let is_each_day = (fields.days.is_some() && days.is_none() && fields.weekdays.is_some())
            || (fields.weekdays.is_some() && weekdays.is_none() && fields.days.is_some());
        (fields.days, fields.weekdays) = if is_each_day { (None, None) } else { (days, weekdays) };
        Ok(fields)
    }

    /// The expression in plain cron, with numbers alone.
    pub(super) fn plain(&self) -> String {
        let field = |values: &Option<BTreeSet<u8>>, least: u8, most: u8| match values {
            None => "*".to_owned(),
            Some(values) => stepped(values, least, most).unwrap_or_else(|| runs(values)),
        };
        // A day that begins with a star is taken by cron as no restriction of its own: then both
        // would have to fit.
        if let (Some(days), Some(weekdays)) = (&self.days, &self.weekdays) {
            return format!(
                "{} {} {} {} {}",
                field(&self.minutes, 0, 59),
                field(&self.hours, 0, 23),
                runs(days),
                field(&self.months, 1, 12),
                runs(weekdays),
            );
        }
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
        let digits = || word.bytes().all(|b| b.is_ascii_digit()).then(|| word.parse().ok()).flatten();
        let value = named.map(|n| n + first).or_else(digits);
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
                if !part.contains('/') {
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

/// `*/5`, where that is what the values are.
fn stepped(values: &BTreeSet<u8>, least: u8, most: u8) -> Option<String> {
    let mut all = values.iter();
    let (first, second) = (all.next()?, all.next()?);
    let step = second - first;
    let expected: BTreeSet<u8> = (least..=most).step_by(step.into()).collect();
    (step > 1 && expected == *values).then(|| format!("*/{step}"))
}

/// `0`, `7-19`, `0,15,30,45`.
fn runs(values: &BTreeSet<u8>) -> String {
    let mut parts: Vec<(u8, u8)> = Vec::new();
    for value in values.iter().copied() {
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
