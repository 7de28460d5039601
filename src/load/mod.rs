//! The only reader of project folders: finds the platform, walks its projects, reads every file
//! once and gives a [`Platform`] with all its nodes, together with everything that is wrong.

mod checksum;
mod files;
mod find;
mod folder;
mod gather;
mod heading;
mod owns;
mod read;
mod roles;
mod targets;

use camino::Utf8Path;
use rayon::prelude::*;

pub use checksum::checksum;
pub use files::Files;
pub use find::{NoPlatform, find};
pub use heading::heading;

use crate::config;
use crate::nouns::{Platform, Project};
use crate::words::{Code, Diagnostic};

/// The file that makes a folder a platform.
pub const PLATFORM_FILE: &str = "goldsmith.yml";

/// Reads `goldsmith.yml` alone; what is wrong with it is told by whoever loads the platform.
#[must_use]
pub fn settings(files: &Files) -> Option<Platform> {
    let file = files.read(Utf8Path::new(PLATFORM_FILE)).ok()?;
    config::platform(files.root(), &file, &mut Vec::new())
}

/// Loads the platform that the files make up. `None` only when `goldsmith.yml` can't be read at all.
#[must_use]
pub fn load(files: &Files) -> (Option<Platform>, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let platform = files
        .read(Utf8Path::new(PLATFORM_FILE))
        .map_err(|e| out.push(e))
        .ok()
        .and_then(|file| config::platform(files.root(), &file, &mut out));
    let Some(mut platform) = platform else { return (None, out) };
    let folders = folder::projects(files, &mut out);
    let (projects, found): (Vec<Option<Project>>, Vec<Vec<Diagnostic>>) =
        folders.par_iter().map(|folder| gather::project(files, folder)).unzip();
    out.extend(found.into_iter().flatten());
    for project in projects.into_iter().flatten() {
        if let Some(first) = platform.projects.iter().find(|p| p.name == project.name) {
            out.push(
                Diagnostic::new(Code::DuplicateName, format!("two projects are named `{}`", project.name))
                    .at(&project.file, config::name_span(&project.file))
                    .label(&first.file, config::name_span(&first.file), "the other one"),
            );
            continue;
        }
        platform.projects.push(project);
    }
    out.extend(owns::conflicts(&platform.projects));
    out.extend(targets::unknown(&platform));
    (Some(platform), out)
}
