//! Finds the platform that a folder belongs to.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use super::PLATFORM_FILE;

/// There is no platform here.
#[derive(Debug)]
pub struct NoPlatform {
    start: Utf8PathBuf,
}

impl fmt::Display for NoPlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {PLATFORM_FILE} in `{}` or in any folder above it", self.start)
    }
}

impl std::error::Error for NoPlatform {}

/// The nearest folder at or above `start` that holds `goldsmith.yml`.
pub fn find(start: &Utf8Path) -> Result<Utf8PathBuf, NoPlatform> {
    start
        .ancestors()
        .find(|folder| folder.join(PLATFORM_FILE).is_file())
        .map(Utf8Path::to_owned)
        .ok_or_else(|| NoPlatform { start: start.to_owned() })
}
