//! How a command ends when it does not simply succeed.

use std::fmt;

use crate::plan;
use crate::select::SelectError;
use crate::warehouse;
use crate::words::{Diagnostic, Severity};

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// A node, a test or a lint error.
    Failed,
    /// Usage or configuration.
    Usage,
    /// Refused: lock held, boundary, already published, stale inputs.
    Refused,
    /// Somebody stopped it.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command could not be carried out.
#[derive(Debug)]
pub enum CommandError {
    /// A wrong argument or a wrong place.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// The platform's files are wrong.
    Files(Vec<Diagnostic>),
    /// The platform's files are readable, but what they ask for is forbidden.
    Boundary(Vec<Diagnostic>),
    /// The rules forbid it.
    Refused(String),
    /// The rules of the day forbid it.
    Rules(Vec<plan::Refusal>),
    /// The warehouse is held by somebody else.
    Locked(warehouse::Error),
    /// The warehouse can't be reached or read.
    Warehouse(warehouse::Error),
    /// The system refused to read or write.
    System(std::io::Error),
}

impl CommandError {
    /// A usage error without help.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    /// The exit code that it means.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Files(_) => Exit::Usage,
            Self::Boundary(_) | Self::Locked(_) | Self::Refused(_) | Self::Rules(_) => Exit::Refused,
            Self::Warehouse(error) if error.kind == warehouse::ErrorKind::Connection => Exit::Usage,
            Self::Warehouse(_) | Self::System(_) => Exit::Failed,
        }
    }

    /// The diagnostics that it carries.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Files(all) | Self::Boundary(all) => all,
            _ => &[],
        }
    }

    /// What to do about it, beside what the diagnostics say.
    #[must_use]
    pub fn help(&self) -> Vec<&str> {
        match self {
            Self::Usage { help, .. } => help.as_deref().into_iter().collect(),
            Self::Locked(_) => vec!["wait until it is done, or give it time: --wait 10m"],
            Self::Rules(refusals) => refusals.iter().map(|r| r.help.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = |all: &[Diagnostic]| all.iter().filter(|d| d.severity == Severity::Error).count();
        match self {
            Self::Usage { message, .. } | Self::Refused(message) => f.write_str(message),
            Self::Files(all) => {
                let n = errors(all);
                write!(f, "nothing was run: {n} {} above", if n == 1 { "error" } else { "errors" })
            }
            Self::Boundary(all) => {
                let n = errors(all);
                write!(f, "nothing was run: {n} boundary {} above", if n == 1 { "error" } else { "errors" })
            }
            Self::Rules(refusals) => {
                f.write_str("nothing was run, as the rules of the day forbid it")?;
                refusals.iter().try_for_each(|r| write!(f, "\n{r}"))
            }
            Self::Locked(error) | Self::Warehouse(error) => write!(f, "{error}"),
            Self::System(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for CommandError {}

impl From<SelectError> for CommandError {
    fn from(error: SelectError) -> Self {
        Self::Usage { message: error.to_string(), help: error.help }
    }
}

impl From<warehouse::Error> for CommandError {
    fn from(error: warehouse::Error) -> Self {
        match error.kind {
            warehouse::ErrorKind::Locked => Self::Locked(error),
            _ => Self::Warehouse(error),
        }
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}
