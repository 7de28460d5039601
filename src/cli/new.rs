//! The arguments of making platforms and projects.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use crate::words::Dialect;

/// `new`
#[derive(Debug, Subcommand)]
pub enum NewCommand {
    /// Make a platform with one sample source, which runs at once on `DuckDB`
    #[command(
        after_help = "Examples:\n  goldsmith new platform acme\n  goldsmith new platform acme --source crm --owner sales --timezone Europe/Berlin\n  goldsmith new platform acme --from-dbt ../jaffle_shop\n  goldsmith new platform acme --from-scripts ../month_end"
    )]
    Platform(NewPlatformArgs),
    /// Make a project: one source system more, which lints clean and runs at once
    ///
    /// On a terminal it asks for what the flags do not say; elsewhere the usual is taken.
    #[command(
        after_help = "Examples:\n  goldsmith new project crm --owner sales\n  goldsmith new project sf_emea --from sfdc       the shape of another project\n  goldsmith new project shop --from-dbt ../shop    an existing dbt project\n  goldsmith new project crm --set cost_centre=4711\n\nIt is made from template/ where the platform has one, else from what goldsmith brings along."
    )]
    Project(NewProjectArgs),
}

/// `new platform`
#[derive(Debug, Args)]
pub struct NewPlatformArgs {
    /// The folder to make; its name is the platform's
    #[arg(value_name = "NAME")]
    pub folder: Utf8PathBuf,
    /// The name of its first source system [default: sample]
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Take an existing dbt project as the first source
    #[arg(long, value_name = "DIR")]
    pub from_dbt: Option<Utf8PathBuf>,
    /// Propose a project for each database that the scripts of a folder name, and copy them
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from_dbt", "source"])]
    pub from_scripts: Option<Utf8PathBuf>,
    /// The dialect of those scripts
    #[arg(long, default_value = "tsql", requires = "from_scripts")]
    pub dialect: Dialect,
    /// The team that answers for the source [default: your user name]
    #[arg(long, value_name = "TEAM")]
    pub owner: Option<String>,
    /// Of business dates and schedules, by its IANA name [default: this machine's]
    #[arg(long, value_name = "NAME")]
    pub timezone: Option<String>,
    /// Take what is usual for everything that no flag says, and ask nothing
    #[arg(long, short)]
    pub yes: bool,
    /// Write into a folder that is there, over files of the same names
    #[arg(long)]
    pub force: bool,
}

/// `new project`
#[derive(Debug, Args)]
pub struct NewProjectArgs {
    /// The name of the source system
    pub name: Option<String>,
    /// The team that answers for it [default: your user name]
    #[arg(long, value_name = "TEAM")]
    pub owner: Option<String>,
    /// Its database [default: the name with `_dwh` behind it]
    #[arg(long, value_name = "NAME")]
    pub database: Option<String>,
    /// The daily run, as a cron expression [default: the first half hour from five on that no project takes]
    #[arg(long, value_name = "CRON")]
    pub daily: Option<String>,
    /// What it is, in a sentence
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Take the shape of another project in the place of the template
    #[arg(long, value_name = "PROJECT", conflicts_with = "template")]
    pub from: Option<String>,
    /// Take an existing dbt project over
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from", "template", "set"])]
    pub from_dbt: Option<Utf8PathBuf>,
    /// Another template folder, relative to the platform
    #[arg(long, value_name = "DIR", value_parser = below)]
    pub template: Option<Utf8PathBuf>,
    /// Answers a variable of the template
    #[arg(long, value_name = "VARIABLE=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Take what is usual for everything that no flag says, and ask nothing
    #[arg(long, short)]
    pub yes: bool,
    /// Write into a folder that is there, over files of the same names
    #[arg(long)]
    pub force: bool,
}

/// `template`
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Write the built-in template into template/, to be changed
    #[command(after_help = "Examples:\n  goldsmith template init")]
    Init(TemplateInitArgs),
    /// Show what `template update` would change
    #[command(
        after_help = "Examples:\n  goldsmith template diff\n  goldsmith template diff crm --check      in CI\n\nExit codes: 0 shown; 1 with --check, when there is something to bring; 2 usage or configuration."
    )]
    Diff(TemplateDiffArgs),
    /// Bring what has changed in the template to the projects that were made from it
    ///
    /// Three ways, like a merge of git's: what only the template has changed is taken, what only the project has
    /// changed stays, and where both have changed the same lines both stand between marks.
    #[command(
        after_help = "Examples:\n  goldsmith template update\n  goldsmith template update crm\n\nExit codes: 0 done; 1 conflicts are left to be settled; 2 usage or configuration."
    )]
    Update(TemplateUpdateArgs),
}

/// `template init`
#[derive(Debug, Args)]
pub struct TemplateInitArgs {
    /// Write over files of the same names
    #[arg(long)]
    pub force: bool,
}

/// `template diff`
#[derive(Debug, Args)]
pub struct TemplateDiffArgs {
    /// The projects [default: all that were made from a template]
    pub projects: Vec<String>,
    /// End with 1 when there is something to bring
    #[arg(long)]
    pub check: bool,
}

/// `template update`
#[derive(Debug, Args)]
pub struct TemplateUpdateArgs {
    /// The projects [default: all that were made from a template]
    pub projects: Vec<String>,
    /// Also write into a project with changes that are not committed
    #[arg(long)]
    pub force: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as VARIABLE=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn below(text: &str) -> Result<Utf8PathBuf, String> {
    let path = Utf8PathBuf::from(text);
    let is_below = path.components().all(|part| matches!(part, camino::Utf8Component::Normal(_)));
    if is_below && !text.is_empty() {
        Ok(path)
    } else {
        Err("name a folder of the platform, such as template".into())
    }
}
