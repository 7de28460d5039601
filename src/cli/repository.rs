//! Commands about the repository that a platform is kept in: what has changed, who owns it, how it is taken apart and
//! deployed.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

/// `changed`
#[derive(Debug, Args)]
pub struct ChangedArgs {
    /// A branch, tag or commit
    #[arg(long, env = "GOLDSMITH_SINCE", value_name = "REV")]
    pub since: String,
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    pub format: ChangedFormat,
}

/// How `changed` prints projects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ChangedFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// Outputs for a job of GitHub Actions: `any` and `matrix`
    Github,
}

/// `owners`
#[derive(Debug, Args)]
pub struct OwnersArgs {
    /// The organization of GitHub whose teams owners without an `@` are
    #[arg(long, env = "GOLDSMITH_ORGANIZATION", value_name = "ORG", value_parser = organization)]
    pub organization: Option<String>,
    /// Show what differs from the file as a diff, write nothing; ends with 1 if something does
    #[arg(long, conflicts_with = "write")]
    pub check: bool,
    /// Write the file
    #[arg(long)]
    pub write: bool,
}

fn organization(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.is_empty() && text.chars().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err("an organization's name has letters, digits and `-`".to_owned())
}

/// `split`
#[derive(Debug, Args)]
pub struct SplitArgs {
    /// The project
    pub project: String,
    /// The folder to make, outside of the present repository
    #[arg(value_name = "DIR")]
    pub folder: Utf8PathBuf,
}

/// `workflow`
#[derive(Debug, Args)]
pub struct WorkflowArgs {
    /// The branch that is deployed
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub branch: String,
    /// The DuckDB target of the dry run [default: the default target, else the first of DuckDB]
    #[arg(long, value_name = "TARGET")]
    pub dry_run: Option<String>,
}
