//! `goldsmith completions`

use clap::CommandFactory;

use super::{CommandError, Exit};
use crate::cli::Cli;

#[expect(clippy::unnecessary_wraps, reason = "every command has the same shape")]
pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit, CommandError> {
    clap_complete::generate(shell, &mut Cli::command(), "goldsmith", &mut std::io::stdout());
    Ok(Exit::Done)
}
