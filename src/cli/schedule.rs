//! Arguments of `goldsmith schedule`.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};

use super::DataFormat;
use crate::report::progress::LogFormat;

/// `schedule`
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Show a day: what runs when, for how long, and what waits for what
    #[command(
        after_help = "Examples:\n  goldsmith schedule show\n  goldsmith schedule show --date 2026-10-25 --format json"
    )]
    Show(ScheduleShowArgs),
    /// Watch the clock and start what is due, each run a process of its own
    #[command(
        after_help = "Examples:\n  goldsmith schedule run --target prod\n  goldsmith schedule run --select sfdc\n  goldsmith schedule run --once --within 15m    for a timer from outside\n\nSIGTERM or Ctrl-C ends it: what runs is rolled back first. Exit codes: 0 nothing was interrupted;\n130 a run was; with --once the worst of the runs."
    )]
    Run(ScheduleRunArgs),
    /// Write the schedule as files for another scheduler
    #[command(
        after_help = "Examples:\n  goldsmith schedule export --to crontab\n  goldsmith schedule export --to systemd --output deploy/\n  goldsmith schedule export --to github-actions > .github/workflows/goldsmith.yml"
    )]
    Export(ScheduleExportArgs),
    /// Say whether `schedule run` is alive, for a health check of its container
    #[command(
        after_help = "Examples:\n  goldsmith schedule health\n\nExit codes: 0 it is alive; 1 it is not."
    )]
    Health(ScheduleHealthArgs),
}

/// `schedule show`
#[derive(Debug, Args)]
pub struct ScheduleShowArgs {
    /// Projects [default: all]
    #[arg(long, short = 's', env = "GOLDSMITH_SELECT", value_name = "PROJECT", num_args = 1..)]
    pub select: Vec<String>,
    /// The day [default: today in the platform's time zone]
    #[arg(long, env = "GOLDSMITH_DATE", value_name = "YYYY-MM-DD")]
    pub date: Option<jiff::civil::Date>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// `schedule run`
#[derive(Debug, Args)]
pub struct ScheduleRunArgs {
    /// Projects [default: all]
    #[arg(long, short = 's', env = "GOLDSMITH_SELECT", value_name = "PROJECT", num_args = 1..)]
    pub select: Vec<String>,
    /// Start what is due now, wait for it, and end
    #[arg(long, env = "GOLDSMITH_ONCE")]
    pub once: bool,
    /// With --once: how far back a slot that was never started counts as due
    #[arg(long, env = "GOLDSMITH_WITHIN", value_name = "TIME", default_value = "10m")]
    pub within: jiff::SignedDuration,
    /// How long a run waits for a database that another one holds
    #[arg(long, env = "GOLDSMITH_WAIT", value_name = "TIME", default_value = "30m")]
    pub wait: jiff::SignedDuration,
    /// How to tell what happens, on standard error
    #[arg(long, env = "GOLDSMITH_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// `schedule export`
#[derive(Debug, Args)]
pub struct ScheduleExportArgs {
    /// The scheduler
    #[arg(long, value_enum)]
    pub to: Scheduler,
    /// The folder to write to [default: standard output, where it is one file]
    #[arg(long, short = 'o', value_name = "DIR")]
    pub output: Option<Utf8PathBuf>,
    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
    /// Projects [default: all]
    #[arg(long, short = 's', env = "GOLDSMITH_SELECT", value_name = "PROJECT", num_args = 1..)]
    pub select: Vec<String>,
}

/// `schedule health`
#[derive(Debug, Args)]
pub struct ScheduleHealthArgs {
    /// How long ago the clock may have given its last sign of life
    #[arg(long, value_name = "TIME", default_value = "1m")]
    pub within: jiff::SignedDuration,
}

/// A scheduler that files can be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scheduler {
    /// A crontab, for Vixie cron's descendants
    Crontab,
    /// A service and a timer for each slot
    Systemd,
    /// A workflow
    GithubActions,
    /// Schedule triggers of Azure Data Factory
    Adf,
}
