//! `goldsmith clean`

use super::manifest::TARGET;
use super::{CommandError, Exit, session};
use crate::cli::Global;

/// What goldsmith writes into `target/`. Other tools may keep their own things there.
const OURS: [&str; 4] = ["compiled", "utf8", "manifest.json", "run_results.json"];

pub(super) fn clean(global: &Global) -> Result<Exit, CommandError> {
    let folder = session::root(global)?.join(TARGET);
    for name in OURS {
        let path = folder.join(name);
        let removed = if path.is_dir() { fs_err::remove_dir_all(&path) } else { fs_err::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(Exit::Done)
}
