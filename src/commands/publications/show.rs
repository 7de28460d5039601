//! `goldsmith publications show`

use std::io::Write;

use super::desk::{Book, Desk, sha256};
use crate::cli::{DataFormat, Global, ShowPublicationArgs};
use crate::commands::{CommandError, Exit};
use crate::ledger::{self, ItemKind, Publication, Role};
use crate::report::ignore_broken_pipe;
use crate::report::publications::{Evidence, Standing, evidence_json, write_evidence};

pub(super) fn show(global: &Global, args: &ShowPublicationArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(global, &args.projects, &[&args.id])?;
    let (book, publication) = desk.find(&args.id)?;
    let mut evidence = evidence(&desk, book, publication)?;
    if args.reproduce {
        evidence.standing = reproduce(&desk, book, &evidence)?;
    }
    let look = &desk.session.out;
    let mut out = look.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let text = serde_json::to_string_pretty(&evidence_json(&evidence)).unwrap_or_default();
            writeln!(out, "{}", look.masker.mask(&text))
        }
        DataFormat::Text => {
            write_evidence(&evidence, &desk.session.now().time_zone().clone(), look, &mut out)
        }
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    let stands = evidence.standing.iter().all(|s| s.problem.is_none());
    Ok(if stands { Exit::Done } else { Exit::Failed })
}

/// All that the ledger knows of a publication.
pub(super) fn evidence<'a>(
    desk: &Desk,
    book: &Book,
    publication: &'a Publication,
) -> Result<Evidence<'a>, CommandError> {
    let mut connection = desk.connect(book)?;
    Ok(Evidence {
        publication,
        stands: book.publications.first() == Some(publication),
        relations: ledger::relations(connection.as_mut(), &book.database, publication.number)?,
        items: ledger::items(connection.as_mut(), &book.database, publication.number)?,
        standing: Vec::new(),
    })
}

/// Which inputs and scripts still stand as they were.
fn reproduce(desk: &Desk, book: &Book, evidence: &Evidence<'_>) -> Result<Vec<Standing>, CommandError> {
    let mut connection = desk.connect(book)?;
    let mut standing = Vec::new();
    for item in evidence.items.iter().filter(|i| i.kind == ItemKind::Script) {
        let Some(path) = &item.path else { continue };
        let problem = match sha256(desk.session.root(), path) {
            None => Some("the file is gone".to_owned()),
            Some(now) if Some(&now) == item.sha256.as_ref() => None,
            Some(_) => Some("the file has changed".to_owned()),
        };
        standing.push(Standing { what: "script", name: path.clone(), problem });
    }
    for input in evidence.relations.iter().filter(|r| r.role == Role::Input) {
        let now = ledger::measure(connection.as_mut(), &input.relation, &input.ignored(), None)?;
        let problem = match now {
            None => Some("the relation is gone".to_owned()),
            Some(now) if now.figures.checksum == input.checksum => None,
            Some(now) if now.figures.rows != input.rows => {
                Some(format!("{} rows now, {} then", now.figures.rows, input.rows))
            }
            Some(_) => Some("other values".to_owned()),
        };
        standing.push(Standing { what: "input", name: input.name(), problem });
    }
    Ok(standing)
}
