//! A service and a timer for each slot (systemd.timer(5), systemd.time(7)).

use std::collections::BTreeSet;

use super::{File, Place, fields, file_name, words};
use crate::nouns::Platform;
use crate::schedule::Slot;
use crate::words::Diagnostic;

use super::fields::Fields;

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// The units of some slots.
pub fn systemd(platform: &Platform, slots: &[Slot<'_>], place: &Place) -> Result<Vec<File>, Box<Diagnostic>> {
    let mut files = Vec::new();
    for slot in slots {
        let name = file_name(platform, slot);
        let fields = fields(slot, "systemd")?;
        let command: Vec<String> = words(slot, place).iter().map(|w| quoted(w)).collect();
        let what =
            format!("goldsmith: {} of {}", slot.kind.word(), slot.project.name).replace(['\n', '\r'], " ");
        let description = what.replace('%', "%%");
        files.push(File {
            name: format!("{name}.service"),
            text: format!(
                "[Unit]\nDescription={description}\nWants=network-online.target\nAfter=network-online.target\n\n\
                 [Service]\nType=oneshot\nExecStart={}\nKillSignal=SIGTERM\nTimeoutStopSec=120\n",
                command.join(" ")
            ),
        });
        let calendar: Vec<String> = calendars(&fields)
            .into_iter()
            .map(|c| format!("OnCalendar={c} {}\n", platform.timezone))
            .collect();
        files.push(File {
            name: format!("{name}.timer"),
            text: format!(
                "[Unit]\nDescription={description}\n\n[Timer]\n{}Persistent=false\nAccuracySec=1s\nUnit={name}.service\n\n\
                 [Install]\nWantedBy=timers.target\n",
                calendar.concat()
            ),
        });
    }
    Ok(files)
}

/// Cron takes a day that fits either the day of the month or the day of the week, if both are
/// said; systemd takes one that fits both. So there are two lines then.
fn calendars(fields: &Fields) -> Vec<String> {
    let list = |values: &Option<BTreeSet<u8>>| match values {
        None => "*".to_owned(),
        Some(values) => values.iter().map(|v| format!("{v:02}")).collect::<Vec<_>>().join(","),
    };
    let weekdays = fields
        .weekdays
        .as_ref()
        .map(|days| days.iter().map(|d| WEEKDAYS[usize::from(*d % 7)]).collect::<Vec<_>>().join(",") + " ");
    let time = format!("{}:{}:00", list(&fields.hours), list(&fields.minutes));
    let date = |days: &str| format!("*-{}-{days} {time}", list(&fields.months));
    match (&fields.days, weekdays) {
        (Some(_), Some(weekdays)) => vec![date(&list(&fields.days)), format!("{weekdays}{}", date("*"))],
        (days, weekdays) => vec![format!("{}{}", weekdays.unwrap_or_default(), date(&list(days)))],
    }
}

/// A word of a command line as systemd reads it.
fn quoted(word: &str) -> String {
    let word = word.replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@%$".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word;
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
