//! A project as the shape of another one: its files with the other's name, database, owner and times.

use camino::{Utf8Path, Utf8PathBuf};

use super::Answers;
use crate::nouns::Project;

/// What of a project is spelled anew.
#[derive(Debug, Clone)]
pub struct Sibling {
    /// Its name.
    pub name: String,
    /// Its folder, below the platform.
    pub folder: Utf8PathBuf,
    database: String,
    daily: Option<String>,
    financial: Option<String>,
}

impl Sibling {
    /// A project.
    #[must_use]
    pub fn new(project: &Project) -> Self {
        let text = |timing: &Option<crate::nouns::Timing>| timing.as_ref().map(|t| t.text.clone());
        Self {
            name: project.name.clone(),
            folder: project.folder.clone(),
            database: project.database.clone(),
            daily: text(&project.schedule.daily),
            financial: text(&project.schedule.financial),
        }
    }

    /// The text of a file as the new project has it. Data stays as it is.
    pub(super) fn respell(&self, path: &Utf8Path, text: &str, answers: &Answers) -> String {
        if path == "project.yml" {
            return self.settings(text, answers);
        }
        let is_code = matches!(path.extension(), Some("sql" | "yml" | "yaml" | "md" | "py" | "sh"));
        if !is_code || path.starts_with("data") {
            return text.to_owned();
        }
        let text = words(text, &self.database, &answers.database);
        words(&text, &self.name, &answers.name)
    }

    /// `project.yml`: what is the project's own is written anew, what it owns beside its database is left out.
    fn settings(&self, text: &str, answers: &Answers) -> String {
        let mut lines = vec![answers.head()];
        let mut key = "";
        for line in text.split_inclusive('\n') {
            let is_inner = line.starts_with([' ', '\t', '-', '}', ']']);
            if !is_inner && !line.starts_with('#') && !line.trim().is_empty() {
                key = line.split(':').next().unwrap_or_default().trim();
            }
            match key {
                "name" | "owner" | "description" | "database" | "owns" => {
                    if line.starts_with('#') {
                        lines.push(line.to_owned());
                    }
                }
                "schedule" => lines.push(self.times(line, answers)),
                _ => lines.push(words(
                    &words(line, &self.database, &answers.database),
                    &self.name,
                    &answers.name,
                )),
            }
        }
        lines.concat()
    }

    /// A line of `schedule:` with the new times.
    fn times(&self, line: &str, answers: &Answers) -> String {
        let mut line = line.to_owned();
        if let Some(financial) = &self.financial {
            let moved = self.daily.as_deref().and_then(|daily| moved(daily, financial, &answers.daily));
            line = behind(&line, "financial", financial, moved.as_deref().unwrap_or(financial));
        }
        match &self.daily {
            Some(daily) => behind(&line, "daily", daily, &answers.daily),
            None => line,
        }
    }
}

/// The line with another text in the place of the first one behind a key.
fn behind(line: &str, key: &str, old: &str, new: &str) -> String {
    let Some(at) = line.find(key) else { return line.to_owned() };
    let (before, rest) = line.split_at(at);
    format!("{before}{}", rest.replacen(old, new, 1))
}

/// A time as far behind the new daily one as it was behind the old. `None` where a time is no plain one.
fn moved(daily: &str, other: &str, new: &str) -> Option<String> {
    let minutes = |cron: &str| {
        let mut fields = cron.split_whitespace();
        let minute: i32 = fields.next()?.parse().ok()?;
        let hour: i32 = fields.next()?.parse().ok()?;
        Some((hour * 60 + minute, fields.collect::<Vec<_>>().join(" ")))
    };
    let ((daily, _), (other, days), (new, _)) = (minutes(daily)?, minutes(other)?, minutes(new)?);
    let at = (new + other - daily).rem_euclid(24 * 60);
    Some(format!("{} {} {days}", at % 60, at / 60))
}

/// The text with one word for another, whatever its case; a word ends where no letter, digit or `_` follows.
fn words(text: &str, old: &str, new: &str) -> String {
    if old.is_empty() {
        return text.to_owned();
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let here = rest.get(..old.len()).filter(|head| head.eq_ignore_ascii_case(old));
        let starts = !before.is_some_and(is_word);
        if here.is_some() && starts && !rest[old.len()..].starts_with(is_word) {
            out.push_str(new);
            rest = &rest[old.len()..];
            before = old.chars().last();
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            before = Some(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{moved, words};

    #[test]
    fn words_are_whole() {
        assert_eq!(
            words("sfdc SFDC.x [sfdc] sfdc_account 'sfdc' äsfdc", "sfdc", "crm"),
            "crm crm.x [crm] sfdc_account 'crm' äsfdc"
        );
        assert_eq!(words("ä", "sfdc_long_name", "x"), "ä");
    }

    #[test]
    fn times_keep_their_distance() {
        assert_eq!(moved("0 5 * * *", "0 7 * * 1-5", "30 23 * * *").as_deref(), Some("30 1 * * 1-5"));
        assert_eq!(moved("0 5 * * *", "0 */2 * * *", "30 23 * * *"), None);
    }
}
