//! A crontab. `CRON_TZ` sets the time zone of what follows it, in cronie and in Debian's cron from 3.0pl1-187 on; the
//! machine's own zone holds elsewhere, so the file says which it must be.

use std::fmt::Write as _;

use super::{File, Place, fields, shell, words};
use crate::nouns::Platform;
use crate::schedule::Slot;
use crate::words::Diagnostic;

/// The crontab of some slots.
pub fn crontab(platform: &Platform, slots: &[Slot<'_>], place: &Place) -> Result<Vec<File>, Box<Diagnostic>> {
    let mut text = format!(
        "# The schedule of {}, as goldsmith writes it: goldsmith schedule export --to crontab\n\
         # Times are in {}. A cron that does not know CRON_TZ runs them in the machine's own zone.\n\
         CRON_TZ={}\n",
        single_line(&platform.name),
        platform.timezone,
        platform.timezone
    );
    for slot in slots {
        let fields = fields(slot, "crontab")?;
        // A percent sign ends a command in a crontab.
        let command: Vec<String> = words(slot, place).iter().map(|w| shell(w).replace('%', "\\%")).collect();
        let _ = write!(
            text,
            "\n# {} {}{}\n{} {}\n",
            slot.project.name,
            slot.kind.word(),
            slot.project.owner.as_deref().map(|o| format!(", tell {}", single_line(o))).unwrap_or_default(),
            fields.plain(),
            single_line(&command.join(" ")),
        );
    }
    Ok(vec![File { name: "crontab".into(), text }])
}

fn single_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
