//! The arguments of publishing and of the ledger.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use super::DataFormat;

/// How financial gold is published: rules that are set aside, each with its reason.
#[derive(Debug, Clone, Default, Args)]
pub struct ReleaseArgs {
    /// Run financial gold inside its transaction, show what would change, and roll back; nothing is
    /// loaded, nothing is published
    #[arg(long, env = "GOLDSMITH_REHEARSE")]
    pub rehearse: bool,
    /// Publish once more for a business date that has been published
    #[arg(long, env = "GOLDSMITH_REPUBLISH", value_name = "REASON", value_parser = reason)]
    pub republish: Option<String>,
    /// Publish though something behind it was not reloaded in full on the business date
    #[arg(long, env = "GOLDSMITH_ALLOW_STALE", value_name = "REASON", value_parser = reason)]
    pub allow_stale: Option<String>,
    /// Publish though hourly loads have changed something behind it since its full reload
    #[arg(long, env = "GOLDSMITH_ALLOW_HOURLY_INPUTS", value_name = "REASON", value_parser = reason)]
    pub allow_hourly_inputs: Option<String>,
    /// Publish though a closed period changes
    #[arg(long, env = "GOLDSMITH_RESTATE", value_name = "REASON", value_parser = reason, requires = "approved_by")]
    pub restate: Option<String>,
    /// Who has approved that a closed period changes
    #[arg(long, env = "GOLDSMITH_APPROVED_BY", value_name = "NAME", value_parser = reason)]
    pub approved_by: Option<String>,
}

impl ReleaseArgs {
    /// The rules that are set aside: their words and the reasons.
    #[must_use]
    pub fn reasons(&self) -> Vec<(String, String)> {
        [
            ("republish", &self.republish),
            ("allow-stale", &self.allow_stale),
            ("allow-hourly-inputs", &self.allow_hourly_inputs),
            ("restate", &self.restate),
        ]
        .into_iter()
        .filter_map(|(rule, reason)| Some((rule.to_owned(), reason.clone()?)))
        .collect()
    }
}

/// A reason is something that an auditor can read.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is empty: say why, for whoever reads the ledger".into());
    }
    Ok(text.to_owned())
}

/// What is asked of the ledger.
#[derive(Debug, Subcommand)]
pub enum PublicationsCommand {
    /// List publications, the newest first
    #[command(
        after_help = "Examples:\n  goldsmith publications list\n  goldsmith publications list --select datev --limit 5 --format json"
    )]
    List(ListPublicationsArgs),
    /// Show one: scripts, inputs, outputs, tests, reasons
    #[command(
        after_help = "Examples:\n  goldsmith publications show datev@2026-02-28\n  goldsmith publications show latest --select datev --reproduce\n\nWith --reproduce: exit code 1 when an input or a script is not as it was."
    )]
    Show(ShowPublicationArgs),
    /// Show what changed from one publication to another
    #[command(
        after_help = "Examples:\n  goldsmith publications diff --select datev                     yesterday's to today's\n  goldsmith publications diff datev@2026-02-27 datev@2026-02-28\n  goldsmith publications diff latest~7 latest --select sfdc --rows 20"
    )]
    Diff(DiffPublicationsArgs),
    /// Compute checksums anew and name what was changed by hand since
    #[command(
        after_help = "Examples:\n  goldsmith publications verify                   what stands, of every project\n  goldsmith publications verify datev@2026-02-28  what the archive holds of it\n\nExit codes: 0 all is as it was published; 1 something is not; 3 a database is held."
    )]
    Verify(VerifyPublicationsArgs),
    /// Put the rows of an earlier publication back, in one transaction, as a publication of its own
    #[command(
        after_help = "Example:\n  goldsmith publications restore datev@2026-02-27 --reason \"wrong exchange rates\""
    )]
    Restore(RestorePublicationArgs),
    /// Write one as evidence: JSON and a page for a browser or a printer
    #[command(after_help = "Example:\n  goldsmith publications export datev@2026-02-28 --output evidence/")]
    Export(ExportPublicationArgs),
    /// Close a month: no publication may change it any more
    #[command(
        after_help = "Example:\n  goldsmith publications close 2026-02 --select datev\n\nWhat is held are the rows of the month in each relation with `config: { period: COLUMN }`."
    )]
    Close(ClosePeriodArgs),
    /// Say whether today's publications stand; exit code 1 when one is missing past its deadline
    #[command(
        after_help = "Example:\n  goldsmith publications due || page-somebody\n\nDeadlines are set as `publications: { deadline: \"08:00\" }` in goldsmith.yml or project.yml."
    )]
    Due(DueArgs),
}

/// Which projects.
#[derive(Debug, Clone, Args)]
pub struct ProjectsArgs {
    /// Projects [default: all that have financial gold]
    #[arg(long, short = 's', env = "GOLDSMITH_SELECT", value_name = "PROJECT", num_args = 1..)]
    pub select: Vec<String>,
    /// How long to wait for a database that another process holds, such as 30s or 10m
    #[arg(long, env = "GOLDSMITH_WAIT", value_name = "TIME", default_value = "0s")]
    pub wait: jiff::SignedDuration,
}

/// `publications list`
#[derive(Debug, Args)]
pub struct ListPublicationsArgs {
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
    /// How many of each project
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub limit: usize,
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// `publications show`
#[derive(Debug, Args)]
pub struct ShowPublicationArgs {
    /// Which: project@date, project@date.2, a date, latest, latest~1
    #[arg(default_value = "latest")]
    pub id: String,
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
    /// Say which of the recorded inputs and scripts still stand as they were
    #[arg(long)]
    pub reproduce: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// `publications diff`
#[derive(Debug, Args)]
pub struct DiffPublicationsArgs {
    /// The earlier one: project@date, project@date.2, a date, latest~1
    #[arg(default_value = "latest~1")]
    pub before: String,
    /// The later one
    #[arg(default_value = "latest")]
    pub after: String,
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
    /// Only this relation
    #[arg(long, value_name = "NAME")]
    pub relation: Option<String>,
    /// Show so many of the rows that differ, of each relation
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub rows: usize,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// `publications verify`
#[derive(Debug, Args)]
pub struct VerifyPublicationsArgs {
    /// Which: project@date and the like [default: what stands]
    pub id: Option<String>,
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// `publications restore`
#[derive(Debug, Args)]
pub struct RestorePublicationArgs {
    /// Which: project@date, project@date.2, a date, latest~1
    pub id: String,
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
    /// Why
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub reason: String,
    /// Restore though a closed period changes
    #[arg(long, value_name = "REASON", value_parser = reason, requires = "approved_by")]
    pub restate: Option<String>,
    /// Who has approved that a closed period changes
    #[arg(long, value_name = "NAME", value_parser = reason)]
    pub approved_by: Option<String>,
}

/// `publications export`
#[derive(Debug, Args)]
pub struct ExportPublicationArgs {
    /// Which: project@date, project@date.2, a date, latest
    #[arg(default_value = "latest")]
    pub id: String,
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
    /// The folder for the files
    #[arg(long, short = 'o', default_value = "target/evidence", value_name = "DIR")]
    pub output: Utf8PathBuf,
}

/// `publications close`
#[derive(Debug, Args)]
pub struct ClosePeriodArgs {
    /// The month: 2026-02
    #[arg(value_name = "PERIOD", value_parser = month)]
    pub period: String,
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
}

/// `publications due`
#[derive(Debug, Args)]
pub struct DueArgs {
    /// Which projects.
    #[command(flatten)]
    pub projects: ProjectsArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// A month, `2026-02`.
fn month(text: &str) -> Result<String, String> {
    let first: Result<jiff::civil::Date, _> = format!("{text}-01").parse();
    match first {
        Ok(date) if date.strftime("%Y-%m").to_string() == text => Ok(text.to_owned()),
        _ => Err("write the month as 2026-02".into()),
    }
}
