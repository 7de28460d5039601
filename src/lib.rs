//! goldsmith runs a data warehouse that is split by source system.
//!
//! The floors, lowest first: words; nouns; reading ([`config`], [`load`], [`render`], [`sql`],
//! [`ddl`], [`analysis`]); wire ([`web`], [`warehouse`], [`history`]); thinking ([`graph`], [`lineage`],
//! [`select`], [`lint`], [`plan`], [`schedule`]); acting ([`execute`], [`scaffold`]); telling ([`report`], [`lsp`]); doors ([`cli`], [`commands`]).
//! A lower floor never imports a higher one; `tests/floors.rs` holds that.

pub mod analysis;
pub mod cli;
pub mod commands;
pub mod config;
pub mod ddl;
pub mod execute;
pub mod graph;
pub mod history;
pub mod ledger;
pub mod lineage;
pub mod lint;
pub mod load;
pub mod lsp;
pub mod nouns;
pub mod plan;
pub mod render;
pub mod report;
pub mod scaffold;
pub mod schedule;
pub mod select;
pub mod sql;
pub mod warehouse;
pub mod web;
pub mod words;

use std::io::Write;
use std::process::ExitCode;

/// The whole program: arguments, command, error, exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = cli::Cli::read();
    let exit = match commands::carry_out(&cli) {
        Ok(exit) => exit,
        Err(error) => {
            tell(&error, cli.global.color);
            error.exit()
        }
    };
    ExitCode::from(exit.code())
}

/// Tells why a command could not be carried out.
fn tell(error: &commands::CommandError, color: report::Color) {
    let look = report::Look::of_stderr(color, report::Masker::default());
    let mut err = look.stderr();
    let _ =
        report::diagnostics::write(error.diagnostics(), report::diagnostics::Format::Text, &look, &mut err);
    let _ = writeln!(err, "error: {}", report::neutral(&error.to_string()));
    for help in error.help() {
        let _ = writeln!(err, "  help: {}", report::neutral(help));
    }
}
