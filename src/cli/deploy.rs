//! Arguments of `goldsmith deploy`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

/// `deploy`
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// What the files are for
    #[arg(long, value_enum)]
    pub to: Deployer,
    /// The folder to write to [default: standard output, where it is one file]
    #[arg(long, short = 'o', value_name = "DIR")]
    pub output: Option<Utf8PathBuf>,
    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
    /// Write nothing, and end with 1 when a file there is not as it would be written
    #[arg(long, requires = "output", conflicts_with = "force")]
    pub check: bool,
    /// Projects [default: all]
    #[arg(long, short = 's', env = "GOLDSMITH_SELECT", value_name = "PROJECT", num_args = 1..)]
    pub select: Vec<String>,
}

/// Who builds or runs containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deployer {
    /// The image: goldsmith and the platform
    Dockerfile,
    /// Docker Compose: the clock as a service, each source to be run by hand
    Compose,
    /// Kubernetes: a `CronJob` for each slot
    Kubernetes,
    /// Terraform: on Azure, a container group for each slot, started by a Logic App
    Terraform,
}
