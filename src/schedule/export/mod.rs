//! The schedule as files that other schedulers read.

mod adf;
mod crontab;
mod fields;
mod github;
mod systemd;

use super::Slot;
use crate::nouns::Platform;
use crate::words::{Code, Diagnostic};

pub(super) use self::adf::{recurrence as azure_recurrence, zone as azure_zone};
use self::fields::Fields;
pub use self::{adf::adf, crontab::crontab, github::github_actions, systemd::systemd};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// What the files say of where things are.
#[derive(Debug, Clone)]
pub struct Place {
    /// The platform's folder on the machine that runs it.
    pub root: String,
    /// The program.
    pub program: String,
    /// The target's name.
    pub target: String,
}

/// What the cron expression of a slot says. The error points at it.
pub(super) fn fields(slot: &Slot<'_>, to: &str) -> Result<Fields, Box<Diagnostic>> {
    Fields::read(&slot.timing.text).map_err(|problem| {
        Box::new(
            Diagnostic::new(
                Code::InvalidYaml,
                format!("`{}` can't be written for {to}: {problem}", slot.timing.text),
            )
            .at(&slot.project.file, slot.timing.span)
            .help("name days, hours and minutes with numbers, lists, ranges and steps alone"),
        )
    })
}

/// Text for a shell, in single quotes where it needs them.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The whole command line of a slot, as words.
fn words(slot: &Slot<'_>, place: &Place) -> Vec<String> {
    let mut words = vec![place.program.clone()];
    words.extend(slot.arguments());
    words.extend(["--platform".into(), place.root.clone(), "--target".into(), place.target.clone()]);
    words.extend(["--wait".into(), "30m".into()]);
    words
}

/// A name of letters, digits, `_` and `-`: what projects are named with, so two never share one.
fn file_name(platform: &Platform, slot: &Slot<'_>) -> String {
    let plain = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
    };
    format!("goldsmith-{}-{}-{}", plain(&platform.name), plain(&slot.project.name), slot.kind.word())
}

#[cfg(test)]
mod tests;
