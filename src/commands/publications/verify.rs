//! `goldsmith publications verify`

use std::io::Write;

use serde_json::{Value, json};

use super::desk::{Book, Desk};
use crate::cli::{DataFormat, Global, VerifyPublicationsArgs};
use crate::commands::{CommandError, Exit};
use crate::ddl::ledger as sql;
use crate::ledger::{self, Difference, Publication, RelationRecord, Role, Sides};
use crate::report::ignore_broken_pipe;
use crate::report::publications::{Verdict, verdict_json, write_verdict};
use crate::warehouse::Connection;
use crate::words::RelationName;

pub(super) fn verify(global: &Global, args: &VerifyPublicationsArgs) -> Result<Exit, CommandError> {
    let ids: Vec<&str> = args.id.as_deref().into_iter().collect();
    let desk = Desk::open(global, &args.projects, &ids)?;
    let mut verdicts = Vec::new();
    match &args.id {
        Some(id) => {
            let (book, publication) = desk.find(id)?;
            let stands = book.publications.first() == Some(publication);
            let held = if stands { check(&desk, book, publication, Where::Published)? } else { Vec::new() };
            verdicts.push((publication.id(), held));
            verdicts.push((
                format!("{publication} in the archive"),
                check(&desk, book, publication, Where::Archive)?,
            ));
            verdicts.retain(|(_, checked)| !checked.is_empty());
        }
        None => {
            for book in &desk.books {
                if let Some(publication) = book.publications.first() {
                    verdicts.push((publication.id(), check(&desk, book, publication, Where::Published)?));
                }
            }
        }
    }
    let look = &desk.session.out;
    let mut out = look.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let all: Vec<Value> = verdicts
                .iter()
                .map(|(id, checked)| json!({ "publication": id, "relations": checked.iter().map(verdict_json).collect::<Vec<_>>() }))
                .collect();
            writeln!(out, "{}", look.masker.mask(&serde_json::to_string_pretty(&all).unwrap_or_default()))
        }
        DataFormat::Text => {
            verdicts.iter().try_for_each(|(id, checked)| write_verdict(id, checked, look, &mut out))
        }
    };
    if verdicts.is_empty() {
        writeln!(desk.session.err.stderr(), "There is nothing to verify: nothing has been published yet.")?;
    }
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    let is_good = verdicts.iter().flat_map(|(_, checked)| checked).all(|v| v.problem.is_none());
    Ok(if is_good { Exit::Done } else { Exit::Failed })
}

/// Which rows are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Those that readers see.
    Published,
    /// Those that the archive keeps.
    Archive,
}

fn check(
    desk: &Desk,
    book: &Book,
    publication: &Publication,
    place: Where,
) -> Result<Vec<Verdict>, CommandError> {
    let mut connection = desk.connect(book)?;
    let connection = connection.as_mut();
    let outputs = desk.outputs(&book.project);
    let mut verdicts = Vec::new();
    for record in ledger::relations(connection, &book.database, publication.number)? {
        if record.role != Role::Output {
            continue;
        }
        let key = outputs.iter().find(|o| o.relation == record.relation).map(|o| o.key.clone());
        let copy = record.archive.as_ref().map(|table| sql::archive_table(&book.database, table));
        let checked = Checked { record: &record, copy: copy.as_ref(), key: key.unwrap_or_default() };
        verdicts.push(match place {
            Where::Published => checked.published(connection)?,
            Where::Archive => checked.archived(connection)?,
        });
    }
    Ok(verdicts)
}

struct Checked<'a> {
    record: &'a RelationRecord,
    copy: Option<&'a RelationName>,
    key: Vec<String>,
}

impl Checked<'_> {
    fn verdict(&self, problem: Option<String>, difference: Option<Difference>) -> Verdict {
        Verdict { relation: self.record.name(), rows: self.record.rows, problem, difference }
    }

    fn published(&self, connection: &mut dyn Connection) -> Result<Verdict, CommandError> {
        let record = self.record;
        let Some(now) = ledger::measure(connection, &record.relation, &record.ignored(), None)? else {
            return Ok(self.verdict(Some("the relation is gone".into()), None));
        };
        if now.figures.checksum == record.checksum {
            return Ok(self.verdict(None, None));
        }
        if !same_version(&now.figures.checksum, &record.checksum) {
            let problem =
                "it was published by another version of checksums, which this goldsmith can't compute";
            return Ok(self.verdict(Some(problem.into()), None));
        }
        let difference = match self.copy {
            Some(copy) if ledger::measure(connection, copy, &[], None)?.is_some() => {
                let sides = Sides {
                    before: Some(copy),
                    after: Some(&record.relation),
                    key: &self.key,
                    ignored: &record.ignored(),
                };
                Some(ledger::difference(connection, sides)?)
            }
            _ => None,
        };
        Ok(self.verdict(Some("it was changed since".into()), difference))
    }

    fn archived(&self, connection: &mut dyn Connection) -> Result<Verdict, CommandError> {
        let record = self.record;
        let found = match self.copy {
            Some(copy) => ledger::measure(connection, copy, &record.ignored(), None)?,
            None => None,
        };
        Ok(match found {
            None => {
                let mut verdict = self.verdict(None, None);
                verdict.problem = None;
                Verdict { relation: format!("{} (rows are kept no more)", verdict.relation), ..verdict }
            }
            Some(now) if now.figures.checksum == record.checksum => self.verdict(None, None),
            Some(_) => self.verdict(Some("the archived rows were changed since".into()), None),
        })
    }
}

fn same_version(one: &str, other: &str) -> bool {
    one.split_once(':').map(|(v, _)| v) == other.split_once(':').map(|(v, _)| v)
}
