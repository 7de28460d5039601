//! `goldsmith publications list`

use std::io::Write;

use serde_json::Value;

use super::desk::Desk;
use crate::cli::{DataFormat, Global, ListPublicationsArgs};
use crate::commands::{CommandError, Exit};
use crate::report::ignore_broken_pipe;
use crate::report::publications::{publication_json, publication_table};

pub(super) fn list(global: &Global, args: &ListPublicationsArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(global, &args.projects, &[])?;
    let all: Vec<_> = desk.books.iter().flat_map(|b| b.publications.iter().take(args.limit)).collect();
    let standing: Vec<u64> = desk.books.iter().filter_map(|b| Some(b.publications.first()?.number)).collect();
    let is_standing = |p: &crate::ledger::Publication| {
        standing.contains(&p.number) && desk.books.iter().any(|b| b.publications.first() == Some(p))
    };
    let out = &desk.session.out;
    let mut to = out.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let list: Vec<Value> = all.iter().map(|p| publication_json(p, is_standing(p))).collect();
            let text = serde_json::to_string_pretty(&list).unwrap_or_default();
            writeln!(to, "{}", out.masker.mask(&text))
        }
        DataFormat::Text if all.is_empty() => {
            drop(to);
            to = desk.session.out.stdout();
            writeln!(
                desk.session.err.stderr(),
                "Nothing has been published on {} yet: `goldsmith run` does at the end of the daily pipeline.",
                desk.session.graph.analysis().target.name
            )
        }
        DataFormat::Text => {
            publication_table(&all, &is_standing, &desk.session.now().time_zone().clone()).write(out, &mut to)
        }
    };
    ignore_broken_pipe(written.and_then(|()| to.flush()))?;
    Ok(Exit::Done)
}
