//! The commands, one file each: they call the floors in order and hand the outcome to the telling
//! floor. Owns exit codes; decides nothing about SQL, order or boundaries.

mod accept;
mod affected;
mod after;
mod before;
mod changed;
mod clean;
mod columns;
mod compile;
mod completions;
mod confirm;
mod debug;
mod deploy;
mod deps;
mod earlier;
mod error;
mod files;
mod git;
mod impact;
mod interrupts;
mod lint;
mod ls;
mod lsp;
mod manifest;
mod new;
mod notify;
mod owners;
mod past;
mod place;
mod plan;
mod publications;
mod release;
mod resume;
mod run;
mod schedule;
mod schema;
mod session;
mod show;
mod sources;
mod split;
mod status;
mod template;
mod test;
mod warehouse;
mod workflow;

pub use error::{CommandError, Exit};

use crate::cli::{Cli, Command};

/// Carries out a command.
pub fn carry_out(cli: &Cli) -> Result<Exit, CommandError> {
    match &cli.command {
        Command::Run(args) => run::run(&cli.global, args),
        Command::Plan(args) => plan::plan(&cli.global, args),
        Command::Lint(args) => lint::lint(&cli.global, args),
        Command::Ls(args) => ls::ls(&cli.global, args),
        Command::Compile(args) => compile::compile(&cli.global, args),
        Command::Test(args) => test::test(&cli.global, args),
        Command::Show(args) => show::show(&cli.global, args),
        Command::Status(args) => status::status(&cli.global, args),
        Command::Impact(args) => impact::impact(&cli.global, args),
        Command::Changed(args) => changed::changed(&cli.global, args),
        Command::Owners(args) => owners::owners(&cli.global, args),
        Command::Split(args) => split::split(&cli.global, args),
        Command::Deploy(args) => deploy::deploy(&cli.global, args),
        Command::New(command) => new::new(&cli.global, command),
        Command::Template(command) => template::template(&cli.global, command),
        Command::Workflow(args) => workflow::workflow(&cli.global, args),
        Command::Deps(args) => deps::deps(&cli.global, args),
        Command::Lsp(_) => lsp::lsp(&cli.global),
        Command::Publications(command) => publications::publications(&cli.global, command),
        Command::Schedule(command) => schedule::schedule(&cli.global, command),
        Command::Debug(args) => debug::debug(&cli.global, args),
        Command::Schema(args) => schema::schema(&cli.global, args),
        Command::Clean => clean::clean(&cli.global),
        Command::Completions { shell } => completions::completions(*shell),
    }
}
