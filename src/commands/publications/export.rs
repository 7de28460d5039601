//! `goldsmith publications export`

use std::io::Write;

use super::desk::Desk;
use super::show::evidence;
use crate::cli::{ExportPublicationArgs, Global};
use crate::commands::{CommandError, Exit};
use crate::report::publications::{evidence_json, page};

pub(super) fn export(global: &Global, args: &ExportPublicationArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(global, &args.projects, &[&args.id])?;
    let (book, publication) = desk.find(&args.id)?;
    let evidence = evidence(&desk, book, publication)?;
    let platform = &desk.session.graph.analysis().platform;
    let masker = &desk.session.out.masker;
    let json = serde_json::to_string_pretty(&evidence_json(&evidence)).unwrap_or_default();
    let zone = desk.session.now().time_zone().clone();
    let owner = desk.project(&book.project).and_then(|p| p.owner.clone());
    let html = page(&evidence, &platform.name, owner.as_deref(), &zone);
    fs_err::create_dir_all(&args.output)?;
    // `@` means something to some shells and programs.
    let stem = publication.id().replace('@', "_");
    let mut err = desk.session.err.stderr();
    for (ending, text) in [("json", masker.mask(&json)), ("html", masker.mask(&html))] {
        let path = args.output.join(format!("{stem}.{ending}"));
        fs_err::write(&path, text.as_bytes())?;
        writeln!(err, "Wrote {path}")?;
    }
    Ok(Exit::Done)
}
