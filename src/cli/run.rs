//! Which nodes, which pipeline, and how it is carried out: `run`, `plan`, `test`.

use camino::Utf8PathBuf;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, ValueEnum};

use super::{Cli, DataFormat, ReleaseArgs};
use crate::nouns::Pipeline;
use crate::report::progress::LogFormat;

/// Which nodes.
#[derive(Debug, Clone, Default, Args)]
pub struct SelectArgs {
    /// Nodes to take: names, projects, `+a`, `a+`, `@a`, `tag:`, `path:`, `layer:`, `track:`,
    /// `kind:`, `owner:`, `source:`, `config.x:`, `state:`, `result:`; spaces unite, commas intersect
    #[arg(long, short = 's', env = "GOLDSMITH_SELECT", value_name = "NODES", num_args = 1.., action = clap::ArgAction::Append)]
    pub select: Vec<String>,
    /// Nodes to leave out, in the same language
    #[arg(long, env = "GOLDSMITH_EXCLUDE", value_name = "NODES", num_args = 1.., action = clap::ArgAction::Append)]
    pub exclude: Vec<String>,
    /// What `state:` and `result:` compare with: a folder with the manifest.json or
    /// `run_results.json` of an earlier call [default for `result:`: target/]
    #[arg(long, env = "GOLDSMITH_STATE", value_name = "DIR")]
    pub state: Option<Utf8PathBuf>,
}

/// What a run and a plan have in common.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[derive(Debug, Clone, Args)]
pub struct PipelineArgs {
    /// Which nodes.
    #[command(flatten)]
    pub nodes: SelectArgs,
    /// Which pipeline
    #[arg(long, short = 'p', env = "GOLDSMITH_PIPELINE", value_enum, default_value_t = PipelineArg::Daily)]
    pub pipeline: PipelineArg,
    /// The business date [default: today in the platform's time zone]
    #[arg(long, env = "GOLDSMITH_DATE", value_name = "YYYY-MM-DD")]
    pub date: Option<jiff::civil::Date>,
    /// Leave loads out: transform what is there
    #[arg(long, env = "GOLDSMITH_NO_LOAD")]
    pub no_load: bool,
    /// Rebuild incremental models from the start
    #[arg(long, env = "GOLDSMITH_FULL_REFRESH")]
    pub full_refresh: bool,
    /// Continue the last run on the target that did not finish: its pipeline, nodes and business
    /// date, without what it has done
    #[arg(long, env = "GOLDSMITH_RESUME")]
    pub resume: bool,
    /// How long to wait for a database that another process holds, such as 30s or 10m
    #[arg(long, env = "GOLDSMITH_WAIT", value_name = "TIME", default_value = "0s")]
    pub wait: jiff::SignedDuration,
    /// How financial gold is published.
    #[command(flatten, next_help_heading = "Financial gold")]
    pub release: ReleaseArgs,
    /// Whether the pipeline was named, by a flag or in the environment.
    #[arg(skip)]
    pub is_pipeline_named: bool,
}

/// A pipeline, as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PipelineArg {
    /// Drop and recreate bronze, silver, views and procedures, then daily
    Init,
    /// Reload in full, rebuild, publish financial gold
    Daily,
    /// Load what has changed, rebuild silver and operational gold; never financial gold
    Hourly,
}

impl From<PipelineArg> for Pipeline {
    fn from(arg: PipelineArg) -> Self {
        match arg {
            PipelineArg::Init => Self::Init,
            PipelineArg::Daily => Self::Daily,
            PipelineArg::Hourly => Self::Hourly,
        }
    }
}

impl From<Pipeline> for PipelineArg {
    fn from(pipeline: Pipeline) -> Self {
        match pipeline {
            Pipeline::Init => Self::Init,
            Pipeline::Daily => Self::Daily,
            Pipeline::Hourly => Self::Hourly,
        }
    }
}

/// How a run is carried out and told.
#[derive(Debug, Clone, Args)]
pub struct ExecuteArgs {
    /// How many steps run side by side [default: the target's `threads`, else one for each core]
    #[arg(long, env = "GOLDSMITH_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Stop at the first failure
    #[arg(long, env = "GOLDSMITH_FAIL_FAST")]
    pub fail_fast: bool,
    /// How to tell what happens, on standard error
    #[arg(long, env = "GOLDSMITH_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
}

/// `run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// What it has in common with `plan`.
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// How it is carried out.
    #[command(flatten)]
    pub execute: ExecuteArgs,
    /// Do not ask before init rebuilds a protected target
    #[arg(long, short = 'y', env = "GOLDSMITH_YES")]
    pub yes: bool,
    /// Post a summary to this webhook when the run ends: Slack, Microsoft Teams, or any that takes
    /// JSON. Its address is a secret: better in the environment than on a command line
    #[arg(long, env = "GOLDSMITH_NOTIFY", value_name = "URL", hide_env_values = true)]
    pub notify: Vec<String>,
    /// How long to try to post it, all attempts together [default: 10s]
    #[arg(long, env = "GOLDSMITH_NOTIFY_TIMEOUT", value_name = "TIME")]
    pub notify_timeout: Option<jiff::SignedDuration>,
}

/// `plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What it has in common with `run`.
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

impl PipelineArgs {
    /// Takes up where values came from. What a run is about can't be typed together with `--resume`;
    /// in the environment of a container it may stand, and tells which runs are the container's.
    pub(super) fn note(&mut self, given: &ArgMatches) {
        self.is_pipeline_named = given.value_source("pipeline") != Some(ValueSource::DefaultValue);
        let typed = |id: &&&str| given.value_source(id) == Some(ValueSource::CommandLine);
        let fixed = ["select", "exclude", "state", "pipeline", "no_load", "full_refresh"];
        if let Some(flag) = fixed.iter().find(typed).filter(|_| self.resume) {
            let flag = flag.replace('_', "-");
            let message = format!(
                "--resume continues a run as it was asked for: --{flag} can't be used with it\n\n\
                 Leave --{flag} out, or leave --resume out for a new run."
            );
            Cli::command().error(ErrorKind::ArgumentConflict, message).exit();
        }
    }
}

/// `test`
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Which nodes' tests.
    #[command(flatten)]
    pub nodes: SelectArgs,
    /// How it is carried out.
    #[command(flatten)]
    pub execute: ExecuteArgs,
    /// The business date [default: today in the platform's time zone]
    #[arg(long, env = "GOLDSMITH_DATE", value_name = "YYYY-MM-DD")]
    pub date: Option<jiff::civil::Date>,
    /// How long to wait for a database that another process holds, such as 30s or 10m
    #[arg(long, env = "GOLDSMITH_WAIT", value_name = "TIME", default_value = "0s")]
    pub wait: jiff::SignedDuration,
}
