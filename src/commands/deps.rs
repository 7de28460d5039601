//! `goldsmith deps`

use super::{CommandError, Exit};
use crate::cli::{DepsArgs, Global};

pub(super) fn deps(_global: &Global, _args: &DepsArgs) -> Result<Exit, CommandError> {
    Err(CommandError::usage("stub"))
}
