//! Telling: how diagnostics, the progress of a run, its summary, tables and artifacts are shown or
//! written. Decides nothing; takes values of the lower floors and turns them into text. Everything
//! that a user or another tool sees goes through a [`Look`], which hides secrets and colours.

pub mod artifacts;
mod codeowners;
mod day;
pub mod diagnostics;
pub mod diff;
mod look;
pub mod markdown;
mod masker;
mod neutral;
pub mod notify;
pub mod progress;
pub mod publications;
pub mod schema;
pub mod status;
mod summary;
mod table;
mod wording;
mod workflow;

pub use codeowners::codeowners;
pub use day::{Day, Entry, Lasts, write_day};
pub use look::{Color, Look, ignore_broken_pipe};
pub use masker::Masker;
pub use neutral::{neutral, neutral_line};
pub use summary::{Facts, write_summary};
pub use table::Table;
pub use wording::{count, duration, joined, thousands};
pub use workflow::{Place as WorkflowPlace, workflow};

#[cfg(test)]
mod testing;
