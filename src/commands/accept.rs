//! Which baseline holds, and reading it.

use camino::Utf8Path;

use super::CommandError;
use crate::lint::Baseline;
use crate::nouns::Platform;

/// Which diagnostics are accepted as they stand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Accept<'a> {
    /// Those of the baseline that `goldsmith.yml` names, if it names one.
    Configured,
    /// Those of this file, relative to the folder that goldsmith was called in.
    File(&'a Utf8Path),
    /// None.
    Nothing,
}

impl Accept<'_> {
    /// Reads the baseline.
    ///
    /// # Errors
    /// A baseline that is named must be there and be one: an error with what to do.
    pub(super) fn baseline(self, platform: &Platform) -> Result<Option<Baseline>, CommandError> {
        let path = match self {
            Self::Nothing => return Ok(None),
            Self::File(path) => path.to_owned(),
            Self::Configured => match &platform.lint.baseline {
                Some((path, _)) => platform.root.join(path),
                None => return Ok(None),
            },
        };
        let usage = |message: String, help: &str| CommandError::Usage { message, help: Some(help.into()) };
        let text = fs_err::read_to_string(&path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                usage(
                    format!("there is no baseline `{path}`"),
                    "`goldsmith lint --baseline FILE --write-baseline` writes it",
                )
            } else {
                usage(error.to_string(), "the baseline must be readable")
            }
        })?;
        Baseline::parse(&text).map(Some).map_err(|error| {
            usage(
                format!("`{path}` is no baseline: {error}"),
                "`goldsmith lint --baseline FILE --write-baseline` writes it anew",
            )
        })
    }
}
