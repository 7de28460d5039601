//! The command line: words, flags, environment variables, help. Nothing is done here.

mod deploy;
mod new;
mod publications;
mod schedule;

use camino::Utf8PathBuf;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use self::deploy::{DeployArgs, Deployer};
pub use self::new::{
    NewCommand, NewPlatformArgs, NewProjectArgs, TemplateCommand, TemplateDiffArgs, TemplateInitArgs,
    TemplateUpdateArgs,
};
pub use self::publications::{
    ClosePeriodArgs, DiffPublicationsArgs, DueArgs, ExportPublicationArgs, ListPublicationsArgs,
    ProjectsArgs, PublicationsCommand, ReleaseArgs, RestorePublicationArgs, ShowPublicationArgs,
    VerifyPublicationsArgs,
};
pub use self::schedule::{
    ScheduleCommand, ScheduleExportArgs, ScheduleHealthArgs, ScheduleRunArgs, ScheduleShowArgs, Scheduler,
};
use crate::nouns::Pipeline;
use crate::report::Color;
use crate::report::diagnostics::Format;
use crate::report::progress::LogFormat;
use crate::report::schema::Described;
use crate::words::Dialect;

/// Runs a data warehouse that is split by source system.
///
/// Reads Jinja models and plain SQL scripts as they are, works out from the SQL what each reads
/// and writes, refuses to read another source system's data unless it was imported, and runs
/// everything in order.
#[derive(Debug, Parser)]
#[command(
    name = "goldsmith",
    version,
    max_term_width = 100,
    after_help = "Examples:\n  goldsmith run                        load, transform and publish everything\n  goldsmith run --select datev         one source system\n  goldsmith lint                       what a pull request must pass\n  goldsmith plan --select +mrr_month   the SQL that would be sent\n  goldsmith deps scripts/*.sql         what any SQL file reads and writes\n\nExit codes: 0 done; 1 a node, a test or a lint error; 2 usage or configuration;\n3 refused (lock held, boundary); 130 interrupted."
)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line and the environment; ends the process when they make no sense.
    #[must_use]
    pub fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let given = matches.subcommand().map(|(_, given)| given);
        let pipeline = match &mut cli.command {
            Command::Run(args) => Some(&mut args.pipeline),
            Command::Plan(args) => Some(&mut args.pipeline),
            _ => None,
        };
        if let (Some(pipeline), Some(given)) = (pipeline, given) {
            pipeline.note(given);
        }
        cli
    }
}

impl PipelineArgs {
    /// Takes up where values came from. What a run is about can't be typed together with `--resume`;
    /// in the environment of a container it may stand, and tells which runs are the container's.
    fn note(&mut self, given: &ArgMatches) {
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

/// Flags that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The platform's folder [default: the nearest one with a goldsmith.yml, from here upwards]
    #[arg(long, global = true, env = "GOLDSMITH_PLATFORM", value_name = "DIR")]
    pub platform: Option<Utf8PathBuf>,
    /// The warehouse to work on [default: the `default_target` of goldsmith.yml]
    #[arg(long, short = 't', global = true, env = "GOLDSMITH_TARGET", value_name = "NAME")]
    pub target: Option<String>,
    /// When to use colour
    #[arg(long, global = true, env = "GOLDSMITH_COLOR", value_enum, default_value_t)]
    pub color: Color,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Load, transform and publish, in order
    #[command(
        after_help = "Examples:\n  goldsmith run --select datev\n  goldsmith run --select sfdc.account+ --threads 8\n  goldsmith run --pipeline init --full-refresh\n  goldsmith run --select layer:silver --exclude tag:slow"
    )]
    Run(RunArgs),
    /// Print the SQL that `run` would send, without sending it
    #[command(after_help = "Examples:\n  goldsmith plan\n  goldsmith plan --select datev --format json")]
    Plan(PlanArgs),
    /// Check boundaries, names and order, without a warehouse
    #[command(
        after_help = "Examples:\n  goldsmith lint\n  goldsmith lint --format github\n  goldsmith lint --select datev --rule GS1xx\n  goldsmith lint --since origin/main   and tell who imports what has changed\n  goldsmith lint --explain GS101\n  goldsmith lint --diff                what --fix would write\n  goldsmith lint --fix\n  goldsmith lint --baseline lint-baseline.json --write-baseline\n  goldsmith lint --format sarif > lint.sarif\n  goldsmith lint --boundaries          who reads whom, and how\n\nExit codes: 0 no errors, warnings perhaps; 1 errors, or something to fix with --diff;\n2 usage or configuration."
    )]
    Lint(LintArgs),
    /// List nodes
    #[command(
        after_help = "Examples:\n  goldsmith ls --select datev\n  goldsmith ls --select +mrr_movement --format json\n  goldsmith ls --select track:financial,kind:script"
    )]
    Ls(ListArgs),
    /// Render models and tests into target/compiled
    #[command(after_help = "Examples:\n  goldsmith compile\n  goldsmith compile --select account")]
    Compile(ListArgs),
    /// Run the tests on what the warehouse holds
    #[command(after_help = "Examples:\n  goldsmith test\n  goldsmith test --select layer:silver")]
    Test(TestArgs),
    /// Show one node: what it is, reads, writes, and what depends on it
    #[command(after_help = "Examples:\n  goldsmith show mrr_month\n  goldsmith show sfdc.account --rows 10")]
    Show(ShowArgs),
    /// Show how fresh each load is and how the last runs ended
    #[command(
        after_help = "Examples:\n  goldsmith status\n  goldsmith status --select datev\n  goldsmith status --format json --wait 5m\n\nExit codes: 0 all is as promised, warnings perhaps; 1 a load is older than its error_after;\n2 usage or configuration; 3 another process holds a database."
    )]
    Status(StatusArgs),
    /// Show everything downstream that reads a relation, or one of its columns
    #[command(
        after_help = "Examples:\n  goldsmith impact raw.sf_account\n  goldsmith impact raw.sf_account.amount\n  goldsmith impact sfdc.account --format json\n\nHow a node reads it: `reads`; `rows` when it only chooses or joins rows by it;\n`perhaps` where that can't be seen."
    )]
    Impact(ImpactArgs),
    /// Show which projects a change touches, by its own files or through imports
    #[command(
        after_help = "Examples:\n  goldsmith changed --since origin/main\n  goldsmith changed --since HEAD~1 --format json\n  goldsmith changed --since origin/main --format github >> \"$GITHUB_OUTPUT\"\n\nCompared are the files as they lie there, committed or not, with the commit where the branch left REV."
    )]
    Changed(ChangedArgs),
    /// Print who must review what: the CODEOWNERS of GitHub, made of `owner:` in project.yml
    #[command(
        after_help = "Examples:\n  goldsmith owners --organization acme\n  goldsmith owners --write\n  goldsmith owners --check             for CI: a diff, and 1, where the file says otherwise\n\nThe file is the repository's .github/CODEOWNERS, CODEOWNERS or docs/CODEOWNERS; lines of your own in it stay."
    )]
    Owners(OwnersArgs),
    /// Make a repository of one project, with its history: to hand it over
    #[command(
        after_help = "Examples:\n  goldsmith split datev ../datev\n\nThe present repository is only read. In the new one `stubs/` makes empty tables of what the project\nimports: goldsmith --platform stubs run, then goldsmith run --target stub."
    )]
    Split(SplitArgs),
    /// Make a platform, or one source system more
    #[command(subcommand)]
    New(NewCommand),
    /// The template that projects are made from: make it one's own, bring its changes to projects
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Write files that build and run the platform in containers, all from one description
    #[command(
        after_help = "Examples:\n  goldsmith deploy --to dockerfile --target prod --output .\n  goldsmith deploy --to compose\n  goldsmith deploy --to kubernetes --target prod > cronjobs.yaml\n  goldsmith deploy --to terraform --target prod --output infra/\n  goldsmith deploy --to terraform --target prod --output infra/ --check     in CI\n\nExit codes: 0 done; 1 with --check, when a file is not as it would be written; 2 usage or configuration."
    )]
    Deploy(DeployArgs),
    /// Print a workflow of GitHub Actions for changes: lint, a dry run of what they touch, deployment
    #[command(
        after_help = "Examples:\n  goldsmith workflow --target prod > .github/workflows/changes.yml\n  goldsmith workflow --target prod --dry-run dev --branch main\n\nWhat the clock starts is another file: goldsmith schedule export --to github-actions"
    )]
    Workflow(WorkflowArgs),
    /// Show what SQL files read and write, in a platform or not
    #[command(
        after_help = "Examples:\n  goldsmith deps load.sql\n  goldsmith deps scripts/ --dialect tsql --format json\n  goldsmith deps load.sql --columns\n  cat load.sql | goldsmith deps -"
    )]
    Deps(DepsArgs),
    /// Speak with an editor: diagnostics as one types, hover, go to definition, completion
    #[command(after_help = LSP_HELP)]
    Lsp(LspArgs),
    /// The ledger of financial gold: what was published, how it differs, whether it still stands
    #[command(subcommand, visible_alias = "pub")]
    Publications(PublicationsCommand),
    /// The clock: what runs when, as a timeline, as a process, as files for other schedulers
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Look at the target step by step, and say how to mend what fails
    #[command(
        after_help = "Examples:\n  goldsmith debug\n  goldsmith debug --target prod --format json\n\nExit codes: 0 all works, warnings perhaps; 1 something does not; 2 usage or configuration."
    )]
    Debug(DebugArgs),
    /// Print the JSON Schema of a kind of YAML file, for an editor
    #[command(
        after_help = "Examples:\n  goldsmith schema project\n  goldsmith schema --write             after an update of goldsmith"
    )]
    Schema(SchemaArgs),
    /// Remove target/, the folder of compiled SQL and run results
    Clean,
    /// Print shell completions
    #[command(after_help = "Examples:\n  goldsmith completions bash > /etc/bash_completion.d/goldsmith")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// `goldsmith debug`
#[derive(Debug, Clone, Args)]
pub struct DebugArgs {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

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

/// `lint`
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[derive(Debug, Args)]
pub struct LintArgs {
    /// How to print what is found
    #[arg(long, env = "GOLDSMITH_FORMAT", value_enum, default_value_t)]
    pub format: Format,
    /// Show who reads whom and how instead: imports, violations, other servers
    #[arg(long, env = "GOLDSMITH_BOUNDARIES", conflicts_with_all = ["explain", "write_baseline", "fix", "diff"])]
    pub boundaries: bool,
    /// Write the imports that GS101 asks for, let models read them, then show what remains
    #[arg(long)]
    pub fix: bool,
    /// Show what `--fix` would write as a diff, write nothing; ends with 1 if there is something
    #[arg(long, visible_alias = "dry-run")]
    pub diff: bool,
    /// Print the pages of rules: codes (GS101), names (cross-source-read) or families (`GS3xx`)
    #[arg(long, value_name = "RULE", num_args = 1..)]
    pub explain: Vec<String>,
    /// Show only what these rules find: codes, names or families
    #[arg(long, env = "GOLDSMITH_RULE", value_name = "RULE", num_args = 1.., value_delimiter = ',')]
    pub rule: Vec<String>,
    /// Accept what stands in this file, so that an old platform can start
    #[arg(long, env = "GOLDSMITH_BASELINE", value_name = "FILE")]
    pub baseline: Option<Utf8PathBuf>,
    /// Write what stands today into the baseline
    #[arg(long, conflicts_with_all = ["fix", "diff", "explain"])]
    pub write_baseline: bool,
    /// Compare with the commit where the branch left this branch, tag or commit, and name the owners of all who
    /// import what has changed (GS110)
    #[arg(long, env = "GOLDSMITH_SINCE", value_name = "REV", conflicts_with_all = ["explain", "write_baseline", "fix", "diff", "boundaries"])]
    pub since: Option<String>,
    /// Which nodes.
    #[command(flatten)]
    pub nodes: SelectArgs,
}

/// `ls` and `compile`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Which nodes.
    #[command(flatten)]
    pub nodes: SelectArgs,
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
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

/// `schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of which files
    #[arg(value_enum, required_unless_present = "write")]
    pub of: Option<Described>,
    /// Write them all into the platform's folder schemas/, where its editors look
    #[arg(long, conflicts_with = "of")]
    pub write: bool,
}

/// `show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The node's name or id
    pub node: String,
    /// Also show this many rows of its relation
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub rows: usize,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// `status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Whose loads and projects.
    #[command(flatten)]
    pub nodes: SelectArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
    /// How long to wait for a database that another process holds, such as 30s or 10m
    #[arg(long, env = "GOLDSMITH_WAIT", value_name = "TIME", default_value = "0s")]
    pub wait: jiff::SignedDuration,
}

/// `impact`
#[derive(Debug, Args)]
pub struct ImpactArgs {
    /// A relation as SQL names it, or a node's name or id; `.column` behind it for one column
    #[arg(value_name = "RELATION[.COLUMN]")]
    pub relation: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

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

/// `deps`
#[derive(Debug, Args)]
pub struct DepsArgs {
    /// Files, folders, or `-` for standard input
    #[arg(required = true)]
    pub files: Vec<Utf8PathBuf>,
    /// The dialect: tsql, duckdb or postgres [default: the project's, else tsql]
    #[arg(long)]
    pub dialect: Option<Dialect>,
    /// Also show where each column comes from
    #[arg(long)]
    pub columns: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: DataFormat,
}

/// `lsp`
#[derive(Debug, Args)]
pub struct LspArgs {
    /// Speak over standard input and output, which it does in any case: many editors pass this
    #[arg(long)]
    pub stdio: bool,
}

/// How to set an editor up.
const LSP_HELP: &str = "\
The editor starts this command and speaks the Language Server Protocol with it over standard
input and output. It lints the whole platform as it would be if all open files were saved; logs go
to standard error. docs/editor.md says more.

VS Code, with the extension zsol.vscode-glspc (Generic LSP Client v2), in settings.json:
  \"glspc.server.command\": \"goldsmith\",
  \"glspc.server.commandArguments\": [\"lsp\"],
  \"glspc.server.languageId\": [\"sql\", \"yaml\"]

Neovim 0.11, in init.lua:
  vim.lsp.config('goldsmith', {
    cmd = { 'goldsmith', 'lsp' },
    filetypes = { 'sql', 'yaml' },
    root_markers = { 'goldsmith.yml' },
  })
  vim.lsp.enable('goldsmith')

Helix, in languages.toml:
  [language-server.goldsmith]
  command = \"goldsmith\"
  args = [\"lsp\"]

  [[language]]
  name = \"sql\"
  language-servers = [\"goldsmith\"]

Exit codes: 0 after `shutdown` and `exit`; 1 when the editor goes away without.";

/// How facts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DataFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
