//! The command line: words, flags, environment variables, help. Nothing is done here.

mod deploy;
mod editor;
mod new;
mod publications;
mod repository;
mod run;
mod schedule;

use camino::Utf8PathBuf;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use self::deploy::{DeployArgs, Deployer};
pub use self::editor::LspArgs;
pub use self::new::{
    NewCommand, NewPlatformArgs, NewProjectArgs, TemplateCommand, TemplateDiffArgs, TemplateInitArgs,
    TemplateUpdateArgs,
};
pub use self::publications::{
    ClosePeriodArgs, DiffPublicationsArgs, DueArgs, ExportPublicationArgs, ListPublicationsArgs,
    ProjectsArgs, PublicationsCommand, ReleaseArgs, RestorePublicationArgs, ShowPublicationArgs,
    VerifyPublicationsArgs,
};
pub use self::repository::{ChangedArgs, ChangedFormat, OwnersArgs, SplitArgs, WorkflowArgs};
pub use self::run::{ExecuteArgs, PipelineArg, PipelineArgs, PlanArgs, RunArgs, SelectArgs, TestArgs};
pub use self::schedule::{
    ScheduleCommand, ScheduleExportArgs, ScheduleHealthArgs, ScheduleRunArgs, ScheduleShowArgs, Scheduler,
};
use crate::report::Color;
use crate::report::diagnostics::Format;
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
    #[command(after_help = editor::HELP)]
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

/// How facts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DataFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
