//! One publication: a row of the ledger.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::json::{read_pairs, write_pairs};
use super::{Row, is_yes, moment, number};
use crate::ddl::{day, ledger as sql, literal, time};
use crate::warehouse::{Connection, Error};
use crate::words::Dialect;

/// How a publication came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicationKind {
    /// Its scripts ran.
    Published,
    /// The rows of an earlier one were put back.
    Restored,
}

impl PublicationKind {
    /// The word in the ledger and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Restored => "restored",
        }
    }
}

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its place among all of its database, from 1.
    pub number: u64,
    /// The project.
    pub project: String,
    /// The business date.
    pub business_date: Date,
    /// Which one of its business date it is, from 1.
    pub edition: u32,
    /// How it came about.
    pub kind: PublicationKind,
    /// The run.
    pub run_id: String,
    /// The target.
    pub target: String,
    /// The number of the one whose rows were put back.
    pub restores: Option<u64>,
    /// When its transaction began.
    pub started_at: Timestamp,
    /// When its row was written, just before the commit.
    pub published_at: Timestamp,
    /// Who.
    pub by: String,
    /// On which machine.
    pub host: String,
    /// The commit of the files, where they are kept by git.
    pub git_commit: Option<String>,
    /// Whether files differed from it.
    pub git_dirty: Option<bool>,
    /// Why rules were set aside: the rule's word and the reason.
    pub reasons: Vec<(String, Option<String>)>,
    /// Who approved a change of a closed period.
    pub approved_by: Option<String>,
    /// Settings of the session, the engine's version among them.
    pub session: Vec<(String, Option<String>)>,
    /// The version of goldsmith.
    pub goldsmith_version: String,
}

impl Publication {
    /// What people call it: `datev@2026-02-28`, or `datev@2026-02-28.2` for the second of its date.
    #[must_use]
    pub fn id(&self) -> String {
        self.to_string()
    }

    pub(super) fn values(&self, dialect: Dialect) -> Vec<String> {
        vec![
            self.number.to_string(),
            literal(dialect, &self.project),
            day(dialect, &self.business_date.to_string()),
            self.edition.to_string(),
            literal(dialect, self.kind.word()),
            literal(dialect, &self.run_id),
            literal(dialect, &self.target),
            self.restores.map_or_else(|| "NULL".into(), |n| n.to_string()),
            time(dialect, self.started_at),
            time(dialect, self.published_at),
            literal(dialect, &self.by),
            literal(dialect, &self.host),
            sql::optional(dialect, self.git_commit.as_deref()),
            self.git_dirty.map_or_else(|| "NULL".into(), |d| sql::boolean(dialect, d).to_owned()),
            literal(dialect, &write_pairs(&self.reasons)),
            sql::optional(dialect, self.approved_by.as_deref()),
            literal(dialect, &write_pairs(&self.session)),
            literal(dialect, &self.goldsmith_version),
        ]
    }

    fn read(row: Row) -> Option<Self> {
        let [
            no,
            project,
            date,
            edition,
            kind,
            run_id,
            target,
            restores,
            started,
            published,
            by,
            host,
            commit,
            dirty,
            reasons,
            approved_by,
            session,
            version,
        ]: [_; 18] = row.try_into().ok()?;
        Some(Self {
            number: number(no)?,
            project: project?,
            business_date: date?.parse().ok()?,
            edition: edition?.parse().ok()?,
            kind: if kind? == "restored" { PublicationKind::Restored } else { PublicationKind::Published },
            run_id: run_id?,
            target: target?,
            restores: number(restores),
            started_at: moment(started)?,
            published_at: moment(published)?,
            by: by?,
            host: host?,
            git_commit: commit,
            git_dirty: dirty.map(|d| is_yes(&d)),
            reasons: read_pairs(&reasons?),
            approved_by,
            session: read_pairs(&session?),
            goldsmith_version: version?,
        })
    }
}

impl fmt::Display for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.project, self.business_date)?;
        if self.edition > 1 {
            write!(f, ".{}", self.edition)?;
        }
        Ok(())
    }
}

/// The publications of a project, the newest first: the first one stands.
///
/// # Errors
/// When the warehouse refuses the query.
pub fn publications(
    connection: &mut dyn Connection,
    database: &str,
    project: &str,
) -> Result<Vec<Publication>, Error> {
    let rows = connection.query(&sql::publications(connection.dialect(), database, project))?;
    Ok(rows.rows.into_iter().filter_map(Publication::read).collect())
}

/// The one that a text names among a project's, the newest first: `latest`, `latest~1`, a date (its last
/// edition), `project@date`, `project@date.edition`.
#[must_use]
pub fn find<'a>(all: &'a [Publication], text: &str) -> Option<&'a Publication> {
    let text = text.trim();
    if let Some(back) = text.strip_prefix("latest") {
        let back = if back.is_empty() { 0 } else { back.strip_prefix('~')?.parse().ok()? };
        return all.get::<usize>(back);
    }
    let (project, wanted) = text.split_once('@').map_or((None, text), |(p, rest)| (Some(p), rest));
    let (date, edition) = match wanted.split_once('.') {
        Some((date, edition)) => (date, Some(edition.parse::<u32>().ok()?)),
        None => (wanted, None),
    };
    let date: Date = date.parse().ok()?;
    // A plain id is that of the first edition; a plain date means what stood at its end.
    let edition = edition.or_else(|| project.map(|_| 1));
    all.iter().find(|p| {
        p.business_date == date
            && project.is_none_or(|name| name == p.project)
            && edition.is_none_or(|e| e == p.edition)
    })
}
