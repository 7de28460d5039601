//! `goldsmith publications`: what the ledger tells, and what is done by it.

mod close;
mod desk;
mod diff;
mod due;
mod export;
mod list;
mod restore;
mod show;
mod verify;

use super::{CommandError, Exit};
use crate::cli::{Global, PublicationsCommand};

pub(super) fn publications(global: &Global, command: &PublicationsCommand) -> Result<Exit, CommandError> {
    match command {
        PublicationsCommand::List(args) => list::list(global, args),
        PublicationsCommand::Show(args) => show::show(global, args),
        PublicationsCommand::Diff(args) => diff::diff(global, args),
        PublicationsCommand::Verify(args) => verify::verify(global, args),
        PublicationsCommand::Restore(args) => restore::restore(global, args),
        PublicationsCommand::Export(args) => export::export(global, args),
        PublicationsCommand::Close(args) => close::close(global, args),
        PublicationsCommand::Due(args) => due::due(global, args),
    }
}
